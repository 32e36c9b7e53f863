"""What the canvas shows and how: frozen records and pure functions, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.calibration import Calibration
from forensic_gui.domain.geometry import Orientation, Point, Size
from forensic_gui.domain.heatmap import Heatmap

Inspected = Literal["none", "gate", "memory"]
"""Which inner map of the network takes the heatmap's place on the canvas."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One image and what one localizer says of it.

    Attributes:
        title: name of the evidence, told as plain text.
        image: uint8 (H, W, 3) RGB in view orientation; may be a strided view; never written to.
        heatmap: model scores in stored orientation; None before analysis.
        orientation: EXIF orientation that turned the stored pixels into `image`.
        gate_map: float32 (h, w) in [0, 1], the mean gate G_avg, stored orientation, or None.
        memory_response: float32 (h, w) in [0, 1], the long-term prior A_mem, stored orientation, or None.
        threshold_default: the weights card's threshold on model scores, strict greater-than.
        calibration: how the scores read as shares of manipulated pixels; None where they are not calibrated.
        is_odd: whether the image is unlike those that the weights were trained on.
    """

    title: str
    image: NDArray[np.uint8]
    heatmap: Heatmap | None = None
    orientation: Orientation = Orientation.UPRIGHT
    gate_map: NDArray[np.float32] | None = None
    memory_response: NDArray[np.float32] | None = None
    threshold_default: float = 0.5
    calibration: Calibration | None = None
    is_odd: bool = False

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.ndim != 3 or self.image.shape[2] != 3:
            raise ValueError(f"a scene's image is uint8 (H, W, 3), not {self.image.dtype} {self.image.shape}")
        if self.heatmap is not None and self.heatmap.size != self.stored:
            raise ValueError(f"a heatmap of {self.heatmap.size} does not describe evidence of {self.stored}")

    @property
    def view(self) -> Size:
        """Size of the image in view orientation."""
        return Size.of(self.image)

    @property
    def stored(self) -> Size:
        """Size of the evidence as stored."""
        return self.orientation.inverse.size_in_view(self.view)


@dataclass(frozen=True, slots=True)
class LayerSettings:
    """Which layers are shown, and how.

    Attributes:
        heatmap_visible: whether the heatmap, or the inspected map in its place, is painted.
        heatmap_opacity: its opacity, 0 to 1.
        colormap: name of a colormap, one of `colormap_names()`.
        contour_visible: whether the outline of the mask is painted.
        fill_visible: whether the mask is filled.
        fill_opacity: opacity of the fill, 0 to 1.
        threshold: a pixel belongs to the mask when its model score is strictly greater.
        inspected: inner map shown in the heatmap's place.
        regions_visible: whether the analyst's regions are outlined.
        regions_filled: whether they are filled as well.
        regions_opacity: opacity of that fill, 0 to 1.
        difference_visible: whether the pixels that only the model flags, only the analyst, or both, are coloured.
    """

    heatmap_visible: bool = True
    heatmap_opacity: float = 0.55
    colormap: str = "inferno"
    contour_visible: bool = True
    fill_visible: bool = False
    fill_opacity: float = 0.35
    threshold: float = 0.5
    inspected: Inspected = "none"
    regions_visible: bool = True
    regions_filled: bool = False
    regions_opacity: float = 0.35
    difference_visible: bool = False

    @property
    def masked(self) -> bool:
        """Whether anything of the model's mask is painted."""
        return self.contour_visible or self.fill_visible

    @property
    def scored(self) -> bool:
        """Whether the model's mask is needed, to be painted or to be compared with the analyst's."""
        return self.masked or self.difference_visible

    @property
    def painted(self) -> tuple[float, str] | None:
        """Opacity and colormap of the map that is painted; None when none is."""
        return (self.heatmap_opacity, self.colormap) if self.heatmap_visible else None


class CompareMode(StrEnum):
    """How two states of the canvas are compared."""

    SINGLE = "single"
    SWIPE = "swipe"
    SIDE_BY_SIDE = "side_by_side"


@dataclass(frozen=True, slots=True)
class CursorReadout:
    """What lies under the cursor.

    Attributes:
        stored: (x, y) of the evidence pixel as stored, whole numbers from 0.
        view: (x, y) of the same pixel with the orientation applied.
        rgb: its red, green and blue.
        score: its model score in [0, 1]; None without a heatmap.
        calibrated: the same, calibrated; None where the scores are not.
        other: name of the second state where the pixel is read from it; "" for the first.
    """

    stored: tuple[int, int]
    view: tuple[int, int]
    rgb: tuple[int, int, int]
    score: float | None
    calibrated: float | None = None
    other: str = ""


def readout_at(scene: Scene, *, point: Point) -> CursorReadout | None:
    """Read the pixel of `scene` that holds `point` (view pixels); None outside the image."""
    row, column = point.pixel
    if not (0 <= row < scene.view.height and 0 <= column < scene.view.width):
        return None
    centre = scene.orientation.to_stored(Point(column + 0.5, row + 0.5), stored=scene.stored)
    stored_row, stored_column = centre.pixel
    red, green, blue = (int(value) for value in scene.image[row, column])
    score = None if scene.heatmap is None else scene.heatmap.score_at(centre)
    return CursorReadout(
        stored=(stored_column, stored_row),
        view=(column, row),
        rgb=(red, green, blue),
        score=score,
        calibrated=None if score is None or scene.calibration is None else scene.calibration.share_of(score),
    )
