"""The trace stem's statistics say what they claim of images whose history a test made; its network keeps its size."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from boxprompt.network.cost import measure_cost
from boxprompt.network.fusing import fold_batch_norms
from boxprompt.network.trace import blocks, pixels
from boxprompt.network.trace.statistics import GROUPS, HALO_PX, TraceStatistics, against_image
from boxprompt.network.trace.stem import TraceStem, TraceStemConfig, aligned
from boxprompt.traces.srm import residual_kernels

SMALLEST = TraceStemConfig(widths=(4, 4, 4))


def photograph(height: int = 128, width: int = 192, *, seed: int = 0) -> NDArray[np.uint8]:
    """Texture at several scales in colour, and a sensor's noise: uint8 (H, W, 3)."""
    rng = np.random.default_rng(seed)
    levels = np.full((height, width, 3), 128.0)
    for scale, strength in ((32, 30), (8, 15), (2, 6)):
        coarse = rng.normal(0, strength, (height // scale, width // scale, 3)).astype(np.float32)
        levels += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(levels + rng.normal(0, 2, levels.shape), 0, 255).astype(np.uint8)


def compressed(image: NDArray[np.uint8], quality: int, *, subsampling: int = 2) -> NDArray[np.uint8]:
    """As Pillow writes and reads it; subsampling 2 halves the chroma (4:2:0), 0 keeps it."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality, subsampling=subsampling)
    return np.array(Image.open(stream))


def levels(image: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1)[None])


def statistics(image: NDArray[np.uint8], *groups: str) -> dict[str, NDArray[np.float32]]:
    """By name, (h, w) each."""
    measured = TraceStatistics(groups or tuple(GROUPS))
    return dict(zip(measured.names, measured(levels(image))[0].numpy(), strict=True))


def edited(*, subsampling: int = 0) -> NDArray[np.uint8]:
    """A photograph that was compressed, with a piece that never was, compressed less the second time."""
    image = compressed(photograph(), 75)
    image[32:96, 64:128] = photograph(seed=5)[32:96, 64:128]
    return compressed(image, 97, subsampling=subsampling)


INSIDE = (slice(5, 11), slice(9, 15))  # cells of that piece, but for those on its border
OUTSIDE = (slice(0, 16), slice(18, 24))


def test_its_parameters_and_macs_a_megapixel_are_those_documented() -> None:
    side = 256
    network = TraceStem(TraceStemConfig())
    cost = measure_cost(network, side_px=side)
    assert cost.parameters == 703_529
    assert cost.macs / (side * side) * 1e6 == pytest.approx(3.36e9, rel=0.01)


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_gives_a_finite_value_a_cell_for_each_of_its_names(group: str) -> None:
    for image in (photograph(48, 64), np.zeros((48, 64, 3), np.uint8), np.full((48, 64, 3), 255, np.uint8)):
        found = TraceStatistics((group,))(levels(image))
        assert found.shape == (1, len(GROUPS[group]), 6, 8)
        assert bool(torch.isfinite(found).all())


def test_groups_come_in_one_order_and_unknown_ones_are_refused() -> None:
    assert TraceStatistics(("grid", "residual")).groups == ("residual", "grid")
    with pytest.raises(ValueError, match="not entropy"):
        TraceStatistics(("residual", "entropy"))
    with pytest.raises(ValueError, match="none at all"):
        TraceStatistics(())


def test_coefficients_are_those_of_the_dct() -> None:
    plane = photograph(64, 64)[..., 0].astype(np.float32)
    found = blocks.coefficients(torch.from_numpy(plane)[None, None], blocks.cosines())[0, :, 1, 2].numpy()
    assert np.allclose(found.reshape(8, 8), cv2.dct(plane[8:16, 16:24] - 128), atol=1e-3)


def test_residuals_are_those_of_the_rich_models_kernels() -> None:
    plane = torch.from_numpy(photograph(64, 96)[..., 1].astype(np.float32))[None, None]
    square, _, line = torch.from_numpy(residual_kernels())
    kernels = torch.stack([square, line, line.T])[:, None]
    expected = torch.nn.functional.conv2d(torch.nn.functional.pad(plane, (2,) * 4, mode="replicate"), kernels)
    assert torch.allclose(pixels.residuals(plane), expected, atol=1e-3)


@pytest.mark.parametrize("quality", [1, 30, 50, 75, 90, 100])
def test_tables_are_those_that_libjpeg_writes(quality: int) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (16, 16)).save(stream, "JPEG", quality=quality)
    written = Image.open(stream).quantization  # type: ignore[attr-defined]  # of its JPEG plugin
    for number, chroma in ((0, False), (1, True)):
        assert blocks.table(quality, chroma=chroma).flatten().int().tolist() == list(written[number])


def test_one_more_quantisation_changes_least_what_had_it_before() -> None:
    image = photograph()
    image[..., 1] = image[..., 2] = image[..., 0]  # grey: luma is what was quantised
    once = statistics(compressed(image, 80), "error")
    never = statistics(image, "error")
    changed = {
        quality: float((once[f"error-{quality}"] - never[f"error-{quality}"]).mean()) for quality in (70, 80, 90)
    }
    assert changed[80] < min(changed[70], changed[90]) - 0.5


def test_chroma_that_was_never_compressed_stands_out_under_a_finer_compression() -> None:
    found = statistics(edited(), "chroma")
    for plane in ("cb", "cr"):
        assert found[f"chroma-{plane}-nothing"][INSIDE].max() < found[f"chroma-{plane}-nothing"][OUTSIDE].min()
        assert found[f"chroma-{plane}-fine"][INSIDE].mean() > found[f"chroma-{plane}-fine"][OUTSIDE].mean() + 1


def test_a_coarser_last_compression_takes_that_away() -> None:
    def contrast(image: NDArray[np.uint8]) -> float:
        found = statistics(image, "chroma")["chroma-cb-nothing"]
        return float(found[OUTSIDE].mean() - found[INSIDE].mean())

    assert contrast(compressed(edited(), 60)) < contrast(edited()) / 5


def test_values_that_the_rest_of_the_image_misses_are_unusual() -> None:
    grey = photograph(512, 512)[..., :1].repeat(3, axis=2)
    twice = compressed(grey, 80)
    twice[128:256, 128:256] = grey[128:256, 128:256]
    found = statistics(compressed(twice, 75), "usual")
    inside, outside = found["usual-in-25"][19:29, 19:29], found["usual-in-25"][35:61, 3:61]
    assert np.quantile(inside, 0.9) < np.quantile(outside, 0.1)
    for name in ("usual-low", "usual-middle"):
        assert found[name][17:31, 17:31].mean() < found[name][34:62].mean() - 0.04, name


@pytest.mark.parametrize("quality", [50, 75, 85])
def test_the_steps_of_the_last_compression_are_found_in_its_pixels(quality: int) -> None:
    image = compressed(photograph(256, 384)[..., :1].repeat(3, axis=2), quality)
    plane = torch.from_numpy(image[..., 1].astype(np.float32))[None, None]
    coefficients = blocks.coefficients(plane, blocks.cosines())[0]
    low = [1, 8, 9, 2, 16]
    found = blocks.steps_of(coefficients[low].abs().flatten(1))
    assert found.tolist() == blocks.table(quality).flatten()[low].tolist()


def test_where_nothing_was_quantised_the_step_is_one() -> None:
    values = torch.from_numpy(np.random.default_rng(0).exponential(12, (2, 4000)).astype(np.float32))
    assert blocks.steps_of(values).tolist() == [1.0, 1.0]
    assert blocks.steps_of(torch.zeros(1, 500)).tolist() == [1.0]


def test_the_grid_of_blocks_shows_at_its_phase() -> None:
    blocky = compressed(photograph(), 20)
    for shift, phase in ((0, 7), (3, 4)):
        shifted = blocky[:96, shift : shift + 160]
        found = statistics(shifted, "grid")
        means = [float(found[f"grid-column-{k}"].mean()) for k in range(8)]
        assert int(np.argmax(means)) == phase
        assert int(np.argmax([float(found[f"grid-row-{k}"].mean()) for k in range(8)])) == 7


def test_smoothed_pixels_have_less_residual_and_less_noise() -> None:
    image = photograph()
    image[:, :96] = cv2.GaussianBlur(image, (0, 0), 1.2)[:, :96]
    found = statistics(image, "residual", "noise")
    for name in ("residual-level-square", "residual-level-down", "noise-flattest", "noise-half-scale"):
        assert found[name][:, :11].max() < found[name][:, 13:].min(), name
    assert found["residual-zeros-square"][:, :11].mean() > found["residual-zeros-square"][:, 13:].mean()


def test_noise_is_measured_where_a_cell_is_flattest() -> None:
    rng = np.random.default_rng(3)
    image = np.clip(128 + rng.normal(0, 3, (64, 64, 1)), 0, 255).repeat(3, axis=2).astype(np.uint8)
    striped = image.copy()
    striped[::8, 2::8] = 250  # a bright dot in the first quarter of every cell
    plain, dotted = statistics(image, "noise", "residual"), statistics(striped, "noise", "residual")
    moved = (dotted["noise-flattest"] - plain["noise-flattest"]).mean()
    assert moved < 0.2
    assert (dotted["residual-level-square"] - plain["residual-level-square"]).mean() > 0.5


def test_local_statistics_do_not_depend_on_what_lies_beyond_the_halo() -> None:
    measured = TraceStatistics()
    image = levels(photograph(160, 96))
    whole = measured.local(image)
    band = measured.local(image[..., 64 - HALO_PX : 96 + HALO_PX, :])
    skipped = HALO_PX // 8
    assert torch.allclose(band.cells[..., skipped:-skipped, :], whole.cells[..., 8:12, :], atol=1e-4)
    assert torch.allclose(band.magnitudes[..., skipped:-skipped, :], whole.magnitudes[..., 8:12, :], atol=1e-3)


def test_statistics_are_float32_under_autocast_and_no_weights() -> None:
    stem = TraceStem(SMALLEST)
    image = levels(photograph(32, 32))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        within = stem.statistics(image)
    assert within.dtype == torch.float32
    assert torch.equal(within, stem.statistics(image))
    assert not any("statistics" in name for name in stem.state_dict())


def test_against_the_image_the_median_is_nothing_and_scale_does_not_matter() -> None:
    cells = torch.from_numpy(np.random.default_rng(0).normal(3, 2, (2, 4, 9, 11)).astype(np.float32))
    found = against_image(cells)
    assert torch.allclose(found.flatten(2).median(dim=2).values, torch.zeros(2, 4), atol=1e-6)
    assert torch.allclose(against_image(5 * cells - 1), found, atol=1e-4)
    assert float(found.flatten(2).abs().median(dim=2).values.mean()) == pytest.approx(1 / 1.4826, rel=1e-3)
    cells[0, 0, 0, 0] = 1e6
    assert float(against_image(cells)[0, 0].max()) == 8.0
    assert not against_image(torch.full((1, 1, 5, 5), 7.0)).any()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 16), (37, 250), (256, 384)])
def test_an_image_of_any_size_gets_an_answer_of_its_size(height: int, width: int) -> None:
    stem = TraceStem(SMALLEST).eval()
    image = levels(photograph(256, 384)[:height, :width])
    with torch.inference_mode():
        output = stem(image)
    assert output.logits.shape == (1, 1, height, width)
    assert output.coarse_logits.shape == (1, 1, -(-height // 16) * 2, -(-width // 16) * 2)
    assert bool(torch.isfinite(output.logits).all())


def test_aligning_repeats_the_last_rows_and_columns_and_moves_nothing() -> None:
    image = levels(photograph(37, 50)[:, :50])
    grown = aligned(image)
    assert grown.shape == (1, 3, 48, 64)
    assert torch.equal(grown[..., :37, :50], image)
    assert torch.equal(grown[..., 47, :50], image[..., 36, :])
    assert aligned(grown) is grown


def test_folding_its_norms_leaves_its_answers() -> None:
    stem = TraceStem(TraceStemConfig(widths=(8, 8, 8)))
    stem.train()
    for seed in range(2):
        stem(levels(photograph(64, 64, seed=seed)))
    stem.eval()
    image = levels(photograph(96, 64, seed=9))
    with torch.inference_mode():
        before = stem(image).coarse_logits
        fold_batch_norms(stem)
        after = stem(image).coarse_logits
    assert torch.allclose(before, after, atol=1e-4)


def test_the_first_scores_are_the_share_it_is_told() -> None:
    stem = TraceStem(SMALLEST).eval()
    stem.initialise_bias(0.15)
    torch.nn.init.zeros_(stem.head.weight)
    with torch.inference_mode():
        scores = torch.sigmoid(stem(levels(photograph(32, 32))).logits)
    assert torch.allclose(scores, torch.full_like(scores, 0.15), atol=1e-6)


def test_a_configuration_survives_json_and_refuses_nonsense() -> None:
    config = TraceStemConfig(groups=("residual", "chroma"), widths=(8, 8, 16))
    assert TraceStemConfig.from_dict({"groups": ["residual", "chroma"], "widths": [8, 8, 16]}) == config
    assert TraceStemConfig.from_dict(config.to_dict()) == config
    with pytest.raises(ValueError, match="three numbers"):
        TraceStemConfig(widths=(8, 8, 2))
    with pytest.raises(ValueError, match="4 to 1024"):
        TraceStemConfig(widths=(8, 8, 10**9))
    with pytest.raises(ValueError, match="in that order"):
        TraceStemConfig(groups=("chroma", "residual"))
    with pytest.raises(TypeError):
        TraceStemConfig.from_dict({"depth": 3})
