"""Which build of this program runs: a hash of its own code, the same on every machine that has the same code."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path

PACKAGES = ("boxprompt", "forensic_gui")
_PIECE_BYTES = 1 << 20


def build_identity() -> str:
    """SHA-256 after the word "code" (of the sources) or "program" (of a frozen program's file).

    The hash of the sources is that of lines "SHA-256  path" of every Python file of the two packages, sorted by path,
    each ended by a line feed; `sha256sum` makes the same lines.
    """
    if getattr(sys, "frozen", False):
        return f"program {_hash_of(Path(sys.executable))}"
    return f"code {source_hash(_package_folders())}"


def source_hash(folders: Iterable[Path]) -> str:
    """SHA-256 of the sources of packages; paths begin with the name of their package.

    Args:
        folders: of the packages, with different names.
    """
    lines = {
        path.relative_to(folder.parent).as_posix(): _hash_of(path)
        for folder in folders
        for path in folder.rglob("*.py")
    }
    text = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(lines.items()))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _package_folders() -> list[Path]:
    found = [importlib.util.find_spec(package) for package in PACKAGES]
    return [Path(place) for spec in found if spec is not None for place in (spec.submodule_search_locations or ())]


def _hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()
