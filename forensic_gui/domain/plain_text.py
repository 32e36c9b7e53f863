"""Texts from outside, made harmless to read: what cannot be seen, or turns the writing round, is shown as an escape.

Both functions leave their own results as they are, so that a text may pass through them more than once.
"""

from __future__ import annotations

import re
import unicodedata

# Without them Persian and the scripts of India cannot be written; they join and part letters and move nothing.
_JOINERS = frozenset("\u200c\u200d")
_TAB = "    "
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
# No writing stacks more marks on a letter; a pile of them covers the lines above and below.
_PILE = re.compile(f"(?<={_MARK}{{4}}){_MARK}+")


def plain_line(text: str) -> str:
    """One line: control characters, line ends, bidirectional marks and undecodable bytes of file names as escapes."""
    if text.isprintable():
        return _without_piles(text)
    return _without_piles("".join(map(_shown, text)))


def plain_lines(text: str) -> str:
    """A person's words of several lines: line ends, tabs, unusual spaces and joiners of letters are what they mean."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_without_piles(line if line.isprintable() else "".join(map(_written, line))) for line in lines)


def _without_piles(text: str) -> str:
    return text if text.isascii() else _PILE.sub(lambda pile: _escaped(pile[0]), text)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return _escaped(character)


def _escaped(text: str) -> str:
    return text.encode("unicode_escape", "surrogatepass").decode("ascii")


def _written(character: str) -> str:
    if character == "\t":
        return _TAB
    if character in _JOINERS:
        return character
    return " " if unicodedata.category(character) == "Zs" else _shown(character)
