"""Copying, selecting and finding."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from forensic_gui.views.handlers.desk import Desk, Table


def edit_table(desk: Desk) -> Table:
    """What the commands of the Edit menu do."""
    window, controller = desk.window, desk.session.studio.controller
    return {
        "undo": controller.undo,
        "redo": controller.redo,
        "copy_facts": lambda: QGuiApplication.clipboard().setText(window.facts.text),
        "copy_hash": lambda: _copy_hash(desk),
        "select_all": window.browser.select_all,
        "find": lambda: _find(desk),
    }


def _copy_hash(desk: Desk) -> None:
    decoded = desk.session.current.decoded
    if decoded is not None:
        QGuiApplication.clipboard().setText(decoded.evidence.sha256)


def _find(desk: Desk) -> None:
    desk.window.show_browser()
    desk.window.browser.edit_filter()
