"""The widgets of drawing, made and put in their places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from forensic_gui.views.annotating.regions_panel import RegionsPanel
from forensic_gui.views.annotating.segmenter_field import Choice, SegmenterField
from forensic_gui.views.annotating.studio import Furniture
from forensic_gui.views.annotating.tool_strip import ToolStrip
from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.views.core.commands import COMMANDS
from forensic_gui.views.core.commands.draw import TOOL_COMMANDS
from forensic_gui.views.main_window import MainWindow

if TYPE_CHECKING:
    from forensic_gui.services.segmenting.offers import KnownSegmenter


def furnish(window: MainWindow, *, known_segmenters: Callable[[], tuple[KnownSegmenter, ...]]) -> Furniture:
    """Make everything that drawing is done with in a window."""

    def choices() -> list[Choice]:
        return [Choice(each.id, each.name, installed=each.is_installed) for each in known_segmenters()]

    actions = {command.id: window.actions_[command.id] for command in COMMANDS}
    field = SegmenterField(choices, window)
    window.installEventFilter(field)
    return Furniture(
        canvas=EvidenceView(window),
        strip=ToolStrip({tool: actions[command_id] for command_id, tool in TOOL_COMMANDS.items()}, window),
        panel=RegionsPanel(actions, window),
        field=field,
        work=window.work,
    )


def beside(strip: QWidget, canvas: QWidget) -> QWidget:
    """Tools at the left of what they draw on."""
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addWidget(strip)
    row.addWidget(canvas, 1)
    page.setFocusProxy(canvas)
    return page
