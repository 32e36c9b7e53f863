"""Every service that is handed a case, with the events that its changes leave.

A new public function or method that takes a case is in none of these lists, and `test_every_change_is_recorded` says
so: add it to `CHANGES` with a call of it and the events that it leaves, to `ONLY_READS` with a call of it, or, where a
call takes more than belongs here, to `SHOWN_ELSEWHERE` with the test that shows what it leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.edits import SetConclusion
from forensic_gui.domain.errors import EvidenceAltered
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation
from forensic_gui.domain.reports.revision import Outcome
from forensic_gui.services.analyze import AnalyzeRequest
from forensic_gui.services.auditing.exporting import export_trail
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.analysis import CaseDecoder, analyze_case
from forensic_gui.services.case.archive import export_case
from forensic_gui.services.finetune.case_labels import labels_of_case
from forensic_gui.services.labels.case_labels import labels_of
from forensic_gui.services.labels.contents import contents_of
from forensic_gui.services.labels.contract import ExportLabelsRequest, ImportLabelsRequest
from forensic_gui.services.labels.exporting import export_labels
from forensic_gui.services.labels.formats import LabelFormat
from forensic_gui.services.labels.importing import import_labels
from forensic_gui.services.progress import CancelToken
from tests.forensic_gui.analysis.conftest import FakeLocalizer
from tests.forensic_gui.services.case.made_findings import MAPS, finding
from tests.forensic_gui.services.case.made_reports import CONCLUDED, issued, record_of
from tests.forensic_gui.services.labels.helpers import SIZE, PlainDecoder, draw, region, with_hole

FACTS = DecodeFacts("PNG", "Pillow", "1", SIZE, Orientation.UPRIGHT, "RGB", 8)
MARK = SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND)


@dataclass(frozen=True, slots=True)
class Bench:
    """A case to work on, and what is needed for that.

    Attributes:
        case: of «Ada», with two items of a known size.
        drawn: an item with a region, a finding and a drafted report about it.
        plain: an item of which nothing is said.
        other: a photograph that is no item.
        place: an empty folder outside of the case.
    """

    case: CaseSession
    drawn: int
    plain: int
    other: Path
    place: Path


def _labels(bench: Bench) -> Path:
    """Labels of the case, as somebody else hands them in: of the item of which nothing is said yet."""
    folder = bench.place / "labels"
    with CaseSession.create(bench.place / "Theirs", author="Bob") as theirs:
        (item,) = theirs.add([bench.case.original(bench.plain)]).added
        draw(theirs, item, region(with_hole()))
        export_labels(ExportLabelsRequest(folder, LabelFormat.MANI), case=theirs, decoder=PlainDecoder())
    return folder


def _analyze(bench: Bench) -> object:
    request = AnalyzeRequest((bench.case.folder,), bench.place / "out", products=frozenset())
    items = [bench.case.item(bench.plain)]
    return analyze_case(request, case=bench.case, items=items, decoder=PlainDecoder(), localizer=FakeLocalizer())


def _decode(bench: Bench, *, records: bool) -> object:
    decoder = CaseDecoder(PlainDecoder(), bench.case, [bench.case.item(bench.plain)], records=records)
    bench.case.note_decoded(bench.plain, replace(FACTS, bit_depth=16)) if records else None
    return decoder.decode(bench.case.original(bench.plain))


def _confirm(bench: Bench) -> None:
    with pytest.raises(EvidenceAltered):
        bench.case.confirm(bench.plain, "0" * 64)


def _review(bench: Bench) -> object:
    number = issued(bench.case).issue.number
    bench.case.close()
    with CaseSession.open(bench.case.folder, author="Bob") as case:
        return case.reports.review(number, Outcome.APPROVED)


@dataclass(frozen=True, slots=True)
class Change:
    """A call that changes something, and the actions of the events that it leaves."""

    call: Callable[[Bench], object]
    leaves: tuple[str, ...]


EXPORT = ("originals verified", "labels export begun", "labels exported")
CHANGES: dict[str, Change] = {
    "case.session.CaseSession.add": Change(lambda b: b.case.add([b.other]), ("evidence added",)),
    "case.session.CaseSession.close": Change(lambda b: b.case.close(), ("case closed",)),
    "case.session.CaseSession.commit": Change(lambda b: b.case.commit(b.plain, MARK, label="Mark"), ("edit",)),
    "case.session.CaseSession.undo": Change(lambda b: b.case.undo(b.drawn), ("undo",)),
    "case.session.CaseSession.redo": Change(lambda b: (b.case.undo(b.drawn), b.case.redo(b.drawn)), ("undo", "redo")),
    "case.session.CaseSession.confirm": Change(_confirm, ("altered original found",)),
    "case.session.CaseSession.note": Change(lambda b: b.case.note("seen by the court"), ("seen by the court",)),
    "case.session.CaseSession.note_decoded": Change(
        lambda b: b.case.note_decoded(b.plain, replace(FACTS, bit_depth=16)), ("evidence decoded",)
    ),
    "case.session.CaseSession.note_unreadable": Change(
        lambda b: b.case.note_unreadable(b.plain, "It is damaged."), ("evidence not decoded",)
    ),
    "case.session.CaseSession.open": Change(
        lambda b: (b.case.close(), CaseSession.open(b.case.folder, author="Bob").close()),
        ("case closed", "case opened", "case closed"),
    ),
    "case.session.CaseSession.put_finding": Change(
        lambda b: b.case.put_finding(b.plain, finding(b.case, b.plain, FACTS), MAPS), ("finding stored",)
    ),
    "case.session.CaseSession.set_group": Change(lambda b: b.case.set_group([b.plain], "Quay"), ("group set",)),
    "case.session.CaseSession.tag": Change(lambda b: b.case.tag([b.plain], add=["seen"]), ("tags changed",)),
    "case.session.CaseSession.verify": Change(lambda b: b.case.verify(occasion="test"), ("originals verified",)),
    "case.reports.CaseReports.write": Change(
        lambda b: b.case.reports.write(opinion=replace(CONCLUDED, limits="None.")), ("report drafted",)
    ),
    "case.reports.CaseReports.issue": Change(lambda b: b.case.reports.issue(record_of(b.case)), ("report issued",)),
    "case.reports.CaseReports.review": Change(
        _review, ("report issued", "case closed", "case opened", "report reviewed", "case closed")
    ),
    "case.analysis.CaseDecoder.decode": Change(
        lambda b: _decode(b, records=True), ("evidence decoded", "evidence decoded")
    ),
    "case.analysis.analyze_case": Change(_analyze, ("finding stored",)),
    "case.archive.export_case": Change(
        lambda b: export_case(b.case, b.place / "case.zip"), ("originals verified", "case exported")
    ),
    "labels.exporting.export_labels": Change(
        lambda b: export_labels(
            ExportLabelsRequest(b.place / "labels", LabelFormat.PNG), case=b.case, decoder=PlainDecoder()
        ),
        EXPORT,
    ),
    "labels.importing.import_labels": Change(
        lambda b: import_labels(ImportLabelsRequest(_labels(b), LabelFormat.MANI), case=b.case, decoder=PlainDecoder()),
        ("edit", "labels imported"),
    ),
    "auditing.exporting.export_trail": Change(
        lambda b: export_trail(b.case, b.place / "trail.jsonl"), ("audit trail exported",)
    ),
}

ONLY_READS: dict[str, Callable[[Bench], object]] = {
    "case.session.CaseSession.summarized": lambda b: b.case.summarized(),
    "case.session.CaseSession.annotation": lambda b: b.case.annotation(b.drawn),
    "case.session.CaseSession.audit": lambda b: b.case.audit(),
    "case.session.CaseSession.author": lambda b: b.case.author,
    "case.session.CaseSession.copy_database": lambda b: b.case.copy_database(b.place / "copy.sqlite3"),
    "case.session.CaseSession.findings": lambda b: b.case.findings(b.drawn),
    "case.session.CaseSession.folder": lambda b: b.case.folder,
    "case.session.CaseSession.groups": lambda b: b.case.groups(),
    "case.session.CaseSession.info": lambda b: b.case.info,
    "case.session.CaseSession.item": lambda b: b.case.item(b.drawn),
    "case.session.CaseSession.items": lambda b: b.case.items(),
    "case.session.CaseSession.log": lambda b: b.case.log(b.drawn),
    "case.session.CaseSession.maps": lambda b: b.case.maps(b.case.findings(b.drawn)[0]),
    "case.session.CaseSession.original": lambda b: b.case.original(b.drawn),
    "case.session.CaseSession.originals": lambda b: b.case.originals(),
    "case.session.CaseSession.reports": lambda b: b.case.reports,
    "case.session.CaseSession.standing": lambda b: b.case.standing([b.drawn, b.plain]),
    "case.session.CaseSession.tags": lambda b: b.case.tags(),
    "case.session.CaseSession.unknown_files": lambda b: b.case.unknown_files(),
    "case.reports.CaseReports.draft": lambda b: b.case.reports.draft(),
    "case.reports.CaseReports.issued": lambda b: b.case.reports.issued(),
    "case.reports.CaseReports.issues": lambda b: b.case.reports.issues(),
    "case.reports.CaseReports.require_sound": lambda b: b.case.reports.require_sound(b.case.reports.draft().plan),
    "case.reports.CaseReports.trail_state": lambda b: b.case.reports.trail_state(),
    "case.analysis.CaseDecoder.items": lambda b: CaseDecoder(PlainDecoder(), b.case, b.case.items()).items,
    "case.analysis.CaseDecoder.close": lambda b: CaseDecoder(PlainDecoder(), b.case, b.case.items()).close(),
    "finetune.case_labels.labels_of_case": lambda b: labels_of_case(
        b.case.folder, b.place / "labels", decoder=PlainDecoder(), cancel=CancelToken()
    ),
    "labels.case_labels.labels_of": lambda b: labels_of(b.case),
    "labels.contents.contents_of": lambda b: contents_of(b.case, cancel=CancelToken()),
}

_HERE = "tests/forensic_gui/services/case/test_every_change_is_recorded.py"
_MATCHING = "tests/forensic_gui/services/labels/test_importing.py"
_REPORTS = "tests/forensic_gui/services/case/test_reports.py"
_BUILDING = "tests/forensic_gui/services/reporting/test_building.py"
_MAKING = "tests/forensic_gui/services/reporting/test_making.py"
_SUMMARY = "tests/forensic_gui/services/summary/test_summary.py"
_REPRODUCING = "tests/forensic_gui/reproducing/test_reproducing.py"
_VERIFYING = "tests/forensic_gui/signing/test_verifying.py"
SHOWN_ELSEWHERE: dict[str, tuple[str, str]] = {
    "case.session.CaseSession.create": (_HERE, "test_a_case_that_is_made_says_so"),
    "case.archive.import_case": (_HERE, "test_a_case_that_is_imported_says_so"),
    "case.reports.CaseReports.in_name_of": (_REPORTS, "test_"),
    "case.reports.CaseReports.issued_report": (_REPORTS, "test_"),
    "case.reports.CaseReports.signed_off": (_REPORTS, "test_"),
    "labels.matching.Matcher.match": (_MATCHING, "test_"),
    "checking.against_case.check_case": (_VERIFYING, "test_"),
    "checking.verify.verify_report": (_VERIFYING, "test_"),
    "reporting.building.build_record": (_BUILDING, "test_an_item_that_nobody_decoded_is_decoded_and_that_is_recorded"),
    "reporting.issuing.issue_report": (_MAKING, "test_an_issued_record_is_the_drafts_with_its_issue"),
    "reporting.making.make_report": (_MAKING, "test_writing_is_on_record"),
    "reporting.pictures.CasePictures.close": (_MAKING, "test_a_case_that_can_only_be_read_gives_the_same_report"),
    "reporting.pictures.CasePictures.get": (_MAKING, "test_a_case_that_can_only_be_read_gives_the_same_report"),
    "reporting.pictures.CasePictures.troubles": (_MAKING, "test_a_case_that_can_only_be_read_gives_the_same_report"),
    "reproducing.subjects.subjects_of_case": (_REPRODUCING, "test_a_case_compares_the_whole_heatmap"),
    "reproducing.subjects.with_case": (_REPRODUCING, "test_a_case_compares_the_whole_heatmap"),
    "signing.existing.sign_existing": (_VERIFYING, "test_"),
    "summary.reading.read_rows": (_SUMMARY, "test_a_table_has_a_row_for_every_item_and_runs_nothing"),
    "summary.thumbnails.SheetPictures.get": (_SUMMARY, "test_a_contact_sheet_in_html_runs_and_fetches_nothing"),
    "summary.writing.write_summary": (_SUMMARY, "test_that_it_was_written_is_an_event"),
}
"""Path and the beginning of the test's name."""


SAYS: dict[str, tuple[str, set[str]]] = {
    "evidence added": ("item", {"item", "name", "source", "size_bytes", "modified_utc", "group"}),
    "evidence decoded": ("item", {"item", "decoder", "decoder_version", "format", "warnings"}),
    "evidence not decoded": ("item", {"item", "reason"}),
    "altered original found": ("item", {"item", "occasion", "measured"}),
    "finding stored": (
        "item",
        {"item", "finding", "weights_sha256", "device", "runtime", "views", "threshold", "parameters", "maps_sha256",
         "record_sha256"},
    ),
    **dict.fromkeys(
        ("edit", "undo", "redo"), ("item", {"item", "entry", "label", "of", "edit_sha256", "annotation_sha256"})
    ),
    "group set": ("item", {"items", "group"}),
    "tags changed": ("item", {"items", "added", "removed"}),
    "originals verified": ("", {"occasion", "items", "checked", "wanted", "altered", "cancelled"}),
    "case exported": ("file", {"files", "size_bytes", "manifest_sha256"}),
    "labels export begun": ("file", {"format", "manifest_sha256"}),
    "labels exported": ("file", {"format", "items", "per_region", "scribbles", "parts", "seed", "manifest_sha256"}),
    "labels imported": ("file", {"format", "items", "files", "regions", "marked", "failed"}),
    "audit trail exported": ("file", {"events", "head", "sha256", "size_bytes"}),
    "report drafted": ("", {"revision", "changed", "draft_sha256"}),
    "report issued": ("", {"number", "supersedes", "reason", "authors", "record_sha256"}),
    "report reviewed": ("", {"revision", "outcome", "note"}),
    "case opened": ("", {"tool_version", "account"}),
    "case closed": ("", set()),
    "seen by the court": ("", set()),
}  # fmt: skip
"""On what an event is, and what its details say at least of how it was done and what came of it, by its action."""
