"""Commands of the File menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command, Menu, Needs

FILE_COMMANDS: tuple[Command, ...] = (
    Command(
        "open_files", Menu.FILE, "&Open Photographs…", ("Ctrl+O",), "Open photographs. They are read, never altered."
    ),
    Command(
        "open_folder",
        Menu.FILE,
        "Open &Folder…",
        ("Ctrl+Shift+O",),
        "Open every photograph in a folder and below it.",
        ends_section=True,
    ),
    Command(
        "save_overlay",
        Menu.FILE,
        "Save O&verlay…",
        ("Ctrl+S",),
        "Save the image under its coloured heatmap, with the colours and the opacity of the Layers panel.",
        Needs.HEATMAP,
    ),
    Command(
        "save_mask",
        Menu.FILE,
        "Save &Mask…",
        ("Ctrl+Shift+M",),
        "Save where the model score is over the threshold of the Layers panel.",
        Needs.HEATMAP,
    ),
    Command(
        "save_heatmap",
        Menu.FILE,
        "Save &Heatmap…",
        ("Ctrl+Shift+H",),
        "Save the model scores as a 16-bit image.",
        Needs.HEATMAP,
    ),
    Command(
        "save_selected",
        Menu.FILE,
        "Save Results of &Selected…",
        ("Ctrl+Shift+S",),
        "Analyze the selected images and save overlay, mask, heatmap and findings of each to a folder.",
        Needs.READY_SELECTION,
    ),
    Command(
        "save_all",
        Menu.FILE,
        "Save Results of &All…",
        ("Ctrl+Alt+S",),
        "Analyze every image listed and save overlay, mask, heatmap and findings of each to a folder.",
        Needs.READY_ITEMS,
        ends_section=True,
    ),
    Command(
        "remove_selected",
        Menu.FILE,
        "&Remove from List",
        ("Del",),
        "Take the selected images off the list. The files are left alone.",
        Needs.LOOSE_SELECTION,
    ),
    Command("quit", Menu.FILE, "&Quit", ("Ctrl+Q",), "Stop what runs and close the window."),
)
