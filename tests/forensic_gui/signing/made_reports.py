"""Made reports: small files of the kinds that the program writes, with their manifests."""

from __future__ import annotations

import hashlib
import html
from dataclasses import replace
from pathlib import Path

from forensic_gui.domain.reports.manifest import ReportManifest, manifest_beside
from forensic_gui.domain.reports.record import ReportRecord, record_hash
from forensic_gui.report.document import Document, Fact, Letterhead, Section, Text, Tone
from tests.forensic_gui.report.golden import pdf_of
from tests.forensic_gui.report.made_records import made_record


def small_record() -> ReportRecord:
    """Without items: a few hundred bytes."""
    return made_record((), weights=())


def pdf_report(record: ReportRecord | None = None) -> bytes:
    """A PDF as the program writes it: a record, its hash on the first page, a chapter."""
    text = (record or small_record()).to_json()
    identity = (Fact("Hash of the record", record_hash(text), Tone.MONO),)
    chapter = Section("items", "Items", (Text("There are none."),))
    document = Document(
        "Report", "of a case", "en", identity, Letterhead(), "", "Harbour", "page {page} of {pages}", "Contents",
        (chapter,),
    )  # fmt: skip
    return pdf_of(document, record_json=text)


def html_report(record: ReportRecord | None = None) -> bytes:
    """An HTML file with a record in it and its hash on the page."""
    text = (record or small_record()).to_json()
    held = f'<pre id="forensic-gui-record" hidden>{html.escape(text)}</pre>'
    return f"<!doctype html><title>Report</title><p>{record_hash(text)}</p>{held}".encode()


def write_report(path: Path, data: bytes, *, record: ReportRecord | None = None, **changes: object) -> ReportManifest:
    """Write a report and the manifest beside it; `changes` are fields of the manifest that lie."""
    said = record or small_record()
    manifest = ReportManifest(
        file=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        record_sha256=record_hash(said.to_json()),
        case_id=said.case.id,
        revision=None if said.issue is None else said.issue.number,
        trail_events=said.trail.events,
        trail_head=said.trail.head,
        time="2026-03-08T09:00:00.000+00:00",
        author="Ada Lovelace",
        tool_version="0.1.0",
    )
    manifest = replace(manifest, **changes)  # type: ignore[arg-type]
    path.write_bytes(data)
    manifest_beside(path).write_text(manifest.to_json(), encoding="ascii")
    return manifest
