"""Commands of the Case menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command, Menu, Needs

CASE_COMMANDS: tuple[Command, ...] = (
    Command(
        "new_case",
        Menu.CASE,
        "&New Case…",
        ("Ctrl+N",),
        "Make a case: a folder with evidence and a record of all that is done. What is open is copied into it.",
    ),
    Command("open_case", Menu.CASE, "&Open Case…", ("Ctrl+Alt+O",), "Open the folder of a case."),
    Command(
        "close_case",
        Menu.CASE,
        "&Close Case",
        ("Ctrl+W",),
        "Verify the originals once more and close the case.",
        Needs.CASE,
        ends_section=True,
    ),
    Command(
        "add_files",
        Menu.CASE,
        "Add &Photographs…",
        ("Ctrl+Alt+A",),
        "Copy photographs into the case; the same bytes are kept once.",
        Needs.WRITABLE_CASE,
    ),
    Command(
        "add_folder",
        Menu.CASE,
        "Add &Folder…",
        ("Ctrl+Alt+D",),
        "Copy every photograph in a folder and below it into the case.",
        Needs.WRITABLE_CASE,
    ),
    Command(
        "verify_case",
        Menu.CASE,
        "&Verify Originals",
        ("Ctrl+Alt+V",),
        "Hash every original anew and compare it with what was put into the case.",
        Needs.CASE,
        ends_section=True,
    ),
    Command(
        "set_group",
        Menu.CASE,
        "Set &Group…",
        ("Ctrl+G",),
        "Put the selected images into a group, or take them out of theirs.",
        Needs.CASE_SELECTION,
    ),
    Command("add_tag", Menu.CASE, "Add &Tag…", ("Ctrl+T",), "Give the selected images a tag.", Needs.CASE_SELECTION),
    Command(
        "remove_tag",
        Menu.CASE,
        "&Remove Tag…",
        ("Ctrl+Alt+T",),
        "Take a tag from the selected images.",
        Needs.CASE_SELECTION,
        ends_section=True,
    ),
    Command(
        "export_case",
        Menu.CASE,
        "&Export Case…",
        ("Ctrl+Alt+E",),
        "Write the whole case into one archive with the hashes of all its files.",
        Needs.CASE,
    ),
    Command(
        "import_case",
        Menu.CASE,
        "&Import Case…",
        ("Ctrl+Alt+I",),
        "Unpack the archive of a case into a new folder, check every hash, and open it.",
        ends_section=True,
    ),
    Command(
        "case_author",
        Menu.CASE,
        "&Your Name in the Record…",
        ("Ctrl+Alt+N",),
        "Choose in whose name changes in cases are recorded.",
    ),
)
