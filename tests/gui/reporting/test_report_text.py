"""The text of the report: typed, kept, previewed."""

from __future__ import annotations

from contextlib import closing

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
)

from forensic_gui.domain.reports.opinion import LONGEST_LINE, Level, Opinion
from forensic_gui.services.case import CaseSession
from forensic_gui.views.reportroom.text_fields import LONGEST_TEXT, too_long
from tests.forensic_gui.services.case.made_reports import CONCLUDED
from tests.gui.reporting.acts import drafts_of


def test_what_is_typed_is_kept_in_the_case_with_one_event_a_pause(sit_down):
    hand = sit_down()
    folder = hand.desk.session.case.session.folder
    hand.write("report_title", "Harbour bridge")
    hand.write("report_request", "Which photographs\nwere altered?")
    hand.until_kept()
    hand.desk.close()
    (event,) = drafts_of(folder)
    assert event["changed"] == ["title", "request"]
    with closing(CaseSession.open(folder, author="Ann", read_only=True)) as case:
        assert case.reports.draft().opinion.request == "Which photographs\nwere altered?"


def test_what_was_typed_last_is_kept_when_the_case_is_closed_at_once(sit_down):
    hand = sit_down()
    folder = hand.desk.session.case.session.folder
    hand.write("report_title", "Last words")
    hand.desk.close()
    with closing(CaseSession.open(folder, author="Ann", read_only=True)) as case:
        assert case.reports.draft().opinion.title == "Last words"


def test_the_preview_follows_the_text_a_moment_later(sit_down, office):
    hand = sit_down()
    count = len(office.previews)
    hand.write("report_title", "Harbour")
    assert hand.text_of("report_preview_state") == "Updating…"
    hand.until(lambda: office.previews[-1].opinion.title == "Harbour" and len(office.previews) > count)
    hand.until_fresh()
    assert hand.text_of("report_preview_state") == ""
    assert len(office.previews) - count <= 2  # not one a key


@pytest.mark.parametrize("name", ["report_reasons", "report_place"])
def test_one_undo_goes_back_no_further_than_to_what_was_kept(sit_down, qtbot, name):
    hand = sit_down()
    hand.write(name, "Because")
    hand.until_kept()
    hand.write(name, " of this")
    qtbot.keyClick(hand.part(name), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert hand.text_of(name) == "Because"
    qtbot.keyClick(hand.part(name), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert hand.text_of(name) == ""
    hand.until_kept()


@pytest.mark.parametrize(("name", "most"), [("report_reasons", LONGEST_TEXT), ("report_place", LONGEST_LINE)])
def test_of_a_text_of_absurd_length_goes_in_what_the_field_takes_and_that_is_said(sit_down, name, most):
    hand = sit_down()
    field = hand.part(name)
    field.setFocus()
    QGuiApplication.clipboard().setText("words " * 200_000)
    field.paste()
    assert len(hand.text_of(name)) == most
    hand.until(lambda: hand.text_of("report_missing") == too_long(most))
    hand.qtbot.keyClicks(field, "x")
    assert len(hand.text_of(name)) == most
    hand.until_kept()


def test_a_line_that_is_too_long_in_the_case_already_is_shown_whole_and_not_changed(sit_down):
    hand = sit_down()
    page = hand.window.text
    edited = []
    page.edited.connect(edited.append)
    page.show_opinion(Opinion(place="x" * 400))
    assert len(hand.text_of("report_place")) == 400 and edited == []


def test_undo_in_a_field_survives_that_the_draft_is_kept(sit_down, qtbot):
    hand = sit_down()
    hand.write("report_reasons", "Because")
    hand.until_kept()
    field = hand.part("report_reasons")
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert hand.text_of("report_reasons") == ""
    hand.until_kept()
    assert hand.room.keeper.opinion.reasons == ""


def test_what_is_missing_is_listed_and_one_key_goes_there(sit_down, qtbot):
    hand = sit_down()
    assert "first proposition, second proposition, conclusion and reasons" in hand.text_of("report_missing")
    hand.click("report_go_to_missing")
    assert hand.window.focusWidget() is hand.part("report_first_proposition")
    hand.write("report_first_proposition", "It was altered.")
    assert "first" not in hand.text_of("report_missing")


def test_conclusions_stand_in_groups_whose_headings_cannot_be_chosen(sit_down, qtbot):
    hand = sit_down()
    combo = hand.part("report_level")
    assert isinstance(combo, QComboBox)
    model = combo.model()
    rows = {
        combo.itemText(row): bool(model.flags(model.index(row, 0)) & Qt.ItemFlag.ItemIsSelectable)
        for row in range(combo.count())
    }
    assert [text for text, can in rows.items() if not can] == [
        "Support for one of two propositions",
        "What is said of the first proposition",
    ]
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert hand.room.keeper.opinion.level is Level.VERY_STRONG_FIRST


def test_the_wheel_over_the_conclusion_does_not_change_it(sit_down):
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    hand = sit_down()
    combo = hand.part("report_level")
    down, nothing = QPoint(0, -120), Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        QPointF(5, 5), QPointF(combo.mapToGlobal(QPoint(5, 5))), QPoint(), down, Qt.MouseButton.NoButton, nothing,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(combo, event)
    assert hand.room.keeper.opinion.level is Level.OPEN


def test_tab_goes_on_to_the_next_field(sit_down, qtbot):
    hand = sit_down()
    hand.part("report_request").setFocus()
    qtbot.keyClick(hand.part("report_request"), Qt.Key.Key_Tab)
    assert hand.window.focusWidget() is hand.part("report_authority")


def test_a_draft_that_was_changed_elsewhere_is_told_and_either_one_can_be_taken(sit_down):
    hand = sit_down()
    session = hand.desk.session.case.session
    session.reports.write(opinion=CONCLUDED)
    hand.write("report_title", "Mine")
    hand.until(lambda: "another one than this window's" in hand.window.notice.text)
    assert session.reports.draft().opinion.title != "Mine"
    hand.click("report_take_theirs")
    assert hand.text_of("report_reasons") == CONCLUDED.reasons
    assert not hand.window.notice.isVisible()


def test_markup_in_a_field_is_text(sit_down, office):
    hand = sit_down()
    hand.part("report_reasons").insertPlainText("<b>bold</b> & <img src=x>")
    hand.until_kept()
    assert hand.room.keeper.opinion.reasons == "<b>bold</b> & <img src=x>"
