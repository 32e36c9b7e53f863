"""From the screen to the evidence and back: the one place where the hand's positions are converted. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from forensic_gui.domain.geometry import Orientation, Point, Size
from forensic_gui.views.canvas.camera import Camera
from forensic_gui.views.canvas.pointer import Pointer
from forensic_gui.views.canvas.tools.base import Touch

_WITHIN_PX = 1e-7


@dataclass(frozen=True, slots=True)
class Sheet:
    """The evidence that is drawn on.

    Attributes:
        stored: its size as stored.
        orientation: how it is turned into the view.
    """

    stored: Size
    orientation: Orientation


@dataclass(frozen=True, slots=True)
class Projection:
    """Evidence in stored orientation, as a pane shows it.

    Attributes:
        sheet: the evidence.
        camera: where the pane looks.
        pane: size of the pane in screen pixels.
        ratio: screen (device) pixels per logical pixel, the unit in which a person judges distances.
    """

    sheet: Sheet
    camera: Camera
    pane: Size
    ratio: float = 1.0

    @property
    def scale(self) -> float:
        """Screen pixels per evidence pixel."""
        return self.camera.scale

    def to_evidence(self, position: Point) -> Point:
        """Evidence pixels, stored orientation, under a position in the pane (screen pixels)."""
        point = self.camera.to_view(position, pane=self.pane)
        # A border between two pixels belongs to the one after it in the view, which is painted there; in a mirrored
        # file that is the one before it.
        point = Point(point.x + _WITHIN_PX, point.y + _WITHIN_PX)
        return self.sheet.orientation.to_stored(point, stored=self.sheet.stored)

    def to_screen(self, point: Point) -> Point:
        """Position in the pane (screen pixels) of a point in evidence pixels, stored orientation."""
        view = self.sheet.orientation.to_view(point, stored=self.sheet.stored)
        return self.camera.to_pane(view, pane=self.pane)

    def touch(self, pointer: Pointer) -> Touch:
        """The mouse on the pane as a touch of the evidence."""
        return Touch(
            point=self.to_evidence(pointer.position),
            screen=Point(pointer.position.x / self.ratio, pointer.position.y / self.ratio),
            pixel=self.ratio / self.scale,
            shift=pointer.shift,
            alt=pointer.alt,
            secondary=pointer.secondary,
        )
