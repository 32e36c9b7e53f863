"""Files in a case's folders that the case does not know: nothing vouches for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from forensic_gui.domain.errors import CaseError
from forensic_gui.storage.atomic import is_staged
from forensic_gui.storage.case.folder import CaseFolder


def kept_files(folder: CaseFolder, *, unfinished: bool) -> Iterator[Path]:
    """Everything but folders that lies among originals and maps, links to folders included, which are not followed.

    Args:
        folder: of the case.
        unfinished: whether copies that are being written are named as well; they belong to who has the case open.

    Raises:
        CaseError: a folder cannot be read.
    """
    for part in (folder.originals, folder.derived):
        for parent, folders, files in os.walk(part, onerror=_refuse):
            links = [name for name in folders if Path(parent, name).is_symlink()]
            yield from (Path(parent, name) for name in (*files, *links) if unfinished or not is_staged(name))


def _refuse(error: OSError) -> None:
    if isinstance(error, FileNotFoundError):  # an empty folder does not survive every way of copying
        return
    raise CaseError(f"{error.filename} could not be read ({error.strerror or error}).") from error
