"""Icons of the drawing tools: lines in the colour of the text, drawn for every density of screens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap, QPolygonF

from forensic_gui.views.core.gestures import Tool

SIDE_PX = 22
_GRID = 24.0
_LINE = 1.7
_DENSITIES = (1, 2, 3)
_DOT = 1.9


def tool_icon(tool: Tool, palette: QPalette) -> QIcon:
    """The icon of a tool on buttons of a palette; made anew when the palette changes."""
    icon = QIcon()
    groups = {QIcon.Mode.Normal: QPalette.ColorGroup.Active, QIcon.Mode.Disabled: QPalette.ColorGroup.Disabled}
    for mode, group in groups.items():
        colour = palette.color(group, QPalette.ColorRole.ButtonText)
        for density in _DENSITIES:
            icon.addPixmap(_pixmap(tool, colour, density), mode)
    return icon


def _pixmap(tool: Tool, colour: QColor, density: int) -> QPixmap:
    pixmap = QPixmap(SIDE_PX * density, SIDE_PX * density)
    pixmap.setDevicePixelRatio(density)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(SIDE_PX / _GRID, SIDE_PX / _GRID)
    painter.setPen(QPen(colour, _LINE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    _DRAW[tool](painter, colour)
    painter.end()
    return pixmap


def _hand(painter: QPainter, _: QColor) -> None:
    """Four arrows from one point."""
    for angle in range(0, 360, 90):
        painter.save()
        painter.translate(12, 12)
        painter.rotate(angle)
        painter.drawLine(QPointF(0, -1.5), QPointF(0, -8.5))
        painter.drawPolyline(QPolygonF([QPointF(-2.6, -6.1), QPointF(0, -8.7), QPointF(2.6, -6.1)]))
        painter.restore()


def _box(painter: QPainter, colour: QColor) -> None:
    painter.drawRect(QRectF(4.5, 6, 15, 12))
    _dots(painter, colour, [(4.5, 6), (19.5, 6), (4.5, 18), (19.5, 18)])


def _point(painter: QPainter, _: QColor) -> None:
    painter.drawEllipse(QPointF(12, 12), 7.5, 7.5)
    painter.drawLine(QPointF(12, 8.6), QPointF(12, 15.4))
    painter.drawLine(QPointF(8.6, 12), QPointF(15.4, 12))


def _scribble(painter: QPainter, _: QColor) -> None:
    path = QPainterPath(QPointF(3.5, 15.5))
    path.cubicTo(QPointF(6, 4), QPointF(10.5, 4), QPointF(9.5, 12))
    path.cubicTo(QPointF(8.6, 20), QPointF(12.5, 20.5), QPointF(14.5, 13))
    path.cubicTo(QPointF(16, 7.5), QPointF(19, 7.5), QPointF(20.5, 12.5))
    painter.drawPath(path)


def _brush(painter: QPainter, colour: QColor) -> None:
    painter.drawLine(QPointF(19.8, 4.2), QPointF(11.6, 12.6))
    tip = QPainterPath(QPointF(4, 20))
    tip.cubicTo(QPointF(6.2, 19.2), QPointF(4.8, 13.6), QPointF(9.2, 13.4))
    tip.cubicTo(QPointF(12.4, 13.6), QPointF(12, 20.2), QPointF(4, 20))
    painter.fillPath(tip, colour)
    painter.drawPath(tip)


def _eraser(painter: QPainter, _: QColor) -> None:
    body = QPolygonF([QPointF(9, 19), QPointF(4.2, 14.2), QPointF(13.6, 4.8), QPointF(20, 11.2), QPointF(12.2, 19)])
    painter.drawPolygon(body)
    painter.drawLine(QPointF(8.4, 10), QPointF(14.8, 16.4))
    painter.drawLine(QPointF(9, 19), QPointF(20, 19))


def _polygon(painter: QPainter, colour: QColor) -> None:
    corners = [(6.5, 18.5), (4.5, 9.5), (12.5, 4.5), (19.5, 10), (16, 18.5)]
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    _dots(painter, colour, corners)


def _lasso(painter: QPainter, _: QColor) -> None:
    loop = QPainterPath(QPointF(8, 15.6))
    loop.cubicTo(QPointF(1, 13.2), QPointF(3, 4.4), QPointF(12.5, 4.4))
    loop.cubicTo(QPointF(22.5, 4.4), QPointF(22.5, 15.4), QPointF(11.8, 15.8))
    painter.drawPath(loop)
    painter.drawEllipse(QPointF(9.9, 16.6), 2.0, 1.7)
    tail = QPainterPath(QPointF(9.4, 18.3))
    tail.cubicTo(QPointF(9, 20), QPointF(7.6, 20.6), QPointF(5.6, 20.6))
    painter.drawPath(tail)


def _dots(painter: QPainter, colour: QColor, places: list[tuple[float, float]]) -> None:
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for x, y in places:
        painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
    painter.restore()


_DRAW: Mapping[Tool, Callable[[QPainter, QColor], None]] = MappingProxyType(
    {
        Tool.HAND: _hand,
        Tool.BOX: _box,
        Tool.POINT: _point,
        Tool.SCRIBBLE: _scribble,
        Tool.BRUSH: _brush,
        Tool.ERASER: _eraser,
        Tool.POLYGON: _polygon,
        Tool.LASSO: _lasso,
    }
)
assert _DRAW.keys() == set(Tool)
