"""How the user is told things; see `views.reporting.Reporter`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from forensic_gui.domain.errors import ForensicError


class Tell(Protocol):
    """Says sentences at the top of the window."""

    def note(self, text: str) -> None:
        """Tell what was done."""
        ...

    def warn(self, text: str) -> None:
        """Tell what deserves a look."""
        ...

    def warn_and_offer(self, text: str, *, action: str, answer: Callable[[], None]) -> None:
        """Tell what deserves a look, with a button that does something about it."""
        ...

    def fail(self, error: ForensicError) -> object:
        """Tell a failure, and put it into the list of problems."""
        ...
