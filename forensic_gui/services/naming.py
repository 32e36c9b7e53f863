"""Names of output files: no image overwrites another's, and a repeated run finds its own names again."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

# 255 bytes is the limit of common file systems; the longest suffix and "~9999" must fit behind the stem.
MAX_STEM_BYTES = 200


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a stem belongs to: one page of one content."""

    sha256: str
    page: int


class StemNames:
    """Gives every image of a run a stem of its own.

    The first image called `IMG_1` gets `IMG_1`, the next one `IMG_1~2`, then `IMG_1~3`, in the order of the input.
    Stems that differ only in case count as the same, because some file systems cannot keep both. A stem that an
    earlier run used is given again to the same content only; one under which a file of someone else's lies is passed
    over.
    """

    def __init__(self, earlier: dict[str, Owner], *, is_free: Callable[[str], bool]) -> None:
        """Start a run.

        Args:
            earlier: owners of the stems that earlier runs recorded.
            is_free: whether no file lies under a stem but those that earlier runs recorded.
        """
        self._earlier = {_key(stem): owner for stem, owner in earlier.items()}
        self._taken: set[str] = set()
        self._is_free = is_free

    def take(self, stem: str, owner: Owner) -> str:
        """The stem for an image whose own stem is `stem`; it is not given again in this run."""
        base = _shortened(stem)
        number = 1
        while True:
            candidate = base if number == 1 else f"{base}~{number}"
            if self._may_have(candidate, owner):
                self._taken.add(_key(candidate))
                return candidate
            number += 1

    def _may_have(self, stem: str, owner: Owner) -> bool:
        if _key(stem) in self._taken:
            return False
        # An owner too may find files that it never wrote: its earlier run made fewer kinds of them.
        return self._earlier.get(_key(stem), owner) == owner and self._is_free(stem)


def _key(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).casefold()


def _shortened(stem: str) -> str:
    encoded = stem.encode("utf-8", "surrogateescape")
    if len(encoded) <= MAX_STEM_BYTES:
        return stem
    return encoded[:MAX_STEM_BYTES].decode("utf-8", "ignore")
