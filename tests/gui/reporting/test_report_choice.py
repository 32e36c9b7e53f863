"""What the report shows: items, views, form."""

from __future__ import annotations

from contextlib import closing

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QLineEdit,
    QListWidget,
)

from forensic_gui.domain.geometry import Box
from forensic_gui.domain.reports.plan import Part, PictureKind, ReportPlan
from forensic_gui.services.case import CaseSession
from forensic_gui.views.reportroom.door import TemplateFacts
from forensic_gui.views.theme import failure_colour
from tests.gui.reporting.conftest import LEFT


def table_of(hand):
    hand.show_tab("Items")
    return hand.window.items.table


def names_in(hand) -> list[str]:
    model = hand.window.items.table.model()
    return [model.data(model.index(row, 1)) for row in range(model.rowCount())]


def select(hand, row: int) -> None:
    table = hand.window.items.table
    hand.qtbot.mouseClick(table.viewport(), LEFT, pos=table.visualRect(table.model().index(row, 1)).center())


def test_a_mark_that_is_taken_away_leaves_the_item_out(sit_down):
    hand = sit_down()
    table = table_of(hand)
    select(hand, 1)
    hand.qtbot.keyClick(table, Qt.Key.Key_Space)
    hand.until_kept()
    assert hand.room.keeper.plan.item_ids == (1, 3)
    assert hand.text_of("report_items_said") == "2 of 3 items. Drag rows to order them."
    hand.qtbot.keyClick(table, Qt.Key.Key_Space)
    assert hand.room.keeper.plan.item_ids == ()


def test_alt_and_arrows_move_a_row_which_stays_selected(sit_down):
    hand = sit_down()
    table = table_of(hand)
    select(hand, 2)
    alt = Qt.KeyboardModifier.AltModifier
    hand.qtbot.keyClick(table, Qt.Key.Key_Up, alt)
    assert names_in(hand) == ["img_1.jpg", "img_3.jpg", "img_2.jpg"]
    hand.qtbot.keyClick(table, Qt.Key.Key_Up, alt)
    assert names_in(hand) == ["img_3.jpg", "img_1.jpg", "img_2.jpg"]
    assert hand.room.keeper.plan.item_ids == (3, 1, 2)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0]


def test_a_row_that_is_dragged_lands_before_the_one_it_is_dropped_on(sit_down):
    hand = sit_down()
    model = table_of(hand).model()
    dragged = model.mimeData([model.index(2, 1)])
    assert not model.dropMimeData(dragged, Qt.DropAction.MoveAction, 0, 0, model.index(-1, -1))
    assert hand.room.keeper.plan.item_ids == (3, 1, 2)


def test_no_item_at_all_is_not_kept_and_said(sit_down):
    hand = sit_down()
    table_of(hand)
    hand.click("report_items_none")
    assert "at least one item" in hand.text_of("report_items_said")
    assert hand.room.keeper.plan == ReportPlan()


def test_the_filter_narrows_what_is_marked_at_once(sit_down):
    hand = sit_down()
    table_of(hand)
    hand.click("report_items_none")
    hand.write("report_items_filter", "img_2")
    assert names_in(hand) == ["img_2.jpg"]
    hand.click("report_items_all")
    assert hand.room.keeper.plan.item_ids == (2,)
    hand.part("report_items_filter").clear()
    hand.click("report_items_regions")
    assert names_in(hand) == [] and hand.text_of("report_items_said") == "No item passes the filter."


def test_a_thousand_items_are_marked_and_moved_within_a_frame(sit_down, make_case, tmp_path, qtbot):
    import time

    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1000):
        (folder / f"{number:04}.jpg").write_bytes(f"photograph {number}".encode())
    with closing(CaseSession.create(tmp_path / "Many", author="Ann")) as case:
        case.add([folder])
        path = case.folder
    hand = sit_down(case=path)
    rows = hand.window.items.rows
    hand.show_tab("Items")
    hand.until(lambda: rows.rowCount() == 1000)
    worst = 0.0
    for _ in range(5):
        began = time.perf_counter()
        rows.step([rows.id_at(500)], -1)
        rows.pick([rows.id_at(7)], False)
        worst = max(worst, (time.perf_counter() - began) / 2)
    assert worst < 0.1  # 16 ms on an idle machine; others share this one


def pin(hand, caption: str = "The crane") -> None:
    hand.desk.ask.chosen_word = caption
    hand.desk.until(lambda: hand.desk.is_enabled("pin_view"))
    hand.desk.run("pin_view")


def test_what_is_seen_is_pinned_with_a_caption_and_taken_out_again(sit_down):
    hand = sit_down()
    desk = hand.desk
    desk.until(lambda: desk.session.current.examination is not None)
    desk.session.canvas.one_to_one()
    pin(hand)
    hand.until(lambda: len(hand.room.keeper.plan.pinned) == 1)
    (view,) = hand.room.keeper.plan.pinned
    assert (view.item_id, view.picture, view.caption) == (1, PictureKind.OVERLAY, "The crane")
    assert view.box == Box(0, 0, 96, 64)
    assert desk.message.startswith("Pinned to the report: img_1.jpg · Heatmap over image")
    desk.qtbot.mouseClick(desk.part("message_action"), LEFT)
    assert hand.room.keeper.plan.pinned == ()
    hand.until_kept()


def test_a_view_is_pinned_while_the_reports_window_was_never_open(open_desk, office, make_case):
    desk = open_desk([make_case(2)])
    desk.until(lambda: desk.session.current.examination is not None and desk.is_enabled("pin_view"))
    desk.session.set_layers(desk.session.layers.settings.__class__(heatmap_visible=False))
    desk.ask.chosen_word = ""
    desk.run("pin_view")
    desk.until(lambda: "Pinned" in desk.message)
    assert desk.session.reports.window is None
    folder = desk.session.case.session.folder
    desk.close()
    with closing(CaseSession.open(folder, author="Ann", read_only=True)) as case:
        assert [view.picture for view in case.reports.draft().plan.pinned] == [PictureKind.ORIGINAL]


def test_never_mind_pins_nothing(sit_down):
    hand = sit_down()
    hand.desk.ask.chosen_word = None
    hand.desk.until(lambda: hand.desk.is_enabled("pin_view"))
    hand.desk.run("pin_view")
    assert hand.room.keeper.plan.pinned == () and hand.desk.ask.proposed_view.startswith("img_1.jpg")


def test_pinned_views_are_described_ordered_and_removed(sit_down):
    hand = sit_down()
    hand.desk.until(lambda: hand.desk.session.current.examination is not None)
    for caption in ("One", "Two"):
        pin(hand, caption)
    hand.show_tab("Views")
    views = hand.part("report_views")
    assert isinstance(views, QListWidget) and views.count() == 2
    views.setCurrentRow(1)
    hand.click("report_view_up")
    assert [view.caption for view in hand.room.keeper.plan.pinned] == ["Two", "One"]
    hand.write("report_view_caption", "Then ")
    assert hand.room.keeper.plan.pinned[0].caption == "Then Two"
    assert views.item(0).text().endswith("\nThen Two")
    picture = hand.part("report_view_picture")
    picture.setCurrentIndex(picture.findText("Image"))
    assert hand.room.keeper.plan.pinned[0].picture is PictureKind.ORIGINAL
    views.setFocus()
    hand.qtbot.keyClick(views, Qt.Key.Key_Delete)
    assert [view.caption for view in hand.room.keeper.plan.pinned] == ["One"]
    assert views.currentRow() == 0
    assert hand.text_of("report_views_said").startswith("Removed: img_1.jpg · Image")
    hand.click("report_view_undo")
    assert [view.caption for view in hand.room.keeper.plan.pinned] == ["Then Two", "One"]
    assert views.currentRow() == 0 and not hand.part("report_view_undo").isVisible()


def test_without_views_the_tab_says_how_one_is_pinned(sit_down):
    hand = sit_down()
    hand.show_tab("Views")
    assert "Pin View to Report" in hand.text_of("report_views_empty")
    assert hand.part("report_views_empty").isVisible()


def test_parts_and_language_are_chosen_and_one_part_stays(sit_down):
    hand = sit_down()
    hand.show_tab("Form")
    for part in (Part.EXAMINER, Part.APPENDIX):
        box = hand.part(f"report_part_{part.value}")
        assert isinstance(box, QCheckBox)
        box.click()
    assert hand.room.keeper.plan.parts == (Part.APPENDIX,)
    assert (
        hand.text_of("report_form_problem")
        == "A report has at least one part: the last choice stands, Technical appendix."
    )
    language = hand.part("report_language")
    hand.until(lambda: language.count() == 2)
    language.setCurrentIndex(language.findText("Deutsch (de)"))
    assert hand.room.keeper.plan.language == "de"


def test_a_template_folder_shows_its_letterhead_and_says_what_is_wrong_with_it(sit_down, office, tmp_path):
    hand = sit_down()
    hand.show_tab("Form")
    hand.until(lambda: "Laboratory of Images" in hand.text_of("report_letterhead"))
    office.templates[tmp_path] = TemplateFacts(("fr",), ("Bureau",), True)
    edit = hand.part("template_folder")
    assert isinstance(edit, QLineEdit)
    edit.setText(str(tmp_path))
    hand.until(lambda: hand.text_of("report_letterhead") == "Bureau\n(with a logo)")
    hand.until(lambda: office.previews[-1].templates == tmp_path)
    edit.setText("/nowhere")
    hand.until(lambda: hand.text_of("report_form_problem") == "There is no template there.")
    assert not hand.part("report_letterhead").isVisible()
    problem = hand.part("report_form_problem").palette()
    assert problem.windowText().color() == failure_colour(problem)


def test_the_template_folder_is_remembered_for_the_next_session(sit_down, office, open_desk, tmp_path):
    office.templates[tmp_path] = TemplateFacts(("fr",), ("Bureau",))
    hand = sit_down()
    hand.part("template_folder").setText(str(tmp_path))
    hand.until(lambda: hand.text_of("report_letterhead") == "Bureau")
    hand.desk.close()
    again = sit_down(case=hand.desk.session.case.recent.folders[0])
    again.until(lambda: again.text_of("report_letterhead") == "Bureau")
    assert again.text_of("template_folder") == str(tmp_path)
    again.until(lambda: office.previews[-1].templates == tmp_path)
