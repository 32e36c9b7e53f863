"""Numbers of the regions on the canvas, as they stand in the list: where each goes, and how it is painted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from forensic_gui.domain.geometry import Box, Point, Size
from forensic_gui.domain.palette import ADDS_RGB, LIGHT_RGB
from forensic_gui.views.canvas.annotated import AnnotationLayer, Tag
from forensic_gui.views.canvas.projection import Projection

_TEXT_PX = 11
_PADDING_PX = 5.0
_HEIGHT_PX = 16.0
_GAP_PX = 5.0
_RADIUS_PX = 4.0
_MOST_CHIPS = 60
_SMALL = 3.0

ToPane = Callable[[Point], Point]


@dataclass(frozen=True, slots=True)
class Chip:
    """One number on the canvas.

    Attributes:
        number: of the region.
        box: where it stands, screen pixels from the pane's top-left corner.
    """

    number: int
    box: Box


def placed_chips(
    tags: Iterable[Tag], *, to_pane: ToPane, pane: Size, size_of: Callable[[int], tuple[float, float]], gap: float
) -> tuple[Chip, ...]:
    """Find places for numbers: above their regions where there is room, and never over one another.

    Args:
        tags: the regions' tops and bounds, those first that are to have the best places.
        to_pane: from view pixels to screen pixels of the pane.
        pane: size of the pane, screen pixels.
        size_of: width and height of a number's chip, screen pixels.
        gap: between a region and its number, screen pixels.

    Returns:
        The numbers of the regions that are seen, 60 at most: more would hide the image.
    """
    chips: list[Chip] = []
    for tag in tags:
        corner, end = to_pane(Point(tag.bounds.x0, tag.bounds.y0)), to_pane(Point(tag.bounds.x1, tag.bounds.y1))
        if end.x <= 0 or end.y <= 0 or corner.x >= pane.width or corner.y >= pane.height:
            continue
        seen = Box(corner.x, corner.y, end.x, end.y)
        box = _beside(chips, _first_place(seen, to_pane(tag.top), size_of(tag.number), pane=pane, gap=gap), gap=gap)
        if box.x1 <= pane.width:
            chips.append(Chip(tag.number, box))
        if len(chips) == _MOST_CHIPS:
            break
    return tuple(chips)


class ChipPainter:
    """Paints in screen (device) pixels on a painter that counts in them."""

    def __init__(self, painter: QPainter, projection: Projection) -> None:
        """Paint over evidence that is where `projection` says."""
        self._painter = painter
        self._projection = projection
        self._ratio = projection.ratio
        self._font = QFont(painter.font())
        self._font.setPixelSize(round(_TEXT_PX * self._ratio))
        self._font.setBold(True)
        self._metrics = QFontMetricsF(self._font)

    def paint(self, annotation: AnnotationLayer) -> None:
        """Paint the numbers of an annotation's regions, the selected one's with the wider rim."""
        camera, pane = self._projection.camera, self._projection.pane
        chips = placed_chips(
            sorted(annotation.tags, key=lambda tag: tag.number != annotation.selected),
            to_pane=lambda point: camera.to_pane(point, pane=pane),
            pane=pane,
            size_of=self._size_of,
            gap=_GAP_PX * self._ratio,
        )
        self._painter.setFont(self._font)
        for chip in chips:
            self._paint(chip, selected=chip.number == annotation.selected)

    def _size_of(self, number: int) -> tuple[float, float]:
        width = self._metrics.horizontalAdvance(str(number)) + 2 * _PADDING_PX * self._ratio
        height = _HEIGHT_PX * self._ratio
        return max(width, height), height

    def _paint(self, chip: Chip, *, selected: bool) -> None:
        room = QRectF(chip.box.x0, chip.box.y0, chip.box.x1 - chip.box.x0, chip.box.y1 - chip.box.y0)
        radius = _RADIUS_PX * self._ratio
        self._painter.setPen(QPen(QColor(*LIGHT_RGB), (2.0 if selected else 1.0) * self._ratio))
        self._painter.setBrush(QColor(*ADDS_RGB))
        self._painter.drawRoundedRect(room, radius, radius)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QColor(*LIGHT_RGB))
        self._painter.drawText(room, Qt.AlignmentFlag.AlignCenter, str(chip.number))


def _first_place(seen: Box, top: Point, size: tuple[float, float], *, pane: Size, gap: float) -> Box:
    """Above the top; where the pane ends there, within a region that has room for it, else beside the region."""
    width, height = size
    x, y = top.x - width / 2, top.y - gap - height
    if y < 0:
        small = seen.x1 - seen.x0 < _SMALL * width or seen.y1 - seen.y0 < _SMALL * height
        y = max(0.0, seen.y0) + (0.0 if small else gap)
        if small:
            x = seen.x1 + gap if seen.x1 + gap + width <= pane.width else seen.x0 - gap - width
    y = max(0.0, min(y, pane.height - height))
    x = max(0.0, min(x, pane.width - width))
    return Box(x, y, x + width, y + height)


def _beside(chips: Iterable[Chip], box: Box, *, gap: float) -> Box:
    """The place, or the next one to its right where there is no other number."""
    for other in sorted((chip.box for chip in chips), key=lambda taken: taken.x0):
        if box.x0 < other.x1 and other.x0 < box.x1 and box.y0 < other.y1 and other.y0 < box.y1:
            x = other.x1 + gap / 2
            box = Box(x, box.y0, x + box.x1 - box.x0, box.y1)
    return box
