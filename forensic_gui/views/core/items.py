"""What the list knows of one evidence file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from forensic_gui.domain.annotation import Conclusion


@dataclass(frozen=True, slots=True)
class NotAnalyzed:
    """Nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Queued for analysis."""


@dataclass(frozen=True, slots=True)
class Analyzing:
    """Being read or analyzed now."""


@dataclass(frozen=True, slots=True)
class Analyzed:
    """What the localizer said, in short.

    Attributes:
        share_over_threshold: share of evidence pixels over the weights' threshold, in [0, 1].
        highest_score: highest model score, in [0, 1].
        threshold: the threshold it was measured at.
        is_kept: whether this is the newest finding kept in the case, made perhaps in another setup than the one
            chosen now.
    """

    share_over_threshold: float
    highest_score: float
    threshold: float
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class CouldNot:
    """It could not be read or analyzed.

    Attributes:
        reason: one sentence.
    """

    reason: str


ItemState: TypeAlias = NotAnalyzed | Waiting | Analyzing | Analyzed | CouldNot


class Order(StrEnum):
    """How the list is sorted."""

    NAME = "name"
    SHARE = "share"
    ADDED = "added"
    GROUP = "group"


NOT_ANALYZED = NotAnalyzed()
WAITING = Waiting()


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """What a case says of an item.

    Attributes:
        id: number within the case.
        name: file name when it was added.
        source: path it was added from.
        group: group it stands in; "" for none.
        tags: in alphabetical order.
        regions: number of regions drawn.
        conclusion: what the analyst marked it as.
        kept: summary of the newest finding kept; None without one.
        altered: what verification said of its original, a sentence; "" where nothing was found wrong.
        is_missing: whether that is that it is missing, or cannot be read.
    """

    id: int
    name: str
    source: str
    group: str = ""
    tags: tuple[str, ...] = ()
    regions: int = 0
    conclusion: Conclusion = Conclusion.OPEN
    kept: Analyzed | None = None
    altered: str = ""
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One evidence file of the list.

    Attributes:
        id: number within this session, ascending in the order of opening.
        path: where it is read from: for an item of a case, in the case's vault.
        state: what is known of it; in the rows of a list, what was known when it was listed.
        sha256: hash of its bytes when it was last read, or as the case has it; None before.
        entry: what the case says of it; None for a file that is open without a case.
    """

    id: int
    path: Path
    state: ItemState = NOT_ANALYZED
    sha256: str | None = None
    entry: CaseEntry | None = None

    @property
    def name(self) -> str:
        """File name, as shown."""
        return self.path.name if self.entry is None else self.entry.name

    @property
    def source(self) -> Path:
        """Where the user knows it from."""
        return self.path if self.entry is None else Path(self.entry.source)

    @property
    def known_state(self) -> ItemState:
        """What is known of it without an analysis of this session."""
        return NOT_ANALYZED if self.entry is None or self.entry.kept is None else self.entry.kept
