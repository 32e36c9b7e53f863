"""The words that stand beside what the canvas shows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forensic_gui.domain.palette import BOTH_RGB, MINE_ONLY_RGB, MODEL_ONLY_RGB
from forensic_gui.views.canvas.scene import Inspected

EMPTY = "Open a photograph to begin. It is read, never altered."

CAPTIONS: Mapping[Inspected, str] = MappingProxyType(
    {"none": "model score", "gate": "gate opening", "memory": "memory response"}
)
NOTES: Mapping[Inspected, str] = MappingProxyType(
    {
        "none": (
            "Not calibrated for this view, and decides nothing by itself: how strongly the localizer responds at a "
            "pixel."
        ),
        "gate": (
            "An inner signal, not a finding: how far the network's gates let local features through, averaged over "
            "its four scales."
        ),
        "memory": (
            "An inner signal, not a finding: how strongly a place resembles the prototypes that the network has "
            "learned, before the image itself is weighed in."
        ),
    }
)
CALIBRATED_NOTE = (
    "Decides nothing by itself. In brackets the calibrated score: what share of the pixels of such a score was "
    "manipulated on the images it was fitted to, not in casework."
)
ODD_NOTE = "Unlike the images the weights were trained on (see the facts). Decides nothing by itself."
MAP_NAMES: Mapping[Inspected, str] = MappingProxyType(
    {"none": "Model score", "gate": "Gate map (inner)", "memory": "Memory response (inner)"}
)

DIFFERENCE: Mapping[tuple[int, int, int], str] = MappingProxyType(
    {MODEL_ONLY_RGB: "Model only", MINE_ONLY_RGB: "Mine only", BOTH_RGB: "Both"}
)
"""What the colours of the difference stand for."""
