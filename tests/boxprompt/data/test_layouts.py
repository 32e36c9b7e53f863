"""Datasets as folders with a manifest, and as IMDL-BenCo's lists."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boxprompt.data.datasets import DatasetError, groups_by_source
from boxprompt.data.layouts import open_dataset
from boxprompt.data.synthesis import PhotoPool, Synthesizer, write_dataset


def write(path: Path, *, size: tuple[int, int] = (6, 4)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, 255).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Tp/a.png", "Gt/a.png", "Tp/b.png", "Gt/b.png", "Au/c.png"):
        write(tmp_path / name)
    return tmp_path


def listed(folder: Path, pairs: object, *, name: str = "test.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(pairs), encoding="utf-8")
    return path


def manifest(folder: Path, *records: dict) -> None:
    lines = [{"seed": 1, "count": 3}, *records]
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def record(image: str, kind: str, *sources: str) -> dict:
    return {"image": image, "kind": kind, "sources": list(sources)}


def test_a_manifest_states_kinds_and_source_photographs(folder):
    manifest(
        folder,
        record("Tp/a.png", "removal", "host.jpg"),
        record("Tp/b.png", "splice", "other.jpg", "donor.jpg"),
        record("Au/c.png", "authentic", "host.jpg"),
    )
    items = open_dataset(folder).items
    assert [item.kind for item in items] == ["removal", "splice", "untouched"]
    assert [[item.name for item in group] for group in groups_by_source(items)] == [["a", "c"], ["b"]]


def test_images_that_a_manifest_does_not_tell_of_keep_what_their_names_say(folder):
    manifest(folder, record("Tp/a.png", "something new", "host.jpg"))
    assert [item.kind for item in open_dataset(folder).items] == ["unstated", "unstated", "untouched"]


def test_the_half_line_of_a_killed_synthesis_is_passed_over(folder):
    manifest(folder, record("Tp/a.png", "splice", "host.jpg"))
    with (folder / "manifest.jsonl").open("a") as stream:
        stream.write('{"image": "Tp/b.png", "ki')
    assert [item.kind for item in open_dataset(folder).items] == ["splice", "unstated", "untouched"]


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        '{"image": "Tp/a.png"}',
        '{"image": "Tp/a.png", "kind": "splice", "sources": "one"}',
        '{"image": "Tp/a.png", "kind": "splice", "sources": []}',
        '{"image": "Tp/a.png", "kind": ["splice"], "sources": ["one"]}',
        "5",
    ],
)
def test_a_damaged_line_of_a_manifest_is_named(folder, line):
    (folder / "manifest.jsonl").write_text("{}\n" + line + "\n")
    with pytest.raises(DatasetError, match="Line 2 of"):
        open_dataset(folder)


def test_a_manifest_that_is_no_text_is_refused(folder):
    (folder / "manifest.jsonl").write_bytes(b"\xff\xfe\n")
    with pytest.raises(DatasetError, match="cannot be read"):
        open_dataset(folder)


def test_what_a_synthesis_writes_is_read_back(tmp_path, photographs):
    write_dataset(Synthesizer(PhotoPool.open([photographs / "things"])), tmp_path / "set", count=12, seed=3)
    items = open_dataset(tmp_path / "set").items
    assert all(item.kind == item.name.partition("_")[2].replace("authentic", "untouched") for item in items)
    assert len(groups_by_source(items)) < len(items)


def test_a_list_pairs_images_with_masks_as_it_says(folder):
    write(folder / "elsewhere" / "mask.png")
    dataset = open_dataset(
        listed(folder, [["./Au/c.png", "Negative"], ["Tp/b.png", "elsewhere/mask.png"], ["Tp/a.png", "Gt/a.png"]])
    )
    assert dataset.name == "test"
    assert [(item.name, item.mask and item.mask.name) for item in dataset.items] == [
        ("a", "a.png"),
        ("b", "mask.png"),
        ("c", None),
    ]
    assert [item.kind for item in dataset.items] == ["unstated", "unstated", "untouched"]


def test_absolute_paths_of_a_list_are_taken_as_they_stand(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("lists")
    pair = [str(folder / "Tp" / "a.png"), str(folder / "Gt" / "a.png")]
    assert [item.image for item in open_dataset(listed(elsewhere, [pair])).items] == [folder / "Tp" / "a.png"]


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        ([["Tp/a.png", "Gt/a.png"], ["Tp/a.png", "Gt/b.png"]], r"Tp/a\.png more than once"),
        ([["Tp/a.png", "Gt/absent.png"]], r"not there: .*absent\.png"),
        ([["Au/c.png", "Negative"]], "no manipulated image"),
        ([["Tp/a.png"]], "is no list"),
        ([["Tp/a.png", ""]], "is no list"),
        ([["Tp/a.png", 5]], "is no list"),
        ([], "is no list"),
        ({"images": [], "annotations": []}, "has no annotation"),
        ({"pictures": []}, "is no list .* no COCO file .* no file of boxes"),
    ],
)
def test_a_list_that_cannot_be_measured_is_refused_by_name(folder, pairs, sentence):
    with pytest.raises(DatasetError, match=sentence):
        open_dataset(listed(folder, pairs))


def test_a_mask_of_another_size_than_its_image_is_refused_in_a_list_too(folder):
    write(folder / "Gt" / "small.png", size=(3, 4))
    with pytest.raises(DatasetError, match=r"a\.png \(6x4, mask 3x4\)"):
        open_dataset(listed(folder, [["Tp/a.png", "Gt/small.png"]]))


@pytest.mark.parametrize("text", ["not json", "[" * 100_000])
def test_a_file_that_is_no_json_is_refused(folder, text):
    path = folder / "list.json"
    path.write_text(text)
    with pytest.raises(DatasetError, match="no JSON"):
        open_dataset(path)


def test_a_list_that_is_not_there_is_named(folder):
    with pytest.raises(DatasetError, match=r"absent\.json cannot be read"):
        open_dataset(folder / "absent.json")


def test_a_folder_may_be_called_like_a_list(folder, tmp_path_factory):
    renamed = tmp_path_factory.mktemp("place") / "set.json"
    folder.rename(renamed)
    assert len(open_dataset(renamed).items) == 3
    assert np.all([item.image.parent.parent == renamed for item in open_dataset(renamed).items])
