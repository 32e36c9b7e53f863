"""Where lines of a paragraph break."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

# Between words, after hyphens within them, and beside the characters of scripts that are written without spaces.
_WIDE = "\u2e80-\u2fff\u3040-\u30ff\u3105-\u312f\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_CLOSING = "\u3001\u3002\u3009\u300b\u300d\u300f\u3011\u3015\u30fc\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f"
_BREAK = re.compile(f"[ ]+|(?<=\\w)-(?=\\w)|(?<=[{_WIDE}{_CLOSING}])(?![{_CLOSING} ])|(?=[{_WIDE}])(?<![ ])")
# Within words that fill a line and more, as paths do.
_SOFT_BREAK = re.compile(r"[/\\_.,;:=&+-]+(?=[^/\\_.,;:=&+-])")
_ROUNDING = 1e-6  # sums of widths, points
_SHORTEST_SOFT_LINE = 0.5  # of the column: a shorter line looks like a mistake, the word is broken anywhere


def break_lines(text: str, advances: Sequence[float], width: float, *, anywhere: bool = False) -> list[tuple[int, int]]:
    """Where lines start and end; the spaces between them belong to none.

    Args:
        text: a paragraph.
        advances: width of each of its characters; 0 for those that are part of the one before.
        width: of the column, in the same unit.
        anywhere: whether any two characters may be parted, as in hashes.

    Returns:
        At least one (start, end). No line is wider than `width`, unless a single character is.
    """
    ends = list(accumulate(advances, initial=0.0))
    if ends[-1] <= width + _ROUNDING:
        return [(0, len(text))]
    breaks = [] if anywhere else [match.span() for match in _BREAK.finditer(text) if 0 < match.start() < len(text)]
    # A line may go up to the characters that are kept, and the next one starts after the spaces that are not.
    words = [(end if text[start] != " " else start, end) for start, end in breaks if end < len(text)]
    soft = [] if anywhere else [match.end() for match in _SOFT_BREAK.finditer(text)]
    return _filled(ends, advances, words, soft, width + _ROUNDING)


def _filled(
    ends: Sequence[float], advances: Sequence[float], words: list[tuple[int, int]], soft: list[int], width: float
) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    start, count = 0, len(advances)
    while ends[count] - ends[start] > width:
        limit = bisect_right(ends, ends[start] + width) - 1
        end, after = _last_word(words, start, limit)
        if end <= start:
            end = after = _within_word(ends, advances, soft, start, limit, width)
        lines.append((start, end))
        start = after
    lines.append((start, count))
    return lines


def _last_word(words: list[tuple[int, int]], start: int, limit: int) -> tuple[int, int]:
    index = bisect_right(words, (limit, float("inf"))) - 1
    return words[index] if index >= 0 and words[index][0] > start else (start, start)


def _within_word(
    ends: Sequence[float], advances: Sequence[float], soft: list[int], start: int, limit: int, width: float
) -> int:
    index = bisect_right(soft, limit) - 1
    if index >= 0 and soft[index] > start and ends[soft[index]] - ends[start] >= _SHORTEST_SOFT_LINE * width:
        return soft[index]
    end = limit
    while end > start and end < len(advances) and advances[end] == 0.0:
        end -= 1  # what is part of the character before it stays with it
    if end > start:
        return end
    end = start + 1
    while end < len(advances) and advances[end] == 0.0:
        end += 1
    return end
