"""The canvas under a stopwatch: from a brush let go to the region repainted, and what held the thread up meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.edits import apply
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.services.annotating import composing, raster
from forensic_gui.services.annotating.composing import Draft, Signature
from forensic_gui.views.canvas.annotated import AnnotationLayer, annotation_layer
from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.canvas.scene import Scene
from forensic_gui.views.canvas.view import EvidenceView, configure_pyqtgraph
from forensic_gui.views.core.gestures import StrokeDrawn, Tool
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome

BEAT_MS = 1
_SETTLING_S = 1.0
_REGION = "region"
_BY = Signature(author="benchmark", time="2000-01-01T00:00:00+00:00")
_WIDTH_PX = 60.0
_STEPS = 24
_SEED = 20


@dataclass(frozen=True, slots=True)
class StrokeTimes:
    """What strokes took.

    Attributes:
        painted_ms: from the button let go to the end of the frame that shows the stroke in the region, each stroke.
        blocked_ms: longest time that the window's thread did not come to its events meanwhile, each stroke.
    """

    painted_ms: tuple[float, ...]
    blocked_ms: tuple[float, ...]

    @property
    def painted_median_ms(self) -> float:
        """Median over the strokes."""
        return median(self.painted_ms)

    @property
    def longest_block_ms(self) -> float:
        """Longest of all."""
        return max(self.blocked_ms)


def watch_strokes(*, image: Size, canvas: Size, strokes: int) -> StrokeTimes:
    """Draw with the brush on a canvas as a hand does, and time it; a Qt application must be there.

    What the case would do meanwhile, keep the edit on disk, is left out.

    Args:
        image: size of the evidence.
        canvas: size of the canvas in screen pixels.
        strokes: how many are drawn.
    """
    configure_pyqtgraph()
    watch = _Watch(image, canvas)
    try:
        for number in range(strokes):
            watch.draw(number / strokes)
        return StrokeTimes(tuple(watch.painted_ms), tuple(watch.blocked_ms))
    finally:
        watch.close()


class _Watch(QObject):
    """A canvas with a brush in hand, and a lane that makes regions of strokes as an open case does."""

    def __init__(self, image: Size, canvas: Size) -> None:
        super().__init__()
        self.painted_ms: list[float] = []
        self.blocked_ms: list[float] = []
        self._lane = Lane("strokes")
        self._annotation = Annotation(image)
        self._shown = self._drawn = False
        self._longest_s = 0.0
        self._last = time.perf_counter()
        self._beats = QTimer(self)
        self._beats.setTimerType(Qt.TimerType.PreciseTimer)
        self._beats.timeout.connect(self._beat)
        self._view = EvidenceView()
        self._view.resize(canvas.width, canvas.height)
        self._view.show()
        self._view.set_scene(_scene(image))
        self._view.set_tool(Tool.BRUSH)
        self._view.set_stroke_width(_WIDTH_PX)
        self._view.gesture.connect(self._on_gesture)
        self._port = self._view.findChildren(Pane)[0].viewport()
        self._port.installEventFilter(self)
        self._beats.start(BEAT_MS)  # keeps events coming while the canvas settles
        _wait(lambda: False, timeout_s=_SETTLING_S)

    def draw(self, place: float) -> None:
        """Draw a stroke across the canvas, at a part of its height, and wait until it is part of the region."""
        width, y = self._port.width(), round((0.1 + 0.8 * place) * self._port.height())
        ways = [QPoint(round((0.1 + 0.8 * step / _STEPS) * width), y) for step in range(_STEPS + 1)]
        self._shown = self._drawn = False
        self._send(QEvent.Type.MouseButtonPress, ways[0])
        for at in ways:
            self._send(QEvent.Type.MouseMove, at)
            QApplication.processEvents()
        self._longest_s, self._last = 0.0, time.perf_counter()
        self._beats.start(BEAT_MS)
        started = time.perf_counter()
        self._send(QEvent.Type.MouseButtonRelease, ways[-1])
        _wait(lambda: self._drawn, timeout_s=60.0)
        self.painted_ms.append(1000 * (time.perf_counter() - started))
        self._beat()
        self._beats.stop()
        self.blocked_ms.append(1000 * self._longest_s)

    def close(self) -> None:
        """Let canvas and lane go."""
        self._lane.close()
        self._view.close()
        self._view.deleteLater()
        QApplication.processEvents()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Notice the frame that shows the region."""
        if event.type() == QEvent.Type.Paint and self._shown:
            # The frame is on its way: it is there when the next event comes.
            QTimer.singleShot(0, partial(self._on_painted, len(self.painted_ms)))
        return super().eventFilter(watched, event)

    def _on_painted(self, stroke: int) -> None:
        self._drawn = self._drawn or stroke == len(self.painted_ms)

    def _on_gesture(self, gesture: object) -> None:
        if isinstance(gesture, StrokeDrawn):
            self._lane.submit(lambda _: self._compose(gesture), receive=self._receive)

    def _compose(self, gesture: StrokeDrawn) -> AnnotationLayer:
        mask = raster.stroke(gesture.points, width_px=gesture.width_px, size=self._annotation.size)
        if self._annotation.regions:
            edit = composing.paint(self._annotation, _REGION, mask, by=_BY)
        else:
            edit = composing.add(self._annotation, [Draft(_REGION, mask)], by=_BY)
        if edit is not None:
            self._annotation = apply(edit, self._annotation)
        return annotation_layer(self._annotation, orientation=Orientation.UPRIGHT, selected=_REGION)

    def _receive(self, outcome: Outcome[AnnotationLayer]) -> None:
        match outcome:
            case Done(value=layer):
                self._view.set_annotation(layer)
                self._shown = True
            case Failed(error=error):
                raise error

    def _send(self, kind: QEvent.Type, at: QPoint) -> None:
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
        place = QPointF(at)
        glob = QPointF(self._port.mapToGlobal(at))
        event = QMouseEvent(kind, place, glob, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._port, event)

    def _beat(self) -> None:
        now = time.perf_counter()
        self._longest_s = max(self._longest_s, now - self._last - BEAT_MS / 1000)
        self._last = now


def _scene(image: Size) -> Scene:
    rng = np.random.default_rng(_SEED)
    tile = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    rows, columns = -(-image.height // 64), -(-image.width // 64)
    pixels = np.tile(tile, (rows, columns, 1))[: image.height, : image.width]
    return Scene("benchmark", np.ascontiguousarray(pixels), Heatmap(rng.random((94, 125), dtype=np.float32), image))


def _wait(done: Callable[[], bool], *, timeout_s: float) -> None:
    """Serve events until `done`, or for as long."""
    loop, clock = QEventLoop(), QElapsedTimer()
    clock.start()
    while not done() and clock.elapsed() < 1000 * timeout_s:
        loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
