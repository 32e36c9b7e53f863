"""Where lines of a paragraph break."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

# Between words, after hyphens within them, and beside the characters of scripts that are written without spaces.
_WIDE = "\u2e80-\u2fff\u3040-\u30ff\u3105-\u312f\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_CLOSING = "\u3001\u3002\u3009\u300b\u300d\u300f\u3011\u3015\u30fc\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f"
# A number's groups of three stay together, and its sign of percent with it.
_SPACE = "(?:(?<![0-9])[ ]+|[ ]+(?![0-9]{3}\\b))(?!%)"
_BREAK = re.compile(
    f"{_SPACE}|(?<=[^\\W\\d_])-(?=[^\\W\\d_])|(?<=[{_WIDE}{_CLOSING}])(?![{_CLOSING} ])|(?=[{_WIDE}])(?<![ ])"
)
_SPACES = re.compile("[ ]+")
# Within words that fill a line and more, as paths do; an escape is not parted after its backslash.
_SOFT_BREAK = re.compile(r"(?<=[/_.,;:=&-])(?=[^/_.,;:=&-])|(?<=[^\\])(?=\\)")
_ROUNDING = 1e-6  # sums of widths, points
_SHORTEST_LINE = 0.5  # of the column: a shorter line looks like a mistake, and a word is rather parted anywhere


def break_lines(text: str, advances: Sequence[float], width: float, *, anywhere: bool = False) -> list[tuple[int, int]]:
    """Where lines start and end; the spaces between them belong to none.

    Args:
        text: a paragraph.
        advances: width of each of its characters; 0 for those that are part of the one before.
        width: of the column, in the same unit.
        anywhere: whether words may be parted between any two characters, as hashes are.

    Returns:
        At least one (start, end). No line is wider than `width`, unless a single character is.
    """
    ends = list(accumulate(advances, initial=0.0))
    if ends[-1] <= width + _ROUNDING:
        return [(0, len(text))]
    rule = _SPACES if anywhere else _BREAK
    breaks = [match.span() for match in rule.finditer(text) if 0 < match.start() < len(text)]
    # A line may go up to the characters that are kept, and the next one starts after the spaces that are not.
    words = [(end if text[start] != " " else start, end) for start, end in breaks if end < len(text)]
    soft = [] if anywhere else [match.end() for match in _SOFT_BREAK.finditer(text)]
    shortest = _SHORTEST_LINE * width if anywhere else 0.0
    return _filled(_Column(ends, advances, width + _ROUNDING), words, soft, shortest)


@dataclass(frozen=True, slots=True)
class _Column:
    """Widths of characters, added up from the first and one by one, and that of the column."""

    ends: Sequence[float]
    advances: Sequence[float]
    width: float

    def length(self, start: int, end: int) -> float:
        return self.ends[end] - self.ends[start]


def _filled(column: _Column, words: list[tuple[int, int]], soft: list[int], shortest: float) -> list[tuple[int, int]]:
    """Lines as full as they get, ended between words unless that leaves one shorter than `shortest`."""
    lines: list[tuple[int, int]] = []
    start, count = 0, len(column.advances)
    while column.length(start, count) > column.width:
        limit = bisect_right(column.ends, column.ends[start] + column.width) - 1
        end, after = _last_word(words, start, limit)
        if end <= start or column.length(start, end) < shortest:
            end = after = _within_word(column, soft, start, limit)
        lines.append((start, end))
        start = after
    lines.append((start, count))
    return lines


def _last_word(words: list[tuple[int, int]], start: int, limit: int) -> tuple[int, int]:
    index = bisect_right(words, (limit, float("inf"))) - 1
    return words[index] if index >= 0 and words[index][0] > start else (start, start)


def _within_word(column: _Column, soft: list[int], start: int, limit: int) -> int:
    index = bisect_right(soft, limit) - 1
    if index >= 0 and soft[index] > start and column.length(start, soft[index]) >= _SHORTEST_LINE * column.width:
        return soft[index]
    end = limit
    while end > start and _is_part_of_the_one_before(column, end):
        end -= 1
    if end > start:
        return end
    end = start + 1  # one that is wider than the column
    while _is_part_of_the_one_before(column, end):
        end += 1
    return end


def _is_part_of_the_one_before(column: _Column, index: int) -> bool:
    return index < len(column.advances) and column.advances[index] == 0.0
