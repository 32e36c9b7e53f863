"""A colour scale from 0 to 1 with a caption, a marker and a note."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from forensic_gui.widgets.elided import wrapped

_BAR_WIDTH = 260
_BAR_NARROWEST = 150
_BAR_HEIGHT = 12
_GAP = 14
_MARKER = 5
_NOTE_LINES = 2
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class LegendEntry:
    """What a legend tells.

    Attributes:
        lut: uint8 (256, 3) RGB, colours of 0/255 to 255/255.
        caption: name of the quantity.
        note: what it is and is not, in two lines, cut short where they do not hold it and whole in the tooltip; a
            text of the program's own, for a tooltip reads markup.
        marker: value that is marked on the scale, or None.
    """

    lut: NDArray[np.uint8]
    caption: str
    note: str = ""
    marker: float | None = None


class Legend(QWidget):
    """Paints one entry in a strip. The scale is always 0 to 1: it is never stretched to the data."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: LegendEntry | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # The image beside it must not jump when the legend comes and goes.
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)

    def set_entry(self, entry: LegendEntry | None) -> None:
        """Tell `entry`; None tells nothing."""
        self._entry = entry
        self.setAccessibleName("" if entry is None else f"Colour scale from 0 to 1: {entry.caption}")
        self.setAccessibleDescription("" if entry is None else entry.note)
        self.setToolTip("" if entry is None else ". ".join(filter(None, (entry.caption.capitalize(), entry.note))))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A strip that holds the bar between two lines of text."""
        return QSize(_BAR_WIDTH, round(2 * self.fontMetrics().height() + _BAR_HEIGHT + 10))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as need be."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """Paint caption, bar, ticks, marker and note."""
        if self._entry is None:
            return
        painter = QPainter(self)
        metrics = QFontMetricsF(self.font())
        bar = self._bar(metrics, self._entry)
        self._paint_caption(painter, metrics, bar, self._entry)
        self._paint_bar(painter, bar, self._entry)
        self._paint_ticks(painter, metrics, bar)
        if self._entry.marker is not None:
            self._paint_marker(painter, metrics, bar, self._entry.marker)

    def _bar(self, metrics: QFontMetricsF, entry: LegendEntry) -> QRectF:
        caption = self._caption(metrics, entry)
        left = _GAP + (metrics.horizontalAdvance(caption) + _GAP if caption else 0)
        width = max(40.0, min(_BAR_WIDTH, self.width() - left - 2 * _GAP))
        return QRectF(left, metrics.height() + 5, width, _BAR_HEIGHT)

    def _caption(self, metrics: QFontMetricsF, entry: LegendEntry) -> str:
        """The caption, or nothing where it would push the scale out; the tooltip has it."""
        room = self.width() - 4 * _GAP - _BAR_NARROWEST
        return entry.caption if metrics.horizontalAdvance(entry.caption) <= room else ""

    def _paint_caption(self, painter: QPainter, metrics: QFontMetricsF, bar: QRectF, entry: LegendEntry) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        line = metrics.height()
        middle = bar.center().y() - line / 2
        painter.drawText(
            QRectF(_GAP, middle, bar.left() - 2 * _GAP + 2, line),
            Qt.AlignmentFlag.AlignRight,
            self._caption(metrics, entry),
        )
        room = self.width() - bar.right() - 3 * _GAP
        if entry.note and room > 0:
            lines = wrapped(entry.note, metrics=metrics, room=room, most=_NOTE_LINES)
            top = bar.center().y() - len(lines) * line / 2
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            for number, words in enumerate(lines):
                place = QRectF(bar.right() + 2 * _GAP, top + number * line, room, line)
                painter.drawText(place, Qt.AlignmentFlag.AlignLeft, words)

    def _paint_bar(self, painter: QPainter, bar: QRectF, entry: LegendEntry) -> None:
        row = np.ascontiguousarray(entry.lut)
        image = QImage(row.data, len(row), 1, 3 * len(row), QImage.Format.Format_RGB888)
        painter.drawImage(bar, image)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRect(bar)

    def _paint_ticks(self, painter: QPainter, metrics: QFontMetricsF, bar: QRectF) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        for value in _TICKS:
            x = bar.left() + value * bar.width()
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + 3))
            if bar.width() < _BAR_NARROWEST and value not in (0.0, 1.0):
                continue
            box = QRectF(x - 30, bar.bottom() + 3, 60, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, f"{value:g}")

    def _paint_marker(self, painter: QPainter, metrics: QFontMetricsF, bar: QRectF, value: float) -> None:
        x = bar.left() + value * bar.width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((QColor(0, 0, 0), 3), (QColor(255, 255, 255), 1)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, bar.top()), QPointF(x, bar.bottom()))
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        tip = QPointF(x, bar.top() - 1)
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(-_MARKER, -_MARKER), tip + QPointF(_MARKER, -_MARKER)]))
        painter.setPen(ink)
        text = f"threshold {value:.3f}"
        room = metrics.horizontalAdvance(text) + 2
        left = min(max(x - room / 2, 0.0), max(0.0, self.width() - room))
        painter.drawText(QRectF(left, 0, room, metrics.height()), Qt.AlignmentFlag.AlignHCenter, text)
