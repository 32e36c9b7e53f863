"""Frames of paintings seen through a camera, kept for as long as they may be wanted again. No Qt."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.views.canvas.annotated import NOTHING_DRAWN, Drawn
from forensic_gui.views.canvas.camera import Camera
from forensic_gui.views.canvas.compose import Ground, Planes, paint_ground, paint_mask
from forensic_gui.views.canvas.sampling import seen_by
from forensic_gui.views.canvas.scene import LayerSettings

AT_ONCE_PIXELS = 2_500_000
"""A pane of up to this many screen pixels is painted within one frame of the screen, about 16 ms."""

_COARSE_PIXELS = 1_000_000

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
    """A frame and the ground under its mask; both None when nothing of the image is seen."""

    ground: Ground | None
    frame: Frame | None


def make_frame(shot: Shot, *, ground: Ground | None = None) -> Made:
    """Compose a frame: a pure function, fit for any thread.

    Args:
        shot: what to show.
        ground: the ground of a shot that differs in the mask alone, if there is one.
    """
    camera, pane = _painted_pixels(shot)
    planes, settings = shot.painting.planes, shot.painting.settings
    placed = seen_by(shot.painting.seen_from(camera), pane=pane, image=planes.pyramid.size)
    if placed is None:
        return Made(None, None)
    if ground is None:
        painted = None if settings is None else settings.painted
        masked = settings is not None and settings.masked
        ground = paint_ground(planes, painted=painted, masked=masked, window=placed.window)
    line_px = max(1, shot.line_px // shot.step)
    pixels = ground.pixels if settings is None else paint_mask(ground, settings, line_px=line_px)
    return Made(ground, Frame(pixels, placed.x, placed.y, shot.step))


class FrameCache:
    """Keeps the last frames, and the grounds under them: another threshold repaints the mask alone."""

    def __init__(self) -> None:
        self._made: OrderedDict[Shot, Made] = OrderedDict()

    def find(self, shot: Shot) -> Made | None:
        """What was made of `shot`, if it is still kept."""
        if shot in self._made:
            self._made.move_to_end(shot)
        return self._made.get(shot)

    def ground_for(self, shot: Shot) -> Ground | None:
        """A kept ground that fits `shot`: of one that differs in the mask alone."""
        wanted = _ground_key(shot)
        return next((made.ground for kept, made in self._made.items() if _ground_key(kept) == wanted), None)

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
    layers = None if settings is None else (settings.painted, settings.masked)
    return (shot.painting.planes, layers, shot.painting.seen_from(shot.camera), shot.pane, shot.step)


def _painted_pixels(shot: Shot) -> tuple[Camera, Size]:
    """Camera and pane of a shot in painted pixels; painted pixel (0, 0) covers the pane's first step x step pixels."""
    step, scale = shot.step, shot.camera.scale
    pane = Size(-(-shot.pane.width // step), -(-shot.pane.height // step))
    corner = shot.camera.to_view(Point(0, 0), pane=shot.pane)
    centre = Point(corner.x + pane.width * step / 2 / scale, corner.y + pane.height * step / 2 / scale)
    return (shot.camera if step == 1 else Camera(centre, scale / step)), pane
