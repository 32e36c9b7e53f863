"""Commands of the View menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command, Menu, Needs

VIEW_COMMANDS: tuple[Command, ...] = (
    Command("next_image", Menu.VIEW, "&Next Image", ("PgDown", "J"), "Go to the next image of the list.", Needs.ITEMS),
    Command(
        "previous_image",
        Menu.VIEW,
        "&Previous Image",
        ("PgUp", "K"),
        "Go to the previous image of the list.",
        Needs.ITEMS,
        ends_section=True,
    ),
    Command(
        "sort_name",
        Menu.VIEW,
        "Sort List by Na&me",
        ("Ctrl+Shift+N",),
        "Sort the list by file name.",
        group="sort",
        checkable=True,
    ),
    Command(
        "sort_share",
        Menu.VIEW,
        "Sort List by Sha&re",
        ("Ctrl+Shift+R",),
        "Put images with the largest share of pixels over the threshold first.",
        group="sort",
        checkable=True,
    ),
    Command(
        "sort_added",
        Menu.VIEW,
        "Sort List by Openin&g",
        ("Ctrl+Shift+G",),
        "Sort the list in the order of opening.",
        group="sort",
        checkable=True,
        ends_section=True,
    ),
    Command("fit", Menu.VIEW, "&Fit in Window", ("Ctrl+0", "F"), "Show the whole image.", Needs.IMAGE),
    Command(
        "one_to_one",
        Menu.VIEW,
        "Actual Si&ze (1:1)",
        ("Ctrl+1", "1"),
        "Show one evidence pixel on one screen pixel.",
        Needs.IMAGE,
    ),
    Command("zoom_in", Menu.VIEW, "Zoom &In", ("Ctrl++", "Ctrl+="), "Zoom in a step.", Needs.IMAGE),
    Command("zoom_out", Menu.VIEW, "Zoom O&ut", ("Ctrl+-",), "Zoom out a step.", Needs.IMAGE, ends_section=True),
    Command(
        "toggle_heatmap", Menu.VIEW, "Show &Heatmap", ("H",), "Paint the model scores over the image.", checkable=True
    ),
    Command("toggle_contour", Menu.VIEW, "Show Mask &Outline", ("O",), "Draw the border of the mask.", checkable=True),
    Command(
        "toggle_fill",
        Menu.VIEW,
        "Show Mas&k Fill",
        ("M",),
        "Fill the mask with one colour.",
        checkable=True,
        ends_section=True,
    ),
    Command(
        "theme_system",
        Menu.VIEW,
        "Theme of the &System",
        ("Ctrl+Shift+Y",),
        "Light or dark, as the system is.",
        group="theme",
        checkable=True,
    ),
    Command(
        "theme_light",
        Menu.VIEW,
        "&Light Theme",
        ("Ctrl+Shift+L",),
        "Light, whatever the system is.",
        group="theme",
        checkable=True,
    ),
    Command(
        "theme_dark",
        Menu.VIEW,
        "&Dark Theme",
        ("Ctrl+Shift+D",),
        "Dark, whatever the system is.",
        group="theme",
        checkable=True,
    ),
)
