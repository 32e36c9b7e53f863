from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from boxprompt.data.synthesis import PhotoPool


def test_label_maps_are_found_beside_their_photographs_and_are_no_photographs(photographs):
    pool = PhotoPool.open([photographs])
    assert len(pool) == 10
    with_labels = [p for p in pool.photographs if p.labels is not None]
    assert [p.source for p in with_labels] == [f"{photographs.name}/people/images/{i:02d}.jpg" for i in range(4)]
    pixels = pool.pixels(with_labels[0])
    assert pixels.labels is not None and pixels.labels.shape == pixels.native.shape[:2]
    assert set(np.unique(pixels.labels)) == {0, 1, 2}


def test_label_maps_can_lie_anywhere_when_they_are_named(photographs, tmp_path):
    labels = tmp_path / "maps"
    labels.mkdir()
    image = np.full((200, 200, 3), 90, np.uint8)
    images = tmp_path / "pictures"
    images.mkdir()
    cv2.imwrite(str(images / "a.png"), image)
    cv2.imwrite(str(labels / "a.png"), np.ones((200, 200), np.uint8))
    pool = PhotoPool.open([tmp_path], masks={images: labels})
    assert [p.path.name for p in pool.photographs] == ["a.png"]
    assert pool.photographs[0].labels == (labels / "a.png").resolve()


def test_a_label_map_of_another_size_is_refused(tmp_path):
    for name, shape in (("images", (200, 200, 3)), ("masks", (100, 200))):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "a.png"), np.ones(shape, np.uint8))
    pool = PhotoPool.open([tmp_path])
    with pytest.raises(ValueError, match="its photograph is"):
        pool.pixels(pool.photographs[0])


def test_small_and_unreadable_files_are_left_out_with_a_reason(tmp_path, photographs):
    cv2.imwrite(str(tmp_path / "small.png"), np.zeros((50, 300, 3), np.uint8))
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    pool = PhotoPool.open([tmp_path, photographs])
    assert len(pool) == 10
    reasons = {path.name: reason for path, reason in pool.skipped}
    assert "smaller than" in reasons["small.png"] and "unreadable" in reasons["broken.jpg"]


def test_excluded_stems_names_and_sources_are_left_out(photographs):
    exclude = {"00", "05.png", f"{photographs.name}/things/04.jpg"}
    names = {p.path.name for p in PhotoPool.open([photographs], exclude=exclude).photographs}
    assert len(names) == 7 and not names & {"00.jpg", "05.png", "04.jpg"}


def test_a_split_shares_no_photograph_and_follows_its_seed(photographs):
    pool = PhotoPool.open([photographs])
    train, validation = pool.split(validation_share=0.3, seed=1)
    sides = [{p.source for p in side.photographs} for side in (train, validation)]
    assert len(sides[1]) == 3 and not sides[0] & sides[1] and len(sides[0] | sides[1]) == 10
    assert [p.source for p in pool.split(validation_share=0.3, seed=1)[1].photographs] == sorted(sides[1])
    others = [{p.source for p in pool.split(validation_share=0.3, seed=seed)[1].photographs} for seed in range(5)]
    assert any(other != sides[1] for other in others)


def test_a_split_with_an_empty_side_is_refused(photographs):
    with pytest.raises(ValueError, match="validation share"):
        PhotoPool.open([photographs]).split(validation_share=0.0)


def test_native_pixels_are_the_files_own_and_start_on_its_grid(tmp_path, make_picture):
    stored = make_picture(11, size=(403, 805))
    Image.fromarray(stored).save(tmp_path / "wide.png")
    pool = PhotoPool.open([tmp_path], longest_px=300)
    pixels = pool.pixels(pool.photographs[0])
    assert pixels.native.shape == (296, 296, 3)
    assert max(pixels.overview.shape) == 300
    match = cv2.matchTemplate(stored, pixels.native, cv2.TM_SQDIFF)
    _, _, (left, top), _ = cv2.minMaxLoc(match)
    assert top % 8 == 0 and left % 8 == 0
    np.testing.assert_array_equal(pixels.native, stored[top : top + 296, left : left + 296])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_as_pillow_applies_it(tmp_path, make_picture, orientation):
    image = Image.fromarray(make_picture(12, size=(200, 240)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / "turned.png", exif=exif)
    from PIL import ImageOps

    with Image.open(tmp_path / "turned.png") as saved:
        expected = np.asarray(ImageOps.exif_transpose(saved))
    pool = PhotoPool.open([tmp_path])
    np.testing.assert_array_equal(pool.pixels(pool.photographs[0]).native, expected)


def test_the_cache_stays_within_its_bound(photographs):
    one = PhotoPool.open([photographs])
    largest = max(one.pixels(p).nbytes for p in one.photographs)
    pool = PhotoPool.open([photographs], cache_bytes=2 * largest)
    first = pool.pixels(pool.photographs[0])
    assert pool.pixels(pool.photographs[0]) is first
    for photograph in pool.photographs:
        pool.pixels(photograph)
    again = pool.pixels(pool.photographs[0])
    assert again is not first
    np.testing.assert_array_equal(again.native, first.native)


def test_a_pickled_pool_travels_without_its_pixels(photographs):
    pool = PhotoPool.open([photographs])
    empty = len(pickle.dumps(pool))
    for photograph in pool.photographs:
        pool.pixels(photograph)
    packed = pickle.dumps(pool)
    assert abs(len(packed) - empty) < 100
    copy = pickle.loads(packed)
    photograph = copy.photographs[0]
    np.testing.assert_array_equal(copy.pixels(photograph).native, pool.pixels(photograph).native)


def test_folders_are_drawn_alike_when_balanced(photographs):
    (pool,) = (PhotoPool.open([photographs]),)

    def share_of_people(balance: float) -> float:
        rng = np.random.default_rng(0)
        drawn = Counter(pool.draw(rng, balance=balance).collection for _ in range(4000))
        return drawn[f"{photographs.name}/people/images"] / 4000

    assert share_of_people(0.0) == pytest.approx(0.5, abs=0.03)
    assert share_of_people(1.0) == pytest.approx(0.4, abs=0.03)


def test_folders_of_one_name_keep_their_sources_apart(tmp_path):
    for parent in ("a", "b"):
        folder = tmp_path / parent / "images"
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / "x.png"), np.zeros((200, 200, 3), np.uint8))
    pool = PhotoPool.open([tmp_path / "a/images", tmp_path / "b/images"])
    assert [p.source for p in pool.photographs] == ["0-images/x.png", "1-images/x.png"]


def test_folders_that_are_missing_or_empty_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        PhotoPool.open([Path(tmp_path / "nowhere")])
    with pytest.raises(ValueError, match="at least one photograph"):
        PhotoPool.open([tmp_path])
