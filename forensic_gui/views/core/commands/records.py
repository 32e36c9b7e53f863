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
