"""Commands of the Help menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command, Menu

HELP_COMMANDS: tuple[Command, ...] = (
    Command("shortcuts", Menu.HELP, "&Keyboard Shortcuts", ("F1",), "All keys at a glance."),
    Command(
        "open_logs",
        Menu.HELP,
        "Open &Log Folder",
        ("Ctrl+Shift+J",),
        "Show where logs and crash reports are kept.",
        ends_section=True,
    ),
    Command("about", Menu.HELP, "&About Forensic GUI", ("Shift+F1",), "Version, licences and the weights in use."),
)
