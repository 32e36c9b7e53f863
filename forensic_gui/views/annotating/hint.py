"""A sentence at the foot of the canvas: what the next drawing is for, or what a drawing waits for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from forensic_gui.widgets.pill import Pill

_BOTTOM_PX = 14
# What is over sooner needs no words: words that flash are noise.
_WORTH_SAYING_MS = 300


class Hint(Pill):
    """Lies over the canvas and lets the mouse through."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("drawing_hint")
        self._canvas = canvas
        self._wanted = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_WORTH_SAYING_MS)
        self._patience.timeout.connect(lambda: self._say(self._wanted))
        canvas.installEventFilter(self)

    def tell(self, text: str, *, at_once: bool) -> None:
        """Say a sentence, at once or if it still holds after a moment; "" says nothing."""
        if text == self._wanted:
            return
        self._wanted = text
        if text and not at_once and not self.text():
            self._patience.start()
        else:
            self._patience.stop()
            self._say(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay in place when the canvas changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _say(self, text: str) -> None:
        self.set_text(text)
        self._place()
        self.raise_()

    def _place(self) -> None:
        canvas = self._canvas
        self.move((canvas.width() - self.width()) // 2, canvas.height() - self.height() - _BOTTOM_PX)
