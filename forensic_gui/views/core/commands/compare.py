"""Commands of the Compare menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command, Menu, Needs

COMPARE_COMMANDS: tuple[Command, ...] = (
    Command(
        "compare_single", Menu.COMPARE, "Si&ngle", ("Ctrl+Shift+1",), "One picture.", group="compare", checkable=True
    ),
    Command(
        "compare_swipe",
        Menu.COMPARE,
        "S&wipe",
        ("Ctrl+Shift+2", "W"),
        "Image and layers on two sides of a divider.",
        group="compare",
        checkable=True,
    ),
    Command(
        "compare_side",
        Menu.COMPARE,
        "Side by &Side",
        ("Ctrl+Shift+3", "S"),
        "Image and layers side by side, moved together.",
        group="compare",
        checkable=True,
        ends_section=True,
    ),
    Command(
        "end_comparison",
        Menu.COMPARE,
        "&End Comparison of Weights",
        ("Ctrl+Shift+0",),
        "Show one localizer's result again.",
        Needs.COMPARING,
        ends_section=True,
    ),
    Command(
        "blink",
        Menu.COMPARE,
        "&Blink",
        (),
        "Show the bare image: as long as B is held, or until chosen again.",
        Needs.IMAGE,
        checkable=True,
        shown_keys="hold B",
    ),
)
