"""Analyzing a folder: what is written, in what order, and what is never written."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.errors import OutputError, RequestError
from forensic_gui.domain.finding import Product
from forensic_gui.services import findings_log
from forensic_gui.services.analyze import AnalyzeRequest, AnalyzeSummary, analyze
from forensic_gui.services.progress import CancelToken, ProgressEvent

MakeImage = Callable[..., Path]


@pytest.fixture
def run(decoder: Any, localizer: Any, tmp_path: Path) -> Callable[..., AnalyzeSummary]:
    def run(*paths: Path, output: Path | None = None, **rest: Any) -> AnalyzeSummary:
        options = {name: rest.pop(name) for name in ("progress", "cancel") if name in rest}
        request = AnalyzeRequest(paths, output or tmp_path / "out", **rest)
        return analyze(request, decoder=decoder, localizer=localizer, **options)

    return run


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "findings.jsonl").read_text().splitlines()]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_an_image_gets_three_files_and_a_line(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    summary = run(make_image(tmp_path / "in" / "a.png"))
    assert (summary.analyzed, summary.failures, summary.cancelled) == (1, (), False)
    assert names(tmp_path / "out") == {"a.mask.png", "a.heatmap.png", "a.overlay.jpg", "findings.jsonl"}
    (record,) = records(tmp_path / "out")
    assert record["path"] == str(tmp_path / "in" / "a.png")
    for product, output in record["outputs"].items():
        written = (tmp_path / "out" / output["name"]).read_bytes()
        assert len(written) == output["size_bytes"], product
        assert findings_sha256(written) == output["sha256"], product


def findings_sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def test_the_line_says_what_another_examiner_needs(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    run(make_image(tmp_path / "in" / "a.png"), threshold=0.25)
    (record,) = records(tmp_path / "out")
    assert record["sha256"] == findings_sha256((tmp_path / "in" / "a.png").read_bytes())
    assert record["weights_id"] == "fake-weights" and record["weights_sha256"] == "f" * 64
    assert record["warnings"] == ["A warning."]
    assert record["parameters"] == {"dtype": "float32", "side": 7}
    assert (record["threshold"], record["threshold_source"]) == (0.25, "request")
    stages = ["hash", "decode", "preprocess", "forward", "render", "encode_heatmap", "encode_overlay", "encode_mask"]
    assert list(record["seconds"]) == [*stages, "total"]
    assert record["time"].endswith("+00:00")
    mask = np.array(Image.open(tmp_path / "out" / "a.mask.png"))
    assert record["share_over_threshold"] == pytest.approx((mask == 255).mean())


def test_the_threshold_is_the_weights_own_unless_chosen(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    run(make_image(tmp_path / "in" / "a.png"))
    (record,) = records(tmp_path / "out")
    assert (record["threshold"], record["threshold_source"]) == (0.5, "weights card")


def test_lines_come_in_the_order_of_the_input(run: Any, make_image: MakeImage, localizer: Any, tmp_path: Path) -> None:
    paths = [make_image(tmp_path / "in" / f"{name}.png", seed=i) for i, name in enumerate("zmabyq")]
    pauses = iter([0.05, 0.0, 0.03, 0.0, 0.0, 0.02])
    localizer.before_localize = lambda _cancel: time.sleep(next(pauses))
    run(*paths)
    assert [record["path"] for record in records(tmp_path / "out")] == [str(path) for path in paths]


def test_what_is_not_asked_for_is_not_written(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    image = make_image(tmp_path / "in" / "a.png")
    run(image, products=frozenset({Product.HEATMAP}))
    assert names(tmp_path / "out") == {"a.heatmap.png", "findings.jsonl"}
    run(image, output=tmp_path / "none", products=frozenset())
    assert names(tmp_path / "none") == {"findings.jsonl"}
    assert records(tmp_path / "none")[0]["outputs"] == {}
    assert records(tmp_path / "none")[0]["scores"] == records(tmp_path / "out")[0]["scores"]


def test_a_failure_is_reported_and_the_rest_is_done(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for index, name in enumerate(["a", "b damaged", "c"]):
        make_image(folder / f"{name}.png", seed=index)
    told: list[ProgressEvent] = []
    summary = run(folder, tmp_path / "missing.png", progress=told.append)
    assert summary.analyzed == 2
    assert [(failure.path.name, failure.kind) for failure in summary.failures] == [
        ("b damaged.png", "EvidenceDamaged"),
        ("missing.png", "EvidenceNotReadable"),
    ]
    assert [event.message for event in told if event.kind == "failed"] == [
        "The image data ends early.",
        "The file does not exist.",
    ]
    assert told[-1].done == 4 and told[-1].failed == 2
    assert not [name for name in names(tmp_path / "out") if "damaged" in name]


def test_progress_knows_the_total_soon(run: Any, make_image: MakeImage, localizer: Any, tmp_path: Path) -> None:
    for index in range(4):
        make_image(tmp_path / "in" / f"{index}.png", seed=index)
    localizer.before_localize = lambda _cancel: time.sleep(0.05)
    told: list[ProgressEvent] = []
    run(tmp_path / "in", progress=told.append)
    assert told[-1].total == 4 and told[-1].done == 4


def test_images_of_one_stem_do_not_overwrite_each_other(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    same = make_image(tmp_path / "in" / "1" / "IMG.png", seed=1)
    (tmp_path / "in" / "2").mkdir()
    shutil.copy(same, tmp_path / "in" / "2" / "IMG.png")  # the same bytes: still a file of its own
    make_image(tmp_path / "in" / "3" / "img.png", seed=3)
    run(tmp_path / "in")
    written = [record["outputs"]["mask"]["name"] for record in records(tmp_path / "out")]
    assert written == ["IMG.mask.png", "IMG~2.mask.png", "img~3.mask.png"]
    assert len(names(tmp_path / "out")) == 3 * 3 + 1


def test_a_repeated_run_writes_the_same_bytes_under_the_same_names(
    run: Any, make_image: MakeImage, tmp_path: Path
) -> None:
    for index, folder in enumerate("123"):
        make_image(tmp_path / "in" / folder / "IMG.png", seed=index)
    run(tmp_path / "in")
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("IMG*")}
    run(tmp_path / "in")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").glob("IMG*")} == first
    lines = records(tmp_path / "out")
    assert [line["outputs"] for line in lines[:3]] == [line["outputs"] for line in lines[3:]]


def test_a_later_run_replaces_no_file_of_another_image(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    run(make_image(tmp_path / "1" / "IMG.png", seed=1))
    first = (tmp_path / "out" / "IMG.mask.png").read_bytes()
    run(make_image(tmp_path / "2" / "IMG.png", seed=2))
    assert (tmp_path / "out" / "IMG.mask.png").read_bytes() == first
    assert records(tmp_path / "out")[1]["outputs"]["mask"]["name"] == "IMG~2.mask.png"


def test_a_file_that_is_not_ours_is_never_replaced(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.overlay.jpg").write_text("mine")
    run(make_image(tmp_path / "in" / "a.png"))
    assert (tmp_path / "out" / "a.overlay.jpg").read_text() == "mine"
    assert records(tmp_path / "out")[0]["outputs"]["mask"]["name"] == "a~2.mask.png"


def test_a_file_that_is_not_ours_is_not_replaced_by_the_image_that_owns_its_stem(
    run: Any, make_image: MakeImage, tmp_path: Path
) -> None:
    image = make_image(tmp_path / "in" / "a.png")
    run(image, products=frozenset({Product.MASK}))
    (tmp_path / "out" / "a.heatmap.png").write_text("precious")
    for _ in range(2):
        run(image)
    assert (tmp_path / "out" / "a.heatmap.png").read_text() == "precious"
    written = [record["outputs"]["mask"]["name"] for record in records(tmp_path / "out")]
    assert written == ["a.mask.png", "a~2.mask.png", "a~2.mask.png"]


def test_results_inside_the_input_folder_are_not_analyzed(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    make_image(tmp_path / "in" / "a.png")
    for _ in range(2):
        assert run(tmp_path / "in", output=tmp_path / "in" / "results").analyzed == 1


def test_results_beside_the_evidence_are_not_analyzed(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    make_image(tmp_path / "in" / "a.png")
    for _ in range(2):
        assert run(tmp_path / "in", output=tmp_path / "in").analyzed == 1
    assert run(tmp_path / "in" / "a.mask.png", output=tmp_path / "in").analyzed == 1  # named: wanted


@pytest.mark.parametrize("orientation", range(1, 9))
def test_files_keep_stored_pixels_and_carry_the_orientation(
    run: Any, make_image: MakeImage, tmp_path: Path, orientation: int
) -> None:
    run(make_image(tmp_path / "in" / "a.png", size=(40, 16), orientation=orientation))
    for name in ("a.mask.png", "a.heatmap.png", "a.overlay.jpg"):
        with Image.open(tmp_path / "out" / name) as image:
            image.load()
            assert image.size == (40, 16)
            assert image.getexif().get(0x0112, 1) == orientation


@pytest.mark.parametrize("output", ["out", "in/out", "in"])
def test_files_passed_over_for_their_name_are_counted_without_our_own(
    run: Any, make_image: MakeImage, tmp_path: Path, output: str
) -> None:
    make_image(tmp_path / "in" / "a.png")
    for name in (".hidden.png", "notes.txt"):
        (tmp_path / "in" / name).write_text("not opened")
    for _ in range(2):
        summary = run(tmp_path / "in", output=tmp_path / output)
        assert (summary.analyzed, summary.other) == (1, 2)


def test_evidence_is_left_as_it_was(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    image = make_image(tmp_path / "in" / "a.png")
    before = (image.read_bytes(), image.stat().st_mtime_ns)
    run(tmp_path / "in")
    assert (image.read_bytes(), image.stat().st_mtime_ns) == before
    assert names(tmp_path / "in") == {"a.png"}


def test_cancelling_keeps_what_was_finished_and_leaves_nothing_partial(
    run: Any, make_image: MakeImage, localizer: Any, tmp_path: Path
) -> None:
    for index in range(8):
        make_image(tmp_path / "in" / f"{index}.png", seed=index)
    cancel = CancelToken()

    def cancel_after_three(event: ProgressEvent) -> None:
        if event.kind == "finished" and event.done == 3:
            cancel.cancel()

    summary = run(tmp_path / "in", progress=cancel_after_three, cancel=cancel)
    assert summary.cancelled and summary.analyzed == 3
    finished = {f"{i}.{kind}" for i in range(3) for kind in ("mask.png", "heatmap.png", "overlay.jpg")}
    assert names(tmp_path / "out") == {*finished, "findings.jsonl"}
    assert len(records(tmp_path / "out")) == 3


def test_cancelling_in_the_middle_of_a_decode_is_quick(
    run: Any, make_image: MakeImage, decoder: Any, tmp_path: Path
) -> None:
    make_image(tmp_path / "in" / "a.png")
    cancel = CancelToken()

    def never_ending(_path: Path, token: CancelToken | None) -> None:
        assert token is not None
        cancel.cancel()
        while True:
            time.sleep(0.01)
            token.raise_if_cancelled()

    decoder.before_decode = never_ending
    started = time.perf_counter()
    summary = run(tmp_path / "in", cancel=cancel)
    assert time.perf_counter() - started < 1.0
    assert summary.cancelled and summary.analyzed == 0
    assert names(tmp_path / "out") == set()


def test_where_there_is_nothing_to_analyze_nothing_is_left(run: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert run(tmp_path / "in").analyzed == 0
    assert names(tmp_path / "out") == set()


def test_a_defect_in_one_stage_surfaces_and_leaves_nothing_partial(
    run: Any, make_image: MakeImage, localizer: Any, tmp_path: Path
) -> None:
    for index in range(4):
        make_image(tmp_path / "in" / f"{index}.png", seed=index)
    calls = iter(range(10))

    def fail_third(_cancel: CancelToken | None) -> None:
        if next(calls) == 2:
            raise ZeroDivisionError("our bug")

    localizer.before_localize = fail_third
    with pytest.raises(ZeroDivisionError, match="our bug"):
        run(tmp_path / "in")
    assert not [name for name in names(tmp_path / "out") if name.startswith(".") or name.startswith("2")]
    assert len(records(tmp_path / "out")) == 2


def test_only_a_few_images_are_held_at_once(run: Any, make_image: MakeImage, decoder: Any, tmp_path: Path) -> None:
    for index in range(12):
        make_image(tmp_path / "in" / f"{index:02}.png", seed=index)
    ahead: list[int] = []

    def note(event: ProgressEvent) -> None:
        if event.kind == "finished":
            ahead.append(len(decoder.decoded) - event.done)

    run(tmp_path / "in", progress=note)
    assert max(ahead) <= 3


def test_contradictions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="at least one"):
        AnalyzeRequest((), tmp_path)
    with pytest.raises(RequestError, match="from 0 to 1"):
        AnalyzeRequest((tmp_path,), tmp_path, threshold=float("nan"))
    with pytest.raises(RequestError, match="counted from 0"):
        AnalyzeRequest((tmp_path,), tmp_path, page=-1)


def test_another_run_in_the_same_folder_is_refused(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    image = make_image(tmp_path / "in" / "a.png")
    with findings_log.FindingsLog(tmp_path / "out"), pytest.raises(OutputError, match="Another run"):
        run(image)


def test_an_output_path_that_is_a_file_is_refused(run: Any, make_image: MakeImage, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        run(make_image(tmp_path / "in" / "a.png"))
    assert (tmp_path / "out").read_text() == "a file"
