"""Segmenters measured with loose boxes against label maps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from boxprompt.data.datasets import DatasetError
from boxprompt.errors import StoppedError
from boxprompt.evaluation.segmenters import evaluate_segmenter, labelled_photos
from boxprompt.teacher.grabcut import GrabCut


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Six photographs of a red thing on green ground, labelled by garment as 3 and 17."""
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    for number in range(6):
        draws = np.random.default_rng(number)
        labels = np.zeros((120, 90), dtype=np.uint8)
        labels[30 + number : 95, 25:60] = 3
        labels[70:95, 25:60] = 17
        pixels = np.where(labels[..., None] > 0, (190, 60, 50), (60, 130, 70)) + draws.normal(0, 10, (120, 90, 3))
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(tmp_path / "images" / f"{number:04d}.png")
        Image.fromarray(labels).save(tmp_path / "masks" / f"{number:04d}.png")
    return tmp_path


def test_a_segmenter_is_scored_beside_the_boxes_it_was_given(photos: Path) -> None:
    seen: list[tuple[int, int, str]] = []

    def watch(*, done: int, total: int, item: str, failure: str) -> None:
        seen.append((done, total, failure))

    scores = evaluate_segmenter(GrabCut(), photos, progress=watch)
    assert scores.iou.value is not None
    assert scores.box_iou.value is not None
    assert scores.iou.n == 6
    assert scores.iou.value > 0.95
    assert 0.4 < scores.box_iou.value < 0.9
    assert scores.box_iou.value == pytest.approx(np.mean([row.box_iou for row in scores.rows]))
    assert scores.boundary_f.value is not None
    assert scores.boundary_f.value > 0.9
    assert seen == [(number, 6, "") for number in range(1, 7)]
    assert (scores.segmenter, scores.weights_sha256, scores.dataset) == ("grabcut", "", photos.name)
    assert json.loads(json.dumps(scores.as_json()))["parameters"]["iterations"] == GrabCut().parameters()["iterations"]


def test_boxes_depend_on_seed_and_name_alone(photos: Path) -> None:
    def boxes(**options: Any) -> dict[str, Any]:
        return {row.image: row.box for row in evaluate_segmenter(GrabCut(), photos, **options).rows}

    every, some, other = boxes(), boxes(limit=2), boxes(seed=1)
    assert list(some) == ["0001", "0004"]
    assert some.items() <= every.items()
    assert all(other[name] != every[name] for name in every)
    assert boxes(looseness=0.0)["0001"] == (25, 31, 60, 95)


def test_an_unreadable_image_is_named_and_the_others_are_measured(photos: Path) -> None:
    (photos / "images" / "0002.png").write_bytes(b"no image")
    Image.new("RGB", (90, 120)).save(photos / "masks" / "0003.png")
    Image.new("L", (9, 9), 1).save(photos / "masks" / "0004.png")
    (photos / "masks" / "0005.png").write_bytes(b"no map")
    scores = evaluate_segmenter(GrabCut(), photos)
    assert [row.image for row in scores.rows] == ["0000", "0001"]
    assert [item.image for item in scores.failed] == ["0002.png", "0003.png", "0004.png", "0005.png"]
    reasons = [item.reason for item in scores.failed]
    for reason, told in zip(reasons, ("as an image", "mode RGB", "another size", "as a label map"), strict=True):
        assert told in reason


def test_a_folder_where_nothing_could_be_measured_has_no_figures(photos: Path) -> None:
    for image in (photos / "images").iterdir():
        image.write_bytes(b"")
    scores = evaluate_segmenter(GrabCut(), photos)
    assert scores.iou.value is None
    assert scores.decode_seconds is None
    assert len(scores.failed) == 6


def test_an_image_without_a_label_map_is_refused_by_name(photos: Path) -> None:
    (photos / "masks" / "0003.png").unlink()
    with pytest.raises(DatasetError, match="no label map for 0003"):
        labelled_photos(photos)


def test_folders_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be listed"):
        labelled_photos(tmp_path)
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    with pytest.raises(DatasetError, match="no image"):
        labelled_photos(tmp_path)


def test_limits_and_stopping(photos: Path) -> None:
    with pytest.raises(ValueError, match="at least one image"):
        evaluate_segmenter(GrabCut(), photos, limit=0)
    assert len(evaluate_segmenter(GrabCut(), photos, limit=100).rows) == 6
    with pytest.raises(StoppedError):
        evaluate_segmenter(GrabCut(), photos, should_stop=lambda: True)


def test_grabcut_beats_the_box_on_photographs_of_people(shared_data: Path) -> None:
    folder = shared_data / "photos" / "ccp"
    if not folder.is_dir():
        pytest.skip(f"no labelled photographs at {folder}")
    scores = evaluate_segmenter(GrabCut(), folder, limit=12)
    assert scores.iou.value is not None
    assert scores.box_iou.value is not None
    assert scores.iou.value > scores.box_iou.value + 0.2
