"""An event's details in short."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

MOST_CHARACTERS = 200
_HASH = re.compile(r"[0-9a-f]{64}")
_HASH_SHOWN = 12
# What another column shows.
_SHOWN_ELSEWHERE = frozenset({"item", "items"})


def summary_of(details: Mapping[str, Any] | None, details_json: str) -> str:
    """Details as "name: value" in a row, hashes after words and cut; what is no JSON as it stands."""
    if details is None:
        return _cut(details_json)
    told = sorted(
        (name for name in details if name not in _SHOWN_ELSEWHERE), key=lambda name: _tells_little(details[name])
    )
    parts = (f"{_words(name)}: {_value(details[name])}" for name in told)
    text = ""
    for part in parts:
        text = f"{text} · {part}" if text else part
        if len(text) > MOST_CHARACTERS:
            break
    return _cut(text)


def _tells_little(value: object) -> int:
    """People read words first; a hash is looked up, and what is empty is passed over."""
    if isinstance(value, str) and _HASH.fullmatch(value):
        return 1
    return 2 if value in (None, "", [], {}) else 0


def _words(name: str) -> str:
    return name[:MOST_CHARACTERS].replace("_", " ").replace("sha256", "SHA-256")


def _value(value: object, depth: int = 0) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict | list):
        return _several(value, depth)
    if value is None:
        return "none"
    return ("no", "yes")[value] if isinstance(value, bool) else f"{value}"


def _text(value: str) -> str:
    if _HASH.fullmatch(value):
        return f"{value[:_HASH_SHOWN]}…"
    return value[: MOST_CHARACTERS + 1] or "none"


def _several(value: dict[str, Any] | list[Any], depth: int) -> str:
    """The first few values of many."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        pairs = itertools.islice(value.items(), _MOST_VALUES)
        shown = ", ".join(f"{_words(name)} {_value(each, depth + 1)}" for name, each in pairs)
    else:
        shown = ", ".join(_value(each, depth + 1) for each in value[:_MOST_VALUES])
    return f"{shown}, … ({len(value)})" if len(value) > _MOST_VALUES else shown or "none"


_MOST_VALUES = 4
_DEEPEST = 3


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
