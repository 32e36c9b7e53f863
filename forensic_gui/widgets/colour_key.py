"""Colours and what they stand for, in a row."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

_SWATCH_PX = 12.0
_GAP_PX = 6.0
_BETWEEN_PX = 14.0
_MARGIN_PX = 4.0
_OVER_IMAGE_MARGIN_PX = 10.0
_GROUND = QColor(20, 20, 22, 205)
_INK = QColor(255, 255, 255)


class ColourKey(QWidget):
    """Paints a swatch and a word for each colour; a new row where they do not fit."""

    def __init__(
        self,
        entries: Mapping[tuple[int, int, int], str],
        *,
        over_image: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Show `entries`, RGB colours and plain words.

        Args:
            entries: in order.
            over_image: whether it lies over an image, on a dark ground of its own, and lets the mouse through.
            parent: owner of the widget.
        """
        super().__init__(parent)
        self._entries = dict(entries)
        self._over_image = over_image
        self._margin = _OVER_IMAGE_MARGIN_PX if over_image else _MARGIN_PX
        self.setAccessibleName("Colours: " + ", ".join(entries.values()))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        if over_image:
            self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """All in one row."""
        widths = [self._width(word) for word in self._entries.values()]
        width = sum(widths) + _BETWEEN_PX * (len(widths) - 1) + 2 * self._margin
        return QSize(round(width + 1), self.heightForWidth(round(width + 1)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as the longest entry."""
        width = round(max(map(self._width, self._entries.values())) + 2 * self._margin + 1)
        return QSize(width, self._row_height())

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """A narrow one is higher."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Height of as many rows as are needed."""
        rows = 1 + max(row for row, _ in self._places(width))
        return round(rows * self._row_height() + (self._margin if self._over_image else 0))

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """Paint swatches and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        if self._over_image:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_GROUND)
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
            ink = _INK
        height = self._row_height()
        top = self._margin / 2 if self._over_image else 0.0
        for (rgb, word), (row, x) in zip(self._entries.items(), self._places(self.width()), strict=True):
            line = QRectF(x, top + row * height, self._width(word), height)
            swatch = QRectF(x, line.center().y() - _SWATCH_PX / 2, _SWATCH_PX, _SWATCH_PX)
            # A border, for a swatch that is as light or as dark as the ground.
            painter.setPen(QPen(QColor(128, 128, 128), 1))
            painter.setBrush(QColor(*rgb))
            painter.drawRoundedRect(swatch, 2, 2)
            painter.setPen(ink)
            painter.drawText(line.adjusted(_SWATCH_PX + _GAP_PX, 0, 2, 0), Qt.AlignmentFlag.AlignVCenter, word)

    def _row_height(self) -> int:
        return round(max(QFontMetricsF(self.font()).height(), _SWATCH_PX) + 4)

    def _width(self, word: str) -> float:
        return _SWATCH_PX + _GAP_PX + QFontMetricsF(self.font()).horizontalAdvance(word)

    def _places(self, width: int) -> list[tuple[int, float]]:
        """Row and left edge of every entry."""
        places: list[tuple[int, float]] = []
        row, x = 0, self._margin
        for word in self._entries.values():
            needed = self._width(word)
            if x > self._margin and x + needed > width - self._margin:
                row, x = row + 1, self._margin
            places.append((row, x))
            x += needed + _BETWEEN_PX
        return places
