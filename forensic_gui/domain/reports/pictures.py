"""Pictures of a report: which ones there are, and what renderers get of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from forensic_gui.domain.geometry import Box
from forensic_gui.domain.reports.plan import PictureKind


@dataclass(frozen=True, slots=True)
class PictureRef:
    """Which picture.

    Attributes:
        item_id: of which item.
        kind: what is drawn.
        box: the part that is shown, evidence pixels, stored orientation; None for the whole.
    """

    item_id: int
    kind: PictureKind
    box: Box | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An encoded picture, view orientation.

    Attributes:
        data: bytes of a JPEG or PNG file, without metadata.
        media_type: "image/jpeg" or "image/png".
        width_px: of the picture.
        height_px: of the picture.
    """

    data: bytes
    media_type: str
    width_px: int
    height_px: int


class Pictures(Protocol):
    """Pictures of the items, asked for in the order of the document so that they can be made ahead."""

    def get(self, ref: PictureRef) -> Picture | None:
        """The picture; None where there is none to show (an item that could not be read)."""
        ...
