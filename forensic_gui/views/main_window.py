"""The window: what it holds and where it stands. What happens in it is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from forensic_gui.views.browser.model import CatalogModel
from forensic_gui.views.browser.panel import BrowserPanel
from forensic_gui.views.core.commands import Menu
from forensic_gui.views.dock_title import DockTitle
from forensic_gui.views.facts_panel import FactsPanel
from forensic_gui.views.menus import Actions
from forensic_gui.views.message_bar import MessageBar, MessageGround
from forensic_gui.views.problems import ProblemsPanel
from forensic_gui.views.settings import LAYOUT_VERSION
from forensic_gui.views.status_fields import StatusFields, WorkField, fill_status_bar
from forensic_gui.views.welcome import WelcomePage

_FIRST_SIZE = (1360, 860)
_SMALLEST_SIZE = (960, 600)
_ROOM_FOR_ALL_READINGS_PX = 1340
_LEFT_WIDTH_PX = 280
_RIGHT_WIDTH_PX = 330
_LAYERS_HEIGHT_PX = 460
_FACTS_HEIGHT_PX = 320
BLINK_KEY = Qt.Key.Key_B


class MainWindow(QMainWindow):
    """Tool bar, docks, message bar, canvas, status bar."""

    first_painted = Signal()
    """The first frame is on the screen."""
    paths_dropped = Signal(object)
    """Tuple of paths that were dropped on the window."""
    drag_hovers = Signal(bool)
    """Whether files are held over the window now."""
    blink_held = Signal(bool)
    """The key that shows the other state is held, or let go."""
    closing = Signal()
    """The window is about to close; everything is still there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painted = False
        self._may_close: Callable[[], bool] = lambda: True
        self.setObjectName("main_window")
        self.setWindowTitle("Forensic GUI")
        self.setAcceptDrops(True)
        self.setMinimumSize(*_SMALLEST_SIZE)
        self.setDockOptions(QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.actions_ = Actions(self)
        self.catalog = CatalogModel(self)
        self.browser = BrowserPanel(self.catalog, self)
        self.facts = FactsPanel(self)
        self.problems = ProblemsPanel(self)
        self.messages = MessageBar(self)
        self.work = WorkField(self)
        self.status = StatusFields(self)
        self._layers_holder, self._regions_holder = _holder(self), _holder(self)
        self.panel_actions: dict[str, QAction] = {}
        self._build_centre()
        self._build_docks()
        fill_status_bar(self.statusBar(), self.work, self.status)
        self._place_first()
        self.browser.list.setFocus()

    def attach(self, canvas: QWidget, layer_panel: QWidget, regions_panel: QWidget, *, image: QWidget) -> None:
        """Put canvas and panels in their places, once they have been loaded.

        Args:
            canvas: shown in the middle.
            layer_panel: its layers.
            regions_panel: the regions on it.
            image: the part of the canvas that messages may lie over.
        """
        self._stack.addWidget(canvas)
        self._ground.lay_over(image)
        for holder, panel in ((self._layers_holder, _scrolled(layer_panel)), (self._regions_holder, regions_panel)):
            layout = holder.layout()
            assert layout is not None
            layout.addWidget(panel)

    def show_canvas(self, shown: bool) -> None:
        """Show the canvas, or the way to begin."""
        self._stack.setCurrentIndex(1 if shown and self._stack.count() > 1 else 0)

    def show_case(self, *, name: str, read_only: str) -> None:
        """Show which case is open.

        Args:
            name: of the case; "" for none.
            read_only: why nothing can be changed in it, a sentence; "" where it can.
        """
        self._welcome.show_case(name, read_only=read_only)
        self.browser.show_case(bool(name))
        self.status.set_read_only(read_only)

    def show_problems(self) -> None:
        """Bring the problems to the front."""
        _bring_forward(self._docks["problems"])

    def show_regions(self) -> None:
        """Bring the regions to the front."""
        _bring_forward(self._docks["regions"])

    def show_browser(self) -> None:
        """Bring the list to the front."""
        _bring_forward(self._docks["browser"])

    def pack_layout(self) -> tuple[bytes, bytes]:
        """Geometry and layout, to be remembered."""
        return bytes(self.saveGeometry().data()), bytes(self.saveState(LAYOUT_VERSION).data())

    def unpack_layout(self, geometry: bytes, layout: bytes) -> None:
        """Stand where the last session did; what cannot be understood changes nothing."""
        if geometry:
            self.restoreGeometry(QByteArray(geometry))
        if layout:
            self.restoreState(QByteArray(layout), LAYOUT_VERSION)

    def event(self, event: QEvent) -> bool:
        """Notice the first frame, and that the window is left while a key is held."""
        handled = super().event(event)
        if event.type() == QEvent.Type.Paint and not self._painted:
            self._painted = True
            self.first_painted.emit()
        elif event.type() == QEvent.Type.WindowDeactivate:
            self.blink_held.emit(False)
        return handled

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Blink while the key is held."""
        if event.key() == BLINK_KEY and not event.modifiers():
            if not event.isAutoRepeat():
                self.blink_held.emit(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Stop blinking."""
        if event.key() == BLINK_KEY and not event.isAutoRepeat():
            self.blink_held.emit(False)
        else:
            super().keyReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Accept files and folders of this machine."""
        if dropped_paths(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.drag_hovers.emit(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """Forget the files that were held over the window."""
        super().dragLeaveEvent(event)
        self.drag_hovers.emit(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open what was dropped."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.drag_hovers.emit(False)
        self.paths_dropped.emit(dropped_paths(event))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave readings out that a narrow window has no room for."""
        super().resizeEvent(event)
        self.status.set_narrow(self.width() < _ROOM_FOR_ALL_READINGS_PX)

    def set_close_guard(self, may_close: Callable[[], bool]) -> None:
        """Ask `may_close` before the window closes; who says no closes it later."""
        self._may_close = may_close

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Go out of sight at once; what runs is then stopped."""
        if not self._may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)

    def _build_centre(self) -> None:
        self._stack = QStackedWidget(self)
        self._welcome = WelcomePage(self.actions_, self)
        self._stack.addWidget(self._welcome)
        self._ground = MessageGround(self._stack, self.messages, self)
        self.setCentralWidget(self._ground)

    def _build_docks(self) -> None:
        left, right, bottom = (
            Qt.DockWidgetArea.LeftDockWidgetArea,
            Qt.DockWidgetArea.RightDockWidgetArea,
            Qt.DockWidgetArea.BottomDockWidgetArea,
        )
        self._docks = {
            name: self._dock(name, title, widget, area, keys)
            for name, title, widget, area, keys in (
                ("browser", "Photographs", self.browser, left, "Alt+1"),
                ("layers", "Layers", self._layers_holder, right, "Alt+2"),
                ("facts", "Facts", self.facts, right, "Alt+3"),
                ("problems", "Problems", self.problems, bottom, "Alt+4"),
                ("regions", "Regions", self._regions_holder, right, "Alt+5"),
            )
        }
        self.tabifyDockWidget(self._docks["facts"], self._docks["regions"])
        self._docks["facts"].raise_()
        # The list and the layers keep the full height of the window.
        self.setCorner(Qt.Corner.BottomLeftCorner, left)
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        self._docks["problems"].hide()
        self.problems.count_changed.connect(self._on_problem_count)

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea, keys: str) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock_{name}")
        dock.setTitleBarWidget(DockTitle(dock))
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        # Qt's own action closes a panel that is a tab behind another, and shows it behind again.
        toggle = QAction(title, dock)
        toggle.setObjectName(f"toggle_{name}")
        toggle.setCheckable(True)
        toggle.setShortcut(keys)
        toggle.setStatusTip(f"Show or hide {title.lower()}.")
        toggle.triggered.connect(lambda shown: _bring_forward(dock) if shown else dock.hide())
        dock.visibilityChanged.connect(toggle.setChecked)
        dock.windowTitleChanged.connect(toggle.setText)
        self.panel_actions[title] = toggle
        self.actions_.menu(Menu.WINDOW).addAction(toggle)
        return dock

    def _place_first(self) -> None:
        screen = QGuiApplication.primaryScreen().availableSize()
        self.resize(min(_FIRST_SIZE[0], screen.width()), min(_FIRST_SIZE[1], screen.height()))
        self.resizeDocks(
            [self._docks["browser"], self._docks["layers"]],
            [_LEFT_WIDTH_PX, _RIGHT_WIDTH_PX],
            Qt.Orientation.Horizontal,
        )
        # Room for the layers' sentences to wrap; the facts scroll.
        self.resizeDocks(
            [self._docks["layers"], self._docks["facts"]],
            [_LAYERS_HEIGHT_PX, _FACTS_HEIGHT_PX],
            Qt.Orientation.Vertical,
        )

    def _on_problem_count(self, count: int) -> None:
        self._docks["problems"].setWindowTitle(f"Problems ({count})" if count else "Problems")


def _holder(window: QWidget) -> QWidget:
    """A place for a panel that is loaded after the first frame."""
    holder = QWidget(window)
    QVBoxLayout(holder).setContentsMargins(0, 0, 0, 0)
    return holder


def _bring_forward(dock: QDockWidget) -> None:
    dock.show()
    dock.raise_()


def _scrolled(widget: QWidget) -> QScrollArea:
    """A low window scrolls a panel; it does not cut off the last lines of its sentences."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidgetResizable(True)
    area.setWidget(widget)
    area.setMinimumWidth(widget.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width())
    return area


def dropped_paths(event: QDropEvent) -> Sequence[Path]:
    """Paths of this machine that a drag carries; none for texts and addresses of elsewhere."""
    return tuple(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
