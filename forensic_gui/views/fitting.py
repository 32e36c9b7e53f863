"""First sizes of windows: none is larger than the screen that it opens on."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

_FRAME = QSize(16, 48)
"""Room for a title bar and borders, which are not known before a window is shown."""


def resize_within_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window its first size, bounded by the screen's available area less a frame; the layout may need more.

    Args:
        window: not shown yet.
        width: wished, in device-independent pixels.
        height: wished, in the same.
    """
    window.resize(QSize(width, height).boundedTo(window.screen().availableSize() - _FRAME))
