"""Where results may go: never into a case, never over a file that nobody has given up."""

from __future__ import annotations

import os
from pathlib import Path

from forensic_gui.domain.errors import RequestError
from forensic_gui.storage.atomic import output_error
from forensic_gui.storage.case.folder import CaseFolder


def require_outside_cases(path: Path) -> None:
    """Refuse a place within a case: what a case does not know of, it cannot vouch for.

    Raises:
        RequestError: the place lies in the folder of a case, by whatever links it is reached.
        OutputError: the operating system has no such place, as where a name is too long.
    """
    place = path.resolve()
    for folder in (place, *place.parents):
        try:
            is_case = CaseFolder(folder).database.is_file()
        except OSError as error:
            raise output_error(path, error) from error
        if is_case:
            raise RequestError(f"{path} lies in the case {folder}; choose a place outside of cases.")


def require_free(path: Path, *, replace: bool) -> None:
    """Refuse to write over a file unless that was asked for, and over a folder even then.

    Raises:
        RequestError: something lies there.
    """
    if os.path.isdir(path):  # noqa: PTH112 - a name that is too long is none to it, and no error
        raise RequestError(f"{path} is a folder; choose another name.")
    if not replace and os.path.lexists(path):
        raise RequestError(f"{path} is there already; choose another name, or say --replace.")
