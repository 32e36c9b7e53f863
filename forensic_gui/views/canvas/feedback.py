"""Paints what the hand is doing, as lines over the canvas: rubber bands, strokes, outlines, marks of prompts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from forensic_gui.domain.geometry import Box, Point
from forensic_gui.domain.palette import ADDS_RGB, DARK_RGB, LIGHT_RGB, TAKES_RGB
from forensic_gui.domain.prompt import PointPrompt, Prompts, Scribble
from forensic_gui.views.canvas.projection import Projection
from forensic_gui.views.canvas.tools.live import Ink, Live, LiveBox, LiveOutline, LiveStroke

_LINE_PX = 1.5
_HALO_PX = 1.25
_STROKE_OPACITY = 0.55
_CORNER_RADIUS_PX = 4.0
_POINT_RADIUS_PX = 8.0
_SMALLEST_CIRCLE_PX = 5.0
_TEXT_GAP_PX = 8.0
_MOST_SMOOTH_POINTS = 300

_INK_RGB = {
    Ink.ADDS: ADDS_RGB,
    Ink.TAKES: TAKES_RGB,
    Ink.BELONGS: ADDS_RGB,
    Ink.BELONGS_NOT: TAKES_RGB,
}


@dataclass(frozen=True, slots=True)
class Circle:
    """The cursor of a tool that draws strokes.

    Attributes:
        centre: evidence pixels, stored orientation.
        width_px: diameter in evidence pixels.
    """

    centre: Point
    width_px: float


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is shown of the hand.

    Attributes:
        live: the gesture under way.
        circle: the brush at the cursor.
        after: gestures that are done, until what has come of them is shown.
    """

    live: Live | None = None
    circle: Circle | None = None
    after: tuple[Live, ...] = ()


NO_FEEDBACK = Feedback()


class FeedbackPainter:
    """Paints in screen (device) pixels on a painter that counts in them."""

    def __init__(self, painter: QPainter, projection: Projection) -> None:
        """Paint evidence that is where `projection` says; lines look alike at every device pixel ratio."""
        self._painter = painter
        self._projection = projection
        self._ratio = projection.ratio
        self._to_screen = _transform(projection)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def paint(self, feedback: Feedback) -> None:
        """Paint gestures and the cursor."""
        for live in feedback.after:
            self._live(live)
        if feedback.live is not None:
            self._live(feedback.live)
        if isinstance(feedback.live, LiveBox):
            self._size(feedback.live.box)
        if feedback.circle is not None:
            self._circle(feedback.circle)

    def paint_prompts(self, prompts: Prompts) -> None:
        """Mark what a segmenter was told."""
        for scribble in prompts.scribbles:
            self._scribble(scribble)
        if prompts.box is not None:
            self._box(prompts.box, dashed=True)
        for prompt in prompts.points:
            self._point(prompt)

    def _live(self, live: Live) -> None:
        match live:
            case LiveBox(box=box):
                self._box(box, dashed=False)
            case LiveStroke() as stroke:
                self._stroke(stroke.points, width_px=stroke.width_px, rgb=_INK_RGB[stroke.ink])
            case LiveOutline() as outline:
                self._outline(outline)

    def _box(self, box: Box, *, dashed: bool) -> None:
        path = QPainterPath()
        path.addRect(self._rectangle(box))
        self._line(path, ADDS_RGB, dashed=dashed)

    def _size(self, box: Box) -> None:
        """How large the box is, beside its lower right corner, and within the pane."""
        text = f"{box.x1 - box.x0:.0f} × {box.y1 - box.y0:.0f} px"
        font = QFont(self._painter.font())
        font.setPixelSize(round(12 * self._ratio))
        self._painter.setFont(font)
        metrics = QFontMetricsF(font)
        gap = _TEXT_GAP_PX * self._ratio
        room = QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * gap, metrics.height() + gap)
        corner = self._rectangle(box).bottomRight() + QPointF(gap, gap)
        pane = self._projection.pane
        room.moveTo(
            max(0.0, min(corner.x(), pane.width - room.width())), max(0.0, min(corner.y(), pane.height - room.height()))
        )
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(20, 20, 22, 205))
        self._painter.drawRoundedRect(room, room.height() / 2, room.height() / 2)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QColor(*LIGHT_RGB))
        self._painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _stroke(self, points: Iterable[Point], *, width_px: float, rgb: tuple[int, int, int]) -> None:
        width = max(width_px * self._projection.scale, self._ratio)
        pen = QPen(QColor(*rgb, round(255 * _STROKE_OPACITY)), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(pen)
        polygon = self._polygon(points)
        # Smooth edges of a stroke that crosses itself again and again take longer than a frame.
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, polygon.size() <= _MOST_SMOOTH_POINTS)
        if polygon.size() == 1:
            self._painter.drawPoint(polygon.at(0))
        else:
            self._painter.drawPolyline(polygon)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _scribble(self, scribble: Scribble) -> None:
        rgb = ADDS_RGB if scribble.positive else TAKES_RGB
        self._stroke(scribble.points, width_px=scribble.width_px, rgb=rgb)
        self._point(PointPrompt(scribble.points[0], scribble.positive))

    def _outline(self, outline: LiveOutline) -> None:
        rgb = _INK_RGB[outline.ink]
        corners = self._polygon(outline.corners)
        path = QPainterPath()
        path.addPolygon(corners)
        if outline.end is not None:
            path.lineTo(corners.at(0) if outline.closes else self._at(outline.end))
        self._line(path, rgb)
        if outline.freehand or outline.end is not None:
            closing = QPainterPath(path.currentPosition())
            closing.lineTo(corners.at(0))
            self._line(closing, rgb, dashed=True)
        if not outline.freehand:
            for index in range(corners.size()):
                larger = outline.closes and index == 0
                self._dot(corners.at(index), rgb, radius=_CORNER_RADIUS_PX * (1.75 if larger else 1.0))

    def _circle(self, circle: Circle) -> None:
        radius = circle.width_px * self._projection.scale / 2
        if 2 * radius < _SMALLEST_CIRCLE_PX * self._ratio:
            return
        path = QPainterPath()
        path.addEllipse(self._at(circle.centre), radius, radius)
        self._line(path, LIGHT_RGB)

    def _point(self, prompt: PointPrompt) -> None:
        """A disc with a plus or a minus: told apart by shape, not by colour alone."""
        centre = self._at(prompt.point)
        self._dot(centre, ADDS_RGB if prompt.positive else TAKES_RGB, radius=_POINT_RADIUS_PX)
        arm = _POINT_RADIUS_PX * 0.55 * self._ratio
        self._painter.setPen(QPen(QColor(*LIGHT_RGB), 2 * self._ratio))
        self._painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
        if prompt.positive:
            self._painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))

    def _dot(self, centre: QPointF, rgb: tuple[int, int, int], *, radius: float) -> None:
        self._painter.setPen(QPen(QColor(*LIGHT_RGB), _LINE_PX * self._ratio))
        self._painter.setBrush(QColor(*rgb))
        self._painter.drawEllipse(centre, radius * self._ratio, radius * self._ratio)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def _line(self, path: QPainterPath, rgb: tuple[int, int, int], *, dashed: bool = False) -> None:
        """A line on a halo of the other brightness: seen on any image."""
        halo = LIGHT_RGB if rgb != LIGHT_RGB else DARK_RGB
        pen = QPen(QColor(*halo), (_LINE_PX + 2 * _HALO_PX) * self._ratio)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(pen)
        self._painter.drawPath(path)
        pen = QPen(QColor(*rgb), _LINE_PX * self._ratio)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashed:
            pen.setDashPattern([4, 3])
        self._painter.setPen(pen)
        self._painter.drawPath(path)

    def _rectangle(self, box: Box) -> QRectF:
        return QRectF(self._at(Point(box.x0, box.y0)), self._at(Point(box.x1, box.y1))).normalized()

    def _polygon(self, points: Iterable[Point]) -> QPolygonF:
        return self._to_screen.map(QPolygonF([QPointF(point.x, point.y) for point in points]))

    def _at(self, point: Point) -> QPointF:
        on_screen = self._projection.to_screen(point)
        return QPointF(on_screen.x, on_screen.y)


def _transform(projection: Projection) -> QTransform:
    """From evidence pixels, stored orientation, to the pane's screen pixels; turned, mirrored, scaled and moved."""
    origin, right, down = (projection.to_screen(point) for point in (Point(0, 0), Point(1, 0), Point(0, 1)))
    return QTransform(right.x - origin.x, right.y - origin.y, down.x - origin.x, down.y - origin.y, origin.x, origin.y)
