"""GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004), from OpenCV: the teacher that needs no weights.

It models the colours inside and outside of a box and cuts the picture between them. It knows nothing of objects: where
colours inside and outside are alike it errs, and it must never be passed off as SAM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask, RgbImage, require_rgb
from boxprompt.errors import StoppedError
from boxprompt.teacher.contracts import (
    Encoding,
    ImageSize,
    Parameter,
    TeacherMask,
    TeacherPrompts,
    never_stop,
)
from boxprompt.teacher.region import Region, find_reach, find_region

# A cell of the working grid is one of OpenCV's four labels.
_OUTSIDE, _PROBABLY_OUTSIDE, _PROBABLY_INSIDE = int(cv2.GC_BGD), int(cv2.GC_PR_BGD), int(cv2.GC_PR_FGD)
_INSIDE = int(cv2.GC_FGD)
_SUB_BITS = 4  # cv2 draws at 1/16 of a cell


@dataclass(frozen=True, slots=True)
class GrabCutSettings:
    """What determines GrabCut's masks beside image and prompts; every value is ours, chosen by measurement.

    Attributes:
        cells: most cells of the grid that the region and its surroundings are reduced to. The cut's smoothness counts
            in cells, so on a coarser grid it swallows more of the object; on a finer one it takes longer.
        margin_share: how much of the picture around the region is looked at, a share of its sides, on each side.
        iterations: of modelling colours and cutting.
        core_share: without positive points and strokes, the ellipse in the middle of the region with this share of its
            width and height is foreground for certain; else a cut may well leave nothing.
        smoothing_cells: diameter of the bilateral filter that evens out texture before the cut.
        smoothing_levels: differences of colour, of 255, that this filter takes for texture.
        dot_cells: radius of a point prompt on the grid, and least half width of a stroke.
        seed: of the clustering that the colour models start from.
    """

    cells: int = 40_000
    margin_share: float = 0.15
    iterations: int = 2
    core_share: float = 0.1
    smoothing_cells: int = 5
    smoothing_levels: float = 20.0
    dot_cells: float = 2.0
    seed: int = 20251120


@dataclass(frozen=True, slots=True, eq=False)
class GrabCutEncoding:
    """The image itself: GrabCut works on a reduced crop, which only the prompts choose.

    Attributes:
        image: uint8 (H, W, 3) RGB.
    """

    image: RgbImage

    @property
    def image_size(self) -> ImageSize:
        """(height, width)."""
        return (self.image.shape[0], self.image.shape[1])

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the image takes."""
        return self.image.nbytes

    def to_arrays(self) -> Mapping[str, NDArray[Any]]:
        """The image by name."""
        return {"image": self.image}


class GrabCut:
    """Cuts a region out by its colours; see `Teacher`.

    Rules of ours, where GrabCut leaves a choice:

    - Without a box, the region is the extent of the positive prompts, widened; see `boxprompt.teacher.region`.
    - Pixels outside the region are background for certain, those inside are foreground until the colours say otherwise.
    - Without positive points and strokes, the middle of the region is foreground for certain; a negative one undoes it.
    - Points and strokes are certain; where a positive and a negative one overlap, the negative one holds.
    - The mask never leaves the region by a pixel, other than where a positive prompt does.
    """

    id: Final = "grabcut"
    name: Final = "GrabCut (no SAM)"
    weights_sha256: Final = ""
    device: Final = "cpu"
    notices: Final[tuple[str, ...]] = ()
    is_quick: Final = True
    keeps_encodings: Final = False

    def __init__(self, settings: GrabCutSettings | None = None) -> None:
        """Settings; None for the measured ones."""
        self._settings = settings or GrabCutSettings()

    @property
    def runtime(self) -> str:
        """OpenCV and its version."""
        return f"OpenCV {cv2.__version__}"

    def parameters(self) -> dict[str, Parameter]:
        """The settings."""
        return asdict(self._settings)

    def encoding_parameters(self) -> dict[str, Parameter]:
        """None: the encoding is the image."""
        return {}

    def encode(self, image: RgbImage, *, should_stop: Callable[[], bool] = never_stop) -> GrabCutEncoding:
        """Keep the image; see `Teacher.encode`."""
        if should_stop():
            raise StoppedError("Encoding was stopped.")
        return GrabCutEncoding(image=require_rgb(image))

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> GrabCutEncoding:
        """The encoding of its arrays; see `Teacher.restore`."""
        if set(arrays) != {"image"}:
            raise ValueError(f"an encoding of GrabCut is an image, not {sorted(arrays)}")
        return GrabCutEncoding(image=require_rgb(arrays["image"]))

    def decode(
        self, encoding: Encoding, prompts: TeacherPrompts, *, should_stop: Callable[[], bool] = never_stop
    ) -> TeacherMask:
        """Cut the region out; see `Teacher.decode`. The mask may be empty where the colours tell nothing apart."""
        if not isinstance(encoding, GrabCutEncoding):
            raise TypeError(f"GrabCut cannot use a {type(encoding).__name__}")
        region = find_region(prompts, encoding.image_size)
        if should_stop():
            raise StoppedError("Segmentation was stopped.")
        window = _Window.around(find_reach(prompts, region, encoding.image_size), encoding.image_size, self._settings)
        told = _drawn(window, prompts, positive=True, dot_cells=self._settings.dot_cells)
        untold = _drawn(window, prompts, positive=False, dot_cells=self._settings.dot_cells)
        core = told if told.any() else _core(window, region, self._settings.core_share)
        labels = _label(window, region, inside=core, outside=untold)
        inside = _cut(window.reduce(encoding.image), labels, self._settings)
        if should_stop():
            raise StoppedError("Segmentation was stopped.")
        return TeacherMask(mask=_in_image(inside, window, region, told, encoding.image_size), quality=None)


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of the image that is looked at, and the grid of cells it is reduced to."""

    left: int
    top: int
    width: int
    height: int
    columns: int
    rows: int

    @classmethod
    def around(cls, region: Region, size: ImageSize, settings: GrabCutSettings) -> _Window:
        margin_x, margin_y = (settings.margin_share * side for side in (region.width, region.height))
        left, top = max(0, int(region.left - margin_x)), max(0, int(region.top - margin_y))
        right = min(size[1], int(np.ceil(region.left + region.width + margin_x)))
        bottom = min(size[0], int(np.ceil(region.top + region.height + margin_y)))
        scale = min(1.0, float(np.sqrt(settings.cells / ((right - left) * (bottom - top)))))
        return cls(
            left=left,
            top=top,
            width=right - left,
            height=bottom - top,
            columns=max(1, round((right - left) * scale)),
            rows=max(1, round((bottom - top) * scale)),
        )

    @property
    def slices(self) -> tuple[slice, slice]:
        return (slice(self.top, self.top + self.height), slice(self.left, self.left + self.width))

    def reduce(self, image: RgbImage) -> RgbImage:
        """The part of the image on the grid, each cell the mean of its pixels."""
        reduced = cv2.resize(image[self.slices], (self.columns, self.rows), interpolation=cv2.INTER_AREA)
        return np.asarray(reduced, dtype=np.uint8)

    def to_cells(self, points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Points (N, 2) of image pixels in cells of the grid."""
        scale = (self.columns / self.width, self.rows / self.height)
        return np.asarray((points - (self.left, self.top)) * scale, dtype=np.float64)

    def stroke_width(self, width_px: float) -> float:
        return width_px * self.columns / self.width


def _label(window: _Window, region: Region, *, inside: BoolMask, outside: BoolMask) -> NDArray[np.uint8]:
    """What the prompts say of each cell, uint8 (rows, columns) of OpenCV's labels."""
    labels = np.full((window.rows, window.columns), _OUTSIDE, dtype=np.uint8)
    corners = window.to_cells(
        np.array([[region.left, region.top], [region.left + region.width, region.top + region.height]], dtype=float)
    )
    (left, top), (right, bottom) = np.round(corners).astype(int)
    labels[top : max(bottom, top + 1), left : max(right, left + 1)] = _PROBABLY_INSIDE
    if not (labels == _OUTSIDE).any():
        # A region that is the whole image has no ring around it: its own edge stands in, and may be taken back.
        labels[0, :] = labels[-1, :] = labels[:, 0] = labels[:, -1] = _PROBABLY_OUTSIDE
    labels[inside] = _INSIDE
    labels[outside] = _OUTSIDE
    return labels


def _core(window: _Window, region: Region, share: float) -> BoolMask:
    """Cells of the ellipse in the middle of the region; at least one."""
    canvas = np.zeros((window.rows, window.columns), dtype=np.uint8)
    left, top = region.left, region.top
    (x0, y0), (x1, y1) = window.to_cells(np.array([[left, top], [left + region.width, top + region.height]]))
    centre = _fixed(np.array(((x0 + x1) / 2, (y0 + y1) / 2)))
    axes = np.round(np.array((x1 - x0, y1 - y0)) / 2 * share * (1 << _SUB_BITS)).astype(int)
    cv2.ellipse(canvas, centre.tolist(), axes.tolist(), 0, 0, 360, 1, thickness=-1, shift=_SUB_BITS)
    return canvas > 0


def _drawn(window: _Window, prompts: TeacherPrompts, *, positive: bool, dot_cells: float) -> BoolMask:
    """Cells under the points and strokes of one sign."""
    canvas = np.zeros((window.rows, window.columns), dtype=np.uint8)
    for point in window.to_cells(prompts.points[prompts.labels == positive]):
        _draw(canvas, point[None], 2 * dot_cells)
    for stroke in prompts.strokes:
        if stroke.positive == positive:
            width = max(2 * dot_cells, window.stroke_width(stroke.width_px))
            _draw(canvas, window.to_cells(stroke.points), width)
    return canvas > 0


def _draw(canvas: NDArray[np.uint8], points: NDArray[np.float64], width: float) -> None:
    fixed = _fixed(points)
    radius = round(width / 2 * (1 << _SUB_BITS))
    for x, y in fixed:
        cv2.circle(canvas, (int(x), int(y)), radius, 1, thickness=-1, shift=_SUB_BITS)
    if len(fixed) > 1:
        thickness = max(1, round(width))
        cv2.polylines(canvas, [fixed], isClosed=False, color=1, thickness=thickness, shift=_SUB_BITS)


def _fixed(cells: NDArray[np.float64]) -> NDArray[np.int32]:
    """Positions as OpenCV draws them: the centre of the first cell, (0.5, 0.5) here, is (0, 0) there."""
    return np.round((cells - 0.5) * (1 << _SUB_BITS)).astype(np.int32)


def _cut(reduced: RgbImage, labels: NDArray[np.uint8], settings: GrabCutSettings) -> BoolMask:
    """Cells inside after the cut."""
    if not np.isin(labels, (_INSIDE, _PROBABLY_INSIDE)).any():
        return np.zeros(labels.shape, dtype=np.bool_)
    if not np.isin(labels, (_OUTSIDE, _PROBABLY_OUTSIDE)).any():
        return np.ones(labels.shape, dtype=np.bool_)
    cv2.setRNGSeed(settings.seed)  # of this thread
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    even = cv2.bilateralFilter(reduced, settings.smoothing_cells, settings.smoothing_levels, settings.smoothing_cells)
    cut, _, _ = cv2.grabCut(
        even,
        labels,
        None,
        background,
        foreground,
        settings.iterations,
        cv2.GC_INIT_WITH_MASK,
    )
    return np.isin(cut, (_INSIDE, _PROBABLY_INSIDE))


def _in_image(inside: BoolMask, window: _Window, region: Region, told: BoolMask, size: ImageSize) -> BoolMask:
    """The cells inside as pixels of the image, edges interpolated between cells, never beyond region and prompts."""
    shape = (window.width, window.height)
    mask = np.zeros(size, dtype=np.bool_)
    allowed = np.zeros(size, dtype=np.bool_)
    mask[window.slices] = cv2.resize(inside.astype(np.float32), shape, interpolation=cv2.INTER_LINEAR) > 0.5
    allowed[window.slices] = cv2.resize(told.astype(np.uint8), shape, interpolation=cv2.INTER_NEAREST) > 0
    allowed[region.slices] = True
    return mask & allowed
