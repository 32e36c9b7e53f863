"""A sentence at the foot of the image: what the next drawing is for, or what a drawing waits for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from forensic_gui.widgets.pill import Pill

_BOTTOM_PX = 14
# What is over sooner needs no words: words that flash are noise.
_WORTH_SAYING_MS = 300
_READ_MS = 3000


class Hint(Pill):
    """Lies over the canvas and lets the mouse through."""

    def __init__(self, canvas: QWidget, *, over: QWidget) -> None:
        """Make the hint.

        Args:
            canvas: whose child it is.
            over: part of the canvas that it lies over, at the foot.
        """
        super().__init__(canvas)
        self.setObjectName("drawing_hint")
        self._over = over
        self._wanted = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_WORTH_SAYING_MS)
        self._patience.timeout.connect(lambda: self._say(self._wanted))
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(_READ_MS)
        self._reading.timeout.connect(lambda: self._say(self._wanted))
        over.installEventFilter(self)

    def tell(self, text: str, *, at_once: bool) -> None:
        """Say a sentence, at once or if it still holds after a moment; "" says nothing."""
        if text == self._wanted:
            return
        self._wanted = text
        if self._reading.isActive():
            return
        if text and not at_once and not self.text():
            self._patience.start()
        else:
            self._patience.stop()
            self._say(text)

    def tell_once(self, text: str) -> None:
        """Say a sentence for as long as reading it takes, before anything else is said."""
        self._patience.stop()
        self._say(text)
        self._reading.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay in place when what it lies over moves or changes its size."""
        if event.type() in {QEvent.Type.Resize, QEvent.Type.Move}:
            self._place()
        return super().eventFilter(watched, event)

    def _say(self, text: str) -> None:
        self.set_text(text)
        self._place()
        self.raise_()

    def _place(self) -> None:
        over = self._over.geometry()
        self.move(over.center().x() - self.width() // 2, over.bottom() - self.height() - _BOTTOM_PX)
