"""What goes into making a report's file, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from forensic_gui.domain.metadata import Metadata
from forensic_gui.domain.reports.manifest import ReportManifest
from forensic_gui.domain.reports.pictures import Pictures
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.record import ReportRecord, SignedOff, WeightsFacts
from forensic_gui.domain.reports.template import TemplateIdentity
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken


class Form(StrEnum):
    """What kind of file, by its suffix."""

    PDF = ".pdf"
    HTML = ".html"


class RenderReport(Protocol):
    """Lays a record out and writes it: `forensic_gui.report.rendering`, bound to a form and a template."""

    @property
    def template(self) -> TemplateIdentity:
        """Which template it lays out by: entered in the audit trail and in the manifest."""
        ...

    def __call__(
        self,
        record: ReportRecord,
        out: BinaryIO,
        *,
        record_json: str,
        signed_off: SignedOff,
        pictures: Pictures,
        tick: Callable[[int, int], None],
    ) -> None:
        """Write the file.

        Args:
            record: everything it says.
            out: where its bytes go.
            record_json: canonical JSON of `record`, embedded as it is.
            signed_off: reviews, and whether the revision was superseded.
            pictures: of the items.
            tick: told (items done, items in all); raises to stop.

        Raises:
            ReportError: the template does not have the record's language, or cannot be used.
        """
        ...


class ReadMetadata(Protocol):
    """Reads the metadata of an evidence file, out of this process, within limits."""

    def __call__(self, path: Path, *, cancel: CancelToken | None = None) -> tuple[str, Metadata, bytes]:
        """(SHA-256 of the bytes that were read, what they say, bytes of the embedded thumbnail or b"").

        Raises:
            EvidenceError: the file cannot be read.
            Cancelled: stopping was asked for.
        """
        ...


class SignReport(Protocol):
    """Puts a signature into a PDF: `services.signing`, bound to a key."""

    def __call__(self, pdf: Path, *, reason: str) -> None:
        """Sign `pdf` in place.

        Raises:
            SigningError: the key, its password or the time stamp could not be had; the file is as it was.
        """
        ...


@dataclass(frozen=True, slots=True)
class ReportPorts:
    """What making a report needs of the world.

    Attributes:
        decoder: makes pixels of originals.
        metadata: reads what they say of themselves.
        weights: cards of weights by (id, sha256) of a finding.
        packages: version by distribution of everything that takes part.
        environment: of this computer, by name.
    """

    decoder: Decoder
    metadata: ReadMetadata
    weights: Callable[[str, str], WeightsFacts]
    packages: Callable[[], Mapping[str, str]]
    environment: Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Which report, and where it goes.

    Attributes:
        output: the file; its suffix chooses the form.
        revision: number of an issued revision; 0 for the draft; None for the newest revision, the draft where none
            was issued.
        plan: what is shown in place of what the draft says; None for that. Never with an issued revision.
        replaces: whether a file that is there is replaced.
    """

    output: Path
    revision: int | None = None
    plan: ReportPlan | None = None
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report that was written.

    Attributes:
        path: the file.
        manifest: what stands in the manifest beside it.
        manifest_path: the manifest.
        items: number of items in it.
        troubles: (item's name, sentence) of every item that was altered, is missing or could not be read.
        is_draft: whether every page says so.
    """

    path: Path
    manifest: ReportManifest
    manifest_path: Path
    items: int
    troubles: tuple[tuple[str, str], ...]
    is_draft: bool

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "report": str(self.path),
            "manifest": str(self.manifest_path),
            "sha256": self.manifest.sha256,
            "record_sha256": self.manifest.record_sha256,
            "revision": self.manifest.revision,
            "items": self.items,
            "troubles": [list(each) for each in self.troubles],
            "is_draft": self.is_draft,
            "is_signed": self.manifest.is_signed,
        }
