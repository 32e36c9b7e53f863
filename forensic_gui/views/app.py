"""The application: paint the first frame, then load what it does not need, then work."""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from forensic_gui import __version__
from forensic_gui.domain.errors import ForensicError
from forensic_gui.resources import resource
from forensic_gui.services.desktop import require_desktop
from forensic_gui.views.crash import CrashReporter
from forensic_gui.views.lanes import Lanes
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.settings import Remembered, SettingsStore, settings_file
from forensic_gui.views.theme import Theme
from forensic_gui.views.toolbox import Toolbox, open_toolbox
from forensic_gui.workers.gentle import collector_paused
from forensic_gui.workers.lane import Done, Failed, Outcome, Work

if TYPE_CHECKING:
    from forensic_gui.views.handlers import Ask, AskWithDialogs, Handlers, Places
    from forensic_gui.views.session import Session


def run(paths: Sequence[Path]) -> int:
    """Open the window on `paths` and stay until it is closed.

    Args:
        paths: files and folders to open; none for an empty window.

    Returns:
        Exit status, 0.

    Raises:
        InstallationError: there is no display, or system libraries are missing.
    """
    require_desktop(os.environ)
    application = make_application()
    window = Application(application, paths=paths, store=SettingsStore(settings_file()), watch_faults=True)
    window.start()
    return application.exec()


def make_application() -> QApplication:
    """Qt's application, named and with its icon."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("forensic-gui")
    application.setApplicationDisplayName("Forensic GUI")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("forensic-gui")
    icon = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        icon.addFile(str(resource("icons", f"forensic-gui-{side}.png")))
    application.setWindowIcon(icon)
    return application


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What is loaded behind the first frame."""

    toolbox: Toolbox
    assemble: Callable[[MainWindow, Toolbox, Lanes, Remembered], Session]
    handlers: type[Handlers]
    ask_with_dialogs: type[AskWithDialogs]
    places: type[Places]


class Application(QObject):
    """From the first frame to the last: loads, assembles, remembers, closes."""

    def __init__(
        self,
        application: QApplication,
        *,
        paths: Sequence[Path],
        store: SettingsStore,
        make_toolbox: Callable[[], Toolbox] = open_toolbox,
        ask: Ask | None = None,
        watch_faults: bool = False,
    ) -> None:
        """Make the window; `start` shows it.

        Args:
            application: Qt's.
            paths: files and folders to open.
            store: where the last session's choices are, and this one's go.
            make_toolbox: supplies the services; runs beside the window's thread.
            ask: asks for places; None for the dialogs of the system.
            watch_faults: write the stacks of all threads to the log folder if native code crashes.
        """
        super().__init__()
        self._store = store
        self._remembered = store.load()
        self._make_toolbox = make_toolbox
        self._ask = ask
        self._watch_faults = watch_faults
        self._fault_log: IO[str] | None = None
        self._pending = list(paths)
        self._toolbox: Toolbox | None = None
        self.session: Session | None = None
        self._handlers: Handlers | None = None
        self.theme = Theme(application, self._remembered.theme)
        self.window = MainWindow()
        self.crashes = CrashReporter(self._log_folder, self)
        self._lanes = Lanes.open(self)
        self._closed = False
        self.window.actions_.enable([])
        for command_id in ("open_files", "open_folder", "new_case", "open_case"):
            self.window.actions_[command_id].setEnabled(False)
        self.window.work.say("Starting…")
        self.window.first_painted.connect(self._load, Qt.ConnectionType.QueuedConnection)
        self.window.paths_dropped.connect(self._on_early_drop)
        self.window.closing.connect(self.close)

    @property
    def is_closed(self) -> bool:
        """Whether the window has gone for good."""
        return self._closed

    def start(self) -> None:
        """Show the window."""
        self.window.unpack_layout(self._remembered.geometry, self._remembered.layout)
        self.crashes.install(self.window)
        self.window.show()

    def close(self) -> None:
        """Remember, stop, join. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self.window.hide()
        self._remember()
        if self.session is not None:
            self.session.close()
        else:
            self._lanes.close()
        self.crashes.uninstall()
        if self._fault_log is not None:
            faulthandler.disable()
            self._fault_log.close()

    def _load(self) -> None:
        self._lanes.loading.submit(self._import_the_rest, receive=self._on_loaded)

    def _import_the_rest(self, _: Work) -> _Loaded:
        """Runs beside the window's thread: half a second of imports, for which the first frame does not wait."""
        with collector_paused():
            from forensic_gui.views.assembly import assemble
            from forensic_gui.views.handlers import AskWithDialogs, Handlers, Places

            return _Loaded(self._make_toolbox(), assemble, Handlers, AskWithDialogs, Places)

    def _on_loaded(self, outcome: Outcome[_Loaded]) -> None:
        match outcome:
            case Done(value=loaded):
                self._assemble(loaded)
            case Failed(error=ForensicError() as error):
                self.window.work.say(str(error))
            case Failed(error=error):
                self.window.work.say("This program could not be started.")
                self.crashes.report(error)

    def _assemble(self, loaded: _Loaded) -> None:
        self._toolbox = loaded.toolbox
        self.window.work.say("")
        session = loaded.assemble(self.window, loaded.toolbox, self._lanes, self._remembered)
        session.broke.connect(self.crashes.report)
        self.session = session
        self._handlers = loaded.handlers(
            session,
            theme=self.theme,
            ask=self._ask or loaded.ask_with_dialogs(self.window),
            log_folder=loaded.toolbox.log_folder,
            places=loaded.places(self._remembered.folder, self._remembered.saved_to, self._remembered.cases_in),
        )
        if self._watch_faults:
            self._open_fault_log(loaded.toolbox.log_folder())
        session.open(self._pending)
        self._pending = []

    def _open_fault_log(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._fault_log = (folder / "native-crash.log").open("a", encoding="utf-8")
        except OSError as error:
            self.window.work.say(f"Crashes will not be logged: {error.strerror}.")
        else:
            faulthandler.enable(self._fault_log)

    def _on_early_drop(self, paths: Sequence[Path]) -> None:
        if self.session is None:
            self._pending += paths

    def _log_folder(self) -> Path:
        if self._toolbox is not None:
            return self._toolbox.log_folder()
        return settings_file().parent

    def _remember(self) -> None:
        geometry, layout = self.window.pack_layout()
        remembered = replace(self._remembered, geometry=geometry, layout=layout, theme=self.theme.choice)
        if self.session is not None and self._handlers is not None:
            remembered = replace(
                remembered,
                layers=self.session.layers.settings,
                views=self.session.views,
                auto_analyze=self.session.auto_analyze,
                order=self.window.catalog.catalog.order,
                folder=self._handlers.places.opened,
                saved_to=self._handlers.places.saved_to,
                cases_in=self._handlers.places.cases,
                recent_cases=self.session.case.recent.folders,
                author=self.session.case.chosen_author,
                templates=self.session.reports.templates,
            )
        self._store.save(remembered)
