"""Rows compare what was measured with what it is measured against, and never hide a missing figure."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from forensic_gui.cli.benchmark import cells
from forensic_gui.domain.errors import Cancelled
from forensic_gui.services.benchmark.measures import rows_of_large_image
from forensic_gui.services.benchmark.memory import own_peak_bytes, peak_bytes
from forensic_gui.services.benchmark.pictures import make_photograph
from forensic_gui.services.benchmark.processes import rows_of_memory
from forensic_gui.services.benchmark.rows import Benchmark, Row, Unit
from forensic_gui.services.benchmark.timing import medians_ms
from forensic_gui.services.progress import CancelToken

TAKEN = {
    "finding": 180.0,
    "everything": 400.0,
    "decode": 90.0,
    "resize": 10.0,
    "forward": 20.0,
    "mask": 30.0,
    "heatmap": 110.0,
    "overlay": 100.0,
}


class Ticking:
    """A clock that each work moves by a known time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, *seconds: float) -> object:
        taken = iter(seconds)

        def run() -> None:
            self.now += next(taken)

        return run


def test_medians_leave_warm_ups_out_and_let_works_take_turns() -> None:
    clock, order = Ticking(), []
    slow, fast = clock.work(9.0, 3.0, 1.0, 2.0), clock.work(9.0, 0.1, 0.1, 0.5)
    works = {
        "slow": lambda: (order.append("slow"), slow()),
        "fast": lambda: (order.append("fast"), fast()),
    }
    assert medians_ms(works, repeats=3, clock=clock) == pytest.approx({"slow": 2000.0, "fast": 100.0})
    assert order == ["slow", "fast"] * 4


def test_of_calls_in_a_row_the_first_finds_cold_caches_and_does_not_count() -> None:
    clock = Ticking()
    work = clock.work(9.0, 9.0, 9.0, 5.0, 1.0, 2.0, 5.0, 3.0, 4.0)
    assert medians_ms({"work": work}, repeats=2, in_a_row=3, clock=clock) == pytest.approx({"work": 2500.0})


def test_timing_stops_before_the_next_turn_when_cancelled() -> None:
    cancel, turns = CancelToken(), []

    def work() -> None:
        turns.append(1)
        cancel.cancel()

    with pytest.raises(Cancelled):
        medians_ms({"work": work}, repeats=5, cancel=cancel)
    assert len(turns) == 1


def test_timing_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        medians_ms({}, repeats=0)


@pytest.mark.parametrize(("value", "met"), [(25.0, True), (24.9, True), (25.1, False)])
def test_a_row_with_a_floor_is_judged_by_its_ratio(value: float, met: bool) -> None:
    row = Row("forward", "Forward", Unit.MILLISECONDS, value, floor=10.0, floor_of="arithmetic", target=2.5)
    assert row.ratio == pytest.approx(value / 10) and row.met is met


def test_a_row_without_a_floor_is_judged_by_its_figure() -> None:
    assert Row("memory", "Peak", Unit.MEGABYTES, 1200.0, target=1200.0).met is True
    assert Row("memory", "Peak", Unit.MEGABYTES, 1201.0, target=1200.0).met is False
    assert Row("memory", "Peak", Unit.MEGABYTES, 1201.0, target=1200.0).ratio is None


@pytest.mark.parametrize(
    "row",
    [
        Row("a", "no target", Unit.MILLISECONDS, 3.0),
        Row("b", "not measured", Unit.MILLISECONDS, None, target=2.0),
        Row("c", "no floor measured", Unit.MILLISECONDS, 3.0, floor=0.0, floor_of="x", target=2.0),
    ],
)
def test_what_cannot_be_judged_is_neither_met_nor_missed(row: Row) -> None:
    assert row.met is None and cells(row)[-1] == ""


def test_the_large_image_is_compared_with_the_sum_of_its_parts() -> None:
    finding, writing, everything = rows_of_large_image(TAKEN, megapixels=12.0, repeats=3)
    assert finding.ratio == pytest.approx(180 / 120) and finding.met is True
    assert writing.value == pytest.approx(220) and writing.ratio == pytest.approx(2.0) and writing.met is True
    assert everything.ratio == pytest.approx(400 / 110) and everything.met is False
    assert "heatmap" in writing.floor_of and "12 megapixels" in finding.figure


def test_writing_that_takes_no_time_is_not_negative() -> None:
    _, writing, _ = rows_of_large_image({**TAKEN, "everything": 170.0}, megapixels=12.0, repeats=3)
    assert writing.value == 0.0


def test_peak_memory_is_the_sum_of_both_processes() -> None:
    both, program, decoder = rows_of_memory(700_000_000, 200_000_000, missing="-")
    assert (both.value, program.value, decoder.value) == (900.0, 700.0, 200.0) and both.met is True


def test_a_peak_that_is_unknown_says_why_and_is_not_taken_for_nothing() -> None:
    both, program, decoder = rows_of_memory(700_000_000, None, missing="no such figure here")
    assert program.value == 700.0 and decoder.value is None
    assert both.value is None and both.met is None and both.note == "no such figure here"


def test_the_peak_is_read_from_the_kernels_status(tmp_path: Path) -> None:
    asked: list[Path] = []

    def read(path: Path) -> str:
        asked.append(path)
        return "Name:\tpython\nVmPeak:\t  900 kB\nVmHWM:\t  123 kB\nVmRSS:\t  100 kB\n"

    assert peak_bytes(42, read=read) == 123 * 1024
    assert asked == [Path("/proc/42/status")]
    assert peak_bytes(42, read=lambda _: "nothing of it") is None
    assert peak_bytes(42, read=lambda path: (tmp_path / "none").read_text()) is None


def test_this_process_has_taken_memory() -> None:
    peak = own_peak_bytes()
    assert peak is None or 10_000_000 < peak < 1 << 40


def test_the_record_is_json_with_every_judgement() -> None:
    rows = tuple(rows_of_large_image(TAKEN, megapixels=12.0, repeats=3))
    record = json.loads(json.dumps(Benchmark({"cores": 2}, rows, "2026-01-01T00:00:00+00:00").to_record()))
    assert record["schema"] == "forensic-gui.benchmark/1" and record["machine"] == {"cores": 2}
    assert [row["name"] for row in record["rows"]] == ["finding", "writing", "everything"]
    fields = {"name", "figure", "unit", "value", "floor", "floor_of", "ratio", "target", "met", "note"}
    assert all(set(row) == fields for row in record["rows"])
    assert record["rows"][0]["met"] is True and record["rows"][0]["unit"] == "ms"


def test_the_table_shows_figure_floor_ratio_and_target() -> None:
    row = Row("forward", "Forward", Unit.MILLISECONDS, 25.34, floor=10.0, floor_of="arithmetic", target=2.5)
    assert cells(row) == ("Forward", "25.3 ms", "10.0 ms", "2.53x", "2.5x", "no")
    assert cells(Row("m", "Peak", Unit.MEGABYTES, 912.3, target=1200.0))[1:] == ("912 MB", "", "", "1200 MB", "yes")
    assert cells(Row("m", "Peak", Unit.MEGABYTES, None))[1] == "not measured"


def test_photographs_from_one_seed_are_equal_and_from_another_are_not() -> None:
    picture = make_photograph(320, 240, seed=3)
    assert picture.shape == (240, 320, 3) and picture.dtype == np.uint8
    assert np.array_equal(picture, make_photograph(320, 240, seed=3))
    assert not np.array_equal(picture, make_photograph(320, 240, seed=4))


def test_photographs_have_the_falling_spectrum_that_codecs_are_made_for() -> None:
    grey = make_photograph(512, 512, seed=1).astype(np.float32).mean(axis=2)
    power = np.abs(np.fft.rfft(grey - grey.mean(), axis=1)) ** 2
    low, middle, high = (float(power[:, band].mean()) for band in (slice(1, 8), slice(16, 64), slice(128, 256)))
    assert low > 10 * middle > 10 * high > 0
