"""Hard negatives: alike for every kind, never in a mask, replayable, and absent where none are asked for."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from boxprompt.data.synthesis import (
    Composite,
    DistractorConfig,
    HistoryConfig,
    PhotoPool,
    SynthesisConfig,
    Synthesizer,
    distractors,
    overlays,
    regions,
    scenery,
)
from boxprompt.data.synthesis.histories import Step
from boxprompt.data.synthesis.lettering import TYPEFACES, letters
from boxprompt.data.synthesis.material import Material

FORGED = ("splice", "copy-move", "removal")
NAMES = tuple(entry.name for entry in dataclasses.fields(DistractorConfig))
SCENE = NAMES[: NAMES.index("stamp_share") + 1]
OVERLAYS = NAMES[len(SCENE) :]
ALL = DistractorConfig(**dict.fromkeys(NAMES, 1.0))
OFTEN = SynthesisConfig(distractors=DistractorConfig(**dict.fromkeys(NAMES, 0.25)))
NOTHING_AFTER = HistoryConfig(untouched_share=1.0)


@pytest.fixture(scope="module")
def pool(photographs: Path) -> PhotoPool:
    return PhotoPool.open([photographs / "people", photographs / "things"])


def authentic(synthesizer: Synthesizer, seed: int) -> Composite:
    return synthesizer.sample(np.random.default_rng(seed), kind="authentic")


def steps_of(name: str, *, size: tuple[int, int], seed: int) -> tuple[Step, ...]:
    """What one share of 1 draws, without the compression that ends a scene."""
    config = DistractorConfig(**{name: 1.0})
    draw = distractors.draw_scene if name in SCENE else distractors.draw_overlays
    return tuple(step for step in draw(np.random.default_rng(seed), config, size=size) if step.name != "jpeg")


def applied(image: np.ndarray, steps: tuple[Step, ...], *, labels: np.ndarray | None = None) -> np.ndarray:
    material = Material(image, labels, "a", {})
    scene = [step for step in steps if step.name in scenery.NAMES]
    laid = [step for step in steps if step.name in overlays.NAMES]
    shown = distractors.arrange(material, scene).image
    return distractors.lay_over(shown, np.zeros(image.shape[:2], np.bool_), laid).image


def test_recipes_without_distractors_draw_what_they_always_drew(pool):
    synthesizer = Synthesizer(pool)
    drawn = []
    for seed in range(24):
        recipe = authentic(synthesizer, seed).recipe
        assert recipe["overlays"] == [] and recipe["host"]["scene"] == []
        drawn.append([recipe["host"][key] for key in ("source", "view", "window", "steps")] + [recipe["steps"]])
    # Draws alone, no pixels: the figure is the same on every machine.
    assert hashlib.sha256(json.dumps(drawn).encode()).hexdigest()[:16] == "fe33ba4ff67430b0"


def test_distractors_leave_the_host_its_history_and_the_steps_after_it_alone(pool):
    plain, busy = Synthesizer(pool), Synthesizer(pool, SynthesisConfig(distractors=ALL))
    for seed in range(6):
        before, after = authentic(plain, seed), authentic(busy, seed)
        assert before.image.shape == after.image.shape and before.recipe["steps"] == after.recipe["steps"]
        kept = {key: value for key, value in after.recipe["host"].items() if key != "scene"}
        assert kept == {key: value for key, value in before.recipe["host"].items() if key != "scene"}


@pytest.mark.parametrize("kind", FORGED)
def test_forged_and_untouched_hosts_get_the_same_distractors(pool, kind):
    synthesizer = Synthesizer(pool, OFTEN)
    alike = 0
    for seed in range(12):
        forged = synthesizer.sample(np.random.default_rng(seed), kind=kind)
        twin = authentic(synthesizer, seed)
        alike += (
            forged.recipe["overlays"] == twin.recipe["overlays"]
            and forged.recipe["host"]["scene"] == twin.recipe["host"]["scene"]
        )
    # The others found nothing to forge in their first host.
    assert alike >= 10


def test_every_distractor_comes_in_the_share_asked_for():
    config = DistractorConfig(**{name: 0.1 * (1 + i % 5) for i, name in enumerate(NAMES)})
    scenes: Counter[str] = Counter()
    over: Counter[str] = Counter()
    for seed in range(600):
        rng = np.random.default_rng(seed)
        scenes.update(step.name for step in distractors.draw_scene(rng, config, size=(240, 320)))
        over.update(step.name for step in distractors.draw_overlays(rng, config, size=(240, 320)))
    counted = {
        "focus_share": scenes["focus"],
        "texture_share": scenes["texture"],
        "edges_share": scenes["edges"] + scenes["shadow"],
        "highlight_share": scenes["highlight"],
        "vignette_share": scenes["vignette"],
        "stamp_share": scenes["caption"],
        "dodge_share": over["dodge"],
        "caption_share": over["caption"] + over["watermark"],
        "border_share": over["border"],
        "screenshot_share": over["screen"],
    }
    for name, count in counted.items():
        assert count / 600 == pytest.approx(getattr(config, name), abs=0.06), name


def test_a_scene_ends_with_the_one_compression_of_its_camera():
    for seed in range(20):
        steps = distractors.draw_scene(np.random.default_rng(seed), OFTEN.distractors, size=(240, 320))
        assert [step.name for step in steps].count("jpeg") == bool(steps)
        assert not steps or steps[-1].name == "jpeg"


@pytest.mark.parametrize("name", NAMES)
def test_a_distractor_is_told_in_json_and_replayed_from_it(make_picture, name):
    picture = make_picture(40, size=(180, 240))
    changed = 0
    for seed in range(8):
        steps = steps_of(name, size=(180, 240), seed=seed)
        told = json.loads(json.dumps([step.record() for step in steps]))
        again = tuple(Step(record.pop("step"), record) for record in told)
        once = applied(picture, steps)
        np.testing.assert_array_equal(once, applied(picture, again))
        assert once.dtype == np.uint8 and once.shape == picture.shape
        changed += bool((once != picture).any())
    assert changed >= 7


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(16, 16), (16, 200), (200, 16)])
def test_the_smallest_hosts_take_every_distractor(make_picture, name, size):
    picture = make_picture(41, size=size)
    for seed in range(12):
        assert applied(picture, steps_of(name, size=size, seed=seed)).shape == picture.shape


@pytest.mark.parametrize("name", [name for name in OVERLAYS if name != "dodge_share"])
def test_a_mask_never_covers_what_hides_the_picture(name):
    size = (180, 240)
    black, white = np.zeros((*size, 3), np.uint8), np.full((*size, 3), 255, np.uint8)
    everything, hidden_once = np.ones(size, np.bool_), False
    for seed in range(20):
        steps = tuple(step for step in steps_of(name, size=size, seed=seed) if step.params.get("fill") != "blurred")
        over_black = distractors.lay_over(black, everything, steps)
        over_white = distractors.lay_over(white, everything, steps)
        np.testing.assert_array_equal(over_black.mask, over_white.mask)
        # Two pictures differ by as much as shines through.
        through = (over_white.image.astype(int) - over_black.image).mean(axis=2) / 255
        assert (through[over_black.mask] > 0.47).all()
        assert (through[~over_black.mask] < 0.53).all()
        hidden_once |= bool((~over_black.mask).any())
    assert hidden_once and everything.all()


def test_blurred_bars_hide_an_edit_as_plain_ones_do(make_picture):
    params = {"form": "pillarbox", "margins_px": [0, 0, 30, 20], "radius_px": 0, "colour": [0, 0, 0], "line_px": 0}
    everything = np.ones((120, 160), np.bool_)
    picture = make_picture(42, size=(120, 160))
    covered = distractors.lay_over(picture, everything, (Step("border", {**params, "fill": "blurred"}),))
    assert not covered.mask[:, :30].any() and not covered.mask[:, 140:].any() and covered.mask[:, 30:140].all()
    np.testing.assert_array_equal(covered.image[covered.mask], picture[covered.mask])
    assert cv2.Laplacian(covered.image[:, :28], cv2.CV_32F).std() < 3


def test_a_lightened_place_hides_nothing_and_has_no_edge():
    grey = np.full((240, 320, 3), 128, np.uint8)
    mask = regions.grow(np.eye(240, 320, dtype=np.bool_), margin_px=4)
    for seed in range(20):
        covered = distractors.lay_over(grey, mask, steps_of("dodge_share", size=(240, 320), seed=seed))
        np.testing.assert_array_equal(covered.mask, mask)
        steepest = max(np.abs(np.diff(covered.image.astype(int), axis=axis)).max() for axis in (0, 1))
        assert steepest <= 6
        assert np.ptp(covered.image[..., 0]) >= 10


def test_forged_images_keep_a_mask_that_can_be_seen_under_frames_and_bars(pool):
    shares = DistractorConfig(border_share=1, screenshot_share=1, caption_share=1)
    synthesizer = Synthesizer(pool, SynthesisConfig(distractors=shares, histories=NOTHING_AFTER))
    for seed in range(12):
        forged = synthesizer.sample(np.random.default_rng(seed), kind=FORGED[seed % 3])
        assert np.count_nonzero(forged.mask) >= 48


def test_a_labelled_thing_is_in_focus_before_a_ground_that_is_not(make_picture):
    rng = np.random.default_rng(0)
    picture = np.clip(make_picture(43, size=(240, 320)).astype(int) + rng.normal(0, 3, (240, 320, 3)), 0, 255)
    picture = picture.astype(np.uint8)
    labels = np.zeros((240, 320), np.uint8)
    labels[60:180, 100:220] = 1
    subject = {"seed": 1, "area_px": 9000, "centre": [120.0, 160.0]}
    step = Step("focus", {"subject": subject, "sigma_px": 5.0, "rim_px": 1.0, "sharp_ground": False, "grain_seed": 7})
    shown = scenery.apply(picture, step, labels=labels)
    inner = regions.grow(labels > 0, margin_px=-6)
    np.testing.assert_array_equal(shown[inner], picture[inner])
    ground = ~regions.grow(labels > 0, margin_px=12)
    structure = [cv2.GaussianBlur(image, (0, 0), 1.5).astype(float) for image in (picture, shown)]
    detail = [np.abs(cv2.Laplacian(plane, cv2.CV_64F))[ground].mean() for plane in structure]
    assert detail[1] < 0.6 * detail[0]
    # The sensor's noise is not blurred with the scene.
    assert scenery.grain_variance(shown[:50]) > 0.4 * scenery.grain_variance(picture[:50])


@pytest.mark.parametrize("deviation", [1.0, 2.0, 4.0])
def test_grain_is_measured_as_strong_as_it_was_added(deviation):
    noisy = np.random.default_rng(1).normal(120, deviation, (200, 200, 3)).round().astype(np.uint8)
    assert np.sqrt(scenery.grain_variance(noisy)) == pytest.approx(deviation, rel=0.2)


def test_highlights_are_saturated_and_soft():
    dark = np.full((240, 320, 3), 60, np.uint8)
    spot = {"centre": [100.0, 150.0], "radii": [20.0, 20.0], "angle_deg": 0.0, "strength": 2.0}
    shown = scenery.apply(dark, Step("highlight", {"spots": [spot]}), labels=None)
    assert (shown[95:105, 145:155] == 255).all()
    assert np.abs(np.diff(shown.astype(int), axis=1)).max() < 20
    np.testing.assert_array_equal(shown[190:], dark[190:])


def test_a_vignette_darkens_the_corners_and_leaves_the_middle():
    grey = np.full((240, 320, 3), 200, np.uint8)
    step = Step("vignette", {"centre": [119.5, 159.5], "strength": 0.6, "power": 3.0})
    shown = scenery.apply(grey, step, labels=None)
    assert shown[115:125, 155:165].min() >= 199
    assert shown[0, 0, 0] == shown[-1, -1, 0] == pytest.approx(200 * 0.4, abs=5)


@pytest.mark.parametrize("typeface", TYPEFACES)
def test_letters_are_about_as_high_as_asked_for(typeface):
    for height_px in (8, 20, 40):
        plane = letters("HIL", typeface=typeface, height_px=height_px)
        rows = np.flatnonzero((plane > 127).any(axis=1))
        assert 0.7 * height_px <= np.ptp(rows) + 1 <= 1.35 * height_px


def test_distractors_are_read_from_a_table_and_told_back():
    table = {"distractors": {"caption_share": 0.1, "focus_share": 0.05}}
    config = SynthesisConfig.from_mapping(table)
    assert config.distractors == DistractorConfig(caption_share=0.1, focus_share=0.05)
    assert SynthesisConfig.from_mapping(json.loads(json.dumps(config.to_mapping()))) == config
    with pytest.raises(ValueError, match="captions_share"):
        SynthesisConfig.from_mapping({"distractors": {"captions_share": 0.1}})
    with pytest.raises(ValueError, match="border_share is a share"):
        SynthesisConfig.from_mapping({"distractors": {"border_share": 1.1}})
