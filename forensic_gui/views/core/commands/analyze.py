"""Commands of the Analyze menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command, Menu, Needs

ANALYZE_COMMANDS: tuple[Command, ...] = (
    Command(
        "analyze_current",
        Menu.ANALYZE,
        "Analyze &This Image",
        ("F5",),
        "Read the image on the canvas anew and analyze it.",
        Needs.READY_IMAGE,
    ),
    Command(
        "analyze_selected",
        Menu.ANALYZE,
        "Analyze &Selected",
        ("F6",),
        "Analyze the selected images in the background.",
        Needs.READY_SELECTION,
    ),
    Command(
        "analyze_all",
        Menu.ANALYZE,
        "Analyze &All",
        ("F7",),
        "Analyze every image listed that was not analyzed yet.",
        Needs.READY_ITEMS,
    ),
    Command(
        "stop",
        Menu.ANALYZE,
        "Sto&p",
        ("Esc",),
        "Stop the analysis; what was finished is kept.",
        Needs.RUNNING,
        ends_section=True,
    ),
    Command(
        "auto_analyze",
        Menu.ANALYZE,
        "Analyze on Se&lection",
        ("Ctrl+Shift+A",),
        "Analyze an image as soon as it is shown.",
        checkable=True,
        ends_section=True,
    ),
    Command(
        "views_fast",
        Menu.ANALYZE,
        "&Fast: Student's View",
        ("Ctrl+Shift+F",),
        "The student's view of the whole image, looked at once.",
        group="views",
        checkable=True,
    ),
    Command(
        "views_thorough",
        Menu.ANALYZE,
        "T&horough: All Evidence",
        ("Ctrl+Shift+T",),
        "All evidence at native resolution: traces, repeats (tiles, of a student's weights); slower.",
        group="views",
        checkable=True,
        ends_section=True,
    ),
    Command(
        "choose_weights",
        Menu.ANALYZE,
        "Choose &Weights…",
        ("Ctrl+Shift+W",),
        "Load a localizer from a weights file with its card.",
    ),
    Command(
        "weights",
        Menu.ANALYZE,
        "Weights on This &Computer…",
        ("Ctrl+Alt+W",),
        "Use, compare or remove weights that are installed.",
    ),
    Command(
        "finetune",
        Menu.ANALYZE,
        "Fine-T&une…",
        ("Ctrl+Alt+F",),
        "Adapt weights to images that you labelled, and see whether it helped.",
        ends_section=True,
    ),
)
