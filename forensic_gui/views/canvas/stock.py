"""The arrays of a scene on their way to the screen: a preview at once, the full pyramid from behind."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

from forensic_gui.views.canvas.compose import Planes
from forensic_gui.views.canvas.pyramid import Pyramid, build_pyramid, preview_pyramid
from forensic_gui.views.canvas.scene import Inspected, Scene


class SceneStock(QObject):
    """Keeps the planes of one scene; builds its pyramid on a thread of the executor it is given."""

    refined = Signal()
    """The pyramid has replaced the preview."""
    _built = Signal(object)

    def __init__(self, executor: ThreadPoolExecutor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = executor
        self._scene: Scene | None = None
        self._pending: Future[Pyramid] | None = None
        self._pyramid: Pyramid | None = None
        self._planes: dict[Inspected, Planes] = {}
        self._built.connect(self._accept, Qt.ConnectionType.QueuedConnection)

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
        if self._pending is not None:
            self._pending.cancel()
        self._pending = None
        self._pyramid = None if scene is None else preview_pyramid(scene.image)
        if scene is not None:
            self._pending = self._executor.submit(build_pyramid, scene.image)
            self._pending.add_done_callback(self._announce)

    def planes(self, inspected: Inspected) -> Planes | None:
        """Planes of the scene with the map that is painted: scores, or the inspected one; None without a scene."""
        if self._scene is None or self._pyramid is None:
            return None
        if inspected not in self._planes:
            self._planes[inspected] = _planes_of(self._scene, self._pyramid, inspected)
        return self._planes[inspected]

    def _announce(self, done: Future[Pyramid]) -> None:
        """Runs on the executor's thread."""
        if not done.cancelled():
            self._built.emit(done)

    def _accept(self, done: Future[Pyramid]) -> None:
        if done is not self._pending:  # a later scene has taken this one's place
            return
        self._pending = None
        self._pyramid = done.result()
        self._planes = {}
        self.refined.emit()


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
