"""Where the hand draws: passes the mouse on to the chosen tool, and the tool's gestures out, a frame apart at least."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent

from forensic_gui.domain.geometry import Point
from forensic_gui.views.canvas.alt_key import AltKey
from forensic_gui.views.canvas.feedback import NO_FEEDBACK, Circle, Feedback
from forensic_gui.views.canvas.keys import CURSORS, PAN_KEY, TOOL_KEYS
from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.canvas.pointer import Act, Pointer
from forensic_gui.views.canvas.projection import Sheet
from forensic_gui.views.canvas.tools.base import CanvasTool, Gestures, Key, Touch
from forensic_gui.views.canvas.tools.live import Live, trace_of
from forensic_gui.views.canvas.tools.toolkit import STROKE_TOOLS, machine_for
from forensic_gui.views.core.gestures import BoxDragging, Gesture, PointHovering, Tool

FRAME_MS = 16
_THINNEST_PX = 1.0
_TRACE_MS = 1500
_BEGINNINGS = frozenset({Act.PRESS, Act.DOUBLE_PRESS})


class Easel(QObject):
    """Holds the chosen tool and what it is doing. Without evidence there is no tool, and nothing happens."""

    gesture = Signal(object)
    """A value of `views.core.gestures`."""
    refused = Signal()
    """A drawing was begun while other evidence is on its way; nothing comes of it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tool = Tool.HAND
        self._width_px = 20.0
        self._sheet: Sheet | None = None
        self._machine: CanvasTool | None = None
        self._waits = self._ignores = False
        self._at: Point | None = None
        self._hover: tuple[Pane, Pointer] | None = None
        self._told = NO_FEEDBACK
        self._panes: tuple[Pane, ...] = ()
        self._traces: tuple[Live, ...] = ()
        self._fading = QTimer(self)
        self._fading.setSingleShot(True)
        self._fading.setInterval(_TRACE_MS)
        self._fading.timeout.connect(self.wipe)
        self._alt = AltKey(lambda: self._hovers, self)
        self._alt.turned.connect(self._on_alt)
        self._pace = _Pace(self)
        self._pace.due.connect(self.gesture)

    def serve(self, pane: Pane) -> None:
        """Take the mouse of a pane, and show in every pane what the hand is doing in one."""
        self._panes = (*self._panes, pane)
        pane.touched.connect(lambda pointer: self._on_touched(pane, pointer))
        pane.hovered.connect(self._on_hovered)
        pane.lost.connect(self._let_go)
        pane.left_alone.connect(lambda: self.set_panning(False))
        pane.set_reserved(self._is_reserved)
        self._dress(pane)

    def set_sheet(self, sheet: Sheet | None) -> None:
        """Draw on other evidence; what was under way on the last one is cancelled."""
        self.cancel()
        self._sheet = sheet
        for pane in self._panes:
            pane.set_sheet(sheet)
        self._at = self._hover = None
        self._begin()

    def set_waiting(self, waits: bool) -> None:
        """Take no gesture while other evidence is on its way: what is seen is not what would be drawn on."""
        if waits is self._waits:
            return
        self.cancel()
        self._waits = waits
        for pane in self._panes:
            self._dress(pane)

    def set_tool(self, tool: Tool) -> None:
        """Take another tool in hand; what was under way is cancelled."""
        if tool is not self._tool:
            self._let_go()
            self._tool = tool
            self._begin()
            for pane in self._panes:
                self._dress(pane)

    def set_stroke_width(self, width_px: float) -> None:
        """Diameter of strokes in evidence pixels, a pixel at least; a stroke under way takes it on."""
        self._width_px = max(_THINNEST_PX, width_px)
        if self._machine is not None:
            self._machine.width_px = self._width_px
        self._tell()

    def cancel(self) -> None:
        """Let go of the gesture under way, and of traces that nothing will come of."""
        self._let_go()
        self.wipe()

    def set_panning(self, held: bool) -> None:
        """Let the left button pan while a key is held, whatever the tool."""
        for pane in self._panes:
            pane.set_panning(held)

    def wipe(self) -> None:
        """Take away the traces of gestures: what has come of them is shown."""
        self._traces = ()
        self._tell()

    def key(self, key: Key) -> bool:
        """Give a key to the tool; False when it has no use for it."""
        if self._machine is None or key not in self._machine.keys:
            return False
        self._emit(self._machine.key(key))
        return True

    def _on_touched(self, pane: Pane, pointer: Pointer) -> None:
        self._hover = (pane, pointer) if pointer.act is Act.HOVER else None
        self._alt.listen(pane.window())
        projection, machine = pane.projection, self._machine
        if self._is_ignored(pointer.act) or projection is None or machine is None:
            return
        touch = projection.touch(pointer)
        self._at = touch.point
        self._emit(_act(machine, pointer.act, touch))

    def _is_ignored(self, act: Act) -> bool:
        """A gesture that was begun too early is ignored to its end, whatever is shown by then."""
        if act in _BEGINNINGS:
            self._ignores = self._waits
            if self._waits and self._tool is not Tool.HAND:
                self.refused.emit()
        elif act is Act.HOVER:
            self._ignores = False
        return self._ignores or self._waits

    @property
    def _hovers(self) -> bool:
        """Whether a tool is held over an image, no button pressed."""
        return self._hover is not None and self._tool is not Tool.HAND

    def _on_alt(self, held: bool) -> None:
        """The key that turns signs around is pressed or let go, and the hand has not moved."""
        if self._hover is not None:
            pane, pointer = self._hover
            self._on_touched(pane, replace(pointer, alt=held))

    def _let_go(self) -> None:
        if self._machine is not None:
            self._emit(self._machine.cancel())

    def _on_hovered(self, position: Point | None) -> None:
        if position is None:
            self._at = self._hover = None
            self._emit(self._machine.leave() if self._machine else ())

    def _is_reserved(self, event: QKeyEvent) -> bool:
        """Whether a key is wanted here before any shortcut of the window."""
        key = Qt.Key(event.key())
        keys = frozenset() if self._machine is None else self._machine.keys
        return key == PAN_KEY or (key in TOOL_KEYS and TOOL_KEYS[key] in keys)

    def _dress(self, pane: Pane) -> None:
        pans = self._tool is Tool.HAND
        waits = self._waits and not pans
        pane.set_tool_cursor(Qt.CursorShape.ForbiddenCursor if waits else CURSORS[self._tool], pans=pans)

    def _feedback(self) -> Feedback:
        if self._machine is None:
            return Feedback(after=self._traces)
        circled = self._at if self._tool in STROKE_TOOLS else None
        circle = None if circled is None else Circle(circled, self._width_px)
        return Feedback(self._machine.live, circle, self._traces)

    def _begin(self) -> None:
        image = None if self._sheet is None else self._sheet.stored
        self._machine = None if image is None else machine_for(self._tool, image=image, width_px=self._width_px)
        self._tell()

    def _emit(self, gestures: Iterable[Gesture]) -> None:
        for gesture in gestures:
            if isinstance(gesture, BoxDragging | PointHovering):
                self._pace.offer(gesture)
            else:
                self._pace.drop()
                self._trace(gesture)
                self.gesture.emit(gesture)
        self._tell()

    def _trace(self, gesture: Gesture) -> None:
        """Keep a gesture to be seen: it must not vanish and come back as what is made of it."""
        trace = trace_of(gesture)
        if trace is not None:
            self._traces = (*self._traces, trace)
            self._fading.start()

    def _tell(self) -> None:
        feedback = self._feedback()
        if feedback != self._told:
            self._told = feedback
            for pane in self._panes:
                pane.show_feedback(feedback)


def _act(machine: CanvasTool, act: Act, touch: Touch) -> Gestures:
    match act:
        case Act.PRESS:
            return machine.press(touch)
        case Act.DOUBLE_PRESS:
            return machine.double_click(touch)
        case Act.DRAG:
            return machine.drag(touch)
        case Act.HOVER:
            return machine.hover(touch)
        case Act.RELEASE:
            return machine.release(touch)


class _Pace(QObject):
    """Lets one gesture through per frame, the latest."""

    due = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: Gesture | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._let_through)

    def offer(self, gesture: Gesture) -> None:
        """Let `gesture` through at once, or when the frame is over unless another one comes."""
        self._waiting = gesture
        if not self._timer.isActive():
            self._let_through()

    def drop(self) -> None:
        """What waits is out of date."""
        self._waiting = None

    def _let_through(self) -> None:
        gesture, self._waiting = self._waiting, None
        if gesture is not None:
            self._timer.start()
            self.due.emit(gesture)
