"""Sizes, colours and fonts of a report's pages. Lengths are points, a 72nd of an inch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 1."""

PAGE_WIDTH = 595.276  # A4
PAGE_HEIGHT = 841.89
LEFT = 62.0
RIGHT = PAGE_WIDTH - 56.0
TOP = 66.0  # down from the page's upper edge to the text
BOTTOM = PAGE_HEIGHT - 66.0
WIDTH = RIGHT - LEFT

INK: Colour = (0.13, 0.14, 0.16)
QUIET: Colour = (0.40, 0.43, 0.46)
ACCENT: Colour = (0.13, 0.27, 0.40)
CAUTION: Colour = (0.66, 0.33, 0.0)
RULE: Colour = (0.82, 0.84, 0.86)
SHADE: Colour = (0.945, 0.95, 0.957)
CAUTION_SHADE: Colour = (0.992, 0.957, 0.906)
MARK: Colour = (0.925, 0.925, 0.93)
"""Of the mark behind the text: seen at once, and the text over it stays easy to read."""


class FontName(StrEnum):
    """Fonts that ship with the program, by their files."""

    SANS = "DejaVuSans"
    BOLD = "DejaVuSans-Bold"
    OBLIQUE = "DejaVuSans-Oblique"
    MONO = "DejaVuSansMono"
    WIDE = "DroidSansFallbackFull"


@dataclass(frozen=True, slots=True)
class Style:
    """How letters look.

    Attributes:
        font: which font is asked first for a character.
        size: of the letters.
        leading: from line to line.
        colour: of the letters.
        anywhere: whether lines may break between any two characters.
    """

    font: FontName
    size: float
    leading: float
    colour: Colour = INK
    anywhere: bool = False


BODY = Style(FontName.SANS, 9, 13)
REMARK = Style(FontName.SANS, 8.5, 12, QUIET)
EMPTY = Style(FontName.OBLIQUE, 9, 13, QUIET)
MONO = Style(FontName.MONO, 8, 13, anywhere=True)
LABEL = Style(FontName.SANS, 8.5, 13, QUIET)
CELL = Style(FontName.SANS, 8, 11)
CELL_MONO = Style(FontName.MONO, 7.5, 11, anywhere=True)
CELL_HEAD = Style(FontName.BOLD, 8, 11, ACCENT)
CAPTION = Style(FontName.SANS, 7.5, 10, QUIET)
TABLE_CAPTION = Style(FontName.BOLD, 8.5, 12)
TITLE = Style(FontName.BOLD, 21, 27, ACCENT)
SUBTITLE = Style(FontName.SANS, 11, 16, QUIET)
LETTERHEAD = Style(FontName.SANS, 8.5, 12)
LETTERHEAD_NAME = Style(FontName.BOLD, 10, 14)
SECTION = Style(FontName.BOLD, 16, 21, ACCENT)
ITEM = Style(FontName.BOLD, 11.5, 15.5)
PART = Style(FontName.BOLD, 9.5, 13, ACCENT)
RUNNING = Style(FontName.SANS, 7.5, 10, QUIET)
RUNNING_MARK = Style(FontName.BOLD, 9, 10, CAUTION)
CONTENTS_SECTION = Style(FontName.BOLD, 9, 14)
CONTENTS_ITEM = Style(FontName.SANS, 8.5, 12.5)
BADGE = Style(FontName.BOLD, 9, 13)
