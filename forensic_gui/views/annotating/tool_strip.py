"""The drawing tools beside the canvas."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QSpinBox, QToolBar, QVBoxLayout, QWidget

from forensic_gui.views.annotating.hand import THINNEST_PX, WIDE_TOOLS, WIDEST_PX
from forensic_gui.views.annotating.icons import SIDE_PX, tool_icon
from forensic_gui.views.core.gestures import Tool

# After these a line parts ways of drawing: moving, telling the segmenter, drawing by hand.
_ENDS_OF_SECTIONS = frozenset({Tool.HAND, Tool.SCRIBBLE})


class ToolStrip(QToolBar):
    """One button a tool, made of the window's own actions, and the width of strokes where the tool has one."""

    width_changed = Signal(int)
    """Diameter in evidence pixels, after a change by the user; never emitted by `set_width`."""

    def __init__(self, actions: Mapping[Tool, QAction], parent: QWidget | None = None) -> None:
        super().__init__("Drawing Tools", parent)
        self._actions = dict(actions)
        self._tips = {tool: action.toolTip() for tool, action in actions.items()}
        self.setObjectName("tool_strip")
        self.setOrientation(Qt.Orientation.Vertical)
        self.setIconSize(QSize(SIDE_PX, SIDE_PX))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        for tool, action in actions.items():
            self.addAction(action)
            if tool in _ENDS_OF_SECTIONS:
                self.addSeparator()
        self._width_line = self.addSeparator()
        self._width = QSpinBox()
        width_part = self._build_width()
        self._width_part = self.addWidget(width_part)
        # As wide as it is with the width, so that the canvas stays where it is when another tool is taken.
        self.setFixedWidth(width_part.sizeHint().width() + 10)
        self._draw_icons()
        self.set_tool(Tool.HAND)

    def set_tool(self, tool: Tool) -> None:
        """Show which tool is in hand."""
        self._actions[tool].setChecked(True)
        for part in (self._width_line, self._width_part):
            part.setVisible(tool in WIDE_TOOLS)

    def set_width(self, width_px: int) -> None:
        """Show the width of strokes, without a signal."""
        with QSignalBlocker(self._width):
            self._width.setValue(width_px)

    def set_locked(self, reason: str) -> None:
        """Say in the tool tips why nothing can be drawn; "" takes it away. Enabling is the actions' own affair."""
        for tool, action in self._actions.items():
            tip = self._tips[tool]
            action.setToolTip(f"{reason}\n{tip}" if reason and tool is not Tool.HAND else tip)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_icons()

    def _build_width(self) -> QWidget:
        self._width.setObjectName("stroke_width")
        self._width.setRange(THINNEST_PX, WIDEST_PX)
        self._width.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self._width.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._width.setToolTip("Width of strokes in evidence pixels ([ thinner, ] wider).")
        self._width.setAccessibleName("Width of strokes in evidence pixels")
        self._width.setFixedWidth(self._width.fontMetrics().horizontalAdvance("0000") + 14)
        self._width.setKeyboardTracking(False)
        self._width.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._width.valueChanged.connect(self.width_changed)
        # The keys of the tools work again once a width was typed.
        self._width.editingFinished.connect(self._width.clearFocus)
        caption = QLabel("px wide")
        font = caption.font()
        font.setPointSizeF(font.pointSizeF() * 0.8)
        caption.setFont(font)
        caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(1, 4, 1, 2)
        column.setSpacing(2)
        column.addWidget(self._width, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(caption)
        return part

    def _draw_icons(self) -> None:
        for tool, action in self._actions.items():
            action.setIcon(tool_icon(tool, self.palette()))
