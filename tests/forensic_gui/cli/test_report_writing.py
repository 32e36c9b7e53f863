"""A report is written, looked at and reviewed from the command line, as a script does it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.domain.reports.opinion import Level
from forensic_gui.resources import resources_folder
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.made_reports import CONCLUDED, issued
from tests.forensic_gui.services.case.tampering import behind_the_back

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def case(tmp_path: Path) -> str:
    """A closed case of Ada's with three files."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in range(3):
        (folder / f"IMG_{number}.jpg").write_bytes(b"photograph %d" % number)
    with CaseSession.create(tmp_path / "Harbour.case", author="Ada") as session:
        session.add([folder])
        return str(session.folder)


@pytest.fixture
def issued_case(case: str) -> str:
    """The same with a report that Ada issued."""
    with CaseSession.open(Path(case), author="Ada") as session:
        session.reports.write(opinion=CONCLUDED)
        issued(session)
    return case


def told(capfd: Capture) -> tuple[list[dict[str, Any]], str]:
    """(JSON lines of stdout, stderr)."""
    out, err = capfd.readouterr()
    return [json.loads(line) for line in out.splitlines()], err


def shown(case: str, capfd: Capture) -> dict[str, Any]:
    capfd.readouterr()
    assert main(["report", "show", case, "--json"]) == 0
    (record,), _ = told(capfd)
    return record


def test_fields_are_set_one_by_one_and_what_is_missing_is_named(case: str, capfd: Capture) -> None:
    fields = ["--set", "title=Photographs = of the quay", "--set", f"level={Level.NEITHER}"]
    assert main(["report", "write", case, *fields, "--author", "Ada", "--json"]) == 0
    (record,), _ = told(capfd)
    assert record["event"] == "report drafted"
    assert (record["revision"], record["authors"], record["is_changed"]) == (1, ["Ada"], True)
    assert record["opinion"]["title"] == "Photographs = of the quay"
    assert record["opinion"]["level"] == "no more support for one proposition than for the other"
    assert record["missing"] == ["first_proposition", "second_proposition", "reasons"]
    assert shown(case, capfd)["draft"] == {name: record[name] for name in shown(case, capfd)["draft"]}


def test_the_plan_is_set_in_the_order_that_is_given(case: str, capfd: Capture) -> None:
    assert main(["report", "write", case, "--items", "3, 1", "--parts", "appendix, examiner", "--language", "de"]) == 0
    assert "to be issued it lacks: first_proposition, second_proposition, level, reasons" in told(capfd)[1]
    plan = shown(case, capfd)["draft"]["plan"]
    assert plan == {"items": [3, 1], "parts": ["examiner", "appendix"], "pinned": [], "language": "de"}
    assert main(["report", "write", case, "--items", "all", "--parts", "appendix"]) == 0
    assert shown(case, capfd)["draft"]["plan"] == {**plan, "items": [], "parts": ["appendix"]}


def test_writing_the_same_again_is_said_to_change_nothing(case: str, capfd: Capture) -> None:
    assert main(["report", "write", case, "--set", "title=Quay"]) == 0
    assert "The draft is at change 1" in told(capfd)[1]
    assert main(["report", "write", case, "--set", "title=Quay"]) == 0
    assert "says so already" in told(capfd)[1]


def test_a_form_is_written_filled_in_and_read_back(case: str, tmp_path: Path, capfd: Capture) -> None:
    form = tmp_path / "form.toml"
    assert main(["report", "write", case, "--set", "title=Quay", "--set", "custody=By post.\n'''"]) == 0
    assert main(["report", "write", case, "--template", str(form), "--json"]) == 0
    assert told(capfd)[0][-1] == {"event": "form written", "form": str(form)}
    text = form.read_text("utf-8")
    assert "printed as «not supplied»" in text
    assert all(f"#   {level}\n" in text for level in Level)
    filled = text.replace('level = "open"', f'level = "{Level.LIMITED_FIRST}"').replace(
        "reasons = '''\n", "reasons = '''\nA region repeats another one.\n\tIt is shifted.\n"
    )
    form.write_text(filled, "utf-8-sig")
    assert main(["report", "write", case, "--from", str(form), "--set", "title=The quay"]) == 0
    opinion = shown(case, capfd)["draft"]["opinion"]
    assert opinion["level"] == "limited support for the first proposition"
    assert opinion["reasons"] == "A region repeats another one.\n\tIt is shifted."
    assert (opinion["title"], opinion["custody"]) == ("The quay", "By post.\n'''")


def test_an_empty_form_read_back_says_nothing_and_erases_nothing(case: str, tmp_path: Path, capfd: Capture) -> None:
    form = tmp_path / "form.toml"
    assert main(["report", "write", case, "--set", "title=Quay", "--set", "reasons=Because.\n\nOf that."]) == 0
    assert main(["report", "write", case, "--template", str(form)]) == 0
    assert tomllib.loads(form.read_text("utf-8"))["authority"].strip() == ""
    before = shown(case, capfd)["draft"]
    assert main(["report", "write", case, "--from", str(form)]) == 0
    assert shown(case, capfd)["draft"] == before


def test_a_form_of_another_program_may_be_json(case: str, tmp_path: Path, capfd: Capture) -> None:
    form = tmp_path / "form.json"
    form.write_text(json.dumps({"reference": "2026-7", "limits": "Two\nlines"}))
    assert main(["report", "write", case, "--from", str(form)]) == 0
    opinion = shown(case, capfd)["draft"]["opinion"]
    assert (opinion["reference"], opinion["limits"], opinion["title"]) == ("2026-7", "Two\nlines", "")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("form.toml", "titel = 'Quay'", "no field «titel»: did you mean title?"),
        ("form.toml", "verdict = 'x'", "no field «verdict»: the fields are title, reference"),
        ("form.toml", "title = 7", "title is a text"),
        (
            "form.toml",
            "level = 'strong support for the frst proposition'",
            "did you mean «strong support for the first",
        ),
        ("form.toml", "level = 'x'", "no level of a conclusion: the levels are: open; very strong"),
        ("form.toml", "title = ", "no form that can be read"),
        ("form.toml", "title = '\x00'", "no form that can be read"),
        ("form.json", "[]", "is no form"),
        ("form.json", "[" * 100_000, "no form that can be read"),
        ("form.json", '{"title": "\ud800"', "no form that can be read"),
        ("absent.toml", None, "could not be read"),
    ],
)
def test_a_form_that_is_none_is_refused_and_nothing_changed(
    case: str, tmp_path: Path, capfd: Capture, name: str, text: str | None, said: str
) -> None:
    if text is not None:
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    assert main(["report", "write", case, "--from", str(tmp_path / name)]) == 2
    assert said in told(capfd)[1]
    assert shown(case, capfd)["draft"]["revision"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say what is to be written"),
        (["--set", "title"], "NAME=TEXT"),
        (["--set", "titel=x"], "did you mean title?"),
        (["--items", "1,x"], "numbers of items"),
        (["--items", "1,9"], "no item 9"),
        (["--parts", "appendix,annex"], "--parts takes examiner, appendix"),
        (["--language", "en/.."], "names no language"),
        (["--template", "form.toml", "--items", "1"], "--template changes nothing"),
        (["--template", "form.txt"], "ends in .toml"),
    ],
)
def test_a_wrong_call_is_told_and_nothing_changed(case: str, capfd: Capture, arguments: list[str], said: str) -> None:
    assert main(["report", "write", case, *arguments]) == 2
    assert said in told(capfd)[1]
    assert shown(case, capfd)["draft"]["revision"] == 0


def test_a_form_is_not_written_over_a_file_or_into_the_case(case: str, tmp_path: Path, capfd: Capture) -> None:
    form = tmp_path / "form.toml"
    form.write_text("mine")
    assert main(["report", "write", case, "--template", str(form)]) == 2
    assert form.read_text() == "mine"
    assert main(["report", "write", case, "--template", str(form), "--replace"]) == 0
    assert main(["report", "write", case, "--template", str(Path(case) / "form.toml")]) == 2
    assert "outside of cases" in told(capfd)[1]


def test_a_larger_file_than_any_form_is_not_read(case: str, tmp_path: Path, capfd: Capture) -> None:
    form = tmp_path / "form.toml"
    with form.open("wb") as stream:
        stream.truncate((16 << 20) + 1)
    assert main(["report", "write", case, "--from", str(form)]) == 2
    assert "larger than any form" in told(capfd)[1]


def test_what_the_report_says_is_shown_to_people_with_what_is_not_supplied(issued_case: str, capfd: Capture) -> None:
    fields = ["--set", "reasons=One.\n\x1b[31mTwo.", "--author", "Bob"]
    assert main(["report", "write", issued_case, *fields, "--items", "2,1"]) == 0
    capfd.readouterr()
    assert main(["report", "show", issued_case]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0] == "Harbour: the draft after 2 changes, by Bob; it can be issued"
    assert "  title: Photographs of the quay" in lines
    assert "  request: not supplied" in lines
    assert lines[lines.index("  reasons: One.") + 1] == "    \\x1b[31mTwo."
    assert "  items: 2, 1" in lines
    assert lines[-3].startswith("Revision 1, issued 20")
    assert lines[-3].endswith("by Ada: not signed off")


def test_a_draft_is_issued_with_what_it_says_and_again_only_with_a_reason(
    case: str, tmp_path: Path, capfd: Capture
) -> None:
    Image.new("RGB", (40, 30), "teal").save(tmp_path / "IMG_4.png")
    assert main(["case", "add", case, str(tmp_path / "IMG_4.png")]) == 0
    assert main(["report", "issue", case]) == 2
    assert "nothing of: first proposition, second proposition, level, reasons" in told(capfd)[1]
    form = tmp_path / "form.json"
    form.write_text(json.dumps(CONCLUDED.to_record()))
    assert main(["report", "write", case, "--from", str(form), "--items", "4", "--author", "Ada"]) == 0
    capfd.readouterr()
    assert main(["report", "issue", case, "--author", "Bob", "--json"]) == 0
    (record,), _ = told(capfd)
    assert (record["event"], record["number"], record["authors"]) == ("report issued", 1, ["Ada", "Bob"])
    assert main(["report", "issue", case]) == 2
    assert "why revision 1 is superseded" in told(capfd)[1]
    assert main(["report", "issue", case, "--reason", "The request came later."]) == 0
    assert "Issued revision 2, whose record has SHA-256 " in told(capfd)[1]
    with CaseSession.open(Path(case), author="Ada", read_only=True) as session:
        said = json.loads(session.reports.issued_report(1).record_json)
        assert session.reports.issues()[0].record_sha256 == record["record_sha256"]
        session.audit()
    assert said["opinion"] == CONCLUDED.to_record()
    assert [(item["name"], item["decoding"]["format"]) for item in said["items"]] == [("IMG_4.png", "PNG")]


def test_an_issue_with_an_altered_original_names_it_and_gives_exit_status_1(case: str, capfd: Capture) -> None:
    with CaseSession.open(Path(case), author="Ada") as session:
        session.reports.write(opinion=CONCLUDED)
        original = session.original(2)
        name = session.item(2).name
    original.chmod(0o644)
    original.write_bytes(b"something else")
    assert main(["report", "issue", case, "--json"]) == 1
    (record,), err = told(capfd)
    assert (record["number"], record["altered"]) == (1, [name])
    assert f"{name}: The original is not what was put into the case" in err
    original.unlink()
    assert main(["report", "issue", case, "--reason", "Again."]) == 1
    assert "Issued revision 2" in (err := told(capfd)[1])
    assert f"{name}: " in err


def test_nothing_is_issued_in_a_language_that_nobody_can_print(
    issued_case: str, tmp_path: Path, capfd: Capture
) -> None:
    assert main(["report", "write", issued_case, "--language", "de"]) == 0
    assert "template" not in told(capfd)[1]
    assert main(["report", "write", issued_case, "--language", "xx"]) == 0
    assert "a report in «xx» needs a template of yours" in told(capfd)[1]
    issue = ["report", "issue", issued_case, "--reason", "In another language."]
    assert main(issue) == 2
    assert "no words in «xx»" in told(capfd)[1]
    (tmp_path / "words.xx.toml").write_text("")
    assert main([*issue, "--template", str(tmp_path)]) == 2
    words = (resources_folder() / "report" / "words.en.toml").read_text("utf-8")
    (tmp_path / "words.xx.toml").write_text(words, "utf-8")
    assert main([*issue, "--template", str(tmp_path)]) == 0


def test_a_revision_is_returned_and_approved_by_somebody_else(issued_case: str, capfd: Capture) -> None:
    review = ["report", "review", issued_case]
    assert main([*review, "--reviewer", "ada", "--approve"]) == 2
    assert "ada is one of the authors of revision 1" in told(capfd)[1]
    assert main([*review, "--reviewer", "Eve", "--return"]) == 2
    assert "in a note why" in told(capfd)[1]
    assert main([*review, "--reviewer", "Eve", "--return", "--note", "Say more."]) == 0
    assert "Revision 1 was returned by Eve." in told(capfd)[1]
    assert main([*review, "--reviewer", "Eve", "--approve", "--revision", "1", "--json"]) == 0
    (record,), _ = told(capfd)
    assert (record["event"], record["reviewer"], record["outcome"]) == ("report reviewed", "Eve", "approved")
    assert main(["report", "revisions", issued_case, "--json"]) == 0
    (revision,), _ = told(capfd)
    assert (revision["number"], revision["is_signed_off"], revision["is_superseded"]) == (1, True, False)
    assert [each["outcome"] for each in revision["reviews"]] == ["returned", "approved"]
    assert main(["report", "revisions", issued_case]) == 0
    out = capfd.readouterr().out
    assert "by Ada: signed off" in out
    assert "by Eve: Say more." in out


@pytest.mark.parametrize("command", [["show"], ["revisions"], ["write", "--set", "title=x"], ["make", "-o", "r.html"]])
def test_an_approval_that_somebody_put_into_the_tables_is_neither_shown_nor_printed(
    issued_case: str, tmp_path: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    behind_the_back(Path(issued_case), "INSERT INTO report_review VALUES (1, 1, 'Eve', 'approved', '', '')")
    assert main(["report", command[0], issued_case, *command[1:]]) == 2
    assert "changed behind its audit trail: the report has 1 reviews and 0 are on events" in told(capfd)[1]
    assert not (tmp_path / "r.html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "one of --approve and --return"),
        (["--approve", "--return"], "one of --approve and --return"),
        (["--approve", "--revision", "2"], "no revision 2 of the report: the newest is 1"),
    ],
)
def test_a_review_of_nothing_or_that_says_nothing_is_refused(
    issued_case: str, capfd: Capture, arguments: list[str], said: str
) -> None:
    assert main(["report", "review", issued_case, "--reviewer", "Eve", *arguments]) == 2
    assert said in told(capfd)[1]


def test_a_review_of_nobody_is_refused(issued_case: str, capfd: Capture) -> None:
    assert main(["report", "review", issued_case, "--reviewer", " ", "--approve"]) == 2
    assert "--reviewer is empty: give the full name of who reviews." in told(capfd)[1]


def test_where_nothing_was_issued_there_is_nothing_to_review(case: str, capfd: Capture) -> None:
    assert main(["report", "review", case, "--reviewer", "Eve", "--approve"]) == 2
    assert "Nothing was issued yet" in told(capfd)[1]
    assert main(["report", "revisions", case]) == 0
    assert capfd.readouterr().out == "Nothing was issued.\n"


def test_a_case_that_somebody_has_open_is_not_written_to(case: str, capfd: Capture) -> None:
    with CaseSession.open(Path(case), author="Bob"):
        assert main(["report", "write", case, "--set", "title=Quay"]) == 2
    assert "Another window or process has this case open" in told(capfd)[1]
