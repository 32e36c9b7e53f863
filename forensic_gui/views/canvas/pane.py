"""One pane of the canvas: paints composed arrays pixel for pixel, and tells what the hand does."""

from __future__ import annotations

import math
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPalette,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QWidget

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.views.canvas.camera import Camera
from forensic_gui.views.canvas.chips import ChipPainter
from forensic_gui.views.canvas.darkroom import Darkroom
from forensic_gui.views.canvas.feedback import NO_FEEDBACK, Feedback, FeedbackPainter
from forensic_gui.views.canvas.frames import Painting, Shot
from forensic_gui.views.canvas.pointer import Act, Pointer
from forensic_gui.views.canvas.projection import Projection, Sheet
from forensic_gui.views.canvas.wording import DIFFERENCE
from forensic_gui.widgets.colour_key import ColourKey
from forensic_gui.widgets.pill import Pill
from forensic_gui.workers.lane import Lane

_ZOOM_PER_NOTCH = 1.25
_NOTCH = 120
_LABEL_MARGIN_PX = 10
_LINE_PX = 1.5


class Pane(pg.GraphicsView):  # type: ignore[misc]
    """Shows one painting, or two on either side of a divider, through a camera it is given.

    Positions in its signals are screen (device) pixels from the pane's top-left corner. The view box above the
    painted pixels carries items in view pixels; it follows the camera and never leads it.
    """

    zoom_asked = Signal(object, float)
    pan_asked = Signal(float, float)
    hovered = Signal(object)
    touched = Signal(object)
    """Pointer: what the mouse does that is the tool's affair; not what pans."""
    lost = Signal()
    """The tool's button went up where nobody saw it."""
    left_alone = Signal()
    """The keys go elsewhere."""
    resized = Signal()

    def __init__(self, lane: Lane, parent: QWidget | None = None) -> None:
        """Show nothing yet.

        Args:
            lane: where frames are made that are too large to be made at once.
            parent: owner of the widget.
        """
        super().__init__(parent, useOpenGL=False, background=None)
        # Frames are kept here, by what they show; Qt's own copy of the background would go stale.
        self.setCacheMode(QGraphicsView.CacheModeFlag(0))
        self.view_box = pg.ViewBox(enableMenu=False, enableMouse=False, invertY=True, defaultPadding=0)
        self.setCentralItem(self.view_box)
        self._camera: Camera | None = None
        self._paintings: tuple[Painting, ...] = ()
        self._divider = 0.5
        self._darkroom = Darkroom(lane, self)
        self._darkroom.developed.connect(self.viewport().update)
        self._sheet: Sheet | None = None
        self._feedback = NO_FEEDBACK
        self._dragged_from: QPointF | None = None
        self._button: Qt.MouseButton | None = None
        self._telling = False
        self._pans = True
        self._pans_for_now = False
        self._shape = Qt.CursorShape.OpenHandCursor
        self._reserved: Callable[[QKeyEvent], bool] = lambda _: False
        self._key = ColourKey(DIFFERENCE, over_image=True, parent=self.viewport())
        self._key.hide()
        self._labels = (Pill(self.viewport()), Pill(self.viewport()))
        self._set_cursor()

    @property
    def pane_size(self) -> Size:
        """Size in screen pixels."""
        ratio = self.devicePixelRatioF()
        return Size(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))

    @property
    def paintings(self) -> tuple[Painting, ...]:
        """What is shown, from left to right."""
        return self._paintings

    def show_paintings(self, paintings: tuple[Painting, ...], *, camera: Camera | None, divider: float) -> None:
        """Show up to two paintings; the second begins at the divider, a part of the pane's width."""
        self._paintings = paintings if camera is not None else ()
        self._camera = camera
        self._divider = divider
        if camera is not None:
            self._follow(camera)
        self._place_labels()
        self._key.setVisible(any(painting.tells_difference for painting in self._paintings))
        self.viewport().update()

    @property
    def projection(self) -> Projection | None:
        """Where the evidence that is drawn on lies in this pane; None without any."""
        if self._camera is None or self._sheet is None:
            return None
        return Projection(self._sheet, self._camera, self.pane_size, self.devicePixelRatioF())

    def set_sheet(self, sheet: Sheet | None) -> None:
        """The evidence that is drawn on."""
        self._sheet = sheet

    def set_tool_cursor(self, shape: Qt.CursorShape, *, pans: bool) -> None:
        """How the mouse looks over the pane, and whether its left button pans."""
        self._shape, self._pans = shape, pans
        self._set_cursor()

    def set_panning(self, held: bool) -> None:
        """Let the left button pan while a key is held, whatever the tool."""
        self._pans_for_now = held
        self._set_cursor()

    def set_reserved(self, reserved: Callable[[QKeyEvent], bool]) -> None:
        """Keys for which this holds reach the canvas before any shortcut of the window."""
        self._reserved = reserved

    def show_feedback(self, feedback: Feedback) -> None:
        """Show what the hand is doing."""
        if feedback != self._feedback:
            self._feedback = feedback
            self.viewport().update()

    def forget(self) -> None:
        """Let go of the frames that were kept, and of the images behind them."""
        self._darkroom.forget()

    def drawBackground(self, painter: QPainter, _: QRectF | QRect) -> None:  # noqa: N802 - Qt's name
        """Paint the composed frames, one array element on one screen pixel."""
        painter.save()
        painter.resetTransform()
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Mid))
        ratio = self.devicePixelRatioF()
        painter.setWorldTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
        for slot in range(len(self._paintings)):
            self._clip(painter, slot)
            self._draw(painter, slot)
        painter.restore()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom around the cursor."""
        turned = event.angleDelta().y()
        if turned:
            self.zoom_asked.emit(self._screen_point(event.position()), _ZOOM_PER_NOTCH ** (turned / _NOTCH))
        event.accept()

    def drawForeground(self, painter: QPainter, _: QRectF | QRect) -> None:  # noqa: N802
        """Draw marks and what the hand is doing, as lines over the frames."""
        projection = self.projection
        if projection is None:
            return
        painter.save()
        painter.resetTransform()
        ratio = self.devicePixelRatioF()
        painter.setWorldTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
        hand, chips = FeedbackPainter(painter, projection), ChipPainter(painter, projection)
        for slot, painting in enumerate(self._paintings):
            self._clip(painter, slot)
            hand.paint_prompts(painting.drawn.prompts)
            if painting.numbered is not None:
                chips.paint(painting.numbered)
        painter.setClipping(False)
        hand.paint(self._feedback)
        painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the image, or begin a gesture. A second button during either means nothing."""
        self._begin(event, Act.PRESS)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A press as any other to the hand; a tool may tell it apart."""
        self._begin(event, Act.DOUBLE_PRESS)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell where the cursor is; pan while the image is held."""
        if self._button is not None and not event.buttons() & self._button:
            self._let_go()
            self.lost.emit()
        if self._dragged_from is not None:
            moved = (self._dragged_from - event.position()) * self.devicePixelRatioF()
            self._dragged_from = event.position()
            self.pan_asked.emit(moved.x(), moved.y())
        if self._telling or self._button is None:
            self._touch(event, Act.DRAG if self._telling else Act.HOVER)
        self.hovered.emit(self._screen_point(event.position()))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go of the image, or end the gesture."""
        if event.button() == self._button:
            if self._telling:
                self._touch(event, Act.RELEASE)
            self._let_go()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tell that the cursor is gone."""
        self.hovered.emit(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QEvent) -> None:  # noqa: N802
        """Leave keys to the canvas that owns this pane."""
        event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Tell that a key that is let go now would not be heard."""
        super().focusOutEvent(event)
        self.left_alone.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Tell the new size, for the camera to be set anew."""
        super().resizeEvent(event)
        if event is not None:
            self._key.move(_LABEL_MARGIN_PX, self.height() - self._key.height() - _LABEL_MARGIN_PX)
            self.resized.emit()

    def event(self, event: QEvent) -> bool:
        """Claim the keys that a gesture needs; tell the new size on a screen of another density."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._reserved(event):
            event.accept()
            return True
        handled: bool = super().event(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.resized.emit()
        return handled

    def _screen_point(self, position: QPointF) -> Point:
        """Centre of the screen pixel under a position, so that what is told is what is painted there."""
        ratio = self.devicePixelRatioF()
        return Point(math.floor(position.x() * ratio) + 0.5, math.floor(position.y() * ratio) + 0.5)

    def _follow(self, camera: Camera) -> None:
        pane = self.pane_size
        corner = camera.to_view(Point(0, 0), pane=pane)
        seen = QRectF(corner.x, corner.y, pane.width / camera.scale, pane.height / camera.scale)
        self.view_box.setRange(seen, padding=0)

    def _clip(self, painter: QPainter, slot: int) -> None:
        """Keep to the side of the divider where the painting of a slot is seen."""
        if len(self._paintings) > 1:
            width, height = self.pane_size.width, self.pane_size.height
            edge = round(width * self._divider)
            painter.setClipRect(edge if slot else 0, 0, width - edge if slot else edge, height)

    def _draw(self, painter: QPainter, slot: int) -> None:
        """Draw the painting of a slot; the painter counts in screen pixels."""
        frame = self._darkroom.frame(slot, self._shot(slot))
        if frame is None:
            return
        height, width = frame.pixels.shape[:2]
        stride = frame.pixels.strides[0]
        # The image looks into the frame's memory, which outlives it here.
        image = QImage(frame.pixels.data, width, height, stride, QImage.Format.Format_RGB32)
        before = painter.worldTransform()
        painter.setWorldTransform(QTransform.fromScale(frame.step, frame.step), combine=True)
        painter.drawImage(frame.x, frame.y, image)
        painter.setWorldTransform(before)

    def _shot(self, slot: int) -> Shot:
        assert self._camera is not None
        line_px = max(1, round(_LINE_PX * self.devicePixelRatioF()))
        return Shot(self._paintings[slot], self._camera, self.pane_size, line_px)

    def _begin(self, event: QMouseEvent, act: Act) -> None:
        event.accept()
        if self._button is not None:
            return
        button = event.button()
        middle, left = button == Qt.MouseButton.MiddleButton, button == Qt.MouseButton.LeftButton
        if not (middle or left or button == Qt.MouseButton.RightButton):
            return
        self._button = button
        self._telling = not (middle or (left and self._pans_for_now))
        if middle or (left and (self._pans or self._pans_for_now)):
            self._dragged_from = event.position()
        self._set_cursor()
        if self._telling:
            self._touch(event, act)

    def _let_go(self) -> None:
        self._button = None
        self._dragged_from = None
        self._telling = False
        self._set_cursor()

    def _touch(self, event: QMouseEvent, act: Act) -> None:
        modifiers = event.modifiers()
        pointer = Pointer(
            act,
            position=self._screen_point(event.position()),
            shift=bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            alt=bool(modifiers & Qt.KeyboardModifier.AltModifier),
            secondary=self._button == Qt.MouseButton.RightButton,
        )
        self.touched.emit(pointer)

    def _set_cursor(self) -> None:
        if self._dragged_from is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self.setCursor(Qt.CursorShape.OpenHandCursor if self._pans_for_now else self._shape)

    def _place_labels(self) -> None:
        for index, pill in enumerate(self._labels):
            text = self._paintings[index].label if index < len(self._paintings) else ""
            pill.set_text(text)
            # Each name stands in its own corner of the pane, wherever the divider is.
            x = self.width() - pill.width() - _LABEL_MARGIN_PX if index else _LABEL_MARGIN_PX
            pill.move(x, _LABEL_MARGIN_PX)
