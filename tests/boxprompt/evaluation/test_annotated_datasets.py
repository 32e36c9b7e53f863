"""An evaluation takes every layout that has complete masks, and no other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boxprompt.data.datasets import DatasetError
from boxprompt.evaluation import evaluate_folder
from boxprompt.evaluation.subjects import Subject


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dataset whose edit is the bright square that an outline says, on one of two images."""
    image = np.full((40, 50, 3), 60, np.uint8)
    for name in ("Tp", "Gt", "Au"):
        (tmp_path / name).mkdir()
    Image.fromarray(image).save(tmp_path / "Au" / "b.png")
    image[10:22, 5:20] = 220
    Image.fromarray(image).save(tmp_path / "Tp" / "a.png")
    Image.fromarray((image[..., 0] > 120).astype(np.uint8) * 255).save(tmp_path / "Gt" / "a.png")
    return tmp_path


def brightness(image: np.ndarray) -> np.ndarray:
    return image[..., 0].astype(np.float32) / 255


def test_regions_of_a_coco_file_score_as_masks_do(folder: Path) -> None:
    images = [
        {"id": number, "file_name": name, "width": 50, "height": 40}
        for number, name in enumerate(("Tp/a.png", "Au/b.png"))
    ]
    outline = {"id": 1, "image_id": 0, "segmentation": [[5, 10, 20, 10, 20, 22, 5, 22]]}
    (folder / "labels.json").write_text(json.dumps({"images": images, "annotations": [outline]}))
    subject = Subject(name="brightness", localize=brightness, threshold=0.5)
    (of_masks,) = evaluate_folder(folder, subjects=[subject]).evaluations
    (of_regions,) = evaluate_folder(folder / "labels.json", subjects=[subject]).evaluations
    assert of_regions.scores.pixel == of_masks.scores.pixel
    assert of_regions.scores.pixel.f1_at_half.value == pytest.approx(1)
    assert of_regions.rows[0].edit_share == 180 / 2000
    assert of_regions.scores.dataset_sha256 != of_masks.scores.dataset_sha256


def test_scribbles_are_refused_because_figures_of_some_pixels_compare_with_nothing(folder: Path) -> None:
    (folder / "Gt").rename(folder / "Pt")
    with pytest.raises(DatasetError, match=r"An evaluation needs complete masks, .* scribbles or boxes for a\.png"):
        evaluate_folder(folder, subjects=[Subject(name="brightness", localize=brightness, threshold=0.5)])
