"""Pseudo-labelling draws loose boxes, keeps the segmenter's answers, measures them, and goes on after a stop."""

from __future__ import annotations

import json
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
from forensic_gui.services.pseudo_label import RECORDS, BoxFilling, PseudoLabelRequest, pseudo_label


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


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_copy_has_the_same_images_and_the_segmenters_masks(request_: PseudoLabelRequest) -> None:
    summary = pseudo_label(request_, decoder=PillowDecoder(), segmenter=BrightFinder())

    assert (summary.labelled, summary.answered, summary.untouched, summary.failures) == (4, 4, 2, ())
    assert summary.mean_iou == summary.median_iou == 1.0, "what is bright is what was edited"
    assert summary.mean_box_iou is not None
    assert 0.4 < summary.mean_box_iou < 1
    assert len(list(engine.known_images(request_.output))) == 6
    for kind in ("Tp", "Au"):
        for path in (request_.dataset / kind).iterdir():
            assert (request_.output / kind / path.name).read_bytes() == path.read_bytes()
    made = engine.read_known_mask(request_.output / "Gt" / "t2.png")
    assert np.array_equal(made, engine.read_known_mask(request_.dataset / "Gt" / "t2.png"))
    header, *lines = records(request_.output)
    assert (header["looseness"], header["seed"], header["segmenter"]["id"]) == (0.2, 3, "bright")
    assert [len(line["boxes"]) for line in lines] == [1, 1, 2, 1]


def test_boxes_are_loose_within_their_bound_and_the_seeds_alone(dataset: Path) -> None:
    mask = engine.read_known_mask(dataset / "Gt" / "t0.png")

    (box,) = engine.loose_boxes(mask, looseness=0.2, seed=1, name="t0")

    assert 24 <= box.x0 <= 30 and 14 <= box.y0 <= 20 and 60 <= box.x1 <= 66 and 50 <= box.y1 <= 56
    assert engine.loose_boxes(mask, looseness=0.2, seed=1, name="t0") == (box,)
    assert engine.loose_boxes(mask, looseness=0.2, seed=2, name="t0") != (box,)
    assert engine.loose_boxes(mask, looseness=0.2, seed=1, name="t1") != (box,)


def test_filling_the_box_is_the_baseline_itself(request_: PseudoLabelRequest) -> None:
    summary = pseudo_label(request_, decoder=PillowDecoder(), segmenter=BoxFilling())

    assert summary.mean_iou == summary.mean_box_iou


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
