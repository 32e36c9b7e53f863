"""What each command does: one module per menu, put together here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from forensic_gui.views.core.commands import COMMANDS
from forensic_gui.views.handlers.analyze import analyze_table
from forensic_gui.views.handlers.asking import Ask as Ask
from forensic_gui.views.handlers.asking import AskWithDialogs as AskWithDialogs
from forensic_gui.views.handlers.audit import audit_table
from forensic_gui.views.handlers.availability import available
from forensic_gui.views.handlers.case import case_table, explain_case
from forensic_gui.views.handlers.compare import blink, compare_table
from forensic_gui.views.handlers.desk import Desk, Table
from forensic_gui.views.handlers.desk import Places as Places
from forensic_gui.views.handlers.draw import check_drawing, draw_table
from forensic_gui.views.handlers.edit import edit_table
from forensic_gui.views.handlers.file import file_table
from forensic_gui.views.handlers.help import help_table
from forensic_gui.views.handlers.labels import labels_table
from forensic_gui.views.handlers.recent import RecentMenu
from forensic_gui.views.handlers.report import explain_report, report_table
from forensic_gui.views.handlers.summary import summary_table
from forensic_gui.views.handlers.view import check_layers, view_table
from forensic_gui.views.session import Session
from forensic_gui.views.theme import Theme

_TABLES: tuple[Callable[[Desk], Table], ...] = (
    file_table,
    case_table,
    labels_table,
    summary_table,
    audit_table,
    edit_table,
    view_table,
    draw_table,
    analyze_table,
    compare_table,
    report_table,
    help_table,
)

# Ids in the menu of the list; None is a line between them.
_LIST_MENU: tuple[str | None, ...] = (
    "analyze_selected",
    "save_selected",
    None,
    "set_group",
    "add_tag",
    "remove_tag",
    None,
    "remove_selected",
)


class Handlers(QObject):
    """Runs commands, and keeps the actions to what can be run."""

    def __init__(
        self,
        session: Session,
        *,
        theme: Theme,
        ask: Ask,
        log_folder: Callable[[], Path],
        places: Places,
    ) -> None:
        super().__init__(session)
        self._desk = Desk(session, theme=theme, ask=ask, places=places, log_folder=log_folder)
        handlers = {command_id: run for table in _TABLES for command_id, run in table(self._desk).items()}
        assert handlers.keys() == {command.id for command in COMMANDS}
        for command_id, handler in handlers.items():
            # The signal carries whether the action is checked; handlers look at the state itself.
            session.window.actions_[command_id].triggered.connect(lambda _=False, run=handler: run())
        session.changed.connect(self._follow)
        session.window.blink_held.connect(lambda held: blink(self._desk, held=held))
        menu = session.window.actions_
        session.window.browser.set_menu([None if each is None else menu[each] for each in _LIST_MENU])
        self._recent = RecentMenu(session.case, session.window.actions_, self)
        self._check_choices()
        self._follow()

    @property
    def places(self) -> Places:
        """Where the user was last."""
        return self._desk.places

    def _check_choices(self) -> None:
        session, actions = self._desk.session, self._desk.window.actions_
        actions.check(f"theme_{self._desk.theme.choice.value}")
        actions.check(f"views_{session.views.value}")
        actions.check(f"sort_{self._desk.window.catalog.catalog.order.value}")
        actions.check("auto_analyze", session.auto_analyze)
        actions.check("compare_single")

    def _follow(self) -> None:
        # For the tenth of a second between two images nothing is greyed: it would only flicker.
        if self._desk.session.current.is_settling:
            return
        self._desk.window.actions_.enable(available(self._desk))
        check_layers(self._desk)
        check_drawing(self._desk)
        explain_case(self._desk)
        explain_report(self._desk)
