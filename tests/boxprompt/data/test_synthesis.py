"""Composites as a whole: the truth of their masks, and that nothing but the edit tells the kinds apart."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from boxprompt.data.synthesis import (
    Composite,
    EditConfig,
    HistoryConfig,
    PhotoPool,
    SynthesisConfig,
    SynthesisError,
    Synthesizer,
    regions,
    write_dataset,
)

FORGED = ("splice", "copy-move", "removal")
KINDS = ("authentic", *FORGED)
NOTHING_AFTER = HistoryConfig(untouched_share=1.0)


@pytest.fixture(scope="module")
def pool(photographs: Path) -> PhotoPool:
    return PhotoPool.open([photographs / "people", photographs / "things"])


@pytest.fixture(scope="module")
def drawn(pool: PhotoPool) -> list[Composite]:
    synthesizer = Synthesizer(pool)
    return [synthesizer.sample(np.random.default_rng((1, i))) for i in range(240)]


def same(a: Composite, b: Composite) -> bool:
    return (
        np.array_equal(a.image, b.image)
        and np.array_equal(a.mask, b.mask)
        and (a.kind, a.recipe, a.sources, a.encoded) == (b.kind, b.recipe, b.sources, b.encoded)
    )


def test_a_seed_fixes_the_composite_whatever_was_drawn_before(pool):
    first = [Synthesizer(pool).sample(np.random.default_rng(i)) for i in range(16)]
    synthesizer = Synthesizer(pool)
    again = [synthesizer.sample(np.random.default_rng(i)) for i in reversed(range(16))]
    assert all(same(a, b) for a, b in zip(first, reversed(again), strict=True))
    assert not same(first[0], first[1])


def test_a_pickled_synthesizer_draws_the_same(pool):
    synthesizer = Synthesizer(pool, SynthesisConfig(balance=0.3))
    synthesizer.sample(np.random.default_rng(0))
    copy = pickle.loads(pickle.dumps(synthesizer))
    assert same(copy.sample(np.random.default_rng(4)), synthesizer.sample(np.random.default_rng(4)))


def test_the_generator_advances_alike_for_every_kind(pool):
    states = []
    for kind in KINDS:
        rng = np.random.default_rng(9)
        Synthesizer(pool).sample(rng, kind=kind)
        states.append(rng.integers(0, 2**60))
    assert len(set(states)) == 1


def test_kinds_come_in_the_shares_asked_for(drawn):
    counts = Counter(composite.kind for composite in drawn)
    for kind, share in SynthesisConfig().kind_weights.items():
        assert counts[kind] / len(drawn) == pytest.approx(share, abs=0.09)


def test_only_forged_images_have_a_mask(drawn):
    for composite in drawn:
        assert composite.mask.dtype == np.bool_ and composite.mask.shape == composite.image.shape[:2]
        assert composite.mask.any() == (composite.kind != "authentic")
        assert bool(composite.recipe["edits"]) == (composite.kind != "authentic")


@pytest.mark.parametrize("kind", FORGED)
def test_the_mask_is_where_the_image_differs_from_its_untouched_twin(pool, kind):
    synthesizer = Synthesizer(pool, SynthesisConfig(histories=NOTHING_AFTER))
    inside, twins = [], 0
    for seed in range(30):
        forged = synthesizer.sample(np.random.default_rng(seed), kind=kind)
        twin = synthesizer.sample(np.random.default_rng(seed), kind="authentic")
        if forged.recipe["host"] != twin.recipe["host"]:
            continue
        twins += 1
        changed = (forged.image != twin.image).any(axis=2)
        # A soft edge reaches 5 px at three deviations of half its width.
        assert not changed[~regions.grow(forged.mask, margin_px=8)].any()
        inside.append(changed[forged.mask].mean())
    assert twins >= 27
    assert np.mean(inside) > 0.9 and min(inside) > 0.45


@pytest.mark.parametrize("kind", FORGED)
def test_the_kinds_share_size_steps_and_compression(pool, kind):
    synthesizer = Synthesizer(pool)
    alike = 0
    for seed in range(40):
        forged = synthesizer.sample(np.random.default_rng(seed), kind=kind)
        twin = synthesizer.sample(np.random.default_rng(seed), kind="authentic")
        alike += (
            forged.image.shape == twin.image.shape
            and forged.recipe["steps"] == twin.recipe["steps"]
            and (forged.encoded is None) == (twin.encoded is None)
        )
    # The others found nothing to forge in their first host.
    assert alike >= 36


def test_a_share_of_images_gets_nothing_after_the_edit_and_all_qualities_occur(pool):
    synthesizer = Synthesizer(pool)
    twins = [synthesizer.sample(np.random.default_rng((2, i)), kind="authentic") for i in range(300)]
    untouched = np.mean([not composite.recipe["steps"] for composite in twins])
    assert untouched == pytest.approx(0.28, abs=0.08)
    qualities = [s["quality"] for c in twins for s in c.recipe["steps"] if s["step"] == "jpeg"]
    assert min(qualities) < 60 and max(qualities) > 95


def test_areas_run_from_under_one_percent_to_tens_of_percent(drawn):
    areas = np.array([composite.mask.mean() for composite in drawn if composite.kind != "authentic"])
    assert (areas < 0.01).mean() > 0.05
    assert ((areas > 0.01) & (areas < 0.2)).mean() > 0.55
    assert areas.max() > 0.15 and areas.max() < 0.6


def test_areas_stay_in_the_range_asked_for(pool):
    edits = EditConfig(area=(0.05, 0.1), second_edit_share=0)
    synthesizer = Synthesizer(pool, SynthesisConfig(edits=edits, histories=NOTHING_AFTER))
    areas = [synthesizer.sample(np.random.default_rng(i), kind=kind).mask.mean() for i in range(15) for kind in FORGED]
    assert max(areas) <= 0.11 + 1e-6
    assert 0.04 < np.median(areas) < 0.1


def test_edits_cover_the_whole_frame_borders_included(drawn):
    heat = np.zeros((6, 6))
    forged = [composite.mask for composite in drawn if composite.kind != "authentic"]
    for mask in forged:
        heat += cv2.resize(mask.astype(np.float32), (6, 6), interpolation=cv2.INTER_AREA)
    heat /= heat.mean()
    assert heat.min() > 0.2, heat.round(2)
    assert heat.max() < 2.2, heat.round(2)


def test_sizes_vary_within_what_was_asked_for(pool):
    config = SynthesisConfig(histories=NOTHING_AFTER, short_side_px=(200, 240), aspect=(1.0, 1.5))
    shapes = [Synthesizer(pool, config).sample(np.random.default_rng(i)).image.shape[:2] for i in range(40)]
    assert all(200 <= min(shape) <= 240 and max(shape) <= 1.5 * min(shape) + 1 for shape in shapes)
    assert len(set(shapes)) > 25
    assert 0.15 < np.mean([rows > columns for rows, columns in shapes]) < 0.85


def test_a_splice_names_both_photographs_and_a_copy_move_where_it_came_from(drawn):
    for composite in drawn:
        hosts = composite.recipe["host"]["source"]
        assert composite.sources[0] == hosts
        if composite.kind == "splice":
            assert len(composite.sources) >= 2
        else:
            assert composite.sources == (hosts,)
        if composite.kind == "copy-move":
            top, left, bottom, right = composite.recipe["edits"][0]["taken_from"]
            assert top < bottom and left < right


def test_every_way_of_cutting_and_blending_occurs(drawn):
    edits = [edit for composite in drawn for edit in composite.recipe["edits"]]
    cut = {edit["region"] for edit in edits}
    assert {"object", "superpixel", "blob", "polygon", "ellipse", "rectangle"} <= cut
    assert {edit["blend"] for edit in edits if "blend" in edit} >= {"hard", "feather"}
    assert {edit["fill"] for edit in edits if "fill" in edit} == {"clone", "inpaint", "smooth"}
    assert any(edit.get("colour_match", 0) > 0 for edit in edits)


def test_an_exact_copy_is_found_at_its_source(pool):
    still = EditConfig(
        resample_share=0, rotate_share=0, flip_share=0, tone_share=0, hard_share=1, poisson_share=0,
        second_edit_share=0,
    )  # fmt: skip
    synthesizer = Synthesizer(pool, SynthesisConfig(edits=still, histories=NOTHING_AFTER))
    for seed in range(10):
        composite = synthesizer.sample(np.random.default_rng(seed), kind="copy-move")
        edit = composite.recipe["edits"][0]
        top, left, *_ = edit["taken_from"]
        shift = np.array(edit["corner"]) + 8 - (top, left)
        rows, columns = np.nonzero(composite.mask)
        twin = synthesizer.sample(np.random.default_rng(seed), kind="authentic")
        if twin.recipe["host"] == composite.recipe["host"]:
            np.testing.assert_array_equal(
                composite.image[rows, columns], twin.image[rows - shift[0], columns - shift[1]]
            )


def test_blank_photographs_end_in_a_sentence_and_not_in_a_wrong_label(tmp_path):
    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((300, 300, 3), 128, np.uint8))
    still = HistoryConfig(prior_noise_share=0, scene_share=0)
    edits = EditConfig(tone_share=0)
    synthesizer = Synthesizer(PhotoPool.open([tmp_path]), SynthesisConfig(histories=still, edits=edits))
    for kind in FORGED:
        with pytest.raises(SynthesisError, match=f"no visible {kind}"):
            synthesizer.sample(np.random.default_rng(0), kind=kind)


def test_a_splice_needs_a_second_photograph(photographs):
    names = {f"{i:02d}" for i in range(1, 10)}
    pool = PhotoPool.open([photographs], exclude=names)
    with pytest.raises(SynthesisError, match="two photographs"):
        Synthesizer(pool).sample(np.random.default_rng(0), kind="splice")


def test_a_written_set_holds_exactly_the_composites(pool, tmp_path):
    synthesizer = Synthesizer(pool)
    seen: list[tuple[int, int]] = []
    out = tmp_path / "set"
    result = write_dataset(synthesizer, out, count=14, seed=5, progress=lambda *step: seen.append(step))
    assert result.complete and sum(result.written.values()) == 14
    assert seen == [(done, 14) for done in range(1, 15)]
    header, *lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    assert header["seed"] == 5 and SynthesisConfig.from_mapping(header["config"]) == SynthesisConfig()
    for index, line in enumerate(lines):
        composite = synthesizer.sample(np.random.default_rng((5, index)))
        assert line["kind"] == composite.kind and line["sources"] == list(composite.sources)
        assert Path(line["image"]).stem == f"{index:06d}_{composite.kind}"
        stored = cv2.cvtColor(cv2.imread(str(out / line["image"])), cv2.COLOR_BGR2RGB)
        np.testing.assert_array_equal(stored, composite.image)
        if composite.kind == "authentic":
            assert line["image"].startswith("Au/") and line["mask"] is None
        else:
            truth = cv2.imread(str(out / line["mask"]), cv2.IMREAD_UNCHANGED)
            np.testing.assert_array_equal(truth, composite.mask * np.uint8(255))
    assert {p.stem for p in (out / "Tp").iterdir()} == {p.stem for p in (out / "Gt").iterdir()}


def test_a_stopped_run_keeps_what_it_finished(pool, tmp_path):
    asked = iter([False, False, True])
    result = write_dataset(Synthesizer(pool), tmp_path / "set", count=9, seed=0, should_stop=lambda: next(asked))
    assert not result.complete and sum(result.written.values()) == 2
    assert len((tmp_path / "set/manifest.jsonl").read_text().splitlines()) == 3
    assert not list((tmp_path / "set").rglob("*.part"))


def test_a_set_is_never_written_over_something(pool, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(FileExistsError):
        write_dataset(Synthesizer(pool), tmp_path, count=1, seed=0)
    with pytest.raises(ValueError):
        write_dataset(Synthesizer(pool), tmp_path / "new", count=0, seed=0)


def test_real_photographs_give_every_kind():
    named = os.environ.get("FORENSIC_GUI_SHARED_DATA")
    data = Path(named) if named else Path(__file__).parents[4] / "shared" / "data"
    if not (data / "photos" / "ccp").is_dir():
        pytest.skip("no folder of real photographs beside the checkout")
    real = PhotoPool.open([data / "photos" / "ccp", data / "photos" / "kodak24"])
    config = dataclasses.replace(SynthesisConfig(), balance=0.0)
    for kind in KINDS:
        composite = Synthesizer(real, config).sample(np.random.default_rng(1), kind=kind)
        assert composite.mask.any() == (kind != "authentic")
