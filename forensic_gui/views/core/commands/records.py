"""What a command is: its menu, its words, its keys, and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Menu(StrEnum):
    """Menus of the menu bar, in their order. An ampersand marks the letter that opens it."""

    FILE = "&File"
    CASE = "&Case"
    EDIT = "&Edit"
    VIEW = "&View"
    DRAW = "&Draw"
    ANALYZE = "&Analyze"
    COMPARE = "Co&mpare"
    REPORT = "&Report"
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
    LOOSE_SELECTION = "loose selection"  # selected files that are of no case
    CASE = "case"
    WRITABLE_CASE = "writable case"
    CASE_SELECTION = "case selection"  # selected items of a case that can be changed
    COMPARING = "comparing"  # two weights on the image shown
    RUNNING = "running"  # work that can be stopped
    DRAWABLE = "drawable"  # evidence on the canvas, of no case that is open for reading only
    WRITABLE = "writable"  # evidence of a case on the canvas that can be changed
    DRAWABLE_HEATMAP = "drawable heatmap"  # the same, and a result
    REGIONS = "regions"  # any region
    REGION = "region"  # a selected region that can be changed
    COPY_MOVE = "copy-move"  # the same, a copy-move
    SOURCE = "source"  # the same, with a source
    UNDO = "undo"  # an edit that can be taken back
    REDO = "redo"  # an edit that can be done again


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
        submenu: name of the menu within the menu that it stands in; "" for the menu itself.
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
    submenu: str = ""

    @property
    def plain_text(self) -> str:
        """The name without its mnemonic."""
        return self.text.replace("&", "")
