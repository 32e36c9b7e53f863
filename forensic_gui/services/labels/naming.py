"""Names in an export that every file system, list file and spreadsheet takes as they are."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from forensic_gui.services.naming import Owner, StemNames

_ALSO_ALLOWED = frozenset(" _-~()@+=!")
# A dot within a stem is none of them: readers that pair two sorted listings would pair a.k.jpg with the mask of a.jpg.
_FORMULA_STARTS = ("=", "+", "-", "@", " ")
_DEVICES = frozenset({"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)})


def portable_stem(file_name: str) -> str:
    """The stem of a file name, with `_` for what is unsafe in a file name, a list or a spreadsheet cell.

    Letters and digits of every script stay. A stem that a spreadsheet would take for a formula, or Windows for a
    device, gets a `_` in front.
    """
    name = unicodedata.normalize("NFC", file_name.replace("\\", "/"))
    stem = PurePosixPath(name).stem
    safe = "".join(letter if letter.isalnum() or letter in _ALSO_ALLOWED else "_" for letter in stem).rstrip()
    if not safe:
        return "image"
    return f"_{safe}" if safe.startswith(_FORMULA_STARTS) or safe.casefold() in _DEVICES else safe


class ExportNames:
    """Gives every image of one export a stem of its own: the second `IMG_1` becomes `IMG_1~2`."""

    def __init__(self) -> None:
        self._stems = StemNames({}, is_free=lambda _: True)

    def take(self, file_name: str, *, sha256: str) -> str:
        """The stem for an image of this file name."""
        return self._stems.take(portable_stem(file_name), Owner(sha256, 0))
