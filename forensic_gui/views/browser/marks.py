"""Small marks of a row: regions drawn, nothing found, group and tags."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.views.core.items import CaseEntry
from forensic_gui.views.core.wording import shown_plainly

_GAP_PX = 6
_ICON_PX = 11
_CHIP_PADDING_PX = 5
_WIDEST_GROUP = 0.6


def paint_verdicts(painter: QPainter, line: QRect, entry: CaseEntry, colour: QColor) -> int:
    """Paint at the right end of a line how many regions are drawn, and whether the image is marked as without any.

    Returns:
        Left end of what was painted; the line's right end for nothing.
    """
    right = line.right() + 1
    if entry.conclusion is Conclusion.NO_MANIPULATION_FOUND:
        right -= _ICON_PX
        _paint_nothing_found(painter, _icon_at(right, line), colour)
        right -= _GAP_PX
    if entry.regions:
        text = str(entry.regions)
        width = painter.fontMetrics().horizontalAdvance(text)
        right -= width
        painter.setPen(colour)
        painter.drawText(QRect(right, line.top(), width, line.height()), Qt.AlignmentFlag.AlignVCenter, text)
        right -= _ICON_PX + 3
        _paint_pencil(painter, _icon_at(right, line), colour)
        right -= _GAP_PX
    return right if right < line.right() + 1 else line.right() + 1


def paint_names(painter: QPainter, line: QRect, entry: CaseEntry, colour: QColor, font: QFont) -> None:
    """Paint the group, then as many tags as there is room for, and how many more there are."""
    metrics = QFontMetrics(font)
    painter.setFont(font)
    painter.setPen(colour)
    left, space = line.left(), line.width()
    if entry.group:
        widest = round(space * _WIDEST_GROUP) if entry.tags else space
        group = metrics.elidedText(shown_plainly(entry.group), Qt.TextElideMode.ElideRight, widest)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, group)
        left += metrics.horizontalAdvance(group) + _GAP_PX
    for index, tag in enumerate(entry.tags):
        rest = len(entry.tags) - index
        more = f"+{rest}"
        reserved = 0 if rest == 1 else metrics.horizontalAdvance(more) + _GAP_PX
        width = metrics.horizontalAdvance(shown_plainly(tag)) + 2 * _CHIP_PADDING_PX
        if left + width + reserved > line.right() + 1:
            room = line.right() + 1 - left - reserved
            if index == 0 and room > metrics.horizontalAdvance("mmm…") + 2 * _CHIP_PADDING_PX:
                left = _paint_chip(painter, QRect(left, line.top(), room, line.height()), tag, colour, metrics)
                more = f"+{rest - 1}" if rest > 1 else ""
            painter.drawText(
                QRect(left, line.top(), line.right() + 1 - left, line.height()), Qt.AlignmentFlag.AlignVCenter, more
            )
            return
        left = _paint_chip(painter, QRect(left, line.top(), width, line.height()), tag, colour, metrics)


def _paint_chip(painter: QPainter, rect: QRect, tag: str, colour: QColor, metrics: QFontMetrics) -> int:
    border = QColor(colour)
    border.setAlphaF(0.55)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(border, 1))
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.restore()
    room = rect.width() - 2 * _CHIP_PADDING_PX
    text = metrics.elidedText(shown_plainly(tag), Qt.TextElideMode.ElideRight, room)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    return rect.right() + 1 + _GAP_PX


def _icon_at(left: int, line: QRect) -> QRectF:
    icon = QRectF(0, 0, _ICON_PX, _ICON_PX)
    icon.moveCenter(QPointF(left + _ICON_PX / 2, line.center().y() + 0.5))
    return icon


def _paint_pencil(painter: QPainter, icon: QRectF, colour: QColor) -> None:
    """A pencil on its way down to the left."""
    side = icon.width()
    body = QPolygonF(
        [
            QPointF(icon.left() + side * x, icon.top() + side * y)
            for x, y in ((0.72, 0.0), (1.0, 0.28), (0.32, 0.96), (0.0, 1.0), (0.04, 0.68))
        ]
    )
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.2))
    painter.drawPolygon(body)
    painter.drawLine(
        QPointF(icon.left() + side * 0.54, icon.top() + side * 0.18),
        QPointF(icon.left() + side * 0.82, icon.top() + side * 0.46),
    )
    painter.restore()


def _paint_nothing_found(painter: QPainter, icon: QRectF, colour: QColor) -> None:
    """The sign of the empty set."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.3))
    painter.drawEllipse(icon.adjusted(1, 1, -1, -1))
    painter.drawLine(icon.bottomLeft(), icon.topRight())
    painter.restore()
