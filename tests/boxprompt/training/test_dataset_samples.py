"""Samples of labelled datasets: drawn by weight, the same ones for a number, labelled where something is known."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boxprompt.data.layouts import open_dataset
from boxprompt.data.synthesis import SynthesisConfig
from boxprompt.errors import CheckpointError, ConfigurationError
from boxprompt.training.config import DataTable
from boxprompt.training.dataset_samples import (
    Augmentation,
    Composites,
    DatasetImages,
    Drawn,
    LabelledSamples,
    MixedSource,
)
from boxprompt.training.run_data import note_datasets, open_run_data, require_noted_datasets
from boxprompt.training.samples import labelled_tile, labelled_view, squeeze_labels, whole_view

SIZE = (40, 50)


def write_dataset(folder: Path, *, manipulated: int = 12, untouched: int = 6, tone: int = 0) -> Path:
    """Images whose left half is brighter where their mask says so; the untouched ones are dark all over."""
    for name in ("Tp", "Gt", "Au"):
        (folder / name).mkdir(parents=True)
    for number in range(manipulated):
        image = np.full((*SIZE, 3), 30 + tone + number, np.uint8)
        mask = np.zeros(SIZE, np.uint8)
        mask[5:25, 5:20] = 255
        image[mask > 0] = 200 + tone
        Image.fromarray(image).save(folder / "Tp" / f"{folder.name}{number}.png")
        Image.fromarray(mask).save(folder / "Gt" / f"{folder.name}{number}.png")
    for number in range(untouched):
        Image.fromarray(np.full((*SIZE, 3), 30 + tone + number, np.uint8)).save(
            folder / "Au" / f"{folder.name}u{number}.png"
        )
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "one")


def images_of(folder: Path, **settings: object) -> DatasetImages:
    given = {"untouched_share": 0.3, "boxes": "refuse", "augmentation": Augmentation(), **settings}
    return DatasetImages(open_dataset(folder).items, **given)


def table(*datasets: Path | dict, **settings: object) -> DataTable:
    listed = [one if isinstance(one, dict) else {"path": one, "terms": "made by a test"} for one in datasets]
    return DataTable.model_validate({"datasets": listed, "validation_share": 0.25, **settings})


def opened(data: DataTable, *, seed: int = 0):
    return open_run_data(data, synthesis=SynthesisConfig(), side_px=32, seed=seed)


class Bright:
    """A source that can be told by its tone."""

    def __init__(self, tone: int) -> None:
        self.image = np.full((*SIZE, 3), tone, np.uint8)
        self.mask = np.zeros(SIZE, bool)

    def sample(self, rng: np.random.Generator):
        return self


def test_untouched_images_come_in_their_share_however_many_there_are(folder: Path) -> None:
    source = images_of(folder)
    drawn = [source.sample(np.random.default_rng(seed)) for seed in range(400)]
    assert np.mean([not one.labels.any() for one in drawn]) == pytest.approx(0.3, abs=0.06)
    assert all(np.array_equal(one.labels == 1, one.image[..., 0] > 120) for one in drawn[:40])
    assert len({one.image[0, 0, 0] for one in drawn if one.labels.any()}) == 12


def test_a_dataset_without_untouched_images_is_drawn_from_all_the_same(tmp_path: Path) -> None:
    source = images_of(write_dataset(tmp_path / "set", untouched=0), untouched_share=0.9)
    assert all(source.sample(np.random.default_rng(seed)).labels.any() for seed in range(20))


def test_sources_are_drawn_by_weight() -> None:
    source = MixedSource([(Composites(Bright(10)), 1.0), (Composites(Bright(20)), 3.0)])
    tones = Counter(int(source.sample(np.random.default_rng(seed)).image[0, 0, 0]) for seed in range(800))
    assert tones[20] / 800 == pytest.approx(0.75, abs=0.05)


def test_sample_i_is_the_same_whoever_makes_it(folder: Path) -> None:
    def samples() -> LabelledSamples:
        source = MixedSource(
            [(images_of(folder, augmentation=Augmentation(0.5, 0.7)), 1.0), (Composites(Bright(9)), 1)]
        )
        return LabelledSamples(source, side_px=32, seed=3, stream=0, length=30, tile_share=0.5)

    forwards, backwards = samples(), pickle.loads(pickle.dumps(samples()))  # as a worker gets them
    made = {number: backwards[number] for number in reversed(range(30))}
    for number in range(30):
        for one, other in zip(forwards[number], made[number], strict=True):
            assert one.equal(other)
    image, target, labelled = forwards[0]
    assert (image.shape, target.shape, labelled.shape) == ((32, 32, 3), (1, 32, 32), (1, 32, 32))


def test_augmentation_is_off_where_it_is_switched_off(folder: Path) -> None:
    plain, augmented = images_of(folder), images_of(folder, augmentation=Augmentation(0.5, 0.5))
    known = {bytes(np.asarray(Image.open(item.image).convert("RGB"))) for item in open_dataset(folder).items}
    same = [bytes(plain.sample(np.random.default_rng(seed)).image) in known for seed in range(30)]
    changed = [bytes(augmented.sample(np.random.default_rng(seed)).image) not in known for seed in range(60)]
    assert all(same)
    assert 0.5 < np.mean(changed) < 0.9


def test_a_stroke_thinner_than_a_pixel_of_the_input_keeps_its_label() -> None:
    labels = np.full((320, 320), 255, np.uint8)
    labels[100:103, 40:280] = 1
    labels[200:203, :] = 0
    image = np.zeros((320, 320, 3), np.uint8)
    _, target, labelled = labelled_view(image, labels, 32)
    assert labelled[10, 4:28].all() and (target[10, 4:28] == 1).all()
    assert labelled[20].all() and (target[20] == 0).all()
    assert labelled.sum() == 24 + 32


def test_a_stroke_across_an_image_much_longer_than_wide_keeps_its_label() -> None:
    labelled = np.zeros((2000, 30), np.bool_)
    labelled[1000:1016] = True
    target, known = squeeze_labels(labelled.astype(np.float32), labelled, size=(40, 40))
    assert known[20].all() and known.sum() == 40
    assert (target[known] == 1).all()


def test_complete_labels_are_squeezed_as_masks_are() -> None:
    mask = np.random.default_rng(0).random((70, 90)) < 0.4
    image = np.zeros((70, 90, 3), np.uint8)
    _, expected = whole_view(image, mask, 32)
    _, target, labelled = labelled_view(image, mask.astype(np.uint8), 32)
    assert np.array_equal(target, expected)
    assert labelled.all()


def test_unlabelled_pixels_lend_nothing_to_their_neighbours() -> None:
    target = np.zeros((8, 8), np.float32)
    labelled = np.zeros((8, 8), bool)
    target[0, :2] = labelled[0, :2] = True  # half of the first pixel is labelled, all of that manipulated
    target[4:, 4:] = 1  # not labelled
    squeezed, known = squeeze_labels(target, labelled, size=(4, 4))
    assert squeezed[0, 0] == 1
    assert known.sum() == 1


def test_a_tile_shows_labels_as_they_are() -> None:
    labels = np.full((60, 60), 255, np.uint8)
    labels[30, 30] = 1
    image = np.zeros((60, 60, 3), np.uint8)
    image[30, 30] = 255
    tiles = [labelled_tile(image, labels, 20, np.random.default_rng(seed)) for seed in range(20)]
    assert all(np.array_equal(target == 1, shown[..., 0] > 0) for shown, target, _ in tiles)
    assert all(np.array_equal(labelled, shown[..., 0] > 0) for shown, _, labelled in tiles)
    assert sum(bool(target.any()) for _, target, _ in tiles) > 8


def test_no_source_photograph_is_on_both_sides_even_of_two_datasets(tmp_path: Path) -> None:
    first, second = write_dataset(tmp_path / "a"), write_dataset(tmp_path / "b", tone=20)
    for folder, other in ((first, "a"), (second, "b")):
        lines = [
            {"image": f"Tp/{other}{number}.png", "kind": "splice", "sources": [f"photo {number // 2}"]}
            for number in range(12)
        ]
        (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    data = opened(table(first, second, augment=False))
    held_out = {item.name[1:] for item, _ in data.validation._items if item.mask is not None}
    drawn = {
        (int(one.image[0, 0, 0]) - 30) % 20
        for one in (data.training.sample(np.random.default_rng(seed)) for seed in range(600))
        if one.labels.any()
    }
    assert held_out
    assert drawn
    assert not {str(number // 2) for number in drawn if number < 12} & {str(int(name) // 2) for name in held_out}


def test_validation_is_of_whole_images_as_they_are(folder: Path) -> None:
    data = opened(table(folder, validation_count=4))
    assert 1 <= len(data.validation) <= 4
    image, target, labelled = data.validation[0]
    assert image.shape == (32, 32, 3) and bool(labelled.all())
    assert bool((target > 0.5).any())
    again = opened(table(folder, validation_count=4)).validation
    assert all(one.equal(other) for one, other in zip(again[0], data.validation[0], strict=True))


def test_a_source_says_what_it_is_and_by_which_content(folder: Path) -> None:
    (source,) = opened(table(folder)).sources
    assert (source.name, source.images, source.terms) == (folder.as_posix(), 18, "made by a test")
    assert len(source.dataset_sha256) == 64
    image = np.array(Image.open(folder / "Au" / "oneu0.png"))
    image[0, 0] = 255
    Image.fromarray(image).save(folder / "Au" / "oneu0.png")
    assert opened(table(folder)).sources[0].dataset_sha256 != source.dataset_sha256


def test_a_run_does_not_go_on_with_images_that_have_changed(folder: Path, tmp_path: Path) -> None:
    run, begun = tmp_path / "run", opened(table(folder)).sources
    require_noted_datasets(begun, run)  # nothing is noted: a run of an earlier version
    note_datasets(begun, run)
    require_noted_datasets(opened(table(folder)).sources, run)
    Image.fromarray(np.full(SIZE, 255, np.uint8)).save(folder / "Gt" / "one3.png")
    with pytest.raises(CheckpointError, match=r"Images or labels of .*one have changed since the run"):
        require_noted_datasets(opened(table(folder)).sources, run)


def write_boxes(folder: Path) -> Path:
    path = folder / "boxes.json"
    boxes = {f"Tp/one{number}.png": [[5, 5, 20, 25]] for number in range(12)}
    path.write_text(json.dumps({"boxes": {**boxes, "Au/oneu0.png": []}}))
    return path


def test_boxes_are_filled_only_where_that_is_asked_for(folder: Path) -> None:
    path = write_boxes(folder)
    with pytest.raises(ConfigurationError, match=r'boxes has boxes and no mask for .*boxes = "fill"'):
        opened(table(path))
    data = opened(table({"path": path, "terms": "", "boxes": "fill"}, augment=False, untouched_share=0))
    drawn = data.training.sample(np.random.default_rng(0))
    assert np.array_equal(drawn.labels == 1, drawn.image[..., 0] > 120)


def test_scribbles_flow_through_as_labels_of_some_pixels(folder: Path) -> None:
    (folder / "Gt").rename(folder / "Pt")
    for path in (folder / "Pt").iterdir():
        labels = np.full(SIZE, 255, np.uint8)
        labels[8:12, 6:19], labels[30:34, :] = 1, 0
        Image.fromarray(labels).save(path)
    data = opened(table(folder, augment=False, untouched_share=0))
    samples = LabelledSamples(data.training, side_px=32, seed=0, stream=0, length=4, tile_share=0)
    _, target, labelled = samples[0]
    assert 0 < int(labelled.sum()) < labelled.numel() / 2
    assert float(target[labelled].max()) == 1 and float(target[labelled].min()) == 0
    _, _, held_out = data.validation[0]
    assert not bool(held_out.all())


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda one: Image.new("L", SIZE[::-1], 0).save(one / "Gt" / "one3.png"), r"one3\.png marks nothing"),
        (lambda one: (one / "Gt" / "one3.png").unlink(), r"no mask for one3\.png"),
        (lambda one: turned(one / "Tp" / "one3.png"), r"one3\.png of one carry an EXIF orientation"),
    ],
)
def test_what_cannot_be_learned_from_is_named_before_the_first_step(folder: Path, spoil, sentence: str) -> None:
    spoil(folder)
    with pytest.raises(ConfigurationError, match=sentence):
        opened(table(folder))


def turned(path: Path) -> None:
    image = Image.open(path)
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(path, exif=exif)


def test_an_image_that_two_datasets_list_is_refused(folder: Path) -> None:
    listed = folder / "list.json"
    listed.write_text(json.dumps([["Tp/one0.png", "Gt/one0.png"]]))
    with pytest.raises(ConfigurationError, match=r"both list .*one0\.png"):
        opened(table(folder, listed))


def test_too_few_groups_to_keep_some_for_validation_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no manipulated image can be kept for validation"):
        opened(table(write_dataset(tmp_path / "few", manipulated=2, untouched=0)))


def test_a_run_needs_something_to_learn_from() -> None:
    with pytest.raises(ValueError, match="photos or datasets must name something"):
        DataTable.model_validate({})


def test_a_drawn_image_is_not_changed_by_what_is_drawn_after_it(folder: Path) -> None:
    source = images_of(folder, augmentation=Augmentation(1.0, 1.0))
    first: Drawn = source.sample(np.random.default_rng(0))
    before = first.image.copy()
    source.sample(np.random.default_rng(1))
    assert np.array_equal(first.image, before)
