"""Gestures in, edits out: which region is selected, which tool is in hand, and what the next drawing is for."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.annotation import Region
from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import NO_PROMPTS, PointPrompt, Prompts
from forensic_gui.services.ports import Segmentation
from forensic_gui.views.annotating import drawing, painting
from forensic_gui.views.annotating.edit_queue import EditQueue, Refusal
from forensic_gui.views.annotating.hand import Hand
from forensic_gui.views.annotating.prompter import Answer, Prompter
from forensic_gui.views.annotating.proposer import Proposer, Unanswered
from forensic_gui.views.annotating.sheet import Compose, Page, Sheet
from forensic_gui.views.annotating.telling import Tell
from forensic_gui.views.canvas.annotated import PreviewLayer, preview_layer
from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.views.core.gestures import (
    BoxDragging,
    BoxDrawn,
    Gesture,
    GestureCancelled,
    OutlineDrawn,
    PointHovering,
    PointPlaced,
    RegionPicked,
    ScribbleDrawn,
    StrokeDrawn,
    Tool,
)
from forensic_gui.views.core.wording import sentence
from forensic_gui.workers.lane import Done, Failed, Outcome


class NextDrawing(StrEnum):
    """What the next drawing is for."""

    REGION = "region"
    SOURCE = "source"  # where the selected copy-move was taken from
    WITHIN = "within"  # the box that the selected region is kept within


@dataclass(frozen=True, slots=True)
class Absent:
    """Why there is nothing to draw on although an image is shown, and what can be done about it.

    Attributes:
        reason: a sentence.
        action: words on a button.
        answer: what the button does.
    """

    reason: str
    action: str
    answer: Callable[[], None]


class AnnotationController(QObject):
    """What is drawn on the image that is shown. State is set here; canvas, panel and strip follow it."""

    changed = Signal()
    """Tool, selection, annotation, or what is under way."""
    annotated = Signal(object)
    """Page: the newest state of an image of the case, shown or not."""
    leaving = Signal()
    """Another image, or another region, is about to be what is edited; what is half written still has its place."""

    def __init__(
        self,
        canvas: EvidenceView,
        *,
        queue: EditQueue,
        prompter: Prompter,
        tell: Tell,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._queue = queue
        self._prompter = prompter
        self._tell = tell
        self._proposer = Proposer(queue, prompter, selected=lambda: self._selected, parent=self)
        self._sheet: Sheet | None = None
        self._absent: Absent | None = None
        self._page: Page | None = None
        self._selected: str | None = None
        self._next = NextDrawing.REGION
        self.hand = Hand(canvas, self)
        self.hand.changed.connect(self.changed)
        canvas.gesture.connect(self._on_gesture)
        queue.arrived.connect(self._on_page)
        queue.refused.connect(self._on_refused)
        prompter.changed.connect(self.changed)
        self._proposer.changed.connect(self._follow)
        self._proposer.unanswered.connect(self._on_unanswered)

    @property
    def sheet(self) -> Sheet | None:
        """What is drawn on; None where the image shown is in no case."""
        return self._sheet

    @property
    def page(self) -> Page | None:
        """What stands on the sheet; None until it is read."""
        return self._page

    @property
    def next_drawing(self) -> NextDrawing:
        """What the next drawing is for."""
        return self._next

    @property
    def selected_id(self) -> str | None:
        """Id of the selected region, which the segmenter may be making still; None for none."""
        return self._selected

    @property
    def selected(self) -> Region | None:
        """The selected region, where it is there."""
        regions = () if self._page is None else self._page.annotation.regions
        return next((region for region in regions if region.id == self._selected), None)

    @property
    def locked(self) -> str:
        """Why nothing can be drawn although there is something to draw on, a sentence; "" where it can."""
        return "" if self._sheet is None else self._sheet.read_only

    @property
    def can_edit(self) -> bool:
        """Whether there is something to draw on, and its state is known."""
        return self._sheet is not None and self._page is not None and not self._sheet.read_only

    @property
    def awaited(self) -> tuple[str, ...]:
        """What the segmenter has yet to answer on any image, each in words."""
        return self._proposer.awaited

    @property
    def waiting(self) -> str:
        """What undo would take back before any edit, since it waits for the segmenter; "" for nothing."""
        return "" if self._sheet is None or self._sheet.read_only else self._proposer.waiting_on(self._sheet)

    @property
    def is_proposing(self) -> bool:
        """Whether the segmenter has yet to answer what was told of the selected region."""
        return self._proposer.is_under_way(self._selected)

    def show(self, sheet: Sheet | None, *, absent: Absent | None = None) -> None:
        """Draw on another sheet from now on; None where an image is shown that is in no case, or no image."""
        if sheet.is_same(self._sheet) if sheet is not None else (self._sheet is None and absent == self._absent):
            return
        self.leaving.emit()
        self._canvas.cancel_gesture()
        self._proposer.forget(self._selected)
        self._sheet, self._absent, self._page, self._selected = sheet, absent, None, None
        self._next = NextDrawing.REGION
        if absent is not None or (sheet is not None and sheet.read_only):
            self.hand.take(Tool.HAND)
        self._canvas.set_annotation(None)
        self._canvas.set_preview(None)
        self._prompter.look_at(sheet.decoded if sheet is not None and not sheet.read_only else None)
        if sheet is not None:
            self._queue.load(sheet)
        self.changed.emit()

    def choose_tool(self, tool: Tool) -> None:
        """Take a tool in hand, or tell why it cannot be used."""
        if tool is not Tool.HAND and (self._sheet is None or self._sheet.read_only):
            self._tell_why_not()
            self.changed.emit()  # the control that was used shows the tool in hand again
        else:
            self.hand.take(tool)

    def select(self, region_id: str | None) -> None:
        """Select a region; None selects none, so that the next drawing begins a new one."""
        if region_id != self._selected:
            self.leaving.emit()
            self._proposer.forget(self._selected)
            self._selected = region_id
            self._next = NextDrawing.REGION
            self._follow()

    def step_selection(self, by: int) -> None:
        """Select the next region, or the one before; from the last one to the first."""
        regions = () if self._page is None else self._page.annotation.regions
        if regions:
            ids = [region.id for region in regions]
            at = ids.index(self._selected) if self._selected in ids else (-1 if by > 0 else 0)
            self.select(ids[(at + by) % len(ids)])

    def await_drawing(self, purpose: NextDrawing) -> None:
        """Let the next drawing be for the selected region's source, or for the box it is kept within; or not."""
        self._next = NextDrawing.REGION if purpose is self._next or self._selected is None else purpose
        if self._next is NextDrawing.WITHIN or (self._next is NextDrawing.SOURCE and self.hand.tool is Tool.HAND):
            self.hand.take(Tool.BOX)
        self.changed.emit()

    def leave_purpose(self) -> bool:
        """Let the next drawing begin or correct a region again; whether it was for something else."""
        awaited = self._next is not NextDrawing.REGION
        self._next = NextDrawing.REGION
        if awaited:
            self.changed.emit()
        return awaited

    def edit(self, compose: Compose, *, label: str) -> None:
        """Edit the selected region, once the segmenter has answered what was told of it."""
        sheet = self._sheet
        if sheet is not None and not sheet.read_only:
            self._proposer.when_made(self._selected, partial(self.commit, compose, label=label, sheet=sheet))

    def begin_region(self) -> str:
        """Select a region that an edit is about to make; its id."""
        self.leaving.emit()
        self._proposer.forget(self._selected)
        self._selected = uuid.uuid4().hex
        return self._selected

    def commit(
        self, compose: Compose, *, label: str, sheet: Sheet | None = None, then: Callable[[], None] | None = None
    ) -> None:
        """Edit a sheet, the one that is shown by default, as it stands; `then` is called when that is done."""
        onto = sheet or self._sheet
        if onto is not None and not onto.read_only:
            self._queue.submit(onto, compose, label=label, selected=self._selected, then=then)

    def undo(self) -> None:
        """Take back what was drawn last and waits for the segmenter; else the last edit of this image."""
        if self._sheet is None or self._sheet.read_only:
            return
        taken = self._proposer.take_back(self._sheet)
        if taken:
            self._settle_selection(())
            self._tell.note(f"{taken} taken back before the segmenter answered; the edits before it stand.")
            self._follow()
        else:
            self._queue.undo(self._sheet, selected=self._selected)

    def redo(self) -> None:
        """Do again what was taken back last."""
        if self._sheet is not None and not self._sheet.read_only:
            self._queue.redo(self._sheet, selected=self._selected)

    def _on_gesture(self, gesture: Gesture) -> None:
        match gesture:
            case RegionPicked(point=point):
                self.select(None if self._page is None else painting.region_at(self._page, point))
            case GestureCancelled():
                self._on_cancelled()
            case PointHovering(prompt=None):
                self._stop_preview()
            case _ if self._sheet is None or self._sheet.read_only:
                pass
            case BoxDragging(box=box) if self._next is not NextDrawing.WITHIN:
                self._preview(self._sheet, Prompts(box=box))
            case PointHovering(prompt=PointPrompt() as prompt) if self._next is NextDrawing.REGION:
                told = self._told()
                self._preview(self._sheet, Prompts(told.box, (*told.points, prompt), told.scribbles))
            case BoxDrawn() | PointPlaced() | ScribbleDrawn() | StrokeDrawn() | OutlineDrawn():
                self._draw(self._sheet, gesture)

    def _draw(self, sheet: Sheet, gesture: BoxDrawn | PointPlaced | ScribbleDrawn | StrokeDrawn | OutlineDrawn) -> None:
        match gesture:
            case BoxDrawn(box=box) if self._next is NextDrawing.WITHIN and self._selected is not None:
                self._next = NextDrawing.REGION
                self.edit(drawing.kept_within(box, region_id=self._selected), label="Keep Within Box")
            case BoxDrawn() | PointPlaced() | ScribbleDrawn():
                self._prompt(sheet, gesture)
            case StrokeDrawn() | OutlineDrawn():
                self._by_hand(sheet, gesture)
        self.changed.emit()

    def _prompt(self, sheet: Sheet, gesture: BoxDrawn | PointPlaced | ScribbleDrawn) -> None:
        label = {BoxDrawn: "Box", PointPlaced: "Point", ScribbleDrawn: "Scribble"}[type(gesture)]
        prompts = drawing.prompted(self._told(), gesture)
        if not drawing.says_what_belongs(prompts):
            self._tell.warn("First say what belongs to the region: a box around it, or a point within it.")
        elif self._next is NextDrawing.SOURCE and self._selected is not None:
            self._ask_for_source(sheet, self._selected, drawing.prompted(NO_PROMPTS, gesture))
        else:
            anew = isinstance(gesture, BoxDrawn) or self._told().is_empty
            region_id = self.begin_region() if anew or self._selected is None else self._selected
            self._proposer.tell(sheet, region_id, prompts, label=label, region=self.selected)

    def _by_hand(self, sheet: Sheet, gesture: StrokeDrawn | OutlineDrawn) -> None:
        def make() -> Mask:
            return drawing.mask_of(gesture, size=sheet.size)

        label, region_id = drawing.label_of(gesture), self._selected
        if self._next is NextDrawing.SOURCE and region_id is not None:
            self._next = NextDrawing.REGION
            self.edit(drawing.sourced(make, region_id=region_id), label="Source")
        elif gesture.erases:
            self.edit(drawing.erased(make, region_id=region_id), label=label)
        else:
            # Prompts that were never answered give way to the hand, which makes the region that they were for.
            self._selected = region_id or uuid.uuid4().hex
            self.edit(drawing.painted(make, region_id=region_id, new_id=self._selected), label=label)
            self._proposer.forget(region_id)

    def _ask_for_source(self, sheet: Sheet, region_id: str, prompts: Prompts) -> None:
        self._next = NextDrawing.REGION

        def receive(outcome: Outcome[Answer]) -> None:
            match outcome:
                case Done(value=answer):
                    source = answer.segmentations[-1].mask
                    compose = drawing.sourced(lambda: source, region_id=region_id)
                    self.commit(compose, label="Source", sheet=sheet)
                case Failed(error=ForensicError() as error):
                    self._tell.warn(f"{sentence(error)} Draw the source with the brush instead.")

        self._prompter.ask(sheet.decoded, [prompts], receive=receive)

    def _told(self) -> Prompts:
        """What was told of the selected region so far."""
        pending = self._proposer.prompts_of(self._selected)
        if pending is not None:
            return pending
        return NO_PROMPTS if self.selected is None else self.selected.details.prompts

    def _preview(self, sheet: Sheet, prompts: Prompts) -> None:
        def prepare(segmentation: Segmentation) -> PreviewLayer:
            return preview_layer(segmentation.mask, orientation=sheet.orientation, prompts=prompts)

        def receive(layer: PreviewLayer) -> None:
            if self._sheet is sheet:
                self._canvas.set_preview(layer)

        if drawing.says_what_belongs(prompts):
            self._prompter.preview(prompts, prepare=prepare, receive=receive)
        else:
            # The proposal for what was told before would be taken for the answer to this.
            self._stop_preview()

    def _stop_preview(self) -> None:
        self._prompter.stop_preview()
        self._canvas.set_preview(None)

    def _on_cancelled(self) -> None:
        self._stop_preview()
        self._next = NextDrawing.REGION
        self.changed.emit()

    def _on_page(self, page: Page) -> None:
        self.annotated.emit(page)
        if self._sheet is None or page.sheet is not self._sheet:
            return
        before = () if self._page is None else tuple(region.id for region in self._page.annotation.regions)
        first, self._page = self._page is None, page
        self._canvas.set_preview(None)
        if not self._queue.is_busy:
            self._settle_selection(
                [] if first else [each.id for each in page.annotation.regions if each.id not in before]
            )
        self._follow()

    def _settle_selection(self, appeared: Sequence[str]) -> None:
        """What is selected is there, or being made; else it is what came last, if anything did."""
        if self.selected is None and self._proposer.prompts_of(self._selected) is None:
            self._selected = appeared[-1] if appeared else None

    def _follow(self) -> None:
        """Let the canvas show page and selection; the source of the selected region comes when it is prepared."""
        page = self._page
        if page is not None:
            self._canvas.set_annotation(painting.layer_for(page, selected=self._selected, prompts=self._told()))
            if painting.lacks_source(page, selected=self._selected):
                self._queue.repaint(page.sheet, selected=self._selected)
        self.changed.emit()

    def _on_refused(self, refusal: Refusal) -> None:
        self._settle_selection(())
        self._tell.fail(refusal.error)
        self.changed.emit()

    def _on_unanswered(self, unanswered: Unanswered) -> None:
        self._canvas.set_preview(None)
        told = sentence(unanswered.error)
        if unanswered.again:
            retry = partial(self._proposer.retry, unanswered.region_id)
            self._tell.warn_and_offer(told, action="Try Again", answer=retry)
        else:
            self._tell.warn(told)

    def _tell_why_not(self) -> None:
        if self._sheet is not None:
            self._tell.warn(self._sheet.read_only)
        elif self._absent is not None:
            self._tell.warn_and_offer(self._absent.reason, action=self._absent.action, answer=self._absent.answer)
