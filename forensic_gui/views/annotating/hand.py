"""The tool in hand, and how wide it draws."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.views.core.gestures import Tool

THINNEST_PX, WIDEST_PX = 1, 2000
WIDE_TOOLS = frozenset({Tool.BRUSH, Tool.ERASER, Tool.SCRIBBLE})
"""Tools that draw with a width."""
_FIRST_PX = 20
_STEP = 1.25


class Hand(QObject):
    """Keeps the canvas to the tool and the width that were chosen last."""

    changed = Signal()
    """Tool or width."""

    def __init__(self, canvas: EvidenceView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._tool = Tool.HAND
        self._width_px = _FIRST_PX
        canvas.set_stroke_width(self._width_px)

    @property
    def tool(self) -> Tool:
        """The tool in hand."""
        return self._tool

    @property
    def width_px(self) -> int:
        """Diameter of brush, eraser and scribble in evidence pixels."""
        return self._width_px

    def take(self, tool: Tool) -> None:
        """Take a tool in hand; a gesture under way with another one is let go."""
        if tool is not self._tool:
            self._tool = tool
            self._canvas.set_tool(tool)
            self.changed.emit()

    def set_width(self, width_px: int) -> None:
        """Draw with a stroke of this width from now on."""
        self._width_px = min(max(width_px, THINNEST_PX), WIDEST_PX)
        self._canvas.set_stroke_width(self._width_px)
        self.changed.emit()

    def widen(self, steps: int) -> None:
        """Draw wider by a quarter a step, or thinner with a negative number; by a pixel at least."""
        width = self._width_px
        for _ in range(abs(steps)):
            width = max(round(width * _STEP), width + 1) if steps > 0 else min(round(width / _STEP), width - 1)
        self.set_width(width)
