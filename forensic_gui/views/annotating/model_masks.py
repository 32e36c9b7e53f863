"""Taking the model's mask over, and letting a segmenter refine it with no hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
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
from forensic_gui.views.annotating.sheet import Sheet
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
        added = _Added(lambda: [Draft(region_id, proposals.model_mask(heatmap, threshold), origin)])
        told = "The model's mask is a region of this image already; it is selected."
        self._drawing.commit(added, label="Model's Mask", then=lambda: self._select(sheet, added, told))

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
                drafts = _refined(question, answer, _model_origin(examination, threshold))
                added = _Added(lambda: drafts)
                told = "What is to be made of the model's mask is marked already; its first region is selected."
                self._drawing.commit(
                    added,
                    label="Refine Model's Mask",
                    sheet=sheet,
                    then=lambda: self._select(sheet, added, told),
                )
                self._end("" if drafts else f"{answer.by.name} found nothing in the regions of the model's mask.")
            case Failed(error=error):
                self._end(sentence(error) if isinstance(error, ForensicError) else "")
            case _:
                self._end("Stopped; no region was made.")

    def _select(self, sheet: Sheet, added: _Added, told: str) -> None:
        """Let what comes next, as a kind, go to what was made; unless the hand is at another image or region."""
        if self._drawing.sheet is sheet and not self._drawing.is_proposing and added.first is not None:
            self._drawing.select(added.first)
            if not added.is_news:
                self._tell.note(told)

    def _end(self, told: str) -> None:
        if told:
            self._tell.warn(told)
        self.progressed.emit(None)


class _Added:
    """Adds regions, less those that stand already: a key that is pressed twice makes nothing twice.

    Attributes:
        first: id of the first region that was added, or that stands in its place; None for none.
        is_news: whether any was added.
    """

    def __init__(self, make: Callable[[], Sequence[Draft]]) -> None:
        self._make = make
        self.first: str | None = None
        self.is_news = False

    def __call__(self, annotation: Annotation, by: Signature) -> Edit | None:
        """Compose the edit; runs beside the window's thread, which reads what came of it once that is told."""
        drafts = [draft for draft in self._make() if not draft.mask.is_empty]
        standing = [_standing(annotation, draft) for draft in drafts]
        new = [draft for draft, stands in zip(drafts, standing, strict=True) if stands is None]
        self.first = new[0].id if new else next(iter(standing), None)
        self.is_news = bool(new)
        return composing.add(annotation, new, by=by) if new else None


def _standing(annotation: Annotation, draft: Draft) -> str | None:
    """The region that a draft would be a second of: the same pixels, made in the same way, and not changed since."""
    same = (each for each in annotation.regions if each.details.origin == draft.origin and each.mask == draft.mask)
    return next((each.id for each in same), None)


def _refined(question: Question, answer: Answer, model: MaskOrigin) -> list[Draft]:
    origin = origin_of(answer.by, MaskMaker.MODEL_REFINED)
    # Which heatmap the boxes came from belongs to how the mask came about.
    told_by = {
        "model": model.tool_id,
        "model_sha256": model.tool_sha256,
        **{f"model_{name}": value for name, value in model.parameters.items()},
    }
    whole = MaskOrigin(origin.maker, origin.tool_id, origin.tool_sha256, {**origin.parameters, **told_by})
    return [
        Draft(uuid.uuid4().hex, each.mask, whole, prompts)
        for prompts, each in zip(question.prompts, answer.segmentations, strict=True)
        if each.mask.area >= proposals.SMALLEST_SHARE * each.mask.size.pixels
    ]


def _model_origin(examination: Examination, threshold: float) -> MaskOrigin:
    localizer = examination.localizer
    parameters = {"threshold": threshold, "views": examination.views.value, "device": localizer.device}
    return MaskOrigin(MaskMaker.MODEL, localizer.weights_id, localizer.weights_sha256, parameters)


def _of(sheet: Sheet, examination: Examination) -> bool:
    return examination.evidence_sha256 == sheet.decoded.evidence.sha256
