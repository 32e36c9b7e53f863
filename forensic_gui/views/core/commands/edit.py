"""Commands of the Edit menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command, Menu, Needs

EDIT_COMMANDS: tuple[Command, ...] = (
    Command(
        "undo", Menu.EDIT, "&Undo", ("Ctrl+Z",), "Take back what was drawn or said last on this image.", Needs.UNDO
    ),
    Command(
        "redo",
        Menu.EDIT,
        "&Redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "Do again what was taken back last on this image.",
        Needs.REDO,
        ends_section=True,
    ),
    Command(
        "copy_facts",
        Menu.EDIT,
        "Copy &Facts",
        ("Ctrl+Shift+C",),
        "Copy everything in the Facts panel as text.",
        Needs.IMAGE,
    ),
    Command(
        "copy_hash",
        Menu.EDIT,
        "Copy &SHA-256",
        ("Ctrl+Alt+C",),
        "Copy the SHA-256 of the evidence's bytes.",
        Needs.IMAGE,
        ends_section=True,
    ),
    Command("select_all", Menu.EDIT, "Select &All", ("Ctrl+A",), "Select every image listed.", Needs.ITEMS),
    Command(
        "find",
        Menu.EDIT,
        "Fi&nd in List",
        ("Ctrl+F",),
        "Show only images whose name, folder, group, tag or hash contains some text.",
    ),
)
