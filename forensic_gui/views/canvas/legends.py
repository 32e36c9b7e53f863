"""What the legend beside a heatmap shows."""

from __future__ import annotations

from forensic_gui.views.canvas.colour import colormap_lut
from forensic_gui.views.canvas.scene import Inspected, LayerSettings, Scene
from forensic_gui.views.canvas.wording import CALIBRATED_NOTE, CAPTIONS, NOTES, ODD_NOTE
from forensic_gui.widgets.legend import LegendEntry


def legend_of(layers: LayerSettings, scene: Scene | None) -> LegendEntry:
    """What the legend says of the map that is painted."""
    return LegendEntry(
        lut=colormap_lut(layers.colormap),
        caption=CAPTIONS[layers.inspected],
        note=note_of(layers.inspected, scene),
        marker=layers.threshold if layers.inspected == "none" else None,
    )


def note_of(inspected: Inspected, scene: Scene | None) -> str:
    """What the map that is painted is and is not, of this image and these weights."""
    if inspected != "none" or scene is None:
        return NOTES[inspected]
    if scene.is_odd:
        return ODD_NOTE  # the other is in the panel of layers, and two lines hold one of them
    return NOTES["none"] if scene.calibration is None else CALIBRATED_NOTE
