"""Score maps that other tools left in a folder stand in the same table."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from PIL import Image

from boxprompt.data.datasets import DatasetError, TamperedDataset, UnreadableImageError, read_mask, read_rgb
from boxprompt.errors import StoppedError
from boxprompt.evaluation import Plan, Subject, evaluate_folder
from boxprompt.evaluation.baselines import all_ones, centred_gaussian
from boxprompt.evaluation.predictions import FolderPredictions, read_map

ONES = (Subject(name="ones", localize=all_ones),)


def truth_of(item, shape=(20, 20)):
    return np.zeros(shape, np.bool_) if item.mask is None else read_mask(item.mask)


def save_npy(path, scores):
    np.save(path.with_suffix(".npy"), scores)


def save_8_bit(path, scores):
    Image.fromarray(np.round(scores * 255).astype(np.uint8)).save(path.with_suffix(".png"))


def save_16_bit(path, scores):
    Image.fromarray(np.round(scores * 65535).astype(np.uint16)).save(path.with_suffix(".heatmap.png"))


def save_1_bit(path, scores):
    Image.fromarray(scores > 0.5).save(path.with_suffix(".png"))


@pytest.fixture
def maps(folder, tmp_path):
    """The truth of every image, as a tool that errs nowhere would leave it."""
    made = tmp_path / "maps"
    made.mkdir()
    for item in TamperedDataset.open(folder).items:
        save_npy(made / item.image.name, truth_of(item).astype(np.float64))
    return made


@pytest.mark.parametrize("save", [save_npy, save_8_bit, save_16_bit, save_1_bit])
def test_maps_of_every_form_are_measured_as_what_they_show(folder, tmp_path, save):
    maps = tmp_path / "maps"
    maps.mkdir()
    for item in TamperedDataset.open(folder).items:
        save(maps / item.image.name, truth_of(item).astype(np.float32))
    scores = evaluate_folder(folder, subjects=ONES, plan=Plan(predictions={"other": maps})).evaluations[1].scores
    assert scores.localizer == "other"
    assert scores.pixel.f1_at_half.value == pytest.approx(1, abs=1e-6)
    assert scores.pixel.auc.value == 1
    assert scores.untouched.pixels.value == 0
    assert (scores.threshold, scores.predictions.resized) == (0.5, 0)


def test_a_localizer_and_its_own_maps_from_a_folder_score_alike(folder, tmp_path):
    maps = tmp_path / "maps"
    maps.mkdir()
    for item in TamperedDataset.open(folder).items:
        save_npy(maps / item.image.name, centred_gaussian(read_rgb(item.image)))
    result = evaluate_folder(
        folder, subjects=(Subject(name="centre", localize=centred_gaussian),), plan=Plan(predictions={"same": maps})
    )
    live, read = (one.scores for one in result.evaluations)
    assert live.pixel == read.pixel
    assert live.calibration == read.calibration
    assert live.dataset_sha256 == read.dataset_sha256


def test_other_tools_stand_between_the_localizer_and_the_baselines(folder, maps):
    subjects = (*ONES, Subject(name="centre", localize=centred_gaussian))
    result = evaluate_folder(folder, subjects=subjects, plan=Plan(predictions={"b": maps, "a": maps}))
    assert [one["localizer"] for one in result.scores_as_json()] == ["ones", "b", "a", "centre"]


def test_a_map_of_another_size_is_interpolated_bilinearly_and_counted(folder, maps):
    coarse = np.random.default_rng(0).random((7, 5), dtype=np.float32)
    np.save(maps / "Sp_S_NRN_A_art0009_art0009_0003.npy", coarse)
    items = TamperedDataset.open(folder).items
    opened = FolderPredictions.open(maps, items)
    item = next(item for item in items if item.kind == "copy-move")
    expected = cv2.resize(coarse, (20, 20), interpolation=cv2.INTER_LINEAR)
    assert np.allclose(opened.read(item, shape=(20, 20)), expected)
    assert opened.facts.resized == 1
    # Rows and columns are not confused where the image is not square.
    assert opened.read(item, shape=(9, 30)).shape == (9, 30)


def test_facts_tell_other_maps_apart(folder, maps):
    items = TamperedDataset.open(folder).items
    before = FolderPredictions.open(maps, items).facts.sha256
    assert FolderPredictions.open(maps, items).facts.sha256 == before
    np.save(maps / "Au_ani_0001.npy", np.full((20, 20), 0.25))
    assert FolderPredictions.open(maps, items).facts.sha256 != before


def test_a_missing_map_is_named_before_anything_is_computed(folder, maps):
    (maps / "Au_ani_0001.npy").unlink()

    def localize(image):
        raise AssertionError("nothing is to be computed")

    with pytest.raises(DatasetError, match=r"no score map .* for Au_ani_0001\.png"):
        evaluate_folder(
            folder, subjects=(Subject(name="l", localize=localize),), plan=Plan(predictions={"other": maps})
        )


def test_only_images_within_the_limit_need_a_map(folder, maps):
    (maps / "Au_nat_0007.npy").unlink()
    np.save(maps / "of-another-set.npy", np.zeros((3, 3)))
    result = evaluate_folder(folder, subjects=ONES, plan=Plan(predictions={"other": maps}, limit=2))
    assert [len(one.rows) for one in result.evaluations] == [2, 2]


def test_two_maps_of_one_image_are_refused(folder, maps):
    save_16_bit(maps / "Au_ani_0001.png", np.zeros((20, 20)))
    with pytest.raises(DatasetError, match="maps of one image"):
        FolderPredictions.open(maps, TamperedDataset.open(folder).items)


def test_images_of_one_stem_cannot_be_told_apart(folder, maps):
    stem = "Sp_S_NRN_A_art0009_art0009_0003"
    Image.new("RGB", (20, 20)).save(folder / "Au" / f"{stem}.png")
    with pytest.raises(DatasetError, match=f"called {stem}"):
        FolderPredictions.open(maps, TamperedDataset.open(folder).items)


def test_a_folder_that_is_not_there_is_refused(folder, tmp_path):
    with pytest.raises(DatasetError, match="cannot be listed"):
        FolderPredictions.open(tmp_path / "absent", TamperedDataset.open(folder).items)


def test_checking_maps_stops_when_asked(folder, maps):
    with pytest.raises(StoppedError):
        FolderPredictions.open(maps, TamperedDataset.open(folder).items, should_stop=lambda: True)


def test_an_image_that_cannot_be_read_is_left_to_the_evaluation_to_name(folder, maps):
    (folder / "Au" / "Au_ani_0001.png").write_bytes(b"no image")

    def read(path):
        if path.stem == "Au_ani_0001":
            raise UnreadableImageError(f"{path.name} is damaged.")
        return read_rgb(path)

    result = evaluate_folder(folder, subjects=ONES, plan=Plan(predictions={"other": maps}), read=read)
    assert [one.image for one in result.failed] == ["Au_ani_0001.png"]


@pytest.mark.parametrize(
    "values",
    [
        np.full((4, 4), 1.001),
        np.full((4, 4), -0.1),
        np.full((4, 4), np.nan),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 3)),
        np.zeros((0, 4)),
    ],
)
def test_arrays_that_are_no_scores_are_refused_by_name(tmp_path, values):
    np.save(tmp_path / "map.npy", values)
    with pytest.raises(DatasetError, match=r"map\.npy"):
        read_map(tmp_path / "map.npy")


def test_an_array_with_objects_is_never_unpickled(tmp_path):
    np.save(tmp_path / "map.npy", np.array([[{"a": 1}]], dtype=object), allow_pickle=True)
    with pytest.raises(DatasetError, match="cannot be read"):
        read_map(tmp_path / "map.npy")


def test_a_header_that_promises_more_than_the_file_holds_is_refused(tmp_path):
    np.save(tmp_path / "map.npy", np.zeros((4, 4)))
    whole = (tmp_path / "map.npy").read_bytes()
    (tmp_path / "map.npy").write_bytes(whole.replace(b"(4, 4)", b"(400000, 400000)"))
    with pytest.raises(DatasetError):
        read_map(tmp_path / "map.npy")


@pytest.mark.parametrize("mode", ["RGB", "P", "LA"])
def test_a_map_in_colour_is_refused(tmp_path, mode):
    Image.new(mode, (4, 4)).save(tmp_path / "map.png")
    with pytest.raises(DatasetError, match=f"mode {mode}"):
        read_map(tmp_path / "map.png")


def test_a_file_that_is_no_png_is_refused_whatever_its_name(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "map.png", format="BMP")
    with pytest.raises(DatasetError, match="cannot be read"):
        read_map(tmp_path / "map.png")


def test_where_maps_came_from_is_in_the_scores(folder, maps):
    result = evaluate_folder(folder, subjects=ONES, plan=Plan(predictions={"other": maps}))
    record = json.loads(json.dumps(result.scores_as_json()))
    assert record[0]["predictions"] is None
    assert record[1]["predictions"]["resized"] == 0
    assert len(record[1]["predictions"]["sha256"]) == 64
