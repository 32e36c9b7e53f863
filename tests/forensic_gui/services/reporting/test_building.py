"""The record of a report: complete, the same for the same state of a case, and honest of what is amiss."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forensic_gui.domain.audit import CHANGES_NOTHING
from forensic_gui.domain.errors import CaseDamaged, CaseError, DecoderCrashed
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.record import ReportRecord
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken, ProgressEvent
from forensic_gui.services.reporting.building import build_record
from forensic_gui.services.reporting.contract import ReportPorts
from tests.forensic_gui.services.reporting.made_cases import THRESHOLD, WIDE, corner_grid, draw, put_finding

WORDS = Opinion(title="Two photographs of a crane", examiner="Ada")


def record_of(case: CaseSession, ports: ReportPorts, plan: ReportPlan | None = None) -> ReportRecord:
    return build_record(case, opinion=WORDS, plan=plan or ReportPlan(), ports=ports)


def overwrite(case: CaseSession, item_id: int, data: bytes) -> None:
    path = case.original(item_id)
    path.chmod(0o644)
    path.write_bytes(data)


def test_the_same_state_of_a_case_gives_the_same_record(case, ports):
    assert record_of(case, ports).to_json() == record_of(case, ports).to_json()


def test_opening_verifying_and_exporting_in_between_change_nothing_of_it(case, ports, tmp_path):
    before = record_of(case, ports)
    case.verify(occasion="a test")
    case.note("case exported")
    folder = case.folder
    case.close()
    with CaseSession.open(folder, author="Ada") as again:
        assert record_of(again, ports) == before


def test_every_change_of_the_case_shows_in_it(case, ports):
    before = record_of(case, ports)
    case.tag([3], add=["later"])
    after = record_of(case, ports)
    assert after.items[2].tags == ("later",)
    assert after.trail.events > before.trail.events
    assert after.trail.head != before.trail.head


def test_it_is_given_back_by_its_json(case, ports):
    record = record_of(case, ports)
    assert ReportRecord.from_record(json.loads(record.to_json())) == record


def test_it_holds_no_place_of_the_case_and_no_time_of_today(case, ports):
    text = record_of(case, ports).to_json()
    assert str(case.folder) not in text
    last = record_of(case, ports).trail
    event = next(event for event in case.audit() if event.seq == last.events)
    assert (event.sha256, event.time) == (last.head, last.time)
    assert event.action not in CHANGES_NOTHING


def test_an_item_has_its_finding_mask_regions_and_difference(case, ports):
    item = record_of(case, ports).items[0]
    mask, region = item.mask, item.regions[0]
    model = Mask.from_text(WIDE, mask.runs)
    analyst = Mask.from_text(WIDE, region.runs)
    assert (item.name, item.is_unaltered, item.unreadable, item.tags) == ("a-wide.jpg", True, "", ("berth", "crane"))
    assert mask.area_px == model.area == round(item.finding["share_over_threshold"] * WIDE.pixels)
    assert mask.threshold == item.finding["threshold"] == THRESHOLD
    assert mask.heatmap_grid == (12, 16)
    assert region.area_px == 400 * 200
    assert region.share == 400 * 200 / WIDE.pixels
    assert region.details["note"] == "the crane"
    assert item.difference.both_px == (model & analyst).area
    assert item.difference.model_only_px == (model - analyst).area
    assert item.difference.analyst_only_px == (analyst - model).area
    assert item.difference.iou == pytest.approx(model.iou(analyst))
    figures = (item.difference.model_only_px, item.difference.analyst_only_px, item.difference.both_px)
    assert sum(figures) + item.difference.neither_px == WIDE.pixels
    assert (item.edits, item.last_edit[0]) == (1, "Ada")


def test_an_item_without_finding_or_regions_says_so(case, ports):
    item = record_of(case, ports).items[2]
    assert (item.finding, item.finding_id, item.mask, item.regions, item.difference) == (None, None, None, (), None)
    assert (item.edits, item.last_edit) == (0, ("", ""))


def test_the_newest_finding_counts(case, ports):
    put_finding(case, 1, WIDE, np.full((4, 4), 0.25, np.float32), device="cuda:0")
    item = record_of(case, ports).items[0]
    assert item.finding["device"] == "cuda:0"
    assert item.finding_id == case.findings(1)[-1].id
    assert item.mask.area_px == 0


def test_items_come_in_the_order_of_the_plan(case, ports):
    record = record_of(case, ports, ReportPlan(item_ids=(3, 1)))
    assert [item.id for item in record.items] == [3, 1]
    assert record.plan.item_ids == (3, 1)
    assert record.case.items == 3


def test_a_plan_without_items_names_all_in_the_order_of_adding(case, ports):
    assert record_of(case, ports).plan.item_ids == (1, 2, 3)


def test_an_item_that_there_is_not_is_refused(case, ports):
    with pytest.raises(CaseError, match="no item 9"):
        record_of(case, ports, ReportPlan(item_ids=(9,)))


def test_an_item_that_nobody_decoded_is_decoded_and_that_is_recorded_once(case, ports):
    record = record_of(case, ports)
    assert record.items[2].decoding["decoder"] == "Pillow"
    assert case.item(3).size == Size(64, 48)
    record_of(case, ports)
    assert [event.action for event in case.audit()].count("evidence decoded") == 3


def test_facts_of_a_reduced_decode_do_not_stand_for_the_whole(case, ports):
    reduced = ports.decoder.decode(case.original(3), max_side_px=16)
    case.note_decoded(3, reduced.facts)
    assert "max_side_px" not in record_of(case, ports).items[2].decoding["decoder_parameters"]


def test_an_altered_original_is_named_logged_and_stops_no_other(case, ports):
    overwrite(case, 3, b"something else")
    record = record_of(case, ports)
    assert [item.is_unaltered for item in record.items] == [True, True, False]
    assert record.items[2].metadata is None
    event = next(event for event in reversed(case.audit()) if event.action == "originals verified")
    assert [each["item_id"] for each in event.details["altered"]] == [3]
    assert event.details["occasion"] == "report"


def test_a_missing_original_counts_as_altered(case, ports):
    case.original(3).unlink()
    assert [item.is_unaltered for item in record_of(case, ports).items] == [True, True, False]


def test_bytes_that_change_after_they_were_hashed_are_noticed(case, ports):
    def later(path: Path, *, cancel: CancelToken | None = None):
        sha256, metadata, thumbnail = ports.metadata(path, cancel=cancel)
        return "f" * 64 if path == case.original(1) else sha256, metadata, thumbnail

    record = record_of(case, replace(ports, metadata=later))
    assert [item.is_unaltered for item in record.items] == [False, True, True]


def test_an_item_that_cannot_be_decoded_says_why(case, ports, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no photograph")
    (item_id,) = case.add([tmp_path / "broken.jpg"]).added
    item = record_of(case, ports).items[-1]
    assert item.id == item_id
    assert item.decoding is None
    assert item.unreadable and str(case.folder) not in item.unreadable
    assert case.item(item_id).unreadable == item.unreadable
    assert item.is_unaltered


def test_a_file_whose_metadata_cannot_be_read_is_in_the_report_all_the_same(case, ports):
    def refuse(path: Path, *, cancel: CancelToken | None = None):
        raise DecoderCrashed("The process ended.")

    record = record_of(case, replace(ports, metadata=refuse))
    assert [(item.metadata, item.is_unaltered) for item in record.items] == [(None, True)] * 3


def test_a_case_that_is_open_for_reading_only_gives_a_record_and_stays_as_it_is(case, ports):
    folder = case.folder
    case.close()
    with CaseSession.open(folder, author="Bob", read_only=True) as looking:
        before = looking.audit()
        record = record_of(looking, ports)
        assert record.items[2].decoding["decoder"] == "Pillow"
        assert looking.audit() == before


def test_maps_that_are_not_what_was_kept_are_no_ground_for_a_report(case, ports):
    maps = case.folder / "derived"
    (path,) = [path for path in maps.rglob("*") if path.is_file()]
    path.chmod(0o644)
    path.write_bytes(b"no maps")
    with pytest.raises(CaseDamaged):
        record_of(case, ports)


def test_a_record_that_is_cancelled_is_not_made(case, ports):
    token = CancelToken()
    seen: list[ProgressEvent] = []

    def stop_soon(event: ProgressEvent) -> None:
        seen.append(event)
        token.cancel()

    from forensic_gui.domain.errors import Cancelled

    with pytest.raises(Cancelled):
        build_record(case, opinion=WORDS, plan=ReportPlan(), ports=ports, progress=stop_soon, cancel=token)
    assert seen


def test_each_weights_hash_stands_once_in_the_order_of_use(case, ports):
    draw(case, 2, Mask.full(Size(120, 80)), region_id="r2")
    put_finding(case, 3, Size(64, 48), corner_grid())
    assert [(each.id, each.sha256) for each in record_of(case, ports).weights] == [("student", "5" * 64)]
