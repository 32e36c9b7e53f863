"""Every service that is handed a case is known here: by the events that its changes leave, or as one that only reads.

A new public function or method that takes a case is in none of the lists, and the first test says so: add it to
`CHANGES` with a call of it and the events that it leaves, to `ONLY_READS` with a call of it, or, where a call takes
more than belongs here, to `SHOWN_ELSEWHERE` with the test that shows what it leaves.
"""

from __future__ import annotations

import ast
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.audit import CHANGES_NOTHING
from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.edits import SetConclusion
from forensic_gui.domain.errors import EvidenceAltered
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation
from forensic_gui.domain.reports.revision import Outcome
from forensic_gui.services.analyze import AnalyzeRequest
from forensic_gui.services.auditing.exporting import export_trail
from forensic_gui.services.auditing.reading import read_trail
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.analysis import CaseDecoder, analyze_case
from forensic_gui.services.case.archive import export_case, import_case
from forensic_gui.services.finetune.case_labels import labels_of_case
from forensic_gui.services.labels.case_labels import labels_of
from forensic_gui.services.labels.contents import contents_of
from forensic_gui.services.labels.contract import ExportLabelsRequest, ImportLabelsRequest
from forensic_gui.services.labels.exporting import export_labels
from forensic_gui.services.labels.formats import LabelFormat
from forensic_gui.services.labels.importing import import_labels
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.case import trail
from forensic_gui.storage.case.database import Database
from tests.forensic_gui.analysis.conftest import FakeLocalizer
from tests.forensic_gui.services.case.made_findings import MAPS, finding
from tests.forensic_gui.services.case.made_reports import CONCLUDED, issued, record_of
from tests.forensic_gui.services.labels.helpers import SIZE, PlainDecoder, draw, photograph, region, with_hole

SERVICES = "forensic_gui/services"
CASES = frozenset({"CaseSession", "OpenCase"})
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


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    photographs = [photograph(tmp_path / f"IMG_{number}.png", seed=number) for number in range(3)]
    (tmp_path / "place").mkdir()
    with CaseSession.create(tmp_path / "Harbour", author="Ada") as case:
        drawn, plain = case.add(photographs[:2]).added
        case.note_decoded(plain, FACTS)
        draw(case, drawn, region(with_hole()))
        case.put_finding(drawn, finding(case, drawn, FACTS), MAPS)
        case.reports.write(opinion=CONCLUDED)
        yield Bench(case, drawn, plain, photographs[2], tmp_path / "place")


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
    "case.session.CaseSession.activity": lambda b: b.case.activity(),
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
    "signing.existing.sign_existing": (_VERIFYING, "test_"),
    "summary.reading.read_rows": (_SUMMARY, "test_a_table_has_a_row_for_every_item_and_runs_nothing"),
    "summary.thumbnails.SheetPictures.get": (_SUMMARY, "test_a_contact_sheet_in_html_runs_and_fetches_nothing"),
    "summary.writing.write_summary": (_SUMMARY, "test_that_it_was_written_is_an_event"),
}
"""Path and the beginning of the test's name."""


def services_of_cases(checkout: Path) -> set[str]:
    """Public functions that take or open a case, and public methods of classes that hold one, as module.name."""
    found: set[str] = set()
    folder = checkout / SERVICES
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(path.relative_to(folder).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _has_a_case(node):
                found.add(f"{module}.{node.name}")
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_") and _holds_a_case(node):
                found |= {f"{module}.{node.name}.{method}" for method in _public_methods(node)}
    return found


def _has_a_case(function: ast.FunctionDef) -> bool:
    arguments = function.args
    annotations = [each.annotation for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    takes = any(_names_a_case(each) for each in annotations if each is not None)
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return takes or any(isinstance(call, ast.Attribute) and _names_a_case(call.value) for call in calls)


def _holds_a_case(class_: ast.ClassDef) -> bool:
    makers = [node for node in class_.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    fields = [node.annotation for node in class_.body if isinstance(node, ast.AnnAssign)]
    # `CaseReports` comes of `CaseSession.reports`, so it is as much in everybody's hands.
    return class_.name == "CaseReports" or any(map(_has_a_case, makers)) or any(map(_names_a_case, fields))


def _names_a_case(node: ast.expr) -> bool:
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    texts = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
    return bool((names | texts) & CASES)


def _public_methods(class_: ast.ClassDef) -> list[str]:
    methods = [node.name for node in class_.body if isinstance(node, ast.FunctionDef)]
    return [name for name in methods if not name.startswith("_")]


def test_every_service_that_is_handed_a_case_is_in_one_of_the_lists(checkout: Path) -> None:
    listed = [*CHANGES, *ONLY_READS, *SHOWN_ELSEWHERE]
    assert len(listed) == len(set(listed))
    assert sorted(services_of_cases(checkout) - set(listed)) == [], "see the top of this file for what to do"


def test_what_is_shown_elsewhere_is_shown_there(checkout: Path) -> None:
    for path, begins in SHOWN_ELSEWHERE.values():
        assert f"def {begins}" in (checkout / path).read_text(encoding="utf-8")


def state_of(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What is on the disk of every table of a case, by its name; of one that somebody has open too."""
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in tables}


@contextmanager
def watched_transactions(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[list[tuple[bool, int]]]:
    """Of every transaction in turn: whether it changed anything beside the trail, and how many events it left."""
    seen: list[tuple[bool, int]] = []
    real = Database.changing

    @contextmanager
    def changing(database: Database) -> Iterator[sqlite3.Connection]:
        before = state_of(folder)
        with real(database) as connection:
            yield connection
        after = state_of(folder)
        events = len(after.pop("audit")) - len(before.pop("audit"))
        seen.append((before != after, events))

    with monkeypatch.context() as patched:
        patched.setattr(Database, "changing", changing)
        yield seen


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
    "case opened": ("", {"tool_version"}),
    "case closed": ("", set()),
    "seen by the court": ("", set()),
}  # fmt: skip
"""On what an event is, and what its details say at least of how it was done and what came of it, by its action."""


@pytest.mark.parametrize("service", CHANGES)
def test_events_say_when_on_what_with_what_and_with_what_result(bench: Bench, service: str) -> None:
    before = len(bench.case.audit())
    hashes = {item.sha256 for item in bench.case.items()}
    CHANGES[service].call(bench)
    for event in tuple(read_trail(bench.case.folder, after=before)):
        on_what, says = SAYS[event.event.action]
        assert datetime.fromisoformat(event.event.time).utcoffset() == timedelta(0)
        assert says <= set(json.loads(event.details_json))
        if on_what == "item":
            assert event.event.subject in hashes or event.event.action == "evidence added"
        elif on_what == "file":
            assert Path(event.event.subject).is_absolute()


@pytest.mark.parametrize("service", CHANGES)
def test_every_change_leaves_its_events_in_its_own_transactions(
    bench: Bench, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, change = bench.case.folder, CHANGES[service]
    before = state_of(folder)
    with watched_transactions(monkeypatch, folder) as transactions:
        change.call(bench)
    after = state_of(folder)
    events = after.pop("audit")[len(before.pop("audit")) :]
    assert tuple(action for _, _, _, action, *_ in events) == change.leaves
    assert all(events for changed, events in transactions if changed)
    if set(change.leaves) <= CHANGES_NOTHING:
        assert after == before


class TheEventFailsError(Exception):
    """Raised where an event had been written, within its transaction."""


FAILURES = [(service, number) for service, change in CHANGES.items() for number in range(len(change.leaves))]


@pytest.mark.parametrize(("service", "number"), FAILURES)
def test_nothing_of_a_change_is_kept_whose_event_fails(
    bench: Bench, service: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bench.case.folder
    real, calls = trail.append, iter(range(10))
    on_disk_before: list[dict[str, list[tuple[Any, ...]]]] = []

    def append(connection: sqlite3.Connection, **values: Any) -> AuditEvent:
        is_of_this_case = any(Path(row[2]).is_relative_to(folder) for row in connection.execute("PRAGMA database_list"))
        if not is_of_this_case or next(calls) != number:
            return real(connection, **values)
        on_disk_before.append(state_of(folder))
        real(connection, **values)
        raise TheEventFailsError

    with monkeypatch.context() as broken:
        broken.setattr(trail, "append", append)
        with pytest.raises(TheEventFailsError):
            CHANGES[service].call(bench)
        bench.case.close()
    after = state_of(folder)
    if len(after["audit"]) > len(on_disk_before[0]["audit"]):
        assert after["audit"].pop()[3] == "case closed"
    assert [after] == on_disk_before
    with CaseSession.open(folder, author="Ada", read_only=True) as case:
        case.audit()


@pytest.mark.parametrize("service", ONLY_READS)
def test_what_only_reads_changes_nothing(bench: Bench, service: str) -> None:
    before = state_of(bench.case.folder)
    ONLY_READS[service](bench)
    assert state_of(bench.case.folder) == before


def test_a_case_that_is_made_says_so_or_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    CaseSession.create(tmp_path / "First", author="Ada").close()
    assert [row[3] for row in state_of(tmp_path / "First.case")["audit"]] == ["case created", "case closed"]
    monkeypatch.setattr(trail, "append", _fail)
    with pytest.raises(TheEventFailsError):
        CaseSession.create(tmp_path / "Second", author="Ada")
    assert not (tmp_path / "Second.case").exists()


def test_a_case_that_is_imported_says_so_or_is_not_there(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = bench.place / "case.zip"
    export_case(bench.case, archive)
    import_case(archive, bench.place / "First", author="Bob")
    events = [row[3] for row in state_of(bench.place / "First.case")["audit"]]
    assert events[-6:] == [
        "case opened",
        "originals verified",
        "case imported",
        "case closed",
        "case opened",
        "case closed",
    ]
    monkeypatch.setattr(trail, "append", _fail)
    with pytest.raises(TheEventFailsError):
        import_case(archive, bench.place / "Second", author="Bob")
    assert not (bench.place / "Second.case").exists()


def _fail(*_: object, **__: object) -> AuditEvent:
    raise TheEventFailsError
