"""Frames of paintings seen through a camera, kept for as long as they may be wanted again. No Qt."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.views.canvas.annotated import NOTHING_DRAWN, AnnotationLayer, Drawn
from forensic_gui.views.canvas.camera import Camera
from forensic_gui.views.canvas.compose import Ground, Planes, model_mask, paint_ground, paint_mask
from forensic_gui.views.canvas.overlay import paint_annotation, paint_preview
from forensic_gui.views.canvas.sampling import seen_by
from forensic_gui.views.canvas.scene import LayerSettings

AT_ONCE_PIXELS = 2_500_000
"""A pane of up to this many screen pixels is painted within one frame of the screen, about 16 ms."""

_COARSE_PIXELS = 1_000_000

# Measured, in bare frames of the same pane; where regions cover all of it.
_MASK_EFFORT, _OUTLINE_EFFORT, _FILL_EFFORT, _DIFFERENCE_EFFORT = 0.1, 0.4, 0.3, 0.5

# Two states are compared at most, and a blink exchanges them at once; each may be kept coarse and fine.
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Painting:
    """One state to paint.

    Attributes:
        planes: its arrays.
        settings: its layers; None paints the bare image.
        corner: where its top-left corner lies, in the camera's view pixels.
        scale: camera's view pixels per pixel of its own.
        label: name of the state, plain text; empty for none.
        drawn: what the analyst has drawn on it.
    """

    planes: Planes
    settings: LayerSettings | None
    corner: Point
    scale: float
    label: str
    drawn: Drawn = NOTHING_DRAWN

    @property
    def tells_difference(self) -> bool:
        """Whether the difference between the model's mask and the analyst's is painted."""
        wanted = self.settings is not None and self.settings.difference_visible
        return wanted and self.drawn.annotation is not None and self.planes.scores is not None

    @property
    def numbered(self) -> AnnotationLayer | None:
        """The regions whose numbers are shown; None where regions are not."""
        visible = self.settings is not None and self.settings.regions_visible
        return self.drawn.annotation if visible else None

    def seen_from(self, camera: Camera) -> Camera:
        """The camera in this painting's own pixels."""
        centre = Point((camera.centre.x - self.corner.x) / self.scale, (camera.centre.y - self.corner.y) / self.scale)
        return Camera(centre, camera.scale * self.scale)


@dataclass(frozen=True, slots=True)
class Shot:
    """A painting as a pane is to show it.

    Attributes:
        painting: what is shown.
        camera: where the pane looks.
        pane: size of the pane in screen pixels.
        line_px: width of each of the contour's strokes in screen pixels.
        step: screen pixels per painted pixel; more than 1 for a coarse frame that is good for a moment.
    """

    painting: Painting
    camera: Camera
    pane: Size
    line_px: int
    step: int = 1

    def coarse(self) -> Shot:
        """The same with few enough painted pixels to follow a hand on any screen."""
        return replace(self, step=math.ceil(math.sqrt(self.pane.pixels / _COARSE_PIXELS)))


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A composed array and where it stands in the pane, in painted pixels.

    Attributes:
        pixels: uint8 (rows, columns, 4) in Qt's RGB32 order.
        x: column where it begins.
        y: row where it begins.
        step: screen pixels per painted pixel.
    """

    pixels: NDArray[np.uint8]
    x: int
    y: int
    step: int


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A frame and what lies under it; all None when nothing of the image is seen.

    Attributes:
        ground: image and heatmap.
        masked: uint8 (rows, columns, 4), with the model's mask.
        annotated: uint8 (rows, columns, 4), with the analyst's regions as well.
        frame: with everything.
    """

    ground: Ground | None = None
    masked: NDArray[np.uint8] | None = None
    annotated: NDArray[np.uint8] | None = None
    frame: Frame | None = None


NOTHING_MADE = Made()


def make_frame(shot: Shot, *, under: Made = NOTHING_MADE) -> Made:
    """Compose a frame: a pure function, fit for any thread.

    Args:
        shot: what to show.
        under: what is kept of it already, as told by `FrameCache.under`.
    """
    camera, pane = _painted_pixels(shot)
    planes, settings, drawn = shot.painting.planes, shot.painting.settings, shot.painting.drawn
    placed = seen_by(shot.painting.seen_from(camera), pane=pane, image=planes.pyramid.size)
    if placed is None:
        return NOTHING_MADE
    window, line_px = placed.window, max(1, shot.line_px // shot.step)
    ground, masked, annotated = under.ground, under.masked, under.annotated
    if ground is None:
        painted = None if settings is None else settings.painted
        ground = paint_ground(planes, painted=painted, scored=settings is not None and settings.scored, window=window)
    if settings is None:
        return Made(ground, frame=Frame(ground.pixels, placed.x, placed.y, shot.step))
    if masked is None:
        masked = paint_mask(ground, settings, line_px=line_px)
    if annotated is None:
        mask = model_mask(ground, settings) if settings.difference_visible else None
        annotated = paint_annotation(
            masked, drawn.annotation, settings, window=window, model_mask=mask, line_px=line_px
        )
    pixels = paint_preview(annotated, drawn.preview, window=window, line_px=line_px)
    return Made(ground, masked, annotated, Frame(pixels, placed.x, placed.y, shot.step))


def effort(shot: Shot, *, under: Made) -> float:
    """What a frame will cost, as the number of pixels of a bare frame that costs as much."""
    settings, drawn = shot.painting.settings, shot.painting.drawn
    parts = 1.0 if under.ground is None else _MASK_EFFORT
    if settings is not None and drawn.annotation is not None and under.annotated is None:
        planes = len(drawn.annotation.planes) * settings.regions_visible
        parts += _OUTLINE_EFFORT * planes + _FILL_EFFORT * settings.regions_filled
        parts += _DIFFERENCE_EFFORT * settings.difference_visible
    if drawn.preview is not None:
        parts += _OUTLINE_EFFORT + _FILL_EFFORT
    return parts * shot.pane.pixels


class FrameCache:
    """Keeps the last frames and what lies under them: a new threshold repaints the mask, a new stroke the regions."""

    def __init__(self) -> None:
        self._made: OrderedDict[Shot, Made] = OrderedDict()

    def find(self, shot: Shot) -> Made | None:
        """What was made of `shot`, if it is still kept."""
        if shot in self._made:
            self._made.move_to_end(shot)
        return self._made.get(shot)

    def under(self, shot: Shot) -> Made:
        """As much of `shot` as is kept already, of shots that differ from it in upper layers alone."""
        for key_of, lost in _LAYERS:
            wanted = key_of(shot)
            for kept, made in self._made.items():
                if key_of(kept) == wanted:
                    return replace(made, **dict.fromkeys(lost))
        return NOTHING_MADE

    def before(self, shot: Shot) -> Made | None:
        """The last frame of a shot that differs in what the hand has drawn alone, to be shown until there is this."""
        wanted = _masked_key(shot)
        return next((made for kept, made in reversed(self._made.items()) if _masked_key(kept) == wanted), None)

    def keep(self, shot: Shot, made: Made) -> None:
        """Keep what was made of `shot`, and let the one go that was not wanted for longest."""
        self._made[shot] = made
        self._made.move_to_end(shot)
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)

    def forget(self) -> None:
        """Let go of every frame, and of the images behind them."""
        self._made.clear()


def _ground_key(shot: Shot) -> object:
    settings = shot.painting.settings
    layers = None if settings is None else (settings.painted, settings.scored)
    return (shot.painting.planes, layers, shot.painting.seen_from(shot.camera), shot.pane, shot.step)


def _masked_key(shot: Shot) -> object:
    settings = shot.painting.settings
    mask = None
    if settings is not None:
        mask = (settings.threshold, settings.contour_visible, settings.fill_visible, settings.fill_opacity)
    return (_ground_key(shot), mask, shot.line_px)


def _annotated_key(shot: Shot) -> object:
    settings = shot.painting.settings
    shown = None
    if settings is not None:
        filled = settings.regions_opacity if settings.regions_filled else None
        shown = (settings.regions_visible, filled, settings.difference_visible)
    return (_masked_key(shot), shot.painting.drawn.annotation, shown)


# What is kept of a shot with the same key, most first: the key, and what has to be made anew.
_LAYERS: tuple[tuple[Callable[[Shot], object], tuple[str, ...]], ...] = (
    (_annotated_key, ("frame",)),
    (_masked_key, ("annotated", "frame")),
    (_ground_key, ("masked", "annotated", "frame")),
)


def _painted_pixels(shot: Shot) -> tuple[Camera, Size]:
    """Camera and pane of a shot in painted pixels; painted pixel (0, 0) covers the pane's first step x step pixels."""
    step, scale = shot.step, shot.camera.scale
    pane = Size(-(-shot.pane.width // step), -(-shot.pane.height // step))
    corner = shot.camera.to_view(Point(0, 0), pane=shot.pane)
    centre = Point(corner.x + pane.width * step / 2 / scale, corner.y + pane.height * step / 2 / scale)
    return (shot.camera if step == 1 else Camera(centre, scale / step)), pane
