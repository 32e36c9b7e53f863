"""What commands and panel do with the selected region and with the image as a whole."""

from __future__ import annotations

import uuid

from forensic_gui.domain.annotation import Annotation, Conclusion, Confidence, Kind, Region
from forensic_gui.domain.edits import Edit
from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.mask import Mask
from forensic_gui.services.annotating import composing
from forensic_gui.services.annotating.composing import Signature
from forensic_gui.views.annotating import drawing
from forensic_gui.views.annotating.controller import AnnotationController
from forensic_gui.views.annotating.drawing import MaskOperation
from forensic_gui.views.annotating.telling import Tell
from forensic_gui.views.core.wording import sentence

MOST_PARTS = 32
"""A region is split into so many at most; smaller parts stay with the largest one."""


class Describer:
    """Edits that are no drawing."""

    def __init__(self, controller: AnnotationController, *, tell: Tell) -> None:
        self._controller = controller
        self._tell = tell

    def set_kind(self, kind: Kind) -> None:
        """Say what was done in the selected region."""
        self._describe("Kind", kind=kind)

    def set_confidence(self, confidence: Confidence) -> None:
        """Say how sure the analyst is of the selected region."""
        self._describe("Confidence", confidence=confidence)

    def set_note(self, note: str) -> None:
        """Say something of the selected region in words."""
        self._describe("Note", note=note)

    def operate(self, operation: MaskOperation) -> None:
        """Apply an operation to the mask of the selected region."""
        region_id = self._controller.selected_id
        if region_id is not None:
            self._controller.edit(drawing.operated(operation, region_id=region_id), label=operation.value)

    def clear_source(self) -> None:
        """Say that it is not known where the selected copy-move was taken from."""
        region_id, sheet = self._controller.selected_id, self._controller.sheet
        if region_id is not None and sheet is not None:
            nothing = Mask.empty(sheet.size)
            self._controller.edit(drawing.sourced(lambda: nothing, region_id=region_id), label="Clear Source")

    def remove(self) -> None:
        """Delete the selected region, or say that there is none."""
        region_id = self._controller.selected_id
        if region_id is None:
            self._tell.note("No region is selected.")
            return
        compose = drawing.on_region(region_id, lambda annotation, region, _: composing.remove(annotation, region.id))
        self._controller.edit(compose, label="Delete Region")

    def split(self) -> None:
        """Make a region of every part of the selected one."""
        region_id = self._controller.selected_id
        new_ids = [uuid.uuid4().hex for _ in range(MOST_PARTS - 1)]

        def change(annotation: Annotation, region: Region, by: Signature) -> Edit | None:
            return composing.split(annotation, region.id, new_ids, by=by)

        if region_id is not None:
            self._controller.edit(drawing.on_region(region_id, change), label="Split Parts")

    def toggle_conclusion(self) -> None:
        """Mark the image as one without a manipulation found, or take the mark back."""
        page = self._controller.page
        if page is None:
            self._tell.note("Not marked: this image was not shown yet. Mark it again.")
            return
        found = Conclusion.NO_MANIPULATION_FOUND
        wanted = Conclusion.OPEN if page.annotation.conclusion is found else found
        try:
            composing.conclude(page.annotation, wanted)
        except ForensicError as error:
            self._tell.warn(sentence(error))
            self._controller.changed.emit()  # a box that was checked is unchecked again
        else:
            self._controller.commit(lambda annotation, _: composing.conclude(annotation, wanted), label="Conclusion")

    def _describe(
        self, label: str, *, kind: Kind | None = None, confidence: Confidence | None = None, note: str | None = None
    ) -> None:
        region_id = self._controller.selected_id
        if region_id is None:
            return

        def change(annotation: Annotation, region: Region, by: Signature) -> Edit | None:
            return composing.describe(annotation, region.id, kind=kind, confidence=confidence, note=note, by=by)

        self._controller.edit(drawing.on_region(region_id, change), label=label)
