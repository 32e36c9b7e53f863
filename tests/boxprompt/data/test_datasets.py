"""Datasets of folders Tp, Gt and Au."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from boxprompt.data.datasets import (
    DatasetError,
    DatasetItem,
    TamperedDataset,
    UnreadableImageError,
    groups_by_source,
    read_mask,
    read_rgb,
    split_by_source,
)


def write(path: Path, *, size: tuple[int, int] = (6, 4), value: int = 255, mode: str = "L") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value).save(path)


def make(folder: Path, *, images: tuple[str, ...], masks: tuple[str, ...], untouched: tuple[str, ...] = ()) -> Path:
    for sub in ("Tp", "Gt"):
        (folder / sub).mkdir()
    for sub, names in (("Tp", images), ("Gt", masks), ("Au", untouched)):
        for name in names:
            write(folder / sub / name)
    return folder


def item(name: str, *sources: str) -> DatasetItem:
    return DatasetItem(name=name, image=Path(name), mask=None, kind="unstated", sources=frozenset(sources or {name}))


def test_images_and_masks_pair_by_stem_and_not_by_order(tmp_path):
    # In listing order a.png would go with a_gt.png, "a-2" with "a": "-" sorts before ".".
    dataset = TamperedDataset.open(
        make(tmp_path, images=("a.jpg", "a-2.jpg", "b.tif"), masks=("b.png", "a_gt.png", "a-2.png"))
    )
    assert {one.name: one.mask.name for one in dataset.items} == {"a": "a_gt.png", "a-2": "a-2.png", "b": "b.png"}


def test_an_image_whose_own_name_ends_in_gt_keeps_its_mask(tmp_path):
    dataset = TamperedDataset.open(make(tmp_path, images=("x.jpg", "x_gt.jpg"), masks=("x.png", "x_gt.png")))
    assert {one.name: one.mask.name for one in dataset.items} == {"x": "x.png", "x_gt": "x_gt.png"}


def test_untouched_images_come_after_manipulated_ones_and_have_no_mask(tmp_path):
    dataset = TamperedDataset.open(make(tmp_path, images=("z.jpg",), masks=("z.png",), untouched=("a.jpg",)))
    assert [one.name for one in dataset.items] == ["z", "a"]
    assert [one.name for one in dataset.manipulated] == ["z"]
    assert [(one.mask, one.kind) for one in dataset.untouched] == [(None, "untouched")]
    assert dataset.name == tmp_path.name


def test_hidden_files_folders_and_files_of_other_kinds_are_passed_over(tmp_path):
    make(tmp_path, images=("a.jpg",), masks=("a.png",))
    (tmp_path / "Tp" / ".hidden.jpg").write_bytes(b"")
    (tmp_path / "Tp" / "README.txt").write_text("about")
    (tmp_path / "Tp" / "folder.jpg").mkdir()
    assert [one.name for one in TamperedDataset.open(tmp_path).items] == ["a"]


@pytest.mark.parametrize(
    ("images", "masks", "message"),
    [
        (("a.jpg", "b.jpg"), ("a.png",), "no mask for b.jpg"),
        (("a.jpg",), ("a.png", "c.png"), "no image for c.png"),
        (("a.jpg",), ("a.png", "a_gt.png"), "a_gt.png are labels of one image"),
        (("a.jpg", "a.png"), ("a.png",), "a.png have the same stem"),
        ((), ("a.png",), "no image in"),
        (tuple(f"{n}.jpg" for n in range(7)), (), "0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg and 2 more"),
    ],
)
def test_what_does_not_pair_is_refused_by_name(tmp_path, images, masks, message):
    with pytest.raises(DatasetError, match=message):
        TamperedDataset.open(make(tmp_path, images=images, masks=masks))


def test_a_mask_of_another_size_is_refused_and_never_resized(tmp_path):
    make(tmp_path, images=("a.jpg", "b.jpg"), masks=("a.png",))
    write(tmp_path / "Gt" / "b.png", size=(4, 6))
    with pytest.raises(DatasetError, match=r"b.jpg \(6x4, mask 4x6\)\."):
        TamperedDataset.open(tmp_path)


def test_a_file_that_is_no_image_is_named_when_the_folder_is_opened(tmp_path):
    make(tmp_path, images=("a.jpg",), masks=("a.png",))
    (tmp_path / "Tp" / "a.jpg").write_bytes(b"not a picture")
    with pytest.raises(DatasetError, match=r"a\.jpg cannot be read"):
        TamperedDataset.open(tmp_path)


def test_a_folder_of_another_layout_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="has folders Tp and Gt"):
        TamperedDataset.open(tmp_path)


@pytest.mark.parametrize(
    ("stem", "kind", "sources"),
    [
        ("Sp_D_NRN_A_ani0001_arc0002_0003", "splice", {"ani0001", "arc0002"}),
        ("Sp_D_NNN_A_ani0099_ani0100.0288", "splice", {"ani0099", "ani0100"}),
        ("Sp_S_NNN_C_txt0001_txt0001_0001", "copy-move", {"txt0001"}),
        ("Tp_D_CRN_S_N_cha00063_art00014_11818", "splice", {"cha00063", "art00014"}),
        ("holiday", "unstated", {"holiday"}),
        ("Au_ani_0001", "unstated", {"ani0001"}),
    ],
)
def test_casia_names_tell_what_was_done_to_which_photographs(tmp_path, stem, kind, sources):
    dataset = TamperedDataset.open(make(tmp_path, images=(f"{stem}.jpg",), masks=(f"{stem}.png",)))
    assert (dataset.items[0].kind, dataset.items[0].sources) == (kind, frozenset(sources))


def test_an_untouched_casia_image_groups_with_the_forgeries_made_of_it(tmp_path):
    name = "Sp_D_NRN_A_ani0001_arc0002_0003"
    dataset = TamperedDataset.open(
        make(
            tmp_path, images=(f"{name}.jpg",), masks=(f"{name}.png",), untouched=("Au_arc_0002.jpg", "Au_arc_0003.jpg")
        )
    )
    assert [[one.name for one in group] for group in groups_by_source(dataset.items)] == [
        [name, "Au_arc_0002"],
        ["Au_arc_0003"],
    ]


def test_sources_link_images_through_others():
    chained = [item("1", "a", "b"), item("2", "c", "d"), item("3", "b", "c"), item("4", "e")]
    assert [[one.name for one in group] for group in groups_by_source(chained)] == [["1", "2", "3"], ["4"]]


SOURCES = st.frozensets(st.sampled_from("abcdefghijklmnop"), min_size=1, max_size=2)


@given(st.lists(SOURCES, max_size=30), st.floats(0, 1), st.integers(0, 100))
def test_a_split_shares_no_source_loses_nothing_and_keeps_within_its_share(all_sources, share, seed):
    items = [item(str(index), *sources) for index, sources in enumerate(all_sources)]
    first, second = split_by_source(items, share=share, seed=seed)
    assert sorted(first + second, key=lambda one: one.name) == sorted(items, key=lambda one: one.name)
    assert not {s for one in first for s in one.sources} & {s for one in second for s in one.sources}
    assert len(first) <= round(share * len(items))


def test_a_split_depends_on_its_seed_and_not_on_the_order_of_the_items():
    items = [item(str(index)) for index in range(40)]
    assert split_by_source(items, share=0.5, seed=1) == split_by_source(items[::-1], share=0.5, seed=1)
    assert split_by_source(items, share=0.5, seed=1) != split_by_source(items, share=0.5, seed=2)
    assert [len(part) for part in split_by_source(items, share=0.5, seed=1)] == [20, 20]


def test_a_share_over_one_is_refused():
    with pytest.raises(ValueError, match="share"):
        split_by_source([], share=1.5, seed=0)


def test_a_limit_keeps_the_proportion_of_manipulated_and_untouched_images():
    dataset = TamperedDataset(name="d", items=tuple(item(str(index)) for index in range(100)))
    assert [one.name for one in dataset.limited_to(4).items] == ["12", "37", "62", "87"]
    assert dataset.limited_to(100) == dataset.limited_to(1000) == dataset


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        TamperedDataset(name="d", items=()).limited_to(0)


def test_images_are_read_as_red_green_blue(tmp_path):
    Image.new("RGB", (2, 1), (250, 120, 5)).save(tmp_path / "a.png")
    assert read_rgb(tmp_path / "a.png").tolist() == [[[250, 120, 5]] * 2]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA"])
def test_masks_of_common_modes_mark_what_is_white(tmp_path, mode):
    mask = Image.new("L", (3, 2), 0)
    mask.putpixel((2, 1), 255)
    mask.convert(mode).save(tmp_path / "m.png")
    assert read_mask(tmp_path / "m.png").tolist() == [[False, False, False], [False, False, True]]


def test_a_palette_mask_is_read_by_its_colours_and_not_its_indices(tmp_path):
    mask = Image.new("P", (2, 1), 0)
    mask.putpalette([0, 0, 0, 255, 255, 255])
    mask.putpixel((1, 0), 1)
    mask.save(tmp_path / "m.png")
    assert read_mask(tmp_path / "m.png").tolist() == [[False, True]]


def test_a_mask_of_16_bits_is_refused_instead_of_clipped(tmp_path):
    Image.fromarray(np.full((2, 2), 300, np.uint16)).save(tmp_path / "m.png")
    with pytest.raises(UnreadableImageError, match="8 bits"):
        read_mask(tmp_path / "m.png")


@pytest.mark.parametrize("read", [read_rgb, read_mask])
def test_a_truncated_file_is_named(tmp_path, read):
    whole = tmp_path / "whole.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 40), np.uint8)).save(whole)
    (tmp_path / "cut.png").write_bytes(whole.read_bytes()[:-400])
    with pytest.raises(UnreadableImageError, match=r"cut\.png cannot be read"):
        read(tmp_path / "cut.png")


def test_the_development_half_of_casia_pairs_and_groups_as_its_names_say(shared_data):
    dataset = TamperedDataset.open(shared_data / "casia1-dev")
    assert (len(dataset.manipulated), len(dataset.untouched)) == (460, 427)
    assert {one.kind for one in dataset.manipulated} == {"splice", "copy-move"}
    assert len(groups_by_source(dataset.manipulated)) == 121
