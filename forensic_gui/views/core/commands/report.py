"""Commands of the Report menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command, Menu, Needs

REPORT_COMMANDS: tuple[Command, ...] = (
    Command(
        "report",
        Menu.REPORT,
        "&Report…",
        ("Ctrl+R",),
        "Write the report of the case, choose what it shows, see it, and export or issue it.",
        Needs.CASE,
    ),
    Command(
        "pin_view",
        Menu.REPORT,
        "&Pin View to Report…",
        ("Ctrl+Shift+P",),
        "Let the report show the part of the image that is seen, as the layers show it, with a caption.",
        Needs.WRITABLE,
        ends_section=True,
    ),
    Command(
        "review_report",
        Menu.REPORT,
        "Re&view…",
        ("Ctrl+Alt+R",),
        "Look at an issued revision as a second person, and approve it or return it.",
        Needs.CASE,
    ),
)
