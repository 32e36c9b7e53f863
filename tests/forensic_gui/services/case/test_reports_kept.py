"""What a case keeps of its report stays what it was: against hands, in archives, and across versions."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from forensic_gui.domain.errors import CaseDamaged, CaseReadOnly
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.revision import Outcome, ReportDraft
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.archive import KIND, export_case, import_case
from forensic_gui.services.case.reports import CaseReports
from forensic_gui.storage.archive import pack
from forensic_gui.storage.case import reports
from forensic_gui.storage.case.folder import CaseFolder
from tests.forensic_gui.services.case.made_reports import CONCLUDED, issued
from tests.forensic_gui.services.case.tampering import behind_the_back, forged

VERSION_1 = Path(__file__).parents[2] / "storage" / "case" / "version_1.sql"
PHOTOGRAPH_OF_VERSION_1 = b"one"


@pytest.fixture
def reported(case: CaseSession, photographs: Path) -> CaseSession:
    """A case with two revisions of Ada's, the first returned and the second approved by Eve, and a newer draft."""
    case.add([photographs])
    case.reports.write(opinion=CONCLUDED)
    issued(case)
    with CaseSession.open(_closed(case), author="Eve") as eves:
        eves.reports.review(1, Outcome.RETURNED, note="Say more.")
    with CaseSession.open(case.folder, author="Ada") as adas:
        adas.reports.write(plan=ReportPlan(item_ids=(2, 1)))
        issued(adas, reason="More is said.")
    with CaseSession.open(case.folder, author="Eve") as eves:
        eves.reports.review(2, Outcome.APPROVED)
        eves.reports.write(plan=ReportPlan(item_ids=(1,)))
    with CaseSession.open(case.folder, author="Ada") as again:
        yield again


def _closed(case: CaseSession) -> Path:
    case.close()
    return case.folder


def tables(case: CaseSession) -> closing[sqlite3.Connection]:
    """The tables of a case, as its storage reads them once its trail was compared with them."""
    return closing(sqlite3.connect(case.folder / "case.sqlite3"))


@pytest.mark.parametrize("table", ["report_issue", "report_review"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET time = ''", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_what_was_issued_or_said_of_it(
    reported: CaseSession, table: str, statement: str
) -> None:
    with (
        closing(sqlite3.connect(_closed(reported) / "case.sqlite3")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="only appended"),
    ):
        connection.execute(statement.format(table))


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE report_draft SET record = replace(record, 'repeats', 'resembles')", "the draft of the report is not"),
        ("UPDATE report_draft SET revision = 1", "the draft of the report is not"),
        ("UPDATE report_draft SET authors = '[]'", "the draft of the report is not"),
        ("DELETE FROM report_draft", "the draft of the report is not"),
        ("UPDATE report_issue SET author = 'Eve' WHERE number = 2", "revision 2 of the report is not what its event"),
        ("""UPDATE report_issue SET authors = '["Zoe"]' WHERE number = 1""", "revision 1 of the report is not what"),
        ("UPDATE report_issue SET reason = 'none'", "revision 1 of the report is not what its event"),
        ("UPDATE report_issue SET time = '' WHERE number = 2", "revision 2 of the report is not what its event"),
        ("UPDATE report_issue SET record_sha256 = 'ab'", "revision 1 of the report is not what its event"),
        ("UPDATE report_issue SET record = x'00' WHERE number = 2", "the record of revision 2 of the report is not"),
        ("DELETE FROM report_issue WHERE number = 1", "revision 1 of the report is not what its event"),
        ("DELETE FROM report_issue WHERE number = 2", "1 issued revisions and 2 are on events"),
        ("UPDATE report_review SET outcome = 'approved'", "a review of revision 1 of the report is not"),
        ("UPDATE report_review SET reviewer = 'Ada' WHERE id = 2", "a review of revision 2 of the report is not"),
        ("UPDATE report_review SET note = 'Well done.' WHERE id = 1", "a review of revision 1 of the report is not"),
        ("UPDATE report_review SET time = ''", "a review of revision 1 of the report is not"),
        ("DELETE FROM report_review WHERE id = 2", "1 reviews and 2 are on events"),
        ("INSERT INTO report_review VALUES (9, 2, 'Zoe', 'approved', '', '')", "3 reviews and 2 are on events"),
    ],
)
def test_a_change_behind_the_trail_is_named(reported: CaseSession, statement: str, named: str) -> None:
    assert reported.audit()[-1].action == "case opened"
    behind_the_back(reported.folder, statement)
    with pytest.raises(CaseDamaged, match=named):
        reported.audit()


CALLS: dict[str, Callable[[CaseReports], object]] = {
    "draft": lambda report: report.draft(),
    "write": lambda report: report.write(opinion=CONCLUDED),
    "issues": lambda report: report.issues(),
    "issued": lambda report: report.issued(),
    "issued_report": lambda report: report.issued_report(1),
    "signed_off": lambda report: report.signed_off(2),
    "review": lambda report: report.in_name_of("Zoe").review(2, Outcome.APPROVED),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE report_draft SET record = replace(record, 'repeats', 'resembles')",
        "INSERT INTO report_review VALUES (9, 2, 'Zoe', 'approved', '', '')",
        "UPDATE report_issue SET record_sha256 = 'ab', record = x'00' WHERE number = 1",
    ],
)
def test_nothing_is_read_of_a_report_or_done_with_it_that_somebody_changed_by_other_means(
    reported: CaseSession, statement: str, call: str
) -> None:
    """An approval put into the tables is not printed, and words put there become nobody's."""
    behind_the_back(reported.folder, statement)
    with pytest.raises(CaseDamaged, match="was changed behind its audit trail"):
        CALLS[call](reported.reports)


@pytest.mark.parametrize("action", ["report drafted", "report issued", "report reviewed"])
def test_nothing_is_read_of_a_report_whose_event_says_nothing(case: CaseSession, action: str) -> None:
    forged(case.folder, action, '{"revision":1}')
    with pytest.raises(CaseDamaged, match=r"event 2 .* does not say what it vouches for"):
        case.reports.draft()


@pytest.mark.parametrize(
    "record",
    [
        zlib.compress(b'{"forged":true}'),
        zlib.compress(b"\xff"),
        zlib.compress(b"cut short" * 100)[:-4],
        b"not deflated at all",
        b"",
    ],
)
def test_an_issued_record_that_is_not_what_was_issued_is_damage(reported: CaseSession, record: bytes) -> None:
    behind_the_back(reported.folder, "UPDATE report_issue SET record = ? WHERE number = 1", record)
    for ask in (reported.reports.issued, lambda: reported.reports.issued_report(1)):
        with pytest.raises(CaseDamaged, match="Revision 1 of the report is not what was issued"):
            ask()
    assert reported.reports.issued_report(2).issue.number == 2
    assert len(reported.reports.issues()) == 2


def test_a_record_is_not_unpacked_beyond_what_was_ever_sealed(
    reported: CaseSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MOST_RECORD_BYTES", 10_000)
    bomb = b" " * 10_001
    behind_the_back(
        reported.folder,
        "UPDATE report_issue SET record = ?, record_sha256 = ? WHERE number = 1",
        zlib.compress(bomb),
        hashlib.sha256(bomb).hexdigest(),
    )
    with tables(reported) as connection, pytest.raises(CaseDamaged, match="not what was issued"):
        reports.record_of(connection, 1)


@pytest.mark.parametrize("text", ["no json", "[]", "{}", "[" * 100_000, '{"opinion":{},"plan":{"items":[1e999]}}'])
def test_a_draft_that_nobody_can_read_is_damage(reported: CaseSession, text: str) -> None:
    behind_the_back(reported.folder, "UPDATE report_draft SET record = ?", text)
    with tables(reported) as connection, pytest.raises(CaseDamaged, match="draft of the report cannot be read"):
        reports.draft(connection)


def test_a_draft_with_half_a_character_is_damage(reported: CaseSession) -> None:
    behind_the_back(reported.folder, r"UPDATE report_draft SET record = replace(record, 'Photographs', '\ud800')")
    with tables(reported) as connection, pytest.raises(CaseDamaged, match="draft of the report cannot be read"):
        reports.draft(connection)


@pytest.mark.parametrize("text", ["no json", "7", "[7]"])
def test_authors_that_nobody_can_read_are_damage(reported: CaseSession, text: str) -> None:
    behind_the_back(reported.folder, "UPDATE report_issue SET authors = ? WHERE number = 2", text)
    with tables(reported) as connection, pytest.raises(CaseDamaged, match="Who wrote revision 2"):
        reports.issues(connection)


@pytest.mark.parametrize("action", ["report drafted", "report issued", "report reviewed"])
@pytest.mark.parametrize("details_json", ["{}", '{"revision":1}', '{"number":1,"authors":7,"revision":1}'])
def test_a_forged_event_that_vouches_for_nothing_is_damage(case: CaseSession, action: str, details_json: str) -> None:
    forged(case.folder, action, details_json)
    with pytest.raises(CaseDamaged, match=r"event 2 .* does not say what it vouches for"):
        case.audit()


def test_a_case_that_is_handed_on_arrives_with_its_report(reported: CaseSession, tmp_path: Path) -> None:
    export_case(reported, tmp_path / "case.zip")
    import_case(tmp_path / "case.zip", tmp_path / "Second", author="Zoe")
    with CaseSession.open(tmp_path / "Second.case", author="Zoe") as second:
        assert second.reports.draft() == reported.reports.draft()
        assert second.reports.issued() == reported.reports.issued()
        assert [each.is_signed_off for each in second.reports.issues()] == [False, True]
        second.audit()


@pytest.fixture
def of_version_1(tmp_path: Path) -> Path:
    """A case as the first released version wrote it."""
    folder = CaseFolder(tmp_path / "Old.case")
    sha256 = hashlib.sha256(PHOTOGRAPH_OF_VERSION_1).hexdigest()
    folder.original(sha256, ".jpg").parent.mkdir(parents=True)
    folder.original(sha256, ".jpg").write_bytes(PHOTOGRAPH_OF_VERSION_1)
    folder.derived.mkdir()
    with closing(sqlite3.connect(folder.database, isolation_level=None)) as connection:
        connection.executescript(VERSION_1.read_text("utf-8"))
    return folder.path


def test_a_case_of_the_first_version_gets_a_report(of_version_1: Path) -> None:
    with CaseSession.open(of_version_1, author="Bob") as case:
        assert case.audit()[-1].details["migrated_to"] == [2]
        assert case.reports.draft() == ReportDraft()
        case.reports.write(opinion=CONCLUDED)
        assert issued(case).issue.number == 1
        assert case.verify(occasion="test") == ()
        case.audit()


def test_a_case_of_the_first_version_that_is_only_looked_at_has_an_empty_report(of_version_1: Path) -> None:
    before = (of_version_1 / "case.sqlite3").read_bytes()
    with CaseSession.open(of_version_1, author="Bob", read_only=True) as case:
        assert (case.reports.draft(), case.reports.issues()) == (ReportDraft(), ())
        # The first version's own last event is that the case was closed, after an edit was taken back.
        assert case.reports.trail_state().events == 7
        with pytest.raises(CaseReadOnly):
            case.reports.write(opinion=CONCLUDED)
        case.audit()
    assert (of_version_1 / "case.sqlite3").read_bytes() == before


def test_an_archive_of_the_first_version_is_imported(of_version_1: Path, tmp_path: Path) -> None:
    files = {path.relative_to(of_version_1).as_posix(): path for path in of_version_1.rglob("*") if path.is_file()}
    pack(tmp_path / "old.zip", files, about={"kind": KIND, "name": "Old"})
    import_case(tmp_path / "old.zip", tmp_path / "New", author="Bob")
    with CaseSession.open(tmp_path / "New.case", author="Bob") as case:
        assert [item.name for item in case.items()] == ["IMG_1.jpg"]
        case.reports.write(opinion=CONCLUDED)
        assert json.loads(issued(case).record_json)["items"][0]["name"] == "IMG_1.jpg"
        case.audit()


def test_a_trail_that_says_nothing_of_a_change_is_damage(case: CaseSession) -> None:
    behind_the_back(case.folder, "UPDATE audit SET action = 'case opened'")
    with pytest.raises(CaseDamaged, match="nothing of how the case was made"):
        case.reports.trail_state()
