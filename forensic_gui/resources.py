"""Where the files that ship with the application lie: weights, sample case, icons."""

from __future__ import annotations

import sys
from pathlib import Path

from forensic_gui.domain.errors import InstallationError

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Path of a shipped file or folder, as `resource("icons", "forensic-gui.svg")`.

    Args:
        parts: path below the resources folder; none for the folder itself.

    Raises:
        InstallationError: the file is not part of this installation.
    """
    path = resources_folder().joinpath(*parts)
    if not path.exists():
        raise InstallationError(f"{path} is missing: this installation is incomplete, install Forensic GUI again.")
    return path


def resources_folder() -> Path:
    """The resources folder of this installation.

    A frozen program has it in its bundle, an installed wheel inside the package, a checkout beside the package.

    Raises:
        InstallationError: none of these places has it.
    """
    for candidate in _candidates():
        if candidate.is_dir():
            return candidate
    raise InstallationError("The resources folder is missing: this installation is incomplete, install it again.")


def _candidates() -> tuple[Path, ...]:
    bundle = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's boot loader, absent elsewhere
    frozen = (Path(bundle) / "resources",) if bundle else ()
    return (*frozen, _PACKAGE / "resources", _PACKAGE.parent / "resources")
