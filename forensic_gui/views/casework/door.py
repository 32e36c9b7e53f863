"""What the window asks of cases before one is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from forensic_gui.services.case import CaseSession


class EnterCase(Protocol):
    """Makes or opens a case; see `services.case.CaseSession`."""

    def __call__(self, folder: Path, *, author: str) -> CaseSession:
        """Make or open the case in `folder`."""
        ...


@dataclass(frozen=True, slots=True)
class CaseDoor:
    """The use cases of cases; tests put others here.

    Attributes:
        create: makes a case.
        open: opens one.
        is_case: whether a folder holds a case.
        default_author: the user's name as the operating system knows it.
    """

    create: EnterCase
    open: EnterCase
    is_case: Callable[[Path], bool]
    default_author: Callable[[], str]


def open_case_door() -> CaseDoor:
    """The real ones."""
    from forensic_gui.services.case import CaseSession
    from forensic_gui.services.case.author import default_author
    from forensic_gui.storage.case.folder import CaseFolder

    return CaseDoor(
        create=CaseSession.create,
        open=CaseSession.open,
        is_case=lambda folder: CaseFolder(folder).database.is_file(),
        default_author=default_author,
    )
