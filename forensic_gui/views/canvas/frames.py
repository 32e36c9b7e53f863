"""Frames of paintings seen through a camera, kept for as long as they may be wanted again. No Qt."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.views.canvas.camera import Camera
from forensic_gui.views.canvas.compose import Ground, Planes, paint_ground, paint_mask
from forensic_gui.views.canvas.sampling import seen_by
from forensic_gui.views.canvas.scene import LayerSettings

# Two states are compared at most; a blink exchanges them at once.
_KEPT = 2

_Key = TypeVar("_Key", bound=Hashable)
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Painting:
    """One state to paint.

    Attributes:
        planes: its arrays.
        settings: its layers; None paints the bare image.
        corner: where its top-left corner lies, in the camera's view pixels.
        scale: camera's view pixels per pixel of its own.
        label: name of the state, plain text; empty for none.
    """

    planes: Planes
    settings: LayerSettings | None
    corner: Point
    scale: float
    label: str

    def seen_from(self, camera: Camera) -> Camera:
        """The camera in this painting's own pixels."""
        centre = Point((camera.centre.x - self.corner.x) / self.scale, (camera.centre.y - self.corner.y) / self.scale)
        return Camera(centre, camera.scale * self.scale)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A composed array and where it stands in the pane.

    Attributes:
        pixels: uint8 (rows, columns, 4) in Qt's RGB32 order.
        x: column of the pane (screen pixels) where it begins.
        y: row of the pane where it begins.
    """

    pixels: NDArray[np.uint8]
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class _GroundKey:
    planes: Planes
    painted: tuple[float, str] | None
    masked: bool
    camera: Camera
    pane: Size


@dataclass(frozen=True, slots=True, eq=False)
class _PlacedGround:
    ground: Ground
    x: int
    y: int


class FrameCache:
    """Makes frames, and keeps the last ones. Another threshold repaints the mask alone."""

    def __init__(self) -> None:
        self._frames: _Recent[tuple[Painting, Camera, Size, int], Frame | None] = _Recent()
        self._grounds: _Recent[_GroundKey, _PlacedGround | None] = _Recent()

    def frame(self, painting: Painting, *, camera: Camera, pane: Size, line_px: int) -> Frame | None:
        """The painting as a pane of `pane` screen pixels shows it; None when none of it is seen."""
        return self._frames.get_or_make(
            (painting, camera, pane, line_px), lambda: self._make(painting, camera, pane, line_px)
        )

    def forget(self) -> None:
        """Let go of every frame, and of the images behind them."""
        self._frames.clear()
        self._grounds.clear()

    def _make(self, painting: Painting, camera: Camera, pane: Size, line_px: int) -> Frame | None:
        settings = painting.settings
        key = _GroundKey(
            planes=painting.planes,
            painted=None if settings is None else settings.painted,
            masked=settings is not None and settings.masked,
            camera=painting.seen_from(camera),
            pane=pane,
        )
        placed = self._grounds.get_or_make(key, lambda: _make_ground(key))
        if placed is None:
            return None
        ground = placed.ground
        pixels = ground.pixels if settings is None else paint_mask(ground, settings, line_px=line_px)
        return Frame(pixels, placed.x, placed.y)


def _make_ground(key: _GroundKey) -> _PlacedGround | None:
    placed = seen_by(key.camera, pane=key.pane, image=key.planes.pyramid.size)
    if placed is None:
        return None
    ground = paint_ground(key.planes, painted=key.painted, masked=key.masked, window=placed.window)
    return _PlacedGround(ground, placed.x, placed.y)


class _Recent(Generic[_Key, _Made]):
    """The last few things made, by what they were made of."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, _Made] = OrderedDict()

    def get_or_make(self, key: _Key, make: Callable[[], _Made]) -> _Made:
        if key not in self._kept:
            made = make()
            while len(self._kept) >= _KEPT:
                self._kept.popitem(last=False)
            self._kept[key] = made
        self._kept.move_to_end(key)
        return self._kept[key]

    def clear(self) -> None:
        self._kept.clear()
