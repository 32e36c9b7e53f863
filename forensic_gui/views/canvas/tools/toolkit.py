"""Which state machine stands behind which tool."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forensic_gui.domain.geometry import Size
from forensic_gui.views.canvas.tools.base import CanvasTool
from forensic_gui.views.canvas.tools.box import BoxTool
from forensic_gui.views.canvas.tools.hand import HandTool
from forensic_gui.views.canvas.tools.outline import LassoTool, PolygonTool
from forensic_gui.views.canvas.tools.point import PointTool
from forensic_gui.views.canvas.tools.stroke import BrushTool, EraserTool, ScribbleTool
from forensic_gui.views.core.gestures import Tool

STROKE_TOOLS = frozenset({Tool.BRUSH, Tool.ERASER, Tool.SCRIBBLE})
"""Tools that draw with a width."""

_MACHINES: Mapping[Tool, type[CanvasTool]] = MappingProxyType(
    {
        Tool.HAND: HandTool,
        Tool.BOX: BoxTool,
        Tool.POINT: PointTool,
        Tool.SCRIBBLE: ScribbleTool,
        Tool.BRUSH: BrushTool,
        Tool.ERASER: EraserTool,
        Tool.POLYGON: PolygonTool,
        Tool.LASSO: LassoTool,
    }
)


def machine_for(tool: Tool, *, image: Size, width_px: float) -> CanvasTool:
    """A tool at rest, for an image of this size (stored orientation)."""
    return _MACHINES[tool](image, width_px=width_px)
