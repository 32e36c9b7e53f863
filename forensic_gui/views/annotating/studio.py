"""Everything that drawing needs in one window, put together: lanes below, canvas, strip, panel and field above."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import LoadSegmenter
from forensic_gui.views.annotating.controller import Absent, AnnotationController, NextDrawing
from forensic_gui.views.annotating.describing import Describer
from forensic_gui.views.annotating.edit_queue import EditQueue
from forensic_gui.views.annotating.hint import Hint
from forensic_gui.views.annotating.model_masks import ModelMasks, Refining
from forensic_gui.views.annotating.prompter import Prompter
from forensic_gui.views.annotating.regions_panel import EMPTY, NO_CASE, RegionsPanel
from forensic_gui.views.annotating.segmenter_field import SegmenterField, field_text
from forensic_gui.views.annotating.segmenters import NoSegmenter, SegmenterController, SegmenterReady, SegmenterState
from forensic_gui.views.annotating.sheet import Sheet
from forensic_gui.views.annotating.tool_strip import ToolStrip
from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.lanes import Lanes
from forensic_gui.views.reporting import ImageReporter, Reporter
from forensic_gui.views.status_fields import WorkField

TOO_EARLY = "Not drawn: this image was not shown yet. Draw it again."
_NEXT = {
    NextDrawing.SOURCE: "Draw where it was copied from, with any tool · Esc leaves it",
    NextDrawing.WITHIN: "Draw the box that the region is kept within · Esc leaves it",
}


@dataclass(frozen=True, slots=True)
class Furniture:
    """The widgets that drawing shows itself on."""

    canvas: EvidenceView
    strip: ToolStrip
    panel: RegionsPanel
    field: SegmenterField
    work: WorkField


class Studio(QObject):
    """Makes the controllers of drawing and keeps their widgets in step; holds no state of its own."""

    changed = Signal()
    """What commands of drawing can be run may have changed."""
    busy_changed = Signal()
    """Whether there is something to stop."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        furniture: Furniture,
        *,
        lanes: Lanes,
        load_segmenter: LoadSegmenter,
        tell: Reporter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._furniture = furniture
        self._tell = tell
        tell_of_image = ImageReporter(tell)
        pane = furniture.canvas.findChild(Pane)
        assert pane is not None
        self._hint = Hint(furniture.canvas, over=pane)
        self._told_notices: set[str] = set()
        self._missing = ""
        self._listed: Annotation | None = None
        self.queue = EditQueue(lanes.editing, self)
        self.prompter = Prompter(encoding=lanes.encoding, prompting=lanes.prompting, parent=self)
        self.segmenters = SegmenterController(lanes.segmenters, load_segmenter, self)
        self.controller = AnnotationController(
            furniture.canvas, queue=self.queue, prompter=self.prompter, tell=tell_of_image, parent=self
        )
        self.describe = Describer(self.controller, tell=tell_of_image)
        self.model = ModelMasks(
            self.controller, lane=lanes.prompting, prompter=self.prompter, tell=tell_of_image, parent=self
        )
        self.queue.begun.connect(tell_of_image.edit_begins)
        self._connect()
        self._follow()

    @property
    def is_busy(self) -> bool:
        """Whether there is something to stop, or to leave."""
        return self.model.is_refining or self.controller.next_drawing is not NextDrawing.REGION

    @property
    def awaited(self) -> tuple[str, ...]:
        """What was drawn and waits for the segmenter, each in words."""
        return self.controller.awaited

    @property
    def why_not(self) -> str:
        """Why nothing can be drawn or said here, a sentence; "" where it can."""
        return self.controller.locked or ("" if self.controller.sheet is not None else self._missing or NO_CASE)

    def show(self, sheet: Sheet | None, *, absent: Absent | None = None, missing: str = "") -> None:
        """Draw on a sheet from now on.

        Args:
            sheet: None where the image shown is in no case, or none is shown.
            absent: what can be done about it, where an image is shown.
            missing: what there is none of, although a case is open, a sentence.
        """
        self._missing, self._listed = missing, None
        if sheet is not None and not sheet.read_only:
            self.segmenters.require()
        self.controller.show(sheet, absent=absent)
        self._follow()

    def list_only(self, annotation: Annotation) -> None:
        """List the regions of an image that cannot be shown, until another one is looked at."""
        self._listed = annotation
        self._follow()

    def look_ahead(self, image: DecodedEvidence) -> None:
        """Prepare an image that will probably be drawn on next."""
        sheet = self.controller.sheet
        if sheet is not None and not sheet.read_only:
            self.prompter.look_ahead(image)

    def take_model_mask(self, examination: Examination | None, *, threshold: float) -> None:
        """Make a region of the model's mask."""
        if examination is not None:
            self.model.take(examination, threshold=threshold)

    def refine_model_mask(self, examination: Examination | None, *, threshold: float) -> None:
        """Let the segmenter refine the model's mask."""
        if examination is not None:
            self.model.refine(examination, threshold=threshold)

    def offer_segmenters(self) -> None:
        """Let the user choose among the segmenters."""
        self._furniture.field.offer()

    def edit_note(self) -> None:
        """Put the cursor into the note of the selected region."""
        self._furniture.panel.edit_note()

    def leave(self) -> bool:
        """Leave what the next drawing is for; whether there was anything to leave."""
        return self.controller.leave_purpose()

    def stop(self) -> None:
        """Stop what can be stopped."""
        self.model.stop()

    def forget_questions(self) -> None:
        """The case has been closed: nothing that the segmenter still has to answer can be kept."""
        self.stop()
        self.prompter.withdraw_all()

    def drain(self) -> None:
        """Wait until everything drawn and written is in the case: before it is closed."""
        self._furniture.panel.keep_note()
        self.queue.drain()

    def _connect(self) -> None:
        strip, panel, field = self._furniture.strip, self._furniture.panel, self._furniture.field
        controller, describe = self.controller, self.describe
        self._furniture.canvas.refused.connect(lambda: self._hint.tell_once(TOO_EARLY))
        strip.width_changed.connect(controller.hand.set_width)
        panel.selected.connect(controller.select)
        panel.kind_chosen.connect(describe.set_kind)
        panel.confidence_chosen.connect(describe.set_confidence)
        panel.note_written.connect(describe.set_note)
        field.chosen.connect(self.segmenters.choose)
        controller.leaving.connect(panel.keep_note)
        controller.changed.connect(self._follow)
        self.segmenters.changed.connect(self._on_segmenter)
        self.segmenters.failed.connect(self._tell.fail)
        self.model.progressed.connect(self._on_refining)
        for part in (self.queue, self.prompter, self.segmenters, self.model):
            part.broke.connect(self.broke)

    def _on_segmenter(self, state: SegmenterState) -> None:
        match state:
            case SegmenterReady(segmenter=segmenter):
                self.prompter.set_segmenter(segmenter)
            case NoSegmenter(error=error):
                self.prompter.set_segmenter(None, because=error)
        self._follow()

    def _follow(self) -> None:
        """Let strip, panel, field and hint show the state."""
        controller, furniture = self.controller, self._furniture
        furniture.strip.set_tool(controller.hand.tool)
        furniture.strip.set_width(controller.hand.width_px)
        furniture.strip.set_locked(controller.locked)
        page = controller.page
        furniture.panel.show_annotation(
            self._listed if page is None else page.annotation,
            selected=controller.selected_id,
            empty_text=self.why_not or EMPTY,
            editable=controller.can_edit,
        )
        info = self.prompter.info
        told = field_text(self.segmenters.state, info, self.prompter.phase)
        furniture.field.tell(told, current="" if info is None else info.id)
        for notice in () if info is None else info.notices:
            if notice not in self._told_notices:
                self._told_notices.add(notice)
                self._tell.warn(notice)
        self._say_what_is_awaited()
        self.changed.emit()

    def _say_what_is_awaited(self) -> None:
        controller, info = self.controller, self.prompter.info
        name = "The segmenter" if info is None else shown_plainly(info.name)
        if controller.next_drawing in _NEXT:
            self._hint.tell(_NEXT[controller.next_drawing], at_once=True)
        elif not controller.is_proposing or controller.sheet is None:
            self._hint.tell("", at_once=True)
        elif info is None:
            self._hint.tell("The segmenter is being loaded…", at_once=False)
        elif self.prompter.is_waiting_for(controller.sheet.decoded):
            self._hint.tell(f"{name} is looking at the image…", at_once=False)
        else:
            self._hint.tell(f"{name} is cutting out the region…", at_once=False)

    def _on_refining(self, progress: Refining | None) -> None:
        work = self._furniture.work
        if progress is None:
            work.say("")
        elif progress.total is None:
            work.say("Looking for regions in the model's mask…")
        else:
            work.show_steps(progress.done, progress.total, text="Refining the model's mask")
        self.busy_changed.emit()
