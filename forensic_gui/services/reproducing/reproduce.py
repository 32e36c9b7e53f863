"""Repeat findings from their record, item by item, and say how far they are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from forensic_gui.domain.errors import EvidenceError, WeightsError
from forensic_gui.domain.finding import FACTS_KEYS
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask
from forensic_gui.services import rendering
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.services.recording import describe_environment
from forensic_gui.services.reporting.maps import mask_over
from forensic_gui.services.reproducing.claims import false_claims
from forensic_gui.services.reproducing.comparing import Comparison, Repeated, compare, differing
from forensic_gui.services.reproducing.originals import Original, Originals
from forensic_gui.services.reproducing.recorded import Recorded, Stated, Subject
from forensic_gui.services.reproducing.shelf import WeightsByHash
from forensic_gui.services.reproducing.tolerances import TOLERANCES, Circumstance, Tolerance, tolerance_for

REPRODUCED = "report reproduced"


class Outcome(StrEnum):
    """What came of repeating a finding."""

    IDENTICAL = "the same bytes"
    WITHIN = "within tolerance"
    DIFFERENT = "different"
    NOT_REPEATED = "not repeated"
    NO_FINDING = "no finding"


_GOOD = frozenset({Outcome.IDENTICAL, Outcome.WITHIN, Outcome.NO_FINDING})


@dataclass(frozen=True, slots=True)
class ItemReproduction:
    """What came of one item.

    Attributes:
        item_id: number of the item.
        name: of the item.
        sha256: of its bytes.
        outcome: what came of it.
        reason: why it was not repeated, a sentence; "" where it was.
        comparison: how far it is the same; None where it was not repeated.
        tolerance: that it was held against; None where it was not repeated.
        differing: what differs in the making, a sentence each.
        false_claims: numbers of the record that contradict it, a sentence each.
        original: the file that was read; None where none was.
    """

    item_id: int
    name: str
    sha256: str
    outcome: Outcome
    reason: str = ""
    comparison: Comparison | None = None
    tolerance: Tolerance | None = None
    differing: tuple[str, ...] = ()
    false_claims: tuple[str, ...] = ()
    original: Original | None = None

    @property
    def is_good(self) -> bool:
        """Whether the finding was repeated, and the record contradicts nothing."""
        return self.outcome in _GOOD and not self.false_claims

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "item": self.item_id,
            "name": self.name,
            "sha256": self.sha256,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "comparison": None if self.comparison is None else self.comparison.to_record(),
            "tolerance": None if self.tolerance is None else self.tolerance.to_record(),
            "differing": list(self.differing),
            "false_claims": list(self.false_claims),
            "original": None if self.original is None else self.original.to_record(),
        }


@dataclass(frozen=True, slots=True)
class Reproducer:
    """What repeating needs of the world.

    Attributes:
        decoder: makes pixels of originals.
        weights: localizers by the hash of their weights.
        originals: evidence by its hash.
        cancel: looked at between steps.
    """

    decoder: Decoder
    weights: WeightsByHash
    originals: Originals
    cancel: CancelToken

    def reproduce(
        self, subjects: Sequence[Subject], *, progress: ProgressSink = ignore_progress
    ) -> tuple[ItemReproduction, ...]:
        """Repeat findings one after the other; what cannot be repeated says why and stops no other.

        Args:
            subjects: which, in their order.
            progress: told of every item; of one that is not good as "failed".

        Raises:
            Cancelled: stopping was asked for.
            DeviceUnavailable: the device that was asked for is not on this machine.
        """
        environment = describe_environment()
        done: list[ItemReproduction] = []
        for subject in subjects:
            self.cancel.raise_if_cancelled()
            progress(_event(done, subject.name, len(subjects), kind="started"))
            result = self._one(subject, environment)
            done.append(result)
            progress(_finished(done, len(subjects)))
        return tuple(done)

    def _one(self, subject: Subject, environment: Mapping[str, str]) -> ItemReproduction:
        result = ItemReproduction(subject.item_id, subject.name, subject.sha256, Outcome.NO_FINDING)
        if subject.finding is None:
            return result
        try:
            recorded = Recorded.of_finding(subject.finding, keys=_keys(subject.finding))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            said = str(error) or type(error).__name__
            return _not_repeated(result, f"the finding in the record is not understood ({said}).")
        claims = () if subject.facts is None else false_claims(subject.facts, recorded)
        if subject.is_foreign:
            claims += ("The case has no finding that says this, so the report's own reduced heatmap was compared.",)
        result = replace(result, false_claims=claims)
        try:
            stated = subject.stated(recorded.size)
        except ValueError as error:
            return _not_repeated(result, f"the record is damaged ({error}).")
        try:
            original = self._original(subject, recorded)
            result = replace(result, original=original)
            repeated = self._repeat(original, recorded)
        except (EvidenceError, WeightsError) as error:
            return _not_repeated(result, str(error))
        first_mask = self._first_mask(subject, recorded, stated)
        comparison = compare(subject, recorded, repeated, stated=stated, first_mask=first_mask)
        differs = differing(recorded, repeated, environment=environment)
        tolerance = tolerance_for(differs.circumstances)
        remarks = differs.remarks
        outcome = _outcome(comparison, tolerance, is_made_alike=not differs.circumstances)
        if comparison.is_identical and outcome is not Outcome.IDENTICAL:
            remarks += ("the heatmap is the same, and what the record says beside it does not follow from it",)
        elif not comparison.is_identical and not differs.circumstances:
            remarks = (f"{Circumstance.NOTHING.value} differs; a finding does not record the processor",)
        return replace(
            result,
            outcome=outcome,
            comparison=comparison,
            tolerance=tolerance,
            differing=remarks,
        )

    def _original(self, subject: Subject, recorded: Recorded) -> Original:
        return self.originals.find(
            recorded.sha256, size_bytes=recorded.size_bytes, source=subject.source or recorded.source
        )

    def _repeat(self, original: Original, recorded: Recorded) -> Repeated:
        """The repetition.

        Raises:
            EvidenceError: the original cannot be decoded.
            WeightsError: there are no such weights.
        """
        decoded = self.decoder.decode(original.path, page=recorded.page, cancel=self.cancel)
        if decoded.evidence.sha256 != recorded.sha256:
            raise EvidenceError("the original was altered while it was read.")
        if decoded.facts.stored != recorded.size:
            raise EvidenceError(f"it is decoded to {decoded.facts.stored} here, and was {recorded.size}.")
        localizer = self.weights.localizer(recorded)
        localization = localizer.localize(
            decoded.pixels, orientation=decoded.facts.orientation, views=recorded.views, cancel=self.cancel
        )
        scores, _ = rendering.summarize(localization.heatmap, threshold=recorded.threshold, cancel=self.cancel)
        mask = mask_over(localization.heatmap, threshold=recorded.threshold)
        return Repeated(localization.heatmap.grid, mask, scores, decoded.facts, localizer.info)

    def _first_mask(self, subject: Subject, recorded: Recorded, stated: Stated) -> Mask | None:
        if stated.mask is not None or subject.grid is None:
            return stated.mask
        heatmap = Heatmap(np.ascontiguousarray(subject.grid, np.float32), recorded.size)
        return mask_over(heatmap, threshold=recorded.threshold)


def _keys(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Of the keys that say how pixels were made, those that the finding has: older ones have fewer."""
    return tuple(key for key in FACTS_KEYS if key in finding)


def _outcome(comparison: Comparison, tolerance: Tolerance, *, is_made_alike: bool) -> Outcome:
    """What came of it. Mask, coarse heatmap and summary follow from a heatmap: the same one gives the same ones."""
    if comparison.is_identical:
        tolerance = TOLERANCES[Circumstance.NOTHING]
        is_same = comparison.iou in {None, 1.0}
        if is_same and comparison.fits(tolerance):
            return Outcome.IDENTICAL
        if is_made_alike:
            return Outcome.DIFFERENT
    return Outcome.WITHIN if comparison.fits(tolerance) else Outcome.DIFFERENT


def _not_repeated(result: ItemReproduction, reason: str) -> ItemReproduction:
    return replace(result, outcome=Outcome.NOT_REPEATED, reason=reason)


def _event(done: Sequence[ItemReproduction], name: str, total: int, *, kind: Any, message: str = "") -> ProgressEvent:
    failed = sum(not each.is_good for each in done)
    return ProgressEvent(len(done), total, failed, name, kind, message)


def _finished(done: Sequence[ItemReproduction], total: int) -> ProgressEvent:
    newest = done[-1]
    if newest.is_good:
        return _event(done, newest.name, total, kind="finished")
    said = " ".join([newest.outcome.value + (f": {newest.reason}" if newest.reason else "."), *newest.false_claims])
    return _event(done, newest.name, total, kind="failed", message=said)
