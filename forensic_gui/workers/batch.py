"""Analyze a list of files one after the other, on the thread of one lane. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken


@dataclass(frozen=True, slots=True)
class Assignment:
    """One file of a batch, by the id its list knows it by."""

    item_id: int
    path: Path


@dataclass(frozen=True, slots=True)
class ItemStarted:
    """An item is being read."""

    item_id: int


@dataclass(frozen=True, slots=True, eq=False)
class ItemExamined:
    """An item is finished."""

    item_id: int
    examination: Examination


@dataclass(frozen=True, slots=True)
class ItemFailed:
    """An item could not be read or analyzed; the batch goes on."""

    item_id: int
    error: ForensicError


@dataclass(frozen=True, slots=True)
class BatchChosen:
    """Which items the batch is about is known.

    Attributes:
        item_ids: of all of them; whoever takes the step keeps it.
    """

    item_ids: set[int]


BatchStep: TypeAlias = BatchChosen | ItemStarted | ItemExamined | ItemFailed


def run_batch(
    assignments: Sequence[Assignment],
    *,
    decoder: Decoder,
    examine: Callable[[DecodedEvidence, CancelToken], Examination],
    report: Callable[[BatchStep], None],
    cancel: CancelToken,
) -> None:
    """Read and examine each file; a failure is reported and the next one is taken.

    Args:
        assignments: files, in order.
        decoder: reads them.
        examine: localizes one, or finds its result again.
        report: told the start and the end of every item, in order.
        cancel: looked at before each item, and within by decoder and localizer.

    Raises:
        Cancelled: stopping was asked for; what was reported stays so.
    """
    for assignment in assignments:
        cancel.raise_if_cancelled()
        report(ItemStarted(assignment.item_id))
        try:
            examination = examine(decoder.decode(assignment.path, cancel=cancel), cancel)
        except ForensicError as error:
            report(ItemFailed(assignment.item_id, error))
        else:
            report(ItemExamined(assignment.item_id, examination))
