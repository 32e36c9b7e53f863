"""Telling of keys, logs and the program."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from forensic_gui.views.dialogs import AboutDialog, ShortcutsDialog
from forensic_gui.views.handlers.desk import Desk, Table


def help_table(desk: Desk) -> Table:
    """What the commands of the Help menu do."""
    return {
        "shortcuts": lambda: ShortcutsDialog(desk.window, panels=desk.window.panel_actions).exec(),
        "open_logs": lambda: _open_logs(desk),
        "about": lambda: _show_about(desk),
    }


def _open_logs(desk: Desk) -> None:
    folder = desk.log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
        desk.session.report.note(f"Logs are in {folder}")


def _show_about(desk: Desk) -> None:
    localizer = desk.session.localizer
    AboutDialog(None if localizer is None else localizer.info, desk.window).exec()
