"""A report against the manifest beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from forensic_gui.domain.errors import ReportError, RequestError
from forensic_gui.domain.reports.manifest import ReportManifest
from forensic_gui.services.checking.checks import Check, holds, not_checked, wrong
from forensic_gui.services.checking.embedded import EmbeddedRecord

SUBJECT = "manifest"
_LIMIT_BYTES = 1 << 20


def require_named(path: Path) -> None:
    """See that a manifest that somebody named is there.

    Raises:
        RequestError: it is not.
    """
    if not path.is_file():
        raise RequestError(f"There is no manifest at {path}.")


def read_manifest(path: Path) -> ReportManifest | None:
    """The manifest at a path; None where there is none.

    Raises:
        ReportError: there is one that cannot be read or understood.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ReportError(f"The manifest {path} cannot be read: {error.strerror or error}.") from error
    try:
        if len(data) > _LIMIT_BYTES:
            raise ValueError("it is too long for one")
        return ReportManifest.from_record(json.loads(data.decode("ascii")))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        said = str(error) or type(error).__name__
        raise ReportError(f"The manifest {path.name} is not understood ({said}): it was altered.") from error


def check_manifest(data: bytes, *, name: str, manifest: ReportManifest | None, beside: Path) -> list[Check]:
    """Whether a file is what its manifest says.

    Args:
        data: bytes of the report.
        name: its file name.
        manifest: of it; None where there is none.
        beside: where it was looked for.
    """
    if manifest is None:
        return [not_checked(SUBJECT, f"There is no {beside.name} beside the report to compare it with.")]
    if manifest.size_bytes != len(data) or manifest.sha256 != hashlib.sha256(data).hexdigest():
        return [wrong(SUBJECT, "The file is not the one that its manifest was written for: its bytes differ.")]
    renamed = "" if manifest.file == name else f" It was called {manifest.file} then."
    return [
        holds(
            SUBJECT,
            f"The file has the size and the SHA-256 that its manifest states.{renamed} The manifest itself is "
            "protected by nothing: a signature, or the case's trail, is what tells whether both were exchanged.",
        )
    ]


def check_manifest_of_record(manifest: ReportManifest, embedded: EmbeddedRecord) -> list[Check]:
    """Whether a manifest speaks of the record that the report embeds."""
    if manifest.record_sha256 != embedded.sha256:
        return [wrong(SUBJECT, "The manifest was written for a report with another record.")]
    record = embedded.record
    if record is None:
        return []
    revision = None if record.issue is None else record.issue.number
    if (manifest.case_id, manifest.revision) != (record.case.id, revision):
        return [wrong(SUBJECT, "The manifest names another case or revision than the record.")]
    return []
