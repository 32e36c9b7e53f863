"""Originals are never trusted, findings never lost: what the window does with the evidence of a case."""

from __future__ import annotations

from contextlib import closing

from PySide6.QtWidgets import QLabel, QPushButton

from forensic_gui.domain.errors import OutputExhausted
from forensic_gui.services.case import CaseSession
from forensic_gui.views.core.items import Analyzed, CouldNot
from forensic_gui.views.core.wording import marks_of, told_of
from tests.gui.window.case_reading import actions_of, alter, entries, verifications


def test_findings_are_kept_and_shown_again_without_being_computed_again(open_desk, make_case):
    folder = make_case(2)
    desk = open_desk([folder])
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.until(lambda: all(entry.kept is None for entry in entries(desk)[1:]) and entries(desk)[0].kept is not None)
    first = desk.session.current.examination
    desk.run("analyze_all")
    desk.until(lambda: all(entry.kept is not None for entry in entries(desk)))
    assert desk.localizer.calls == 2
    desk.close()

    again = open_desk([folder], ready=False)
    again.until_analyzed("img_1.jpg – Harbour")
    assert [type(state) for state in again.states()] == [Analyzed, Analyzed]
    shown = again.session.current.examination
    assert (shown.localization.heatmap.grid == first.localization.heatmap.grid).all()
    assert shown.scores == first.scores
    again.run("analyze_all")
    again.until(lambda: "analyzed" in again.message)
    assert again.localizer.calls == 0
    with closing(CaseSession.open(folder, author="A. Reader", read_only=True)) as case:
        assert [len(case.findings(item.id)) for item in case.items()] == [1, 1]


def test_a_finding_of_other_views_stays_in_the_list_and_says_so(open_desk, make_case):
    folder = make_case(1)
    desk = open_desk([folder])
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.until(lambda: entries(desk)[0].kept is not None)
    desk.run("auto_analyze")
    desk.run("views_fast")
    desk.until(lambda: desk.session.current.examination is None)
    (state,) = desk.states()
    assert isinstance(state, Analyzed) and state.is_kept
    model = desk.window.catalog
    assert "newest finding in the case" in model.data(model.index(0, 0), 3)
    desk.run("views_thorough")
    desk.until(lambda: desk.session.current.examination is not None)
    assert desk.localizer.calls == 1


def test_a_finding_that_cannot_be_kept_is_told_and_still_shown(open_desk, make_case, monkeypatch):
    def full(*_):
        raise OutputExhausted("The disk is full.")

    monkeypatch.setattr(CaseSession, "put_finding", full)
    desk = open_desk([make_case(1)])
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.until(lambda: "The disk is full." in desk.message)
    assert isinstance(desk.states()[0], Analyzed)


def test_results_that_are_saved_are_kept_in_the_case_too(open_desk, make_case, tmp_path):
    folder = make_case(2)
    desk = open_desk([folder])
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.run("auto_analyze")
    desk.ask.chosen_folder = tmp_path / "results"
    desk.run("save_all")
    desk.until(lambda: "Results of 2 images were saved" in desk.message)
    desk.until(lambda: all(entry.kept is not None for entry in entries(desk)))
    second = desk.states()[1]
    assert isinstance(second, Analyzed) and second.is_kept
    desk.close()
    with closing(CaseSession.open(folder, author="A. Reader", read_only=True)) as case:
        (stored,) = case.findings(2)
        assert stored.record["path"] == case.item(2).source
        case.audit()


def test_results_that_are_saved_of_a_case_that_can_only_be_looked_at_are_kept_nowhere(open_desk, make_case, tmp_path):
    folder = make_case(2)
    first = open_desk([folder])
    first.run("auto_analyze")
    first.until_shown("img_1.jpg – Harbour")
    second = open_desk([folder])
    second.until_shown("img_1.jpg – Harbour (read-only)")
    second.ask.chosen_folder = tmp_path / "results"
    second.run("save_all")
    second.until(lambda: "Results of 2 images were saved" in second.message)
    second.close()
    first.close()
    with closing(CaseSession.open(folder, author="A. Reader", read_only=True)) as case:
        assert case.findings(2) == ()


def test_an_original_that_was_altered_is_named_marked_and_never_shown(open_desk, make_case):
    folder = make_case(2)
    item = alter(folder)
    desk = open_desk([folder])
    desk.until(lambda: "not what was put into the case" in desk.message)
    desk.until(lambda: bool(entries(desk)[0].altered))
    assert entries(desk)[0].name == item.name
    assert not entries(desk)[1].altered
    assert {each.subject for each in desk.window.problems.problems} == {item.name}
    assert desk.session.current.decoded is None
    desk.run("analyze_all")
    desk.until(lambda: isinstance(desk.states()[1], Analyzed) and not desk.session.analysis.is_busy)
    assert isinstance(desk.states()[0], CouldNot)
    assert desk.localizer.calls == 1
    desk.window.close()
    desk.until(lambda: desk.window.findChild(QLabel, "leaving_text") is not None)
    text = desk.window.findChild(QLabel, "leaving_text")
    desk.until(lambda: item.name in text.text())
    assert desk.window.isVisible()
    desk.part("leaving_button").click()
    desk.until(lambda: desk.app.is_closed)
    assert [len(each["altered"]) for each in verifications(folder) if each["occasion"] != "reading failed"] == [1, 1]


def test_an_original_that_is_gone_is_called_missing_and_not_altered(open_desk, make_case):
    folder = make_case(2)
    desk = open_desk([folder])
    desk.until_analyzed("img_1.jpg – Harbour")
    with closing(CaseSession.open(folder, author="A. Reader", read_only=True)) as case:
        case.original(2).unlink()
    desk.run("verify_case")
    desk.until(lambda: any(entry.altered for entry in entries(desk)))
    assert [entry.is_missing for entry in entries(desk)] == [False, True]
    catalog = desk.window.catalog.catalog
    item = catalog.item(catalog.shown[1])
    assert marks_of(item)[0] == "Original missing"
    assert "missing" in told_of(item)[0]
    desk.window.close()
    desk.until(lambda: desk.window.findChild(QLabel, "leaving_text") is not None)
    text = desk.window.findChild(QLabel, "leaving_text")
    desk.until(lambda: "missing" in text.text())
    desk.part("leaving_button").click()
    desk.until(lambda: desk.app.is_closed)


def test_verifying_by_hand_says_that_all_is_well(open_desk, make_case):
    desk = open_desk([make_case(2)])
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.run("verify_case")
    desk.until(lambda: desk.message == "All originals are what was put into the case.")


def test_skipping_the_verification_at_closing_is_recorded_as_cancelled(open_desk, make_case, monkeypatch):
    folder = make_case(2)
    desk = open_desk([folder])
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.until(lambda: not desk.session.case.originals.is_busy)
    verify = CaseSession.verify

    def slow(session, *arguments, progress, cancel, **named):
        def held_up(event):
            progress(event)
            while event.kind == "finished" and not cancel.is_cancelled:
                pass

        return verify(session, *arguments, progress=held_up, cancel=cancel, **named)

    monkeypatch.setattr(CaseSession, "verify", slow)
    desk.run("close_case")
    desk.until(lambda: desk.window.findChild(QPushButton, "leaving_button") is not None)
    button = desk.part("leaving_button")
    desk.until(button.isVisible)
    button.click()
    desk.until(lambda: not desk.session.case.is_open)
    assert desk.title == "Forensic GUI"
    assert desk.names() == []
    last = verifications(folder)[-1]
    assert (last["occasion"], last["cancelled"], last["checked"]) == ("closing", True, 1)


def test_closing_in_the_middle_of_adding_and_analyzing_keeps_what_was_done_and_breaks_nothing(
    open_desk, make_case, photographs, pace
):
    folder = make_case(3)
    desk = open_desk([folder], pace=pace)
    desk.until_analyzed("img_1.jpg – Harbour")
    pace.decode_s = pace.localize_s = 0.15
    desk.run("analyze_all")
    desk.session.open(photographs(40, folder_name="more"))
    desk.until(lambda: len(desk.names()) > 3 or desk.session.analysis.is_batch_running)
    desk.close()
    assert actions_of(folder)[-1][0] == "case closed"
    with closing(CaseSession.open(folder, author="A. Reader")) as case:
        assert case.verify(occasion="test") == ()
        assert not case.info.read_only


def test_nothing_is_saved_into_a_case_by_hand(open_desk, make_case):
    folder = make_case(1)
    desk = open_desk([folder])
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.ask.chosen_place = folder / "originals" / "m.png"
    desk.run("save_mask")
    assert desk.message == "A case keeps only what it made itself; choose another folder."
    assert not desk.ask.chosen_place.exists()
    assert desk.ask.proposals[0].name == "img_1.mask.png"
