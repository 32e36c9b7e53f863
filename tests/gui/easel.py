"""The hand on the canvas of a window under test: it presses, drags and lets go at evidence pixels."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from forensic_gui.domain.annotation import Annotation
from forensic_gui.views.annotating.prompter import Phase
from forensic_gui.views.canvas.pane import Pane

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Easel:
    """The hand on the canvas of a desk."""

    def __init__(self, desk) -> None:
        self.desk = desk
        self.qtbot = desk.qtbot
        self.controller = desk.session.studio.controller
        self.viewport: QWidget = desk.session.canvas.findChild(Pane).viewport()

    def ready(self) -> Easel:
        self.desk.until(lambda: self.controller.page is not None)
        self.desk.until(lambda: self.desk.session.studio.prompter.phase is Phase.READY)
        return self

    def at(self, x: float, y: float) -> QPoint:
        """Where on the screen an evidence pixel of the photograph is, which is fitted into the window and upright."""
        size = self.desk.session.current.decoded.facts.stored
        width, height = size.width, size.height
        scale = min(self.viewport.width() / width, self.viewport.height() / height)
        left = (self.viewport.width() - width * scale) / 2
        top = (self.viewport.height() - height * scale) / 2
        return QPoint(round(left + x * scale), round(top + y * scale))

    def drag(self, *way: tuple[float, float]) -> None:
        places = [self.at(x, y) for x, y in way]
        self.qtbot.mouseMove(self.viewport, places[0])
        self.qtbot.mousePress(self.viewport, LEFT, NO_KEYS, places[0])
        for place in places[1:]:
            self.qtbot.mouseMove(self.viewport, place)
        self.qtbot.mouseRelease(self.viewport, LEFT, NO_KEYS, places[-1])

    def key(self, keys: str) -> None:
        self.desk.press(keys, on=self.viewport)

    def settle(self) -> None:
        studio = self.desk.session.studio
        self.desk.until(lambda: not (studio.queue.is_busy or studio.prompter.is_answering or studio.is_busy))

    @property
    def annotation(self) -> Annotation:
        return self.controller.page.annotation
