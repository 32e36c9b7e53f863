"""Texts from outside, made harmless to read: what cannot be seen, or turns the writing round, is shown as an escape.

Both functions leave their own results as they are, so that a text may pass through them more than once.
"""

from __future__ import annotations

import unicodedata

# Without them Persian and the scripts of India cannot be written; they join and part letters and move nothing.
_JOINERS = frozenset("\u200c\u200d")
_TAB = "    "


def plain_line(text: str) -> str:
    """One line: control characters, line ends, bidirectional marks and undecodable bytes of file names as escapes."""
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def plain_lines(text: str) -> str:
    """A person's words of several lines: line ends, tabs, unusual spaces and joiners of letters are what they mean."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line if line.isprintable() else "".join(map(_written, line)) for line in lines)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _written(character: str) -> str:
    if character == "\t":
        return _TAB
    if character in _JOINERS:
        return character
    return " " if unicodedata.category(character) == "Zs" else _shown(character)
