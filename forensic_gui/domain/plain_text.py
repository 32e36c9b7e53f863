"""Texts from outside, made harmless to read: what cannot be seen, or turns the writing round, is shown as an escape."""

from __future__ import annotations


def plain_line(text: str) -> str:
    """One line: control characters, line ends, bidirectional marks and undecodable bytes of file names as escapes."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def plain_lines(text: str) -> str:
    """The same, with line ends kept: for a person's words of several lines."""
    return "\n".join(map(plain_line, text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))
