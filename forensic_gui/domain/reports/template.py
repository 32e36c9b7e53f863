"""Which template a report was laid out by, so that it leaves a trace."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TemplateIdentity:
    """A template's name and hash; both "" for the program's own, which is part of its build.

    Attributes:
        name: that it gives itself, or its folder's.
        sha256: of its files: of the lines that `sha256sum` prints of them, in the order of their names.
    """

    name: str = ""
    sha256: str = ""

    @property
    def is_built_in(self) -> bool:
        """Whether it is the program's own alone."""
        return not self.sha256


BUILT_IN = TemplateIdentity()
