"""The widget that shows evidence, its layers, and comparisons between two states."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from forensic_gui.domain.geometry import Box, Point, Size
from forensic_gui.views.canvas import camera as look
from forensic_gui.views.canvas.annotated import NOTHING_DRAWN, AnnotationLayer, Drawn, PreviewLayer
from forensic_gui.views.canvas.arrangement import Labels, Panes, Shown, arrange, placed_over
from forensic_gui.views.canvas.camera import Camera
from forensic_gui.views.canvas.easel import Easel
from forensic_gui.views.canvas.frames import Painting
from forensic_gui.views.canvas.keys import ARROWS, PAN_KEY, TOOL_KEYS, ZOOM_KEYS
from forensic_gui.views.canvas.legends import legend_of
from forensic_gui.views.canvas.notices import Notices
from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.canvas.projection import Sheet
from forensic_gui.views.canvas.scene import CompareMode, CursorReadout, LayerSettings, Scene, readout_at
from forensic_gui.views.canvas.stock import SceneStock
from forensic_gui.views.canvas.wording import EMPTY
from forensic_gui.views.core.gestures import Tool
from forensic_gui.widgets.divider import Divider
from forensic_gui.widgets.legend import Legend, LegendEntry
from forensic_gui.workers.lane import Lane

_PAN_STEP_PX = 80
_PANE_GAP_PX = 4


def configure_pyqtgraph() -> None:
    """Set the options of pyqtgraph that hold for the whole process. Call once, before the first canvas."""
    pg.setConfigOptions(imageAxisOrder="row-major", antialias=False, useOpenGL=False)


class _Hover(NamedTuple):
    """The cursor: which pane it is in, and where (screen pixels)."""

    pane: int
    position: Point


class EvidenceView(QWidget):
    """Shows one scene, or compares two states of it, or two scenes.

    One camera leads every pane; panes ask for a change of it and are then told the result, so linked panes can
    neither disagree nor answer each other.
    """

    cursor_moved = Signal(object)
    """CursorReadout under the cursor, or None when it leaves the image."""
    zoom_changed = Signal(float)
    """Zoom in percent: 100 is one screen pixel per evidence pixel."""
    swipe_moved = Signal(float)
    """Position of the swipe divider, 0 (left) to 1 (right), after the user moved it."""
    gesture = Signal(object)
    """What the hand did with the chosen tool: a value of `views.core.gestures`."""
    refused = Signal()
    """A drawing was begun while another image is on its way; nothing comes of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lane = lane = Lane("canvas")
        self.destroyed.connect(lambda _: lane.close())
        self._stocks = tuple(SceneStock(lane, key=key, on_refined=self._on_refined) for key in ("first", "second"))
        self._layers = LayerSettings()
        self._drawn = NOTHING_DRAWN
        self._easel = Easel(self)
        self._easel.gesture.connect(self.gesture)
        self._easel.refused.connect(self.refused)
        self._mode = CompareMode.SINGLE
        self._blink = False
        self._labels = Labels()
        self._camera: Camera | None = None
        self._fitted = True
        self._hover: _Hover | None = None
        self._build()

    @property
    def zoom_percent(self) -> float:
        """Screen (device) pixels per evidence pixel, times 100; 100 without a scene."""
        return 100.0 if self._camera is None else 100.0 * self._camera.scale

    @property
    def seen(self) -> Box | None:
        """The part of the image that the first pane shows, view pixels; None without one."""
        image, pane = self._image_size(), self._panes[0].pane_size
        return None if self._camera is None or image is None else look.seen(self._camera, image=image, pane=pane)

    @property
    def swipe_position(self) -> float:
        """Position of the swipe divider, 0 (left) to 1 (right)."""
        return self._divider.position

    def set_scene(self, scene: Scene | None) -> None:
        """Show `scene`; None shows the empty state. The look is kept when the sizes match.

        What was drawn on another image, and a gesture under way on it, go with that image.
        """
        before, last = self._image_size(), self._stocks[0].scene
        self._stocks[0].set_scene(scene)
        if scene is None or last is None or scene.image is not last.image:
            self._drawn = NOTHING_DRAWN
            self._easel.set_sheet(None if scene is None else Sheet(scene.stored, scene.orientation))
        self._forget_frames()
        after = self._image_size()
        self._notices.set_empty(scene is None)
        if after is None:
            self._camera = None
            self._fitted = True
        elif after != before or self._camera is None:
            self.fit()
        self._refresh()

    def set_second_scene(self, scene: Scene | None) -> None:
        """Compare with `scene`; None compares the evidence with its own overlay."""
        self._stocks[1].set_scene(scene)
        self._forget_frames()
        self._refresh()

    def set_layers(self, settings: LayerSettings) -> None:
        """Show the layers of `settings`. The look is kept."""
        self._layers = settings
        self._refresh()

    def set_tool(self, tool: Tool) -> None:
        """Choose what a press of the left button begins. A gesture under way is cancelled."""
        self._easel.set_tool(tool)

    def set_stroke_width(self, width_px: float) -> None:
        """Diameter of brush, eraser and scribble in evidence pixels, one at least."""
        self._easel.set_stroke_width(width_px)

    def set_waiting(self, waits: bool) -> None:
        """Take no drawing while another image is on its way, and show it by the cursor."""
        self._easel.set_waiting(waits)

    def cancel_gesture(self) -> None:
        """Let go of the gesture under way, as Escape does."""
        self._easel.cancel()

    def set_annotation(self, layer: AnnotationLayer | None) -> None:
        """Show the analyst's regions; None shows none. The look is kept.

        Raises:
            ValueError: the layer is of another size than the image.
        """
        last = self._drawn.annotation
        if layer is None or last is None or layer.labels is not last.labels or layer.prompts != last.prompts:
            self._easel.wipe()
        self._set_drawn(replace(self._drawn, annotation=layer))

    def set_preview(self, layer: PreviewLayer | None) -> None:
        """Show a proposal over everything else; None shows none. The look is kept.

        Raises:
            ValueError: the layer is of another size than the image.
        """
        if layer is not None:
            self._easel.wipe()
        self._set_drawn(replace(self._drawn, preview=layer))

    def set_compare_mode(self, mode: CompareMode) -> None:
        """Choose how two states are compared."""
        self._mode = mode
        self._panes[1].setVisible(mode is CompareMode.SIDE_BY_SIDE)
        self._divider.setVisible(mode is CompareMode.SWIPE)
        self._refresh()

    def set_blink(self, held: bool) -> None:
        """Show the other state while `held`: the bare image, or the second scene where there is one."""
        self._blink = held
        self._refresh()

    def set_swipe_position(self, position: float) -> None:
        """Move the swipe divider to `position`, 0 (left) to 1 (right), without a signal."""
        self._divider.set_position(position)
        self._refresh()

    def set_empty_text(self, text: str) -> None:
        """Sentence shown while there is no scene, as plain text."""
        self._notices.set_empty_text(text)

    def set_busy(self, text: str | None) -> None:
        """Show a sentence over the canvas while work goes on behind it; None takes it away."""
        self._notices.set_busy_text(text or "")

    def set_pane_labels(self, first: str, second: str) -> None:
        """Name the two states that are compared, as plain text; an empty name is chosen by what is shown."""
        self._labels = Labels(first, second)
        self._refresh()
        self._report_cursor()

    def fit(self) -> None:
        """Show the whole image, as large as it goes, and keep doing so when the canvas is resized."""
        image = self._image_size()
        if image is not None:
            self._look(look.fitted(image, pane=self._panes[0].pane_size), fitted=True)

    def one_to_one(self) -> None:
        """Show one evidence pixel on one screen pixel, around the centre of the view."""
        self._zoom_to(1.0)

    def zoom_in(self) -> None:
        """Zoom in a step around the centre of the view."""
        self._step(1)

    def zoom_out(self) -> None:
        """Zoom out a step around the centre of the view."""
        self._step(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Serve the tool; else pan with the arrows (a page with Shift), zoom with plus and minus."""
        key = Qt.Key(event.key())
        if key in TOOL_KEYS and self._easel.key(TOOL_KEYS[key]):
            return
        if key == PAN_KEY:
            self._easel.set_panning(True)
        elif key in ZOOM_KEYS:
            self._step(ZOOM_KEYS[key])
        elif key in ARROWS:
            self._pan_by_key(*ARROWS[key], page=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Give the left button back to the tool."""
        if event.key() == PAN_KEY and not event.isAutoRepeat():
            self._easel.set_panning(False)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the notices over the whole canvas."""
        super().resizeEvent(event)
        self._notices.setGeometry(self.rect())

    def _build(self) -> None:
        self._panes = (Pane(self._lane, self), Pane(self._lane, self))
        for index, pane in enumerate(self._panes):
            pane.setAccessibleName("Evidence" if index == 0 else "Evidence, second pane")
            pane.zoom_asked.connect(self._zoom_by)
            pane.pan_asked.connect(self._pan)
            pane.resized.connect(self._on_resized)
            pane.hovered.connect(lambda position, index=index: self._on_hovered(index, position))
            self._easel.serve(pane)
        self._panes[1].hide()
        self._divider = Divider(self._panes[0].viewport())
        self._divider.hide()
        self._divider.moved.connect(self._on_divider_moved)
        self._legend = Legend(self)
        self._legend.hide()
        self._notices = Notices(self)
        self._notices.set_empty_text(EMPTY)
        self._notices.set_empty(True)
        row = QHBoxLayout()
        row.setSpacing(_PANE_GAP_PX)
        row.addWidget(self._panes[0], 1)
        row.addWidget(self._panes[1], 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self._legend)
        self.setFocusProxy(self._panes[0])

    def _set_drawn(self, drawn: Drawn) -> None:
        image = self._image_size()
        if image is None and drawn != NOTHING_DRAWN:
            raise ValueError("there is no image to be drawn on")
        if image is not None:
            drawn.require_size(image)
        self._drawn = drawn
        self._refresh()

    def _image_size(self) -> Size | None:
        scene = self._stocks[0].scene
        return None if scene is None else scene.view

    def _arranged(self) -> Panes:
        return arrange(
            mode=self._mode,
            blink=self._blink,
            has_second=self._stocks[1].scene is not None,
            inspected=self._layers.inspected,
            labels=self._labels,
        )

    def _refresh(self) -> None:
        """Let panes and legend show the state. The one place that tells them."""
        for pane, states in zip(self._panes, self._arranged(), strict=False):
            paintings = tuple(painting for state in states if (painting := self._painting(state)) is not None)
            pane.show_paintings(paintings, camera=self._camera, divider=self._divider.position)
        entry = self._legend_entry()
        self._legend.set_entry(entry)
        self._legend.setVisible(entry is not None)
        self._report_cursor()

    def _painting(self, state: Shown) -> Painting | None:
        image = self._image_size()
        planes = self._stocks[state.second].planes(self._layers.inspected)
        if image is None or planes is None:
            return None
        corner, scale = placed_over(image, planes.pyramid.size) if state.second else (Point(0, 0), 1.0)
        drawn = self._drawn if state.layered and self._shows_first_image(state) else NOTHING_DRAWN
        return Painting(planes, self._layers if state.layered else None, corner, scale, state.label, drawn)

    def _shows_first_image(self, state: Shown) -> bool:
        """Whether a state is of the image that is drawn on, which two localizers may have looked at."""
        first, shown = self._stocks[0].scene, self._stocks[state.second].scene
        return first is not None and shown is not None and shown.image is first.image

    def _legend_entry(self) -> LegendEntry | None:
        inspected = self._layers.inspected
        kept = [planes for stock in self._stocks if (planes := stock.planes(inspected)) is not None]
        if self._image_size() is None or all(planes.painted is None for planes in kept):
            return None
        return legend_of(self._layers, self._stocks[0].scene)

    def _look(self, camera: Camera, *, fitted: bool) -> None:
        zoom = self.zoom_percent
        self._camera = camera
        self._fitted = fitted
        self._refresh()
        if self.zoom_percent != zoom:
            self.zoom_changed.emit(self.zoom_percent)

    def _step(self, direction: int) -> None:
        if self._camera is not None:
            self._zoom_to(look.next_scale(self._camera.scale, direction=direction))

    def _zoom_by(self, anchor: Point, factor: float) -> None:
        if self._camera is not None:
            self._zoom_to(self._camera.scale * factor, anchor=anchor)

    def _zoom_to(self, scale: float, *, anchor: Point | None = None) -> None:
        image, pane = self._image_size(), self._panes[0].pane_size
        if self._camera is None or image is None:
            return
        middle = Point(pane.width / 2, pane.height / 2)
        camera = look.zoomed(self._camera, scale, anchor=anchor or middle, image=image, pane=pane)
        self._look(camera, fitted=False)

    def _pan_by_key(self, right: int, down: int, *, page: bool) -> None:
        pane = self._panes[0].pane_size
        step = _PAN_STEP_PX * self.devicePixelRatioF()
        self._pan(right * (pane.width if page else step), down * (pane.height if page else step))

    def _pan(self, right: float, down: float) -> None:
        image = self._image_size()
        if self._camera is not None and image is not None:
            self._look(look.panned(self._camera, right=right, down=down, image=image), fitted=False)

    def _forget_frames(self) -> None:
        for pane in self._panes:
            pane.forget()

    def _on_refined(self) -> None:
        self._forget_frames()
        self._refresh()

    def _on_resized(self) -> None:
        if self._fitted:
            self.fit()
        self._refresh()

    def _on_divider_moved(self, position: float) -> None:
        self._refresh()
        self.swipe_moved.emit(position)

    def _on_hovered(self, pane: int, position: Point | None) -> None:
        self._hover = None if position is None else _Hover(pane, position)
        self._report_cursor()

    def _report_cursor(self) -> None:
        self.cursor_moved.emit(self._readout())

    def _readout(self) -> CursorReadout | None:
        image, arranged = self._image_size(), self._arranged()
        if self._hover is None or self._camera is None or image is None or self._hover.pane >= len(arranged):
            return None
        states, size = arranged[self._hover.pane], self._panes[self._hover.pane].pane_size
        beyond = self._hover.position.x >= size.width * self._divider.position
        state = states[-1] if len(states) > 1 and beyond else states[0]
        scene = self._stocks[state.second].scene
        if scene is None:
            return None
        point = self._camera.to_view(self._hover.position, pane=size)
        if state.second:
            corner, scale = placed_over(image, scene.view)
            point = Point((point.x - corner.x) / scale, (point.y - corner.y) / scale)
        read = readout_at(scene, point=point)
        return replace(read, other=self._labels.second) if read is not None and state.second else read
