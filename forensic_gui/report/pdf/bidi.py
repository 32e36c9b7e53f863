"""Order of characters on a line where writing from the left and from the right meet.

The implicit part of the Unicode Bidirectional Algorithm (UAX #9, revision 48). Explicit embeddings, overrides and
isolates never get here: they are marks that nobody sees, and are shown as escapes (`domain.plain_text`). Glyphs are
mirrored (rule L4) where text is shaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LEFT, RIGHT = 0, 1
"""Embedding levels of paragraphs."""

JOINERS = frozenset("\u200c\u200d")
"""Join and part letters; they are seen in the letters beside them alone."""

_STRONG = {"L": LEFT, "R": RIGHT, "AL": RIGHT}
_NEUTRAL = frozenset({"B", "S", "WS", "ON"})
_WHITE = frozenset({"B", "S", "WS"})
_SEPARATED = frozenset({("CS", "EN"), ("CS", "AN"), ("ES", "EN")})  # W4: a separator, and what it stands between
_MOST_OPEN_BRACKETS = 63  # BD16

# BidiBrackets.txt of Unicode 15, an opening one and its closing one after each other.
_BRACKETS = (
    "()[]{}\u0f3a\u0f3b\u0f3c\u0f3d\u169b\u169c\u2045\u2046\u207d\u207e\u208d\u208e\u2308\u2309\u230a\u230b\u2329\u232a"
    "\u2768\u2769\u276a\u276b\u276c\u276d\u276e\u276f\u2770\u2771\u2772\u2773\u2774\u2775\u27c5\u27c6\u27e6\u27e7\u27e8"
    "\u27e9\u27ea\u27eb\u27ec\u27ed\u27ee\u27ef\u2983\u2984\u2985\u2986\u2987\u2988\u2989\u298a\u298b\u298c\u298d\u2990"
    "\u298f\u298e\u2991\u2992\u2993\u2994\u2995\u2996\u2997\u2998\u29d8\u29d9\u29da\u29db\u29fc\u29fd\u2e22\u2e23\u2e24"
    "\u2e25\u2e26\u2e27\u2e28\u2e29\u2e55\u2e56\u2e57\u2e58\u2e59\u2e5a\u2e5b\u2e5c\u3008\u3009\u300a\u300b\u300c\u300d"
    "\u300e\u300f\u3010\u3011\u3014\u3015\u3016\u3017\u3018\u3019\u301a\u301b\ufe59\ufe5a\ufe5b\ufe5c\ufe5d\ufe5e\uff08"
    "\uff09\uff3b\uff3d\uff5b\uff5d\uff5f\uff60\uff62\uff63"
)
_SAME = {"\u2329": "\u3008", "\u232a": "\u3009"}  # canonically equivalent, BD14
_CLOSING = {
    _SAME.get(opening, opening): _SAME.get(closing, closing)
    for opening, closing in zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True)
}
_CLOSINGS = frozenset(_CLOSING.values())

# Blocks of scripts that run from the right: without one of their characters there is nothing to reorder.
_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


def runs_rightwards_only(text: str) -> bool:
    """Whether no character of a text asks for writing from the right."""
    return _FROM_RIGHT.search(text) is None


def is_mark(character: str) -> bool:
    """Whether a character stands on the one before it."""
    return unicodedata.bidirectional(character) == "NSM"


def base_level(text: str) -> int:
    """Level of a paragraph: that of its first strong character, from the left where there is none (P2, P3)."""
    for character in text:
        level = _STRONG.get(unicodedata.bidirectional(character))
        if level is not None:
            return level
    return LEFT


def levels(text: str, *, base: int) -> list[int]:
    """Embedding level of each character of a paragraph: even ones run from the left, odd ones from the right.

    Args:
        text: of one paragraph, without explicit marks.
        base: level of the paragraph, `LEFT` or `RIGHT`.
    """
    classes = [unicodedata.bidirectional(character) or "L" for character in text]
    side = "R" if base else "L"
    _resolve_weak(classes, side)
    _resolve_brackets(text, classes, side)
    _resolve_neutral(classes, side)
    return [_implicit(each, base) for each in classes]


def line_levels(text: str, paragraph: Sequence[int], *, start: int, end: int, base: int) -> list[int]:
    """Levels of the characters of a line: white space at its end, and about separators, is the paragraph's (L1).

    Args:
        text: the paragraph.
        paragraph: levels of its characters.
        start: of the line within it.
        end: the same.
        base: level of the paragraph.
    """
    result = list(paragraph[start:end])
    is_trailing = True
    for index in reversed(range(len(result))):
        kind = unicodedata.bidirectional(text[start + index])
        is_trailing = (is_trailing and kind in _WHITE) or kind in {"B", "S"}
        if is_trailing:
            result[index] = base
    return result


def visual_runs(levels_of_line: Sequence[int]) -> list[tuple[int, int, int]]:
    """Runs of one level as they stand on a line, from left to right (L2): (start, end, level) of each."""
    runs: list[tuple[int, int, int]] = []
    for index, level in enumerate(levels_of_line):
        if runs and runs[-1][2] == level:
            runs[-1] = (runs[-1][0], index + 1, level)
        else:
            runs.append((index, index + 1, level))
    odd = [level for _, _, level in runs if level % 2]
    if not odd:
        return runs
    for level in range(max(each for _, _, each in runs), min(odd) - 1, -1):
        _turn_runs(runs, level)
    return runs


def _turn_runs(runs: list[tuple[int, int, int]], level: int) -> None:
    """Turn round every stretch of runs of `level` and above."""
    start = 0
    while start < len(runs):
        end = start
        while end < len(runs) and runs[end][2] >= level:
            end += 1
        runs[start:end] = reversed(runs[start:end])
        start = max(end, start + 1)


def _resolve_weak(classes: list[str], side: str) -> None:
    """W1 to W7. Marks, numbers and what stands between them."""
    _resolve_marks_and_numbers(classes, side)
    _resolve_separators(classes)
    _resolve_terminators(classes)
    strong = side
    for index, kind in enumerate(classes):
        if kind in {"ES", "ET", "CS"}:  # W6
            classes[index] = "ON"
        elif kind in {"L", "R"}:
            strong = kind
        elif kind == "EN" and strong == "L":  # W7
            classes[index] = "L"


def _resolve_marks_and_numbers(classes: list[str], side: str) -> None:
    """W1 to W3."""
    previous, strong = side, side
    for index, kind in enumerate(classes):
        previous = resolved = previous if kind == "NSM" else kind  # W1
        if resolved in _STRONG:
            strong = resolved
        elif resolved == "EN" and strong == "AL":  # W2
            resolved = "AN"
        classes[index] = "R" if resolved == "AL" else resolved  # W3


def _resolve_separators(classes: list[str]) -> None:
    """W4. A single separator between two numbers of a kind is one of them."""
    for index in range(1, len(classes) - 1):
        before, kind, after = classes[index - 1 : index + 2]
        if before == after and (kind, before) in _SEPARATED:
            classes[index] = before


def _resolve_terminators(classes: list[str]) -> None:
    """W5. Currency and percent signs beside European numbers are part of them; BN counts as one (5.2)."""
    index = 0
    while index < len(classes):
        end = index
        while end < len(classes) and classes[end] in {"ET", "BN"}:
            end += 1
        beside = (index > 0 and classes[index - 1] == "EN") or (end < len(classes) and classes[end] == "EN")
        if beside:
            classes[index:end] = ["EN"] * (end - index)
        index = max(end, index + 1)


def _resolve_brackets(text: str, classes: list[str], side: str) -> None:
    """N0. A pair of brackets takes the side of what it holds, or of what stands before it."""
    for opening, closing in _bracket_pairs(text, classes):
        inside = {_side(kind) for kind in classes[opening + 1 : closing]}
        other = "L" if side == "R" else "R"
        if side in inside:
            chosen = side
        elif other in inside:
            before = next((_side(kind) for kind in reversed(classes[:opening]) if _side(kind)), side)
            chosen = other if before == other else side
        else:
            continue
        for index in (opening, closing):
            classes[index] = chosen
            _take_marks_along(text, classes, index)


def _take_marks_along(text: str, classes: list[str], bracket: int) -> None:
    """Marks on a bracket were neutral with it (W1), and take its side."""
    index = bracket + 1
    while index < len(text) and unicodedata.bidirectional(text[index]) == "NSM":
        classes[index] = classes[bracket]
        index += 1


def _bracket_pairs(text: str, classes: Sequence[str]) -> list[tuple[int, int]]:
    """BD16. Pairs in the order of their opening brackets."""
    pairs: list[tuple[int, int]] = []
    waiting: list[tuple[str, int]] = []
    for index, character in enumerate(text):
        if classes[index] != "ON":
            continue
        bracket = _SAME.get(character, character)
        if bracket in _CLOSING:
            if len(waiting) == _MOST_OPEN_BRACKETS:
                return []
            waiting.append((_CLOSING[bracket], index))
        elif bracket in _CLOSINGS:
            depth = next((at for at in reversed(range(len(waiting))) if waiting[at][0] == bracket), None)
            if depth is not None:
                pairs.append((waiting[depth][1], index))
                del waiting[depth:]
    return sorted(pairs)


def _resolve_neutral(classes: list[str], side: str) -> None:
    """N1, N2. What is neutral takes the side of both its neighbours, or the paragraph's."""
    index = 0
    while index < len(classes):
        end = index
        while end < len(classes) and classes[end] in _NEUTRAL | {"BN"}:
            end += 1
        if end > index:
            before = _side(classes[index - 1]) if index else side
            after = _side(classes[end]) if end < len(classes) else side
            classes[index:end] = [before if before == after else side] * (end - index)
        index = max(end, index + 1)


def _side(kind: str) -> str:
    """L or R, of what counts as strong for neutrals (numbers are R, N0 and N1); "" for others."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind, "")


def _implicit(kind: str, base: int) -> int:
    """I1, I2."""
    if base == LEFT:
        return {"R": 1, "EN": 2, "AN": 2}.get(kind, 0)
    return {"L": 2, "EN": 2, "AN": 2}.get(kind, 1)
