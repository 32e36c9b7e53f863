"""Texts as the database keeps them: what it can store, what is searched, what sorts as people count."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

_NUMBER = re.compile(r"[0-9]+")
_SEPARATOR = "\n"


def storable(text: str) -> str:
    r"""A text that UTF-8 can carry: bytes of a file name that are no characters stand as \udcXX."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def folded(text: str) -> str:
    """A text for comparison in any case of letters."""
    return unicodedata.normalize("NFC", storable(text)).casefold()


def natural_key(text: str) -> str:
    """A text whose order as code points puts IMG_9 before IMG_10: every number goes by its length first."""
    return _NUMBER.sub(_counted, folded(text))


def haystack(parts: Iterable[str]) -> str:
    """What is searched in: parts that no needle can straddle."""
    return _SEPARATOR.join(folded(part).replace(_SEPARATOR, " ") for part in parts if part)


def needle(text: str) -> str:
    """What to search for in a haystack; "" for everything."""
    return folded(text.strip()).replace(_SEPARATOR, " ")


def parsed(text: str) -> Any:
    """JSON values of a text that may come from somebody else; a ValueError where there are none."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested deeper than anything that is kept") from error


def _counted(number: re.Match[str]) -> str:
    digits = number.group().lstrip("0")
    return f"{len(digits):03d}{digits}"
