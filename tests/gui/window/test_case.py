"""A case in the window: made, filled, described, closed, and opened again."""

from __future__ import annotations

import hashlib

import numpy as np
from PySide6.QtWidgets import QComboBox, QLabel

from forensic_gui.domain.annotation import Annotation, Conclusion, Region, RegionDetails
from forensic_gui.domain.case import AnnotationState
from forensic_gui.domain.edits import AddRegion
from forensic_gui.domain.errors import CaseError, OutputExhausted
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.services.case import CaseSession
from forensic_gui.views.core.items import Order
from tests.gui.window.case_reading import actions_of, entries, verifications


def test_a_new_case_takes_in_the_photographs_that_are_open(open_desk, photographs, tmp_path):
    paths = photographs(3)
    desk = open_desk(paths)
    desk.until_analyzed("img_1.jpg")
    desk.ask.chosen_case = tmp_path / "Harbour"
    desk.run("new_case")
    desk.until(lambda: "3 images added" in desk.message)
    assert desk.names() == ["img_1.jpg", "img_2.jpg", "img_3.jpg"]
    desk.until_shown("img_1.jpg – Harbour")
    vault = tmp_path / "Harbour.case" / "originals"
    assert all(item.path.is_relative_to(vault) for item in desk.window.catalog.catalog.items)
    assert [item.source for item in desk.window.catalog.catalog.items] == paths
    assert str(paths[0].parent) in desk.facts
    assert [path.read_bytes() for path in paths] == [f"photograph {number}".encode() for number in (1, 2, 3)]


def test_a_case_given_at_the_start_is_opened_and_its_originals_are_verified(open_desk, make_case):
    folder = make_case(3)
    desk = open_desk([folder])
    desk.until_analyzed("img_1.jpg – Harbour")
    assert desk.names() == ["img_1.jpg", "img_2.jpg", "img_3.jpg"]
    desk.until(lambda: not desk.session.case.originals.is_busy)
    desk.close()
    assert [(each["occasion"], each["checked"], each["cancelled"]) for each in verifications(folder)] == [
        ("opening", 3, False),
        ("closing", 3, False),
    ]
    assert actions_of(folder)[-1][0] == "case closed"


def test_a_case_dropped_on_the_window_is_opened(open_desk, make_case, photographs):
    desk = open_desk(photographs(1))
    desk.until_shown("img_1.jpg")
    assert desk.drop([make_case(2)], on=desk.window)
    desk.until_shown("img_1.jpg – Harbour")
    assert len(desk.names()) == 2


def test_a_folder_that_is_only_called_like_a_case_is_opened_as_a_folder(open_desk, photographs):
    folder = photographs(2, folder_name="Suit.case")[0].parent
    desk = open_desk([folder])
    desk.until_shown("img_1.jpg")
    assert not desk.session.case.is_open


def test_what_is_opened_while_a_case_is_open_is_added_to_it_and_known_bytes_are_told(open_desk, make_case, photographs):
    desk = open_desk([make_case(2)])
    desk.until_shown("img_1.jpg – Harbour")
    more = photographs(3, folder_name="more", img_3=b"something new")
    desk.ask.chosen_files = more
    desk.run("open_files")
    desk.until(lambda: "added" in desk.message)
    assert desk.message == "1 image added, 2 were in the case already, by SHA-256."
    assert sorted(desk.names()) == ["img_1.jpg", "img_2.jpg", "img_3.jpg"]
    desk.until_shown("img_3.jpg – Harbour")


def test_a_file_that_cannot_be_added_is_told_and_the_rest_is_there(open_desk, make_case, photographs):
    desk = open_desk([make_case(0)])
    desk.until(lambda: desk.session.case.is_open)
    paths = photographs(2, folder_name="more")
    desk.session.open([*paths, paths[0].with_name("gone.jpg")])
    desk.until(lambda: "2 images added" in desk.message)
    assert desk.message.endswith("1 could not be read.")
    assert [each.subject for each in desk.window.problems.problems] == ["gone.jpg"]


def test_an_empty_case_says_how_to_fill_it(open_desk, make_case):
    desk = open_desk([make_case(0)])
    desk.until(lambda: desk.session.case.is_open)
    shown = [label.text() for label in desk.window.findChildren(QLabel) if label.isVisible()]
    assert "Harbour holds no photographs yet." in shown
    assert desk.title == "Harbour"
    assert desk.is_enabled("add_files") and not desk.is_enabled("set_group")


def test_a_second_window_opens_the_case_for_reading_only_and_says_so(open_desk, make_case, photographs):
    folder = make_case(2)
    first = open_desk([folder])
    first.until_analyzed("img_1.jpg – Harbour")
    second = open_desk([folder])
    second.until_analyzed("img_1.jpg – Harbour (read-only)")
    assert "can only be looked at" in second.message
    assert second.part("status_read_only").isVisible() and not first.part("status_read_only").isVisible()
    for command_id in ("add_files", "set_group", "add_tag"):
        assert first.is_enabled(command_id) and not second.is_enabled(command_id)
    second.session.open(photographs(1, folder_name="more"))
    second.until(lambda: len(second.window.problems.problems) == 1)
    assert second.names() == first.names() == ["img_1.jpg", "img_2.jpg"]


def test_the_filter_finds_what_was_noted_of_a_region(open_desk, make_case):
    desk = open_desk([make_case(3)])
    desk.until_shown("img_1.jpg – Harbour")
    desk.press("J")
    desk.until_shown("img_2.jpg – Harbour")
    inside = np.zeros(desk.session.current.decoded.facts.stored.shape, bool)
    inside[10:20, 10:20] = True
    details = RegionDetails("Ann", "2026-01-02T03:04:05+00:00", note="Second shadow of the crane")
    desk.session.case.session.commit(2, AddRegion(Region("r1", Mask.of(inside), details), 0), label="Polygon")
    field = desk.part("filter")
    desk.qtbot.keyClicks(field, "shadow of")
    desk.until(lambda: desk.names() == ["img_2.jpg"])
    field.clear()
    desk.qtbot.keyClicks(field, "IMG_3")
    desk.until(lambda: desk.names() == ["img_3.jpg"])
    field.clear()
    desk.until(lambda: len(desk.names()) == 3)


def test_names_are_found_where_the_case_cannot_be_searched_and_that_is_told(open_desk, make_case, monkeypatch):
    desk = open_desk([make_case(2)])
    desk.until_shown("img_1.jpg – Harbour")

    def fail(*_):
        raise CaseError("The case could not be read.")

    monkeypatch.setattr(CaseSession, "items", fail)
    desk.qtbot.keyClicks(desk.part("filter"), "img_2")
    desk.until(lambda: desk.names() == ["img_2.jpg"])
    desk.until(lambda: desk.message == "The case could not be read.")


def test_a_case_on_a_full_disk_can_be_opened_for_looking_only(open_desk, make_case, monkeypatch):
    def full(case, action, **_):
        raise OutputExhausted("The case could not be written, the disk is full: free space and try again.")

    folder = make_case(2)
    monkeypatch.setattr(CaseSession, "note", full)
    desk = open_desk([folder])
    desk.until(lambda: "disk is full" in desk.message)
    assert "can be looked at" in desk.message
    assert not desk.session.case.is_open
    button = desk.part("message_action")
    assert button.text() == "Open for Looking Only"
    button.click()
    desk.until_shown("img_1.jpg – Harbour (read-only)")
    assert desk.names() == ["img_1.jpg", "img_2.jpg"]
    assert not desk.is_enabled("add_files")
    desk.close()
    monkeypatch.undo()
    assert "originals verified" not in [action for action, _ in actions_of(folder)]


def test_a_case_that_is_not_there_is_not_offered_for_looking(open_desk, make_case, tmp_path):
    desk = open_desk()
    desk.session.case.open_case(tmp_path / "Nowhere.case")
    desk.until(lambda: desk.message != "")
    assert not desk.part("message_action").isVisible()


def test_groups_and_tags_are_given_found_filtered_and_taken(open_desk, make_case):
    desk = open_desk([make_case(3)])
    desk.until_shown("img_1.jpg – Harbour")
    desk.list.go_to(desk.window.catalog.catalog.shown[1])
    desk.ask.chosen_word = "Phone of R."
    desk.run("set_group")
    desk.until(lambda: [entry.group for entry in entries(desk)] == ["", "Phone of R.", ""])
    desk.ask.chosen_word = "night"
    desk.run("add_tag")
    desk.until(lambda: entries(desk)[1].tags == ("night",))

    desk.window.catalog.filter_by("NIGHT")
    desk.until(lambda: desk.names() == ["img_2.jpg"])
    desk.window.catalog.filter_by(hashlib.sha256(b"photograph 3").hexdigest()[:12])
    desk.until(lambda: desk.names() == ["img_3.jpg"])
    desk.window.catalog.filter_by("phone of")
    desk.until(lambda: desk.names() == ["img_2.jpg"])
    desk.window.catalog.filter_by("")

    groups = desk.window.findChild(QComboBox, "groups")
    assert [groups.itemText(row) for row in range(groups.count())] == ["All groups", "Phone of R.", "In no group"]
    for row, names in (
        (1, ["img_2.jpg"]),
        (2, ["img_1.jpg", "img_3.jpg"]),
        (0, ["img_1.jpg", "img_2.jpg", "img_3.jpg"]),
    ):
        groups.setCurrentIndex(row)
        groups.activated.emit(row)
        assert desk.names() == names
    desk.window.catalog.sort_by(Order.GROUP)
    assert desk.names()[0] == "img_2.jpg"

    desk.list.go_to(desk.window.catalog.catalog.shown[0])
    desk.ask.chosen_word = "night"
    desk.run("remove_tag")
    desk.until(lambda: entries(desk)[0].tags == ())
    assert desk.ask.offered_words == ["night"]
    desk.ask.chosen_word = ""
    desk.run("set_group")
    desk.until(lambda: not groups.isVisible())


def test_an_item_of_a_case_cannot_be_taken_off_the_list_and_the_menu_says_why(open_desk, make_case):
    desk = open_desk([make_case(1)])
    desk.until_shown("img_1.jpg – Harbour")
    assert not desk.is_enabled("remove_selected")
    assert desk.window.actions_["remove_selected"].toolTip().startswith("Evidence stays in its case")
    desk.run("close_case")
    desk.until(lambda: not desk.session.case.is_open)
    assert desk.window.actions_["remove_selected"].toolTip().startswith("Take the selected images off")


def test_what_is_drawn_shows_in_the_row(open_desk, make_case):
    desk = open_desk([make_case(1)])
    desk.until_shown("img_1.jpg – Harbour")
    heard = []
    desk.session.case.item_changed.connect(heard.append)
    annotation = Annotation(Size(96, 64), conclusion=Conclusion.NO_MANIPULATION_FOUND)
    desk.session.case.note_annotation(AnnotationState(1, annotation))
    assert entries(desk)[0].conclusion is Conclusion.NO_MANIPULATION_FOUND
    assert heard == [(1,)]
    model = desk.window.catalog
    assert "no manipulation found" in model.data(model.index(0, 0), 11)


def test_the_current_item_of_the_case_has_its_size_once_it_is_read(open_desk, make_case, photographs):
    desk = open_desk(photographs(1))
    desk.until_shown("img_1.jpg")
    assert desk.session.case.current_case_item is None
    desk.session.open([make_case(1)])
    desk.until_shown("img_1.jpg – Harbour")
    item = desk.session.case.current_case_item
    assert (item.id, item.size) == (1, Size(96, 64))
    desk.until(lambda: desk.session.case.session.item(1).size == Size(96, 64))


def test_recent_cases_are_remembered_and_missing_ones_are_greyed(open_desk, make_case):
    gone, there = make_case(0, name="Gone"), make_case(0, name="There")
    desk = open_desk([gone])
    desk.until(lambda: desk.session.case.name == "Gone")
    desk.session.open([there])
    desk.until(lambda: desk.session.case.name == "There")
    desk.close()
    gone.rename(gone.with_name("Elsewhere.case"))

    again = open_desk()
    menu = again.window.actions_["close_case"].associatedObjects()[0]
    menu.aboutToShow.emit()
    recent = again.window.findChild(type(menu), "recent_cases")
    again.until(lambda: [action.isEnabled() for action in recent.actions()[:2]] == [True, False])
    assert [action.text() for action in recent.actions()[:2]] == ["There", "Gone (not there)"]
    recent.actions()[0].trigger()
    again.until(lambda: again.session.case.name == "There")
    recent.actions()[-1].trigger()
    assert not recent.isEnabled()


def test_a_case_goes_through_an_archive_and_is_the_same(open_desk, make_case, tmp_path):
    desk = open_desk([make_case(2)])
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.until(lambda: entries(desk)[0].kept is not None)
    desk.ask.chosen_place = tmp_path / "harbour.zip"
    desk.run("export_case")
    desk.until(lambda: "was exported to" in desk.message)
    desk.ask.chosen_archive, desk.ask.chosen_case = tmp_path / "harbour.zip", tmp_path / "Quay"
    desk.run("import_case")
    desk.until_analyzed("img_1.jpg – Quay")
    assert desk.names() == ["img_1.jpg", "img_2.jpg"]
    assert desk.localizer.calls == 1


def test_an_archive_that_is_none_is_refused_and_told(open_desk, tmp_path):
    (tmp_path / "odd.zip").write_bytes(b"no archive")
    desk = open_desk()
    desk.ask.chosen_archive, desk.ask.chosen_case = tmp_path / "odd.zip", tmp_path / "Quay"
    desk.run("import_case")
    desk.until(lambda: desk.message.startswith("odd.zip"))
    assert not (tmp_path / "Quay.case").exists()


def test_an_archive_that_is_refused_leaves_the_case_open_that_is_open(open_desk, make_case, tmp_path):
    (tmp_path / "odd.zip").write_bytes(b"no archive")
    folder = make_case(2)
    desk = open_desk([folder])
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.ask.chosen_archive, desk.ask.chosen_case = tmp_path / "odd.zip", tmp_path / "Quay"
    desk.run("import_case")
    desk.until(lambda: desk.message.startswith("odd.zip"))
    assert (desk.session.case.name, desk.session.case.is_writable) == ("Harbour", True)
    assert desk.names() == ["img_1.jpg", "img_2.jpg"]
    assert [action for action, *_ in actions_of(folder)].count("case closed") == 1  # when it was made


def test_changes_are_recorded_in_the_name_that_was_chosen(open_desk, make_case):
    desk = open_desk()
    desk.ask.chosen_word = "Dr. R. Ecord"
    desk.run("case_author")
    folder = make_case(1)
    desk.session.open([folder])
    desk.until_shown("img_1.jpg – Harbour")
    assert desk.session.case.session.author == "Dr. R. Ecord"
    desk.close()
    again = open_desk()
    assert again.session.case.author == "Dr. R. Ecord"


def test_a_case_that_cannot_be_opened_is_told_and_what_was_open_stays_away(open_desk, make_case):
    folder = make_case(1)
    (folder / "case.sqlite3").write_bytes(b"not a database at all" * 400)
    desk = open_desk([folder])
    desk.until(lambda: bool(desk.message))
    assert not desk.session.case.is_open
    assert (folder / "case.sqlite3").read_bytes() == b"not a database at all" * 400
