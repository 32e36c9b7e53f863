"""The arrays of a scene on their way to the screen: a preview at once, the full pyramid from behind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from forensic_gui.views.canvas.compose import Planes
from forensic_gui.views.canvas.pyramid import Pyramid, build_pyramid, preview_pyramid
from forensic_gui.views.canvas.scene import Inspected, Scene
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome


class SceneStock:
    """Keeps the planes of one scene; builds its pyramid on a lane."""

    def __init__(self, lane: Lane, *, key: str, on_refined: Callable[[], None]) -> None:
        """Keep nothing yet.

        Args:
            lane: where pyramids are built.
            key: tells this stock's requests from others' on the lane; a later one supersedes an earlier one.
            on_refined: called on the lane's own thread when the pyramid has replaced the preview.
        """
        self._lane = lane
        self._key = key
        self._on_refined = on_refined
        self._scene: Scene | None = None
        self._pyramid: Pyramid | None = None
        self._planes: dict[Inspected, Planes] = {}

    @property
    def scene(self) -> Scene | None:
        """The scene whose planes are kept."""
        return self._scene

    def set_scene(self, scene: Scene | None) -> None:
        """Keep `scene` in the last one's place. An image that is already kept is not prepared again."""
        same_image = scene is not None and self._scene is not None and scene.image is self._scene.image
        self._scene = scene
        self._planes = {}
        if same_image:
            return
        self._lane.cancel_key(self._key)
        self._pyramid = None
        if scene is not None:
            image = scene.image
            self._pyramid = preview_pyramid(image)
            self._lane.submit(
                lambda work: build_pyramid(image, cancel=work.cancel),
                receive=partial(self._receive, image),
                key=self._key,
            )

    def planes(self, inspected: Inspected) -> Planes | None:
        """Planes of the scene with the map that is painted: scores, or the inspected one; None without a scene."""
        if self._scene is None or self._pyramid is None:
            return None
        if inspected not in self._planes:
            self._planes[inspected] = _planes_of(self._scene, self._pyramid, inspected)
        return self._planes[inspected]

    def _receive(self, image: NDArray[np.uint8], outcome: Outcome[Pyramid]) -> None:
        if self._scene is None or self._scene.image is not image:  # another scene has taken this one's place
            return
        match outcome:
            case Done(value=pyramid):
                self._pyramid = pyramid
                self._planes = {}
                self._on_refined()
            case Failed(error=error):
                raise error


def _planes_of(scene: Scene, pyramid: Pyramid, inspected: Inspected) -> Planes:
    scores = None if scene.heatmap is None else _in_view(scene, scene.heatmap.grid)
    grids = {"gate": scene.gate_map, "memory": scene.memory_response}
    if inspected == "none":
        painted = scores
    else:
        grid = grids[inspected]
        painted = None if grid is None else _in_view(scene, grid)
    return Planes(pyramid=pyramid, scores=scores, painted=painted)


def _in_view(scene: Scene, grid: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(scene.orientation.apply(grid), dtype=np.float32)
