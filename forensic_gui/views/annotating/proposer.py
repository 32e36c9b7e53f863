"""From prompts to regions: what the segmenter answers is committed at once, and corrections of it wait their turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.annotation import Annotation, MaskMaker, MaskOrigin, Region
from forensic_gui.domain.edits import Edit
from forensic_gui.domain.errors import ForensicError, SegmenterError
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services.annotating import composing
from forensic_gui.services.annotating.composing import Draft, Signature
from forensic_gui.services.ports import SegmenterInfo
from forensic_gui.views.annotating.edit_queue import EditQueue
from forensic_gui.views.annotating.prompter import Answer, Prompter, Question
from forensic_gui.views.annotating.sheet import Sheet
from forensic_gui.workers.lane import Done, Failed, Outcome, Stopped


@dataclass(frozen=True, slots=True, eq=False)
class Unanswered:
    """Prompts that the segmenter made nothing of; they are kept, and can be put to it again.

    Attributes:
        sheet: where they were drawn.
        region_id: of which region.
        error: why, in a sentence.
        again: whether the same prompts might be answered another time.
    """

    sheet: Sheet
    region_id: str
    error: ForensicError
    again: bool


@dataclass(slots=True, eq=False)
class _Told:
    prompts: Prompts
    label: str
    question: Question | None = None


@dataclass(slots=True, eq=False)
class _Pending:
    sheet: Sheet
    prompts: Prompts
    label: str
    under_way: list[_Told] = field(default_factory=list)
    held: list[Callable[[], None]] = field(default_factory=list)


class Proposer(QObject):
    """Regions that a segmenter is making, by the id they will have.

    What the hand does to such a region in the meantime is held, and done in order once the region is there.
    """

    changed = Signal()
    """What is pending."""
    unanswered = Signal(object)
    """Unanswered."""

    def __init__(
        self,
        queue: EditQueue,
        prompter: Prompter,
        *,
        selected: Callable[[], str | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self._prompter = prompter
        self._selected = selected
        self._pending: dict[str, _Pending] = {}

    @property
    def awaited(self) -> tuple[str, ...]:
        """What the segmenter has yet to answer, each by what was drawn and on which image, as "Box on harbour.jpg"."""
        under_way = (pending for pending in self._pending.values() if pending.under_way)
        return tuple(f"{each.label} on {each.sheet.decoded.evidence.path.name}" for each in under_way)

    def prompts_of(self, region_id: str | None) -> Prompts | None:
        """What was told of a region that is not made of it yet; None where nothing was."""
        pending = self._pending.get(region_id or "")
        return None if pending is None else pending.prompts

    def is_under_way(self, region_id: str | None) -> bool:
        """Whether the segmenter has yet to answer what was told of a region."""
        pending = self._pending.get(region_id or "")
        return pending is not None and bool(pending.under_way)

    def tell(self, sheet: Sheet, region_id: str, prompts: Prompts, *, label: str, region: Region | None) -> None:
        """Put prompts to the segmenter and commit its answer.

        Args:
            sheet: where they were drawn.
            region_id: of which region.
            prompts: everything told of the region, the latest included.
            label: of the edit, as "Box".
            region: as it stands; None where it is yet to be made.
        """
        before = self.prompts_of(region_id)
        pending = self._pending.setdefault(region_id, _Pending(sheet, prompts, label))
        corrected = bool(pending.held) or (region is not None and region.details.origin.edited)
        if before is None and region is not None:
            before = region.details.prompts
        pending.prompts, pending.label = prompts, label
        told = _Told(prompts, label)
        pending.under_way.append(told)
        # What the hand corrected shows in comparison with the answer before, which is asked for again.
        asked = (before, prompts) if corrected and before is not None and not before.is_empty else (prompts,)
        told.question = self._prompter.ask(
            sheet.decoded, asked, receive=lambda outcome: self._receive(pending, region_id, told, outcome)
        )
        self.changed.emit()

    def waiting_on(self, sheet: Sheet) -> str:
        """What `take_back` would take back, in a word as "Box"; "" for nothing."""
        pending = self._latest_on(sheet)
        return "" if pending is None else "Correction" if pending.held else pending.under_way[-1].label

    def take_back(self, sheet: Sheet) -> str:
        """Let go of what was done last of all that waits for the segmenter on a sheet; the word for it, or ""."""
        pending, label = self._latest_on(sheet), self.waiting_on(sheet)
        if pending is None:
            return ""
        if pending.held:
            pending.held.pop()
            return label
        told = pending.under_way.pop()
        if pending.under_way:
            pending.prompts, pending.label = pending.under_way[-1].prompts, pending.under_way[-1].label
        else:
            self._drop(pending)
        if told.question is not None:
            self._prompter.withdraw(told.question)
        self.changed.emit()
        return label

    def retry(self, region_id: str) -> None:
        """Put prompts that were not answered to the segmenter again."""
        pending = self._pending.get(region_id)
        if pending is not None and not pending.under_way:
            self.tell(pending.sheet, region_id, pending.prompts, label=pending.label, region=None)

    def when_made(self, region_id: str | None, act: Callable[[], None]) -> None:
        """Act on a region at once, or as soon as the segmenter has answered what was told of it before."""
        pending = self._pending.get(region_id or "")
        if pending is not None and pending.under_way:
            pending.held.append(act)
        else:
            act()

    def forget(self, region_id: str | None) -> None:
        """Drop prompts that were not answered."""
        pending = self._pending.get(region_id or "")
        if pending is not None and not pending.under_way:
            del self._pending[region_id or ""]
            self.changed.emit()

    def _latest_on(self, sheet: Sheet) -> _Pending | None:
        """The region that was begun last of those on a sheet that the segmenter has to answer for."""
        waiting = [each for each in self._pending.values() if each.under_way and each.sheet.is_of_same_item(sheet)]
        return waiting[-1] if waiting else None

    def _drop(self, pending: _Pending) -> None:
        self._pending = {key: each for key, each in self._pending.items() if each is not pending}

    def _receive(self, pending: _Pending, region_id: str, told: _Told, outcome: Outcome[Answer]) -> None:
        if told not in pending.under_way:  # taken back in the meantime
            return
        pending.under_way.remove(told)
        error = _why_not(outcome)
        if isinstance(outcome, Done) and error is None:
            compose = _proposal(region_id, told.prompts, outcome.value)
            self._queue.submit(pending.sheet, compose, label=told.label, selected=self._selected())
        if isinstance(outcome, Stopped):
            self._drop(pending)
        elif not pending.under_way:
            held, pending.held = pending.held, []
            if error is None:
                self._drop(pending)
            for act in held:
                act()
        if error is not None:
            self.unanswered.emit(Unanswered(pending.sheet, region_id, error, again=not isinstance(outcome, Done)))
        self.changed.emit()


def _why_not(outcome: Outcome[Answer]) -> ForensicError | None:
    match outcome:
        case Done(value=answer) if answer.segmentations[-1].mask.is_empty:
            return SegmenterError(f"{answer.by.name} found nothing there; tell it more, or use the brush.")
        case Done():
            return None
        case Failed(error=ForensicError() as error):
            return error
        case Failed():
            return SegmenterError("The segmenter met a defect; use the brush, or choose another segmenter.")
        case Stopped():
            return None


def origin_of(info: SegmenterInfo, maker: MaskMaker = MaskMaker.SEGMENTER) -> MaskOrigin:
    """What is recorded of a mask that a segmenter made."""
    parameters = {**info.parameters, "device": info.device, "runtime": info.runtime}
    return MaskOrigin(maker, info.id, info.weights_sha256, parameters)


def _proposal(region_id: str, prompts: Prompts, answer: Answer) -> Callable[[Annotation, Signature], Edit | None]:
    """Adds the region, or changes it where it is there already."""
    origin = origin_of(answer.by)
    *earlier, told_now = [segmentation.mask for segmentation in answer.segmentations]

    def compose(annotation: Annotation, by: Signature) -> Edit | None:
        region = next((each for each in annotation.regions if each.id == region_id), None)
        if region is None:
            return composing.add(annotation, [Draft(region_id, told_now, origin, prompts)], by=by)
        mask, made_by = told_now, origin
        same_tool = (region.details.origin.tool_id, region.details.origin.tool_sha256) == (
            origin.tool_id,
            origin.tool_sha256,
        )
        if earlier and same_tool and region.details.origin.edited:
            mask = composing.keep_corrections(region.mask, told_before=earlier[0], told_now=told_now)
            made_by = replace(origin, edited=True)
        return composing.resegment(annotation, region_id, mask, origin=made_by, prompts=prompts, by=by)

    return compose
