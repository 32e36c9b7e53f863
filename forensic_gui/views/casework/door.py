"""What the window asks of cases before one is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from forensic_gui.domain.case import CASE_SUFFIX
from forensic_gui.services.progress import CancelToken, ProgressSink

if TYPE_CHECKING:
    from forensic_gui.services.case import CaseSession


class EnterCase(Protocol):
    """Makes or opens a case; see `services.case.CaseSession`."""

    def __call__(self, folder: Path, *, author: str) -> CaseSession:
        """Make or open the case in `folder`."""
        ...


class ExportCase(Protocol):
    """Writes a case into one archive; see `services.case.archive`."""

    def __call__(self, case: CaseSession, archive: Path, *, progress: ProgressSink, cancel: CancelToken) -> object:
        """Write the archive."""
        ...


class ImportCase(Protocol):
    """Unpacks an archive into a new case; see `services.case.archive`."""

    def __call__(
        self, archive: Path, folder: Path, *, author: str, progress: ProgressSink, cancel: CancelToken
    ) -> object:
        """Make the case."""
        ...


@dataclass(frozen=True, slots=True)
class CaseDoor:
    """The use cases of cases; tests put others here.

    Attributes:
        create: makes a case.
        open: opens one.
        look: opens one for reading only; nothing is written.
        is_case: whether a folder holds a case.
        default_author: the user's name as the operating system knows it.
        export_case: writes a case into one archive.
        import_case: unpacks an archive into a new case.
    """

    create: EnterCase
    open: EnterCase
    look: EnterCase
    is_case: Callable[[Path], bool]
    default_author: Callable[[], str]
    export_case: ExportCase
    import_case: ImportCase


def open_case_door() -> CaseDoor:
    """The real ones."""
    from forensic_gui.services.case import CaseSession
    from forensic_gui.services.case.archive import export_case, import_case
    from forensic_gui.services.case.author import default_author
    from forensic_gui.storage.case.folder import CaseFolder

    return CaseDoor(
        create=CaseSession.create,
        open=CaseSession.open,
        look=partial(CaseSession.open, read_only=True),
        is_case=lambda folder: CaseFolder(folder).database.is_file(),
        default_author=default_author,
        export_case=export_case,
        import_case=import_case,
    )


def case_folder(path: Path) -> Path:
    """The folder of a new case called for by `path`, whose suffix is added where it is missing."""
    return path if path.suffix.lower() == CASE_SUFFIX else path.with_name(path.name + CASE_SUFFIX)
