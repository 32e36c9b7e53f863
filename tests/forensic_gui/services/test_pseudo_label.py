"""Pseudo-labelling draws loose boxes, keeps the segmenter's answers, measures them, and goes on after a stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.errors import Cancelled, EvidenceDamaged, RequestError
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.services import engine
from forensic_gui.services.ports import Segmentation
from forensic_gui.services.progress import CancelToken, ProgressEvent
from forensic_gui.services.pseudo_label import BoxFilling, PseudoLabelRequest, pseudo_label
from forensic_gui.services.pseudo_mask_folder import MANIFEST, RECORDS


class PillowDecoder:
    def __init__(self, damaged: str = "") -> None:
        self.damaged = damaged

    def decode(self, path, *, page=0, max_side_px=None, cancel=None):
        if path.name == self.damaged:
            raise EvidenceDamaged(f"{path} is damaged.")
        pixels = np.asarray(Image.open(path).convert("RGB"))
        facts = DecodeFacts(
            format="PNG",
            decoder="Fake",
            decoder_version="1",
            stored=Size.of(pixels),
            orientation=Orientation.UPRIGHT,
            mode="RGB",
            bit_depth=8,
        )
        return DecodedEvidence(Evidence(path, "0" * 64, 1, ""), facts, pixels, 0.0, 0.0)

    def close(self) -> None:
        """Nothing to stop."""


class BrightFinder(BoxFilling):
    """A segmenter that finds what is bright within the box."""

    info = replace(BoxFilling.info, id="bright", name="What is bright")

    def encode(self, pixels, *, orientation=Orientation.UPRIGHT, cancel=None):
        return pixels

    def decode(self, encoded, prompts, *, cancel=None):
        box = prompts.box
        inside = np.zeros(encoded.shape[:2], dtype=bool)
        inside[round(box.y0) : round(box.y1), round(box.x0) : round(box.x1)] = True
        return Segmentation(Mask.of(inside & (encoded[..., 0] > 120)), 0.9, 0.0)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Four images with one bright region, the third with two; two untouched ones."""
    folder = tmp_path / "data"
    rng = np.random.default_rng(0)
    for name in ("Tp", "Gt", "Au"):
        (folder / name).mkdir(parents=True)
    for number in range(4):
        image = rng.integers(40, 90, (96, 128, 3), dtype=np.uint8)
        mask = np.zeros((96, 128), np.uint8)
        mask[20:50, 30:60] = 255
        if number == 2:
            mask[60:90, 90:120] = 255
        image[mask > 0] += 120
        Image.fromarray(image).save(folder / "Tp" / f"t{number}.png")
        Image.fromarray(mask).save(folder / "Gt" / f"t{number}.png")
    for number in range(2):
        Image.fromarray(rng.integers(40, 90, (96, 128, 3), dtype=np.uint8)).save(folder / "Au" / f"u{number}.png")
    return folder


@pytest.fixture
def request_(dataset: Path, tmp_path: Path) -> PseudoLabelRequest:
    return PseudoLabelRequest(dataset, tmp_path / "out", looseness=0.2, seed=3)


def records(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / RECORDS).read_text().splitlines()]


def mask_of(folder: Path, stem: str) -> np.ndarray:
    mask = engine.read_known_mask(next(one for one in engine.known_images(folder) if one.image.stem == stem))
    assert mask is not None
    return mask


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_copy_has_the_same_images_and_the_segmenters_masks(request_: PseudoLabelRequest) -> None:
    summary = pseudo_label(request_, decoder=PillowDecoder(), segmenter=BrightFinder())

    assert (summary.labelled, summary.answered, summary.untouched, summary.failures) == (4, 4, 2, ())
    quality = summary.quality
    assert quality is not None
    assert quality.mean_iou == quality.median_iou == quality.mean_boundary_f == 1.0, "what is bright was edited"
    assert 0.4 < quality.mean_box_iou < 1
    assert quality.images == 4
    assert len(list(engine.known_images(request_.output))) == 6
    for kind in ("Tp", "Au"):
        for path in (request_.dataset / kind).iterdir():
            assert (request_.output / kind / path.name).read_bytes() == path.read_bytes()
    assert np.array_equal(mask_of(request_.output, "t2"), mask_of(request_.dataset, "t2"))
    header, *lines = records(request_.output)
    assert (header["looseness"], header["seed"], header["segmenter"]["id"]) == (0.2, 3, "bright")
    assert [len(line["boxes"]) for line in lines] == [1, 1, 2, 1]


def test_boxes_are_loose_within_their_bound_and_the_seeds_alone(dataset: Path) -> None:
    mask = mask_of(dataset, "t0")

    (box,) = engine.loose_boxes(mask, looseness=0.2, seed=1, name="t0")

    assert 24 <= box.x0 <= 30 and 14 <= box.y0 <= 20 and 60 <= box.x1 <= 66 and 50 <= box.y1 <= 56
    assert engine.loose_boxes(mask, looseness=0.2, seed=1, name="t0") == (box,)
    assert engine.loose_boxes(mask, looseness=0.2, seed=2, name="t0") != (box,)
    assert engine.loose_boxes(mask, looseness=0.2, seed=1, name="t1") != (box,)


def test_filling_the_box_is_the_baseline_itself(request_: PseudoLabelRequest) -> None:
    summary = pseudo_label(request_, decoder=PillowDecoder(), segmenter=BoxFilling())

    assert summary.quality is not None
    assert summary.quality.mean_iou == summary.quality.mean_box_iou


@pytest.mark.parametrize("bright", [(0, 0), (12, 30), (30, 12)], ids=["nothing", "a flat part", "a narrow part"])
def test_an_image_in_which_too_little_is_found_is_left_out_or_gets_its_box_as_asked(
    bright: tuple[int, int], request_: PseudoLabelRequest, dataset: Path, tmp_path: Path
) -> None:
    image = np.zeros((96, 128, 3), np.uint8)
    image[20 : 20 + bright[0], 30 : 30 + bright[1]] = 250
    Image.fromarray(image).save(dataset / "Tp" / "t1.png")

    left_out = pseudo_label(request_, decoder=PillowDecoder(), segmenter=BrightFinder())
    boxed = pseudo_label(
        replace(request_, output=tmp_path / "boxed", box_where_collapsed=True),
        decoder=PillowDecoder(),
        segmenter=BrightFinder(),
    )

    assert left_out.labelled == 3
    assert "did not find" in left_out.failures[0].message
    assert not (request_.output / "Tp" / "t1.png").exists()
    assert (boxed.labelled, boxed.answered, boxed.failures) == (4, 3, ())
    header, *lines = records(tmp_path / "boxed")
    assert header["box_where_collapsed"]
    assert [line["boxes_taken"] for line in lines] == [0, 1, 0, 0]
    assert lines[1]["iou"] == lines[1]["box_iou"]


def test_a_stopped_call_is_gone_on_with(request_: PseudoLabelRequest, tmp_path: Path) -> None:
    whole = replace(request_, output=tmp_path / "whole")
    pseudo_label(whole, decoder=PillowDecoder(), segmenter=BrightFinder())
    token = CancelToken()

    def stop_after_two(event: ProgressEvent) -> None:
        if event.done == 2:
            token.cancel()

    with pytest.raises(Cancelled):
        pseudo_label(request_, decoder=PillowDecoder(), segmenter=BrightFinder(), progress=stop_after_two, cancel=token)
    with (request_.output / RECORDS).open("a") as stream:
        stream.write('{"image": "t2.png", "bo')  # killed in the middle of a line

    summary = pseudo_label(request_, decoder=PillowDecoder(), segmenter=BrightFinder())

    assert summary.labelled == 4
    assert files(request_.output) == files(whole.output)


def test_a_folder_of_another_run_or_of_other_files_is_refused(request_: PseudoLabelRequest, tmp_path: Path) -> None:
    pseudo_label(request_, decoder=PillowDecoder(), segmenter=BrightFinder())
    with pytest.raises(RequestError, match="made otherwise"):
        pseudo_label(replace(request_, seed=4), decoder=PillowDecoder(), segmenter=BrightFinder())

    other = tmp_path / "other"
    (other / "Tp").mkdir(parents=True)
    (other / "Tp" / "mine.jpg").touch()
    with pytest.raises(RequestError, match="holds other files"):
        pseudo_label(replace(request_, output=other), decoder=PillowDecoder(), segmenter=BrightFinder())


def test_a_damaged_image_is_named_and_left_out(request_: PseudoLabelRequest) -> None:
    summary = pseudo_label(request_, decoder=PillowDecoder("t0.png"), segmenter=BrightFinder())

    assert [failure.path.name for failure in summary.failures] == ["t0.png"]
    assert summary.labelled == 3


def test_wrong_calls_are_refused(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Looseness"):
        PseudoLabelRequest(dataset, tmp_path / "out", looseness=-0.1)
    with pytest.raises(RequestError, match="another folder"):
        PseudoLabelRequest(dataset, dataset)


def write_boxes(dataset: Path, **fields: object) -> Path:
    """A file of boxes beside a folder's images: one around each bright region, the last image untouched."""
    path = dataset / "boxes.json"
    table = {
        "boxes": {
            "Tp/t0.png": [[28, 18, 62.5, 52]],
            "Tp/t2.png": [[28, 18, 62, 52], [88, 58, 121, 92]],
            "Au/u0.png": [],
        },
        **fields,
    }
    path.write_text(json.dumps(table))
    return path


def test_given_boxes_are_asked_with_as_they_are_and_need_no_mask(request_: PseudoLabelRequest, dataset: Path) -> None:
    request = replace(request_, dataset=write_boxes(dataset))

    summary = pseudo_label(request, decoder=PillowDecoder(), segmenter=BrightFinder())

    assert (summary.labelled, summary.untouched, summary.quality, summary.by_size) == (2, 1, None, {})
    _, first, second = records(request.output)
    assert (first["boxes_are"], first["boxes"]) == ("given", [[28, 18, 62.5, 52]])
    assert "iou" not in first
    assert len(second["boxes"]) == 2
    assert np.array_equal(mask_of(request.output, "t2"), mask_of(dataset, "t2"))


def test_given_boxes_are_measured_where_a_mask_is_known(request_: PseudoLabelRequest, dataset: Path) -> None:
    request = replace(request_, dataset=write_boxes(dataset, masks={"Tp/t0.png": "Gt/t0.png"}))

    summary = pseudo_label(request, decoder=PillowDecoder(), segmenter=BoxFilling())

    assert summary.quality is not None
    assert (summary.labelled, summary.quality.images) == (2, 1)
    # The box of 34.5 x 34 pixels covers 34 columns by their centres, the region 30 x 30.
    assert summary.quality.mean_iou == pytest.approx(900 / (34 * 34), abs=1e-6)
    assert summary.quality.mean_boundary_f == 0, "its outline is two pixels off, and one is near at this size"


def test_boxes_may_be_drawn_anew_where_some_are_given(request_: PseudoLabelRequest, dataset: Path) -> None:
    request = replace(
        request_, dataset=write_boxes(dataset, masks={"Tp/t0.png": "Gt/t0.png"}), boxes="derived", looseness=0
    )

    summary = pseudo_label(request, decoder=PillowDecoder(), segmenter=BoxFilling())

    assert records(request.output)[1]["boxes"] == [[30, 20, 60, 50]]
    assert ["is not known" in failure.message for failure in summary.failures] == [True]


def test_boxes_that_were_to_be_given_are_missed_by_name(request_: PseudoLabelRequest) -> None:
    summary = pseudo_label(replace(request_, boxes="given"), decoder=PillowDecoder(), segmenter=BoxFilling())

    assert len(summary.failures) == 4
    assert "No box is given for" in summary.failures[0].message


def test_coco_boxes_are_asked_with(request_: PseudoLabelRequest, dataset: Path) -> None:
    path = dataset / "coco.json"
    image = {"id": 7, "file_name": "Tp/t0.png", "width": 128, "height": 96}
    box = {"id": 1, "image_id": 7, "category_id": 1, "bbox": [28, 18, 34, 34]}
    path.write_text(
        json.dumps({"images": [image], "annotations": [box], "categories": [{"id": 1, "name": "copy-move"}]})
    )

    summary = pseudo_label(replace(request_, dataset=path), decoder=PillowDecoder(), segmenter=BrightFinder())

    assert summary.labelled == 1
    assert np.array_equal(mask_of(request_.output, "t0"), mask_of(dataset, "t0"))
    assert [known.kind for known in engine.known_images(request_.output)] == ["copy-move"]


def test_quality_is_told_by_the_size_of_the_region(request_: PseudoLabelRequest, dataset: Path) -> None:
    small = np.zeros((96, 128), np.uint8)
    small[40:48, 40:50] = 255
    Image.fromarray(small).save(dataset / "Gt" / "t3.png")
    image = np.full((96, 128, 3), 60, np.uint8)
    image[40:48, 40:50] = 200
    Image.fromarray(image).save(dataset / "Tp" / "t3.png")

    summary = pseudo_label(request_, decoder=PillowDecoder(), segmenter=BrightFinder())

    assert {name: quality.images for name, quality in summary.by_size.items()} == {"<1 %": 1, "5-20 %": 3}
    assert summary.by_size["<1 %"].mean_iou == 1
    assert {name: quality.images for name, quality in summary.by_kind.items()} == {"unstated": 4}


def test_the_interval_is_of_groups_that_share_a_photograph(request_: PseudoLabelRequest, dataset: Path) -> None:
    apart = pseudo_label(
        replace(request_, output=request_.output / "a"), decoder=PillowDecoder(), segmenter=BoxFilling()
    )
    lines = [{"image": f"Tp/t{number}.png", "kind": "splice", "sources": ["one.jpg"]} for number in range(4)]
    (dataset / MANIFEST).write_text("".join(json.dumps(line) + "\n" for line in lines))
    grouped = pseudo_label(
        replace(request_, output=request_.output / "b"), decoder=PillowDecoder(), segmenter=BoxFilling()
    )
    assert apart.quality is not None and grouped.quality is not None
    low, high = apart.quality.iou_interval
    assert low < apart.quality.mean_iou < high
    assert grouped.quality.iou_interval == pytest.approx((grouped.quality.mean_iou,) * 2), "one group cannot vary"
    assert set(grouped.by_kind) == {"splice"}


def test_what_belongs_together_still_does_in_the_copy(request_: PseudoLabelRequest, dataset: Path) -> None:
    lines = [
        {"image": "Tp/t0.png", "kind": "splice", "sources": ["host.jpg", "donor.jpg"]},
        {"image": "Tp/t1.png", "kind": "removal", "sources": ["donor.jpg"]},
    ]
    (dataset / MANIFEST).write_text("".join(json.dumps(line) + "\n" for line in lines))

    pseudo_label(request_, decoder=PillowDecoder("t3.png"), segmenter=BrightFinder())

    copied = {known.image.stem: (known.kind, known.sources) for known in engine.known_images(request_.output)}
    assert copied == {
        "t0": ("splice", ("donor.jpg", "host.jpg")),
        "t1": ("removal", ("donor.jpg",)),
        "t2": ("unstated", ("t2",)),
        "u0": ("untouched", ("u0",)),
        "u1": ("untouched", ("u1",)),
    }


def test_images_of_one_name_are_refused_before_one_overwrites_the_other(
    request_: PseudoLabelRequest, dataset: Path
) -> None:
    path = dataset / "list.json"
    (dataset / "other").mkdir()
    (dataset / "other" / "T0.png").write_bytes((dataset / "Tp" / "t0.png").read_bytes())
    path.write_text(json.dumps([["Tp/t0.png", "Gt/t0.png"], ["other/T0.png", "Gt/t0.png"]]))

    with pytest.raises(RequestError, match="Two images of the dataset are called t0"):
        pseudo_label(replace(request_, dataset=path), decoder=PillowDecoder(), segmenter=BrightFinder())
    assert not request_.output.exists()


def test_scribbles_are_no_boxes(request_: PseudoLabelRequest, dataset: Path) -> None:
    (dataset / "Gt").rename(dataset / "Pt")
    with pytest.raises(RequestError, match="has scribbles"):
        pseudo_label(request_, decoder=PillowDecoder(), segmenter=BrightFinder())


# A process of its own that dawdles over every image, so that it can be killed among them.
LABELLING = """
    import sys, time
    from pathlib import Path
    sys.path.insert(0, sys.argv[3])
    from forensic_gui.services.pseudo_label import PseudoLabelRequest, pseudo_label
    from test_pseudo_label import BrightFinder, PillowDecoder

    class SlowFinder(BrightFinder):
        def decode(self, encoded, prompts, *, cancel=None):
            time.sleep(0.2)
            return super().decode(encoded, prompts)

    request = PseudoLabelRequest(Path(sys.argv[1]), Path(sys.argv[2]), looseness=0.2, seed=3)
    pseudo_label(request, decoder=PillowDecoder(), segmenter=SlowFinder())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_run_is_gone_on_with_to_the_same_bytes(request_: PseudoLabelRequest, tmp_path: Path) -> None:
    # Takes as long as a program takes to start: only a process can be killed.
    whole = replace(request_, output=tmp_path / "whole")
    pseudo_label(whole, decoder=PillowDecoder(), segmenter=BrightFinder())
    script = [sys.executable, "-c", textwrap.dedent(LABELLING)]
    child = subprocess.Popen(
        [*script, str(request_.dataset), str(request_.output), str(Path(__file__).parent)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    log = request_.output / RECORDS
    deadline = time.monotonic() + 120
    while not log.exists() or len(log.read_text().splitlines()) < 3:
        assert child.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert len(log.read_text().splitlines()) < 5, "it was killed among the images"
    assert not (request_.output / MANIFEST).exists()

    summary = pseudo_label(request_, decoder=PillowDecoder(), segmenter=BrightFinder())

    assert summary.labelled == 4
    assert files(request_.output) == files(whole.output)
