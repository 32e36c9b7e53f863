"""Whether the key that turns a sign around is held, wherever the keys go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class AltKey(QObject):
    """Hears the Alt key in a window, also while a list in it has the focus."""

    turned = Signal(bool)
    """It is held now, or not any more."""

    def __init__(self, wanted: Callable[[], bool], parent: QObject | None = None) -> None:
        """Hear nothing yet.

        Args:
            wanted: whether the key means something to the hand now; the menu bar does not get it then.
            parent: owner of the object.
        """
        super().__init__(parent)
        self._wanted = wanted
        self._window: QWidget | None = None

    def listen(self, window: QWidget) -> None:
        """Hear the keys of a window that nothing else in it has a use for."""
        if window is not self._window:
            if self._window is not None:
                self._window.removeEventFilter(self)
            self._window = window
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Tell of the key; every other one goes its way."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Alt and not event.isAutoRepeat():
            if event.type() == QEvent.Type.ShortcutOverride and self._wanted():
                event.accept()
                return True
            if event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                self.turned.emit(event.type() == QEvent.Type.KeyPress)
        return super().eventFilter(watched, event)
