"""Where things lie in a case's folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from forensic_gui.domain.case import CASE_SUFFIX
from forensic_gui.domain.errors import CaseDamaged

_MAPS_SUFFIX = ".npz"
_HASH = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(?:\.[a-z0-9]{1,11})?")


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """The folder `Name.case`.

    Attributes:
        path: of the folder.
    """

    path: Path

    @classmethod
    def named(cls, path: Path) -> CaseFolder:
        """The folder of a new case called for by `path`, whose suffix is added where it is missing."""
        if path.suffix.lower() == CASE_SUFFIX:
            return cls(path)
        return cls(path.with_name(path.name + CASE_SUFFIX))

    @property
    def name(self) -> str:
        """Name of the case: the folder's without its suffix."""
        path = self.path.absolute()
        return path.stem if path.suffix.lower() == CASE_SUFFIX else path.name

    @property
    def database(self) -> Path:
        """Items, findings, annotations, edit log and audit trail."""
        return self.path / "case.sqlite3"

    @property
    def lock(self) -> Path:
        """Held by the process that may change the case; empty, and of no meaning without a holder."""
        return self.path / "case.lock"

    @property
    def originals(self) -> Path:
        """The vault."""
        return self.path / "originals"

    @property
    def derived(self) -> Path:
        """What programs made of the originals."""
        return self.path / "derived"

    def original(self, sha256: str, suffix: str) -> Path:
        """Place of an original.

        Raises:
            CaseDamaged: hash or suffix are none, and might lead elsewhere: a case may come from somebody else.
        """
        self._require(_HASH.fullmatch(sha256) and _SUFFIX.fullmatch(suffix))
        return self.originals / sha256[:2] / f"{sha256}{suffix}"

    def maps(self, sha256: str) -> Path:
        """Place of a finding's maps.

        Raises:
            CaseDamaged: the hash is none.
        """
        self._require(_HASH.fullmatch(sha256))
        return self.derived / sha256[:2] / f"{sha256}{_MAPS_SUFFIX}"

    def _require(self, is_plain: object) -> None:
        if not is_plain:
            raise CaseDamaged(f"{self.database} names a file that no case keeps; it is not looked at.")


def vault_suffix(name: str) -> str:
    """The suffix of a file name as the vault keeps it: ASCII letters and digits in lower case, with its dot; or "".

    Decoders tell formats by the bytes; the suffix stays because one that contradicts the bytes is a fact worth stating.
    """
    suffix = PurePath(name).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""
