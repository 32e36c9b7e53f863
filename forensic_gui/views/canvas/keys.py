"""Which keys mean what on the canvas."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import Qt

from forensic_gui.views.canvas.tools.base import Key
from forensic_gui.views.core.gestures import Tool

PAN_KEY = Qt.Key.Key_Space

TOOL_KEYS: Mapping[Qt.Key, Key] = MappingProxyType(
    {
        Qt.Key.Key_Escape: Key.ESCAPE,
        Qt.Key.Key_Return: Key.ENTER,
        Qt.Key.Key_Enter: Key.ENTER,
        Qt.Key.Key_Backspace: Key.BACKSPACE,
    }
)

ZOOM_KEYS: Mapping[Qt.Key, int] = MappingProxyType(
    {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1, Qt.Key.Key_Underscore: -1}
)
"""Steps in (1) or out (-1)."""

ARROWS: Mapping[Qt.Key, tuple[int, int]] = MappingProxyType(
    {
        Qt.Key.Key_Left: (-1, 0),
        Qt.Key.Key_Right: (1, 0),
        Qt.Key.Key_Up: (0, -1),
        Qt.Key.Key_Down: (0, 1),
    }
)
"""Steps to the right and down."""

CURSORS: Mapping[Tool, Qt.CursorShape] = MappingProxyType(
    {tool: Qt.CursorShape.OpenHandCursor if tool is Tool.HAND else Qt.CursorShape.CrossCursor for tool in Tool}
)
