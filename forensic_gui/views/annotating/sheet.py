"""What is drawn on: one image of one case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.case import AnnotationState, CaseItem
from forensic_gui.domain.edits import Edit
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services.annotating.composing import Signature
from forensic_gui.views.canvas.annotated import AnnotationLayer

Compose: TypeAlias = Callable[[Annotation, Signature], Edit | None]
"""Makes an edit of the annotation as it stands when its turn comes; None where nothing would change."""


class DrawnCase(Protocol):
    """The part of an open case that drawing needs; see `services.case.CaseSession`."""

    @property
    def author(self) -> str:
        """In whose name changes are recorded."""
        ...

    def item(self, item_id: int) -> CaseItem:
        """One item."""
        ...

    def annotation(self, item_id: int) -> AnnotationState:
        """What the analyst says of an item, as it stands."""
        ...

    def commit(self, item_id: int, edit: Edit, *, label: str, revision: int | None = None) -> AnnotationState:
        """Apply an edit and append it to the log."""
        ...

    def undo(self, item_id: int) -> AnnotationState:
        """Take the last edit that stands back."""
        ...

    def redo(self, item_id: int) -> AnnotationState:
        """Do again what was taken back last."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One image of a case, decoded.

    Attributes:
        case: keeps the edits.
        item_id: of the image in the case.
        decoded: the image with its pixels.
        read_only: why nothing can be drawn, a sentence; "" where it can.
    """

    case: DrawnCase
    item_id: int
    decoded: DecodedEvidence
    read_only: str = ""

    def is_same(self, other: Sheet | None) -> bool:
        """Whether another sheet is the same image of the same case, decoded once."""
        if other is None or self.case is not other.case or self.decoded is not other.decoded:
            return False
        return (self.item_id, self.read_only) == (other.item_id, other.read_only)

    def is_of_same_item(self, other: Sheet) -> bool:
        """Whether another sheet is the same image of the same case, however often it was decoded."""
        return self.case is other.case and self.item_id == other.item_id

    @property
    def size(self) -> Size:
        """In evidence pixels, stored orientation."""
        return self.decoded.facts.stored

    @property
    def orientation(self) -> Orientation:
        """How stored pixels turn into the view."""
        return self.decoded.facts.orientation


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What stands on a sheet, prepared for the canvas.

    Attributes:
        sheet: what it stands on.
        state: as the case has it.
        layer: the same for painting.
        selected: id of the region that is selected in `layer`; None for none.
    """

    sheet: Sheet
    state: AnnotationState
    layer: AnnotationLayer
    selected: str | None = None

    @property
    def annotation(self) -> Annotation:
        """As the case has it."""
        return self.state.annotation
