"""Every example of a dataset in the documents opens as the page says."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from boxprompt.data.layouts import open_dataset
from boxprompt.training.config import DataTable

SIZE = (640, 480)


@pytest.fixture(scope="module")
def page(checkout: Path) -> str:
    return (checkout / "docs" / "datasets.md").read_text(encoding="utf-8")


def example(page: str, heading: str, language: str) -> str:
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", section, flags=re.DOTALL)
    assert found is not None, heading
    return found[1]


def write_image(path: Path) -> None:
    """A photograph, a mask or a map of labels, as the name of the folder says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros(SIZE[::-1], np.uint8)
    if path.parent.name == "Pt":
        pixels[:] = 255
        pixels[0], pixels[1] = 1, 0
    elif path.parent.name in {"Gt", "masks"}:
        pixels[:100] = 255
    Image.fromarray(pixels).save(path)


def names_in(value: Any) -> set[str]:
    """All file names of images within a JSON value."""
    if isinstance(value, dict):
        return names_in(list(value)) | names_in(list(value.values()))
    if isinstance(value, list):
        return {name for one in value for name in names_in(one)}
    return {value} if isinstance(value, str) and value.endswith((".jpg", ".png")) else set()


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("IMDL-BenCo's list", [("a", True, 0), ("b", True, 0)]),
        ("COCO instances", [("a", True, 1), ("b", True, 0)]),
        ("Boxes", [("a", True, 2), ("b", True, 0)]),
    ],
)
def test_an_example_of_a_file_opens(
    page: str, heading: str, known: list[tuple[str, bool, int]], tmp_path: Path
) -> None:
    content = example(page, heading, "json")
    for name in names_in(json.loads(content)):
        write_image(tmp_path / name)
    (tmp_path / "labels.json").write_text(content, encoding="utf-8")
    dataset = open_dataset(tmp_path / "labels.json")
    assert [(item.name, item.is_complete, len(item.boxes)) for item in dataset.items] == known
    assert [item.mask is None for item in dataset.items] == [False, True]


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("Folders of masks", [("a", True), ("b", True)]),
        ("Scribbles", [("a", False), ("c", True), ("b", True)]),
    ],
)
def test_an_example_of_folders_opens(page: str, heading: str, known: list[tuple[str, bool]], tmp_path: Path) -> None:
    listed = [line.split()[0] for line in example(page, heading, "").splitlines()]
    for name in listed:
        write_image(tmp_path / name)
    dataset = open_dataset(tmp_path / Path(listed[0]).parts[0])
    assert [(item.name, item.is_complete) for item in dataset.items] == known


def test_the_example_of_a_run_is_read_and_names_every_field_that_datasets_have(page: str) -> None:
    written = tomllib.loads(example(page, "Learning from datasets", "toml"))["data"]
    table = DataTable.model_validate(written)
    assert [one.boxes for one in table.datasets] == ["refuse", "refuse", "fill"]
    section = page.partition("## Learning from datasets")[2]
    about_datasets = set(DataTable.model_fields) - {"validation_count", "tile_share", "workers", "synthesis"}
    assert not {field for field in about_datasets if field not in section}
