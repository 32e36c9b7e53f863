"""Defects: written to a log, and told with its path. Nothing of them goes unseen."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from forensic_gui import __version__


@dataclass(frozen=True, slots=True)
class CrashReport:
    """A defect that was written down.

    Attributes:
        summary: its last line.
        path: the log; None when it could not be written.
        details: what the log says.
    """

    summary: str
    path: Path | None
    details: str


def write_crash_report(error: BaseException, folder: Path) -> CrashReport:
    """Write a defect with its traceback to a file of its own in `folder`."""
    now = datetime.now(UTC)
    trace = "".join(traceback.format_exception(error))
    details = f"forensic-gui {__version__}, Python {sys.version.split()[0]}, {sys.platform}, {now.isoformat()}\n{trace}"
    path = folder / f"crash-{now:%Y%m%dT%H%M%S.%fZ}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(details, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return CrashReport(_last_line(error), None, details)
    return CrashReport(_last_line(error), path, details)


class CrashReporter(QObject):
    """Takes over what nobody caught, on any thread, and shows it on the window's."""

    _met = Signal(object)

    def __init__(self, log_folder: Callable[[], Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_folder = log_folder
        self._window: QWidget | None = None
        self._shown = False
        self._met.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._previous = (sys.excepthook, threading.excepthook)

    def install(self, window: QWidget) -> None:
        """Take over the hooks of the interpreter until `uninstall`."""
        self._window = window
        sys.excepthook = self._on_uncaught
        threading.excepthook = self._on_uncaught_in_thread

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._previous
        self._window = None

    def report(self, error: BaseException) -> None:
        """Write a defect down and tell it. May be called on any thread."""
        self._met.emit(write_crash_report(error, self._log_folder()))

    def _on_uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._previous[0](kind, error, trace)
        else:
            self.report(error)

    def _on_uncaught_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.report(arguments.exc_value)

    def _show(self, report: CrashReport) -> None:
        # One dialog at a time: a defect in painting would otherwise bury the window under dialogs.
        if self._shown or self._window is None:
            return
        self._shown = True
        box = crash_dialog(report, self._window)
        box.finished.connect(self._on_closed)
        box.open()

    def _on_closed(self) -> None:
        self._shown = False


def crash_dialog(report: CrashReport, parent: QWidget | None) -> QMessageBox:
    """A dialog that says what to do, with the whole report under «Details»."""
    box = QMessageBox(parent)
    box.setObjectName("crash_dialog")
    box.setIcon(QMessageBox.Icon.Critical)
    box.setWindowTitle("Forensic GUI met a defect")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText("Something in this program went wrong. No evidence was changed; you can go on, or start it again.")
    where = f"The report is in {report.path}" if report.path else "The report could not be written; copy the details"
    box.setInformativeText(f"{report.summary}\n\n{where}. Please send it to the makers of this program.")
    box.setDetailedText(report.details)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


def _last_line(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()
