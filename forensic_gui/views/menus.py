"""Menus and tool bar, made of the table of commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from forensic_gui.views.core.commands import COMMANDS, Command, Menu, Needs

# Ids in the tool bar with their short names; None is a gap.
_TOOL_BAR: tuple[tuple[str, str] | None, ...] = (
    ("open_files", "Open"),
    ("open_folder", "Open Folder"),
    None,
    ("previous_image", "Previous"),
    ("next_image", "Next"),
    None,
    ("analyze_current", "Analyze"),
    ("analyze_all", "Analyze All"),
    ("stop", "Stop"),
    None,
    ("fit", "Fit"),
    ("one_to_one", "1:1"),
    None,
    ("compare_single", "Single"),
    ("compare_swipe", "Swipe"),
    ("compare_side", "Side by Side"),
    ("blink", "Blink"),
)


class Actions:
    """The actions of the window, by the id of their command."""

    def __init__(self, window: QMainWindow) -> None:
        self._commands = {command.id: command for command in COMMANDS}
        self._actions = {command.id: _make(command, window) for command in COMMANDS}
        self._groups = _group(self._actions, window)
        self._menus = _fill_menu_bar(window, self._actions)
        _fill_tool_bar(window, self._actions)

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def menu(self, menu: Menu) -> QMenu:
        """A menu of the menu bar."""
        return self._menus[menu]

    def explain(self, command_id: str, reason: str) -> None:
        """Say why a command cannot be run, in the place of what it does; "" says again what it does."""
        action, explained = self._actions[command_id], self._commands[command_id]
        action.setStatusTip(reason or explained.tip)
        action.setToolTip(reason or _tool_tip(explained))

    def check(self, command_id: str, checked: bool = True) -> None:
        """Show a checkable action as on or off; its command is not run."""
        self._actions[command_id].setChecked(checked)

    def rename(self, command_id: str, text: str) -> None:
        """Call an action by another name in its menu."""
        self._actions[command_id].setText(text)

    def enable(self, available: Iterable[Needs]) -> None:
        """Enable what has all it needs, disable the rest."""
        have = {Needs.NOTHING, *available}
        for command in COMMANDS:
            self._actions[command.id].setEnabled(command.needs in have)


def key_texts(command: Command) -> list[str]:
    """A command's keys in the notation of this system."""
    native = QKeySequence.SequenceFormat.NativeText
    texts = [QKeySequence(key).toString(native) for key in command.keys]
    return [*texts, command.shown_keys] if command.shown_keys else texts


def _make(command: Command, window: QMainWindow) -> QAction:
    # A tab puts what follows into the column of the shortcuts.
    text = f"{command.text}\t{command.shown_keys}" if command.shown_keys else command.text
    action = QAction(text, window)
    action.setObjectName(command.id)
    action.setShortcuts([QKeySequence(key) for key in command.keys])
    action.setCheckable(command.checkable)
    action.setStatusTip(command.tip)
    action.setToolTip(_tool_tip(command))
    action.setMenuRole(_ROLES.get(command.id, QAction.MenuRole.NoRole))
    return action


def _tool_tip(command: Command) -> str:
    keys = ", ".join(key_texts(command))
    return f"{command.tip} ({keys})" if keys else command.tip


_ROLES: Mapping[str, QAction.MenuRole] = {"quit": QAction.MenuRole.QuitRole, "about": QAction.MenuRole.AboutRole}


def _group(actions: Mapping[str, QAction], window: QMainWindow) -> dict[str, QActionGroup]:
    groups: dict[str, QActionGroup] = {}
    for command in COMMANDS:
        if command.group:
            groups.setdefault(command.group, QActionGroup(window)).addAction(actions[command.id])
    return groups


def _fill_menu_bar(window: QMainWindow, actions: Mapping[str, QAction]) -> dict[Menu, QMenu]:
    menus = {menu: window.menuBar().addMenu(menu.value) for menu in Menu}
    submenus: dict[tuple[Menu, str], QMenu] = {}
    for command in COMMANDS:
        menu = menus[command.menu]
        if command.submenu:
            place = (command.menu, command.submenu)
            menu = submenus.get(place) or submenus.setdefault(place, menu.addMenu(command.submenu))
        menu.addAction(actions[command.id])
        if command.ends_section:
            menu.addSeparator()
    return menus


def _fill_tool_bar(window: QMainWindow, actions: Mapping[str, QAction]) -> None:
    bar = QToolBar("Tool Bar", window)
    bar.setObjectName("tool_bar")
    bar.setMovable(False)
    for entry in _TOOL_BAR:
        if entry is None:
            bar.addSeparator()
            continue
        command_id, short = entry
        actions[command_id].setIconText(short)
        bar.addAction(actions[command_id])
    window.addToolBar(bar)
