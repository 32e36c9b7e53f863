"""A line of text that gives up its last parts, never half a word, where there is no room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

SEPARATOR = " · "


class ElidedLabel(QLabel):
    """Shows as many parts of a text as fit, the first one first; the tool tip has all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        # Never makes a window wider.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def whole(self) -> str:
        """The text, shown or not."""
        return self._whole

    def tell(self, text: str) -> None:
        """Show `text`, whose parts stand between middle dots."""
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleDescription(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show more, or less."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        parts = self._whole.split(SEPARATOR)
        while len(parts) > 1 and metrics.horizontalAdvance(SEPARATOR.join(parts)) > room:
            parts.pop()
        shown = SEPARATOR.join(parts)
        self.setText(elided(shown, metrics=QFontMetricsF(metrics), room=room))


def elided(text: str, *, metrics: QFontMetricsF, room: float) -> str:
    """As many whole words of a text as fit into so many pixels, and dots where there are more."""
    words, shown = text.split(" "), text
    while len(words) > 1 and metrics.horizontalAdvance(shown) > room:
        words.pop()
        shown = " ".join(words) + "…"
    return metrics.elidedText(shown, Qt.TextElideMode.ElideRight, max(0.0, room))


def wrapped(text: str, *, metrics: QFontMetricsF, room: float, most: int) -> list[str]:
    """A text in lines of so many pixels, `most` at most; the last one ends in dots where there are more words."""
    lines: list[str] = []
    words = text.split(" ")
    while words:
        if len(lines) == most - 1:
            return [*lines, elided(" ".join(words), metrics=metrics, room=room)]
        taken = len(words)
        while taken > 1 and metrics.horizontalAdvance(" ".join(words[:taken])) > room:
            taken -= 1
        lines.append(elided(" ".join(words[:taken]), metrics=metrics, room=room))
        words = words[taken:]
    return lines
