"""Every command of the window: its menu, its words, its keys. The menus and the overview of keys are made of this."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Menu(StrEnum):
    """Menus of the menu bar, in their order. An ampersand marks the letter that opens it."""

    FILE = "&File"
    EDIT = "&Edit"
    VIEW = "&View"
    ANALYZE = "&Analyze"
    COMPARE = "&Compare"
    WINDOW = "&Window"
    HELP = "&Help"


class Needs(StrEnum):
    """What must be there for a command to be enabled."""

    NOTHING = "nothing"
    ITEMS = "items"  # anything in the list
    SELECTION = "selection"
    IMAGE = "image"  # evidence on the canvas
    HEATMAP = "heatmap"  # a result on the canvas
    READY_IMAGE = "ready image"  # evidence on the canvas and a localizer
    READY_ITEMS = "ready items"
    READY_SELECTION = "ready selection"
    RUNNING = "running"  # work that can be stopped


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        id: name by which the window finds what it does.
        menu: where it stands.
        text: its name in the menu, with a mnemonic.
        keys: shortcuts in Qt's portable notation, the first one shown.
        tip: one sentence.
        needs: what must be there for it to be enabled.
        group: commands of one menu and group exclude each other; "" for a plain command.
        checkable: whether it is switched on and off.
        ends_section: whether a separator follows.
        shown_keys: words shown in a shortcut's place, for keys that are held.
    """

    id: str
    menu: Menu
    text: str
    keys: tuple[str, ...]
    tip: str
    needs: Needs = Needs.NOTHING
    group: str = ""
    checkable: bool = False
    ends_section: bool = False
    shown_keys: str = ""

    @property
    def plain_text(self) -> str:
        """The name without its mnemonic."""
        return self.text.replace("&", "")


_F, _E, _V, _A, _C, _H = Menu.FILE, Menu.EDIT, Menu.VIEW, Menu.ANALYZE, Menu.COMPARE, Menu.HELP

COMMANDS: tuple[Command, ...] = (
    Command("open_files", _F, "&Open Photographs…", ("Ctrl+O",), "Open photographs. They are read, never altered."),
    Command(
        "open_folder",
        _F,
        "Open &Folder…",
        ("Ctrl+Shift+O",),
        "Open every photograph in a folder and below it.",
        ends_section=True,
    ),
    Command(
        "save_overlay",
        _F,
        "Save O&verlay…",
        ("Ctrl+S",),
        "Save the image under its coloured heatmap, with the colours and the opacity of the Layers panel.",
        Needs.HEATMAP,
    ),
    Command(
        "save_mask",
        _F,
        "Save &Mask…",
        ("Ctrl+Shift+M",),
        "Save where the model score is over the threshold of the Layers panel.",
        Needs.HEATMAP,
    ),
    Command(
        "save_heatmap",
        _F,
        "Save &Heatmap…",
        ("Ctrl+Shift+H",),
        "Save the model scores as a 16-bit image.",
        Needs.HEATMAP,
    ),
    Command(
        "save_selected",
        _F,
        "Save Results of &Selected…",
        ("Ctrl+Shift+S",),
        "Analyze the selected images and save overlay, mask, heatmap and findings of each to a folder.",
        Needs.READY_SELECTION,
    ),
    Command(
        "save_all",
        _F,
        "Save Results of &All…",
        ("Ctrl+Alt+S",),
        "Analyze every image listed and save overlay, mask, heatmap and findings of each to a folder.",
        Needs.READY_ITEMS,
        ends_section=True,
    ),
    Command(
        "remove_selected",
        _F,
        "&Remove from List",
        ("Del",),
        "Take the selected images off the list. The files are left alone.",
        Needs.SELECTION,
    ),
    Command("quit", _F, "&Quit", ("Ctrl+Q",), "Stop what runs and close the window."),
    Command(
        "copy_facts", _E, "Copy &Facts", ("Ctrl+Shift+C",), "Copy everything in the Facts panel as text.", Needs.IMAGE
    ),
    Command(
        "copy_hash",
        _E,
        "Copy &SHA-256",
        ("Ctrl+Alt+C",),
        "Copy the SHA-256 of the evidence's bytes.",
        Needs.IMAGE,
        ends_section=True,
    ),
    Command("select_all", _E, "Select &All", ("Ctrl+A",), "Select every image listed.", Needs.ITEMS),
    Command("find", _E, "Fi&nd in List", ("Ctrl+F",), "Show only images whose path contains some text."),
    Command("next_image", _V, "&Next Image", ("PgDown", "J"), "Go to the next image of the list.", Needs.ITEMS),
    Command(
        "previous_image",
        _V,
        "&Previous Image",
        ("PgUp", "K"),
        "Go to the previous image of the list.",
        Needs.ITEMS,
        ends_section=True,
    ),
    Command(
        "sort_name",
        _V,
        "Sort List by Na&me",
        ("Ctrl+Shift+N",),
        "Sort the list by file name.",
        group="sort",
        checkable=True,
    ),
    Command(
        "sort_share",
        _V,
        "Sort List by Sha&re",
        ("Ctrl+Shift+R",),
        "Put images with the largest share of pixels over the threshold first.",
        group="sort",
        checkable=True,
    ),
    Command(
        "sort_added",
        _V,
        "Sort List by Openin&g",
        ("Ctrl+Shift+G",),
        "Sort the list in the order of opening.",
        group="sort",
        checkable=True,
        ends_section=True,
    ),
    Command("fit", _V, "&Fit in Window", ("Ctrl+0", "F"), "Show the whole image.", Needs.IMAGE),
    Command(
        "one_to_one",
        _V,
        "Actual Si&ze (1:1)",
        ("Ctrl+1", "1"),
        "Show one evidence pixel on one screen pixel.",
        Needs.IMAGE,
    ),
    Command("zoom_in", _V, "Zoom &In", ("Ctrl++", "Ctrl+="), "Zoom in a step.", Needs.IMAGE),
    Command("zoom_out", _V, "Zoom O&ut", ("Ctrl+-",), "Zoom out a step.", Needs.IMAGE, ends_section=True),
    Command("toggle_heatmap", _V, "Show &Heatmap", ("H",), "Paint the model scores over the image.", checkable=True),
    Command("toggle_contour", _V, "Show Mask &Outline", ("O",), "Draw the border of the mask.", checkable=True),
    Command(
        "toggle_fill",
        _V,
        "Show Mas&k Fill",
        ("M",),
        "Fill the mask with one colour.",
        checkable=True,
        ends_section=True,
    ),
    Command(
        "theme_system",
        _V,
        "Theme of the &System",
        ("Ctrl+Shift+Y",),
        "Light or dark, as the system is.",
        group="theme",
        checkable=True,
    ),
    Command(
        "theme_light",
        _V,
        "&Light Theme",
        ("Ctrl+Shift+L",),
        "Light, whatever the system is.",
        group="theme",
        checkable=True,
    ),
    Command(
        "theme_dark",
        _V,
        "&Dark Theme",
        ("Ctrl+Shift+D",),
        "Dark, whatever the system is.",
        group="theme",
        checkable=True,
    ),
    Command(
        "analyze_current",
        _A,
        "Analyze &This Image",
        ("F5",),
        "Read the image on the canvas anew and analyze it.",
        Needs.READY_IMAGE,
    ),
    Command(
        "analyze_selected",
        _A,
        "Analyze &Selected",
        ("F6",),
        "Analyze the selected images in the background.",
        Needs.READY_SELECTION,
    ),
    Command(
        "analyze_all",
        _A,
        "Analyze &All",
        ("F7",),
        "Analyze every image listed that was not analyzed yet.",
        Needs.READY_ITEMS,
    ),
    Command(
        "stop",
        _A,
        "Sto&p",
        ("Esc",),
        "Stop the analysis; what was finished is kept.",
        Needs.RUNNING,
        ends_section=True,
    ),
    Command(
        "auto_analyze",
        _A,
        "Analyze on Se&lection",
        ("Ctrl+Shift+A",),
        "Analyze an image as soon as it is shown.",
        checkable=True,
        ends_section=True,
    ),
    Command(
        "views_fast",
        _A,
        "&Fast: Whole Image",
        ("Ctrl+Shift+F",),
        "Look at the whole image once.",
        group="views",
        checkable=True,
    ),
    Command(
        "views_thorough",
        _A,
        "T&horough: Tiles Too",
        ("Ctrl+Shift+T",),
        "Look at the whole image and at overlapping tiles of its own resolution; many times slower.",
        group="views",
        checkable=True,
        ends_section=True,
    ),
    Command(
        "choose_weights",
        _A,
        "Choose &Weights…",
        ("Ctrl+Shift+W",),
        "Load a localizer from a weights file with its card.",
        ends_section=True,
    ),
    Command("compare_single", _C, "Si&ngle", ("Ctrl+Shift+1",), "One picture.", group="compare", checkable=True),
    Command(
        "compare_swipe",
        _C,
        "S&wipe",
        ("Ctrl+Shift+2", "W"),
        "Image and layers on two sides of a divider.",
        group="compare",
        checkable=True,
    ),
    Command(
        "compare_side",
        _C,
        "Side by &Side",
        ("Ctrl+Shift+3", "S"),
        "Image and layers side by side, moved together.",
        group="compare",
        checkable=True,
        ends_section=True,
    ),
    Command(
        "blink",
        _C,
        "&Blink",
        (),
        "Show the bare image: as long as B is held, or until chosen again.",
        Needs.IMAGE,
        checkable=True,
        shown_keys="hold B",
    ),
    Command("shortcuts", _H, "&Keyboard Shortcuts", ("F1",), "All keys at a glance."),
    Command(
        "open_logs",
        _H,
        "Open &Log Folder",
        ("Ctrl+Shift+J",),
        "Show where logs and crash reports are kept.",
        ends_section=True,
    ),
    Command("about", _H, "&About Forensic GUI", ("Shift+F1",), "Version, licences and the weights in use."),
)


def command(command_id: str) -> Command:
    """The command of this id."""
    return next(each for each in COMMANDS if each.id == command_id)
