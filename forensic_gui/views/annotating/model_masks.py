"""Taking the model's mask over, and letting a segmenter refine it with no hand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.annotation import Annotation, MaskMaker, MaskOrigin
from forensic_gui.domain.edits import Edit
from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.geometry import Box
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services.annotating import composing, proposals
from forensic_gui.services.annotating.composing import Draft, Signature
from forensic_gui.services.examination import Examination
from forensic_gui.views.annotating.controller import AnnotationController
from forensic_gui.views.annotating.prompter import Answer, Prompter, Question
from forensic_gui.views.annotating.proposer import origin_of
from forensic_gui.views.annotating.sheet import Compose, Sheet
from forensic_gui.views.annotating.telling import Tell
from forensic_gui.views.core.wording import sentence
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Ticket, Work


@dataclass(frozen=True, slots=True)
class Refining:
    """How far a refinement is.

    Attributes:
        done: regions that the segmenter has answered.
        total: regions in all; None while they are looked for.
    """

    done: int
    total: int | None


class ModelMasks(QObject):
    """Makes regions of heatmaps; a refinement is one edit, however many regions it makes."""

    progressed = Signal(object)
    """Refining, or None when it has ended."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        drawing: AnnotationController,
        *,
        lane: Lane,
        prompter: Prompter,
        tell: Tell,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._drawing = drawing
        self._lane = lane
        self._prompter = prompter
        self._tell = tell
        self._looking: Ticket | None = None
        self._question: Question | None = None

    @property
    def is_refining(self) -> bool:
        """Whether a refinement is under way."""
        return self._looking is not None or self._question is not None

    def take(self, examination: Examination, *, threshold: float) -> None:
        """Make a region of where the model score is over a threshold."""
        sheet = self._drawing.sheet
        if sheet is None or not _of(sheet, examination):
            return
        if examination.scores.maximum <= threshold:
            self._tell.warn("No model score of this image is over the threshold, so there is no mask to take.")
            return
        heatmap, origin = examination.localization.heatmap, _model_origin(examination, threshold)
        region_id = self._drawing.begin_region()

        def compose(annotation: Annotation, by: Signature) -> Edit | None:
            mask = proposals.model_mask(heatmap, threshold)
            return composing.add(annotation, [Draft(region_id, mask, origin)], by=by)

        self._drawing.commit(compose, label="Model's Mask")

    def refine(self, examination: Examination, *, threshold: float) -> None:
        """Let the segmenter cut out what lies in the regions of the heatmap."""
        sheet = self._drawing.sheet
        if sheet is None or not _of(sheet, examination) or self.is_refining:
            return

        def job(work: Work) -> tuple[Box, ...]:
            return proposals.model_boxes(examination.localization.heatmap, threshold, cancel=work.cancel)

        self._looking = self._lane.submit(
            job, receive=lambda outcome: self._on_boxes(sheet, examination, threshold, outcome)
        )
        self.progressed.emit(Refining(0, None))

    def stop(self) -> None:
        """Give a refinement up; nothing of it is kept."""
        if self._looking is not None:
            self._lane.cancel(self._looking)
        if self._question is not None:
            self._prompter.withdraw(self._question)

    def _on_boxes(
        self, sheet: Sheet, examination: Examination, threshold: float, outcome: Outcome[tuple[Box, ...]]
    ) -> None:
        self._looking = None
        match outcome:
            case Done(value=()):
                self._end("The model's mask has no region that is large enough to refine.")
            case Done(value=boxes):
                prompts = [Prompts(box=box) for box in boxes]
                self._question = self._prompter.ask(
                    sheet.decoded,
                    prompts,
                    receive=lambda answered: self._on_answer(sheet, examination, threshold, answered),
                    on_step=lambda done: self.progressed.emit(Refining(done, len(prompts))),
                )
                self.progressed.emit(Refining(0, len(prompts)))
            case Failed(error=error):
                self.broke.emit(error)
                self._end("")
            case Stopped():
                self._end("Stopped; no region was made.")

    def _on_answer(self, sheet: Sheet, examination: Examination, threshold: float, outcome: Outcome[Answer]) -> None:
        question, self._question = self._question, None
        match outcome:
            case Done(value=answer) if question is not None:
                compose, count = _refined(question, answer, _model_origin(examination, threshold))
                self._drawing.commit(compose, label="Refine Model's Mask", sheet=sheet)
                self._end("" if count else f"{answer.by.name} found nothing in the regions of the model's mask.")
            case Failed(error=error):
                self._end(sentence(error) if isinstance(error, ForensicError) else "")
            case _:
                self._end("Stopped; no region was made.")

    def _end(self, told: str) -> None:
        if told:
            self._tell.warn(told)
        self.progressed.emit(None)


def _refined(question: Question, answer: Answer, model: MaskOrigin) -> tuple[Compose, int]:
    origin = origin_of(answer.by, MaskMaker.MODEL_REFINED)
    # Which heatmap the boxes came from belongs to how the mask came about.
    told_by = {
        "model": model.tool_id,
        "model_sha256": model.tool_sha256,
        **{f"model_{name}": value for name, value in model.parameters.items()},
    }
    whole = MaskOrigin(origin.maker, origin.tool_id, origin.tool_sha256, {**origin.parameters, **told_by})
    drafts = [
        Draft(uuid.uuid4().hex, each.mask, whole, prompts)
        for prompts, each in zip(question.prompts, answer.segmentations, strict=True)
        if each.mask.area >= proposals.SMALLEST_SHARE * each.mask.size.pixels
    ]

    def compose(annotation: Annotation, by: Signature) -> Edit | None:
        return composing.add(annotation, drafts, by=by)

    return compose, len(drafts)


def _model_origin(examination: Examination, threshold: float) -> MaskOrigin:
    localizer = examination.localizer
    parameters = {"threshold": threshold, "views": examination.views.value, "device": localizer.device}
    return MaskOrigin(MaskMaker.MODEL, localizer.weights_id, localizer.weights_sha256, parameters)


def _of(sheet: Sheet, examination: Examination) -> bool:
    return examination.evidence_sha256 == sheet.decoded.evidence.sha256
