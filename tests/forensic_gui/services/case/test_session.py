"""A case is made, opened, filled, searched and closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from forensic_gui.domain.case import ItemOrder, ItemQuery
from forensic_gui.domain.errors import (
    CaseError,
    CaseNotFound,
    CaseReadOnly,
    EvidenceAltered,
    OutputExhausted,
    RequestError,
)
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Size
from forensic_gui.services.case import CaseSession
from forensic_gui.storage.case import trail


def names(case: CaseSession, **query: object) -> list[str]:
    return [item.name for item in case.items(ItemQuery(**query))]  # type: ignore[arg-type]


def test_a_new_case_gets_the_suffix_and_says_who_made_it(tmp_path: Path) -> None:
    with CaseSession.create(tmp_path / "Harbour", author="Ada") as case:
        assert case.folder == tmp_path / "Harbour.case"
        assert (case.info.name, case.info.created_by, case.info.items, case.info.read_only) == ("Harbour", "Ada", 0, "")


def test_a_case_is_never_made_where_something_is(tmp_path: Path) -> None:
    (tmp_path / "Harbour.case").mkdir()
    (tmp_path / "Harbour.case" / "notes.txt").write_text("mine")
    with pytest.raises(CaseError, match="there already"):
        CaseSession.create(tmp_path / "Harbour.case", author="Ada")
    assert (tmp_path / "Harbour.case" / "notes.txt").read_text() == "mine"


def test_nothing_and_an_ordinary_folder_are_no_case(tmp_path: Path) -> None:
    for place in (tmp_path / "absent.case", tmp_path):
        with pytest.raises(CaseNotFound):
            CaseSession.open(place, author="Ada")


def test_items_keep_what_is_known_of_their_source(case: CaseSession, photographs: Path) -> None:
    (item_id,) = case.add([photographs / "IMG_10.jpg"], group="Harbour").added
    item = case.item(item_id)
    assert (item.name, item.source, item.size_bytes) == ("IMG_10.jpg", str(photographs / "IMG_10.jpg"), 3)
    assert (item.group, item.added_by, item.size, item.unreadable) == ("Harbour", "Ada", None, "")
    assert case.original(item_id).read_bytes() == b"ten"
    assert case.original(item_id).suffix == ".jpg"


def test_the_same_bytes_are_kept_once_whatever_their_name(case: CaseSession, photographs: Path) -> None:
    (photographs / "copy.png").write_bytes(b"nine")
    report = case.add([photographs])
    assert (len(report.added), len(report.known)) == (3, 1)
    again = case.add([photographs])
    assert (again.added, sorted(set(again.known))) == ((), [1, 2, 3])
    assert len([path for path in (case.folder / "originals").rglob("*") if path.is_file()]) == 3


def test_what_cannot_be_read_is_named_and_the_rest_is_added(case: CaseSession, photographs: Path) -> None:
    (photographs / "empty.jpg").touch()
    (photographs / "link.jpg").symlink_to(photographs / "IMG_9.JPG")
    report = case.add([photographs, photographs / "absent.jpg"])
    assert {failure.path.name: failure.kind for failure in report.failures} == {
        "empty.jpg": "EvidenceEmpty",
        "link.jpg": "EvidenceNotReadable",
        "absent.jpg": "EvidenceNotReadable",
    }
    assert len(report.added) == 3


def test_items_are_sorted_as_people_count(case: CaseSession, photographs: Path) -> None:
    case.add([photographs])
    assert names(case) == ["IMG_10.jpg", "IMG_9.JPG", "scan.tif"]
    assert names(case, order=ItemOrder.NAME) == ["IMG_9.JPG", "IMG_10.jpg", "scan.tif"]


def test_items_are_found_by_name_source_group_tag_and_hash(case: CaseSession, photographs: Path) -> None:
    case.add([photographs], group="Quay")
    (scan,) = case.items(ItemQuery(text="scan"))
    case.set_group([scan.id], "Élan")
    case.tag([scan.id], add=["Blurred"])
    for text in ("SCAN", "/more/", "élan", "blur", scan.sha256[:20].upper()):
        assert names(case, text=text) == ["scan.tif"], text
    assert names(case, text="quay") == ["IMG_10.jpg", "IMG_9.JPG"]
    assert names(case, group="Quay", text="g_9") == ["IMG_9.JPG"]
    assert names(case, text="nowhere") == names(case, text=scan.sha256[:5]) == []
    assert (case.groups(), case.tags()) == (("Quay", "Élan"), ("Blurred",))


def test_tags_narrow_down_together_and_come_off_again(case: CaseSession, photographs: Path) -> None:
    first, second, _ = case.add([photographs]).added
    case.tag([first, second], add=["a", "b"])
    case.tag([second], add=["c"], remove=["b"])
    assert case.item(second).tags == ("a", "c")
    assert len(case.items(ItemQuery(tags=("a",)))) == 2
    assert [item.id for item in case.items(ItemQuery(tags=("a", "b")))] == [first]
    case.tag([first, second], remove=["a", "b", "c"])
    assert case.tags() == ()
    with pytest.raises(RequestError):
        case.tag([first], add=[" "])


def test_the_second_to_open_a_case_can_only_look(case: CaseSession, photographs: Path) -> None:
    with CaseSession.open(case.folder, author="Bob") as second:
        assert "Another window or process" in second.info.read_only
        case.add([photographs])
        assert len(second.items()) == 3
        for change in (
            lambda: second.add([photographs]),
            lambda: second.set_group([1], "x"),
            lambda: second.note("export"),
        ):
            with pytest.raises(CaseReadOnly, match="Another window"):
                change()
        assert second.verify(occasion="look") == ()
    with CaseSession.open(case.folder, author="Bob") as third:
        assert third.info.read_only


def test_closing_lets_the_next_one_in(case: CaseSession) -> None:
    case.close()
    case.close()
    with CaseSession.open(case.folder, author="Bob") as again:
        assert (again.info.read_only, again.info.created_by) == ("", "Ada")


def test_decoding_makes_the_size_known_and_unreadable_says_why(
    case: CaseSession, photographs: Path, facts: DecodeFacts
) -> None:
    (item_id,) = case.add([photographs / "IMG_9.JPG"]).added
    with pytest.raises(CaseError, match="not read yet"):
        case.annotation(item_id)
    case.note_unreadable(item_id, "The file is damaged.")
    assert case.item(item_id).unreadable == "The file is damaged."
    case.note_decoded(item_id, facts)
    assert (case.item(item_id).size, case.item(item_id).unreadable) == (Size(8, 6), "")


def test_bytes_that_differ_are_refused_and_on_record(case: CaseSession, photographs: Path) -> None:
    (item_id,) = case.add([photographs / "IMG_9.JPG"]).added
    case.confirm(item_id, case.item(item_id).sha256)
    with pytest.raises(EvidenceAltered, match="not what was put into the case"):
        case.confirm(item_id, "0" * 64)
    assert case.audit()[-1].action == "altered original found"


@pytest.mark.parametrize("call", ["item", "original", "findings", "log", "annotation", "undo"])
def test_an_id_of_no_item_is_refused_in_a_sentence(case: CaseSession, call: str) -> None:
    with pytest.raises(CaseError, match="no item 7"):
        getattr(case, call)(7)


def test_a_case_that_cannot_record_its_opening_is_let_go_of(case: CaseSession, monkeypatch: pytest.MonkeyPatch) -> None:
    case.close()

    def full(*_: object, **__: object) -> None:
        raise OutputExhausted("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(trail, "append", full)
        with pytest.raises(OutputExhausted):
            CaseSession.open(case.folder, author="Ada")
    with CaseSession.open(case.folder, author="Ada") as again:
        assert again.info.read_only == ""


def test_a_case_that_cannot_record_its_closing_is_let_go_of(case: CaseSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OutputExhausted("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(trail, "append", full)
        with pytest.raises(OutputExhausted):
            case.close()
    with CaseSession.open(case.folder, author="Ada") as again:
        assert (again.info.read_only, again.author) == ("", "Ada")


def test_every_original_is_where_it_is_said_to_be(case: CaseSession, photographs: Path) -> None:
    added = case.add([photographs]).added
    assert case.originals() == {item_id: case.original(item_id) for item_id in added}
    assert all(path.is_file() for path in case.originals().values())


@pytest.mark.parametrize("read_only", [False, True])
def test_a_case_that_was_closed_says_so_and_changes_nothing(
    case: CaseSession, drawable: int, tmp_path: Path, read_only: bool
) -> None:
    case.close()
    used = CaseSession.open(case.folder, author="Bob", read_only=read_only)
    used.close()
    calls: list[Callable[[], object]] = [
        lambda: used.info, used.items, lambda: used.item(drawable), used.audit, lambda: used.annotation(drawable),
        lambda: used.verify(occasion="test"), lambda: used.copy_database(tmp_path / "copy.sqlite3"),
    ]  # fmt: skip
    if not read_only:
        calls += [lambda: used.tag([drawable], add=["seen"]), lambda: used.note("a note"), lambda: used.undo(drawable)]
    for call in calls:
        with pytest.raises(CaseError, match="was closed"):
            call()
    assert not (tmp_path / "copy.sqlite3").exists()
