"""What one more JPEG compression would change, computed without a codec."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from torch import Tensor

from boxprompt.network.recompression import ALIGNMENT_PX, RecompressionError
from boxprompt.network.residual import ResidualConfig, ResidualStream
from boxprompt.traces.jpeg_tables import block_transform, quantisation_tables

QUALITY = 80


def photograph(*, seed: int = 0, side: int = 96) -> NDArray[np.uint8]:
    """Soft colours with detail of their own in every plane."""
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.uniform(40, 210, (8, 8, 3)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(coarse + rng.normal(0, 12, (side, side, 3)), 0, 255).astype(np.uint8)


def compressed(image: NDArray[np.uint8], *, quality: int = QUALITY) -> NDArray[np.uint8]:
    """After a real codec's 4:2:0 compression."""
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def as_input(image: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float()


def grey_levels(changes: Tensor) -> NDArray[np.float64]:
    """The magnitudes that the soft scale maps to [0, 1)."""
    share = changes.double().numpy()
    return np.asarray(2.0 * share / (1.0 - share))


@pytest.mark.parametrize("quality", [30, 50, 75, 90, 100])
def test_the_scaled_tables_are_those_of_the_codec(quality: int) -> None:
    data = io.BytesIO()
    Image.fromarray(photograph()).save(data, "JPEG", quality=quality)
    # Pillow gives a file's tables row by row.
    with Image.open(data) as image:
        assert isinstance(image, JpegImageFile)
        written = [np.reshape(image.quantization[number], (8, 8)) for number in (0, 1)]
    assert np.array_equal(quantisation_tables(quality), np.array(written))


@pytest.mark.parametrize("quality", [0, 101])
def test_a_quality_that_does_not_exist_is_refused(quality: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        quantisation_tables(quality)
    with pytest.raises(ValueError, match="1 to 100"):
        ResidualConfig(recompressions=(quality,))


def test_the_block_transform_is_orthonormal_and_agrees_with_opencv() -> None:
    transform = block_transform()
    assert np.allclose(transform @ transform.T, np.eye(8), atol=1e-6)
    block = np.random.default_rng(1).normal(size=(8, 8)).astype(np.float32)
    assert np.allclose(transform @ block @ transform.T, cv2.dct(block), atol=1e-5)


def test_it_agrees_with_a_codec_but_for_its_rounding() -> None:
    image = photograph()
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)[..., 0].astype(float)
    after = cv2.cvtColor(compressed(image), cv2.COLOR_RGB2YCrCb)[..., 0].astype(float)
    computed = grey_levels(RecompressionError((QUALITY,))(as_input(image)))[0, 0]
    inside = (slice(8, -8), slice(8, -8))
    change = np.abs(luma - after)[inside]
    assert np.abs(computed[inside] - change).mean() < 0.25 * change.mean()
    assert np.corrcoef(computed[inside].ravel(), change.ravel())[0, 1] > 0.88


def test_an_image_that_was_compressed_so_before_changes_least() -> None:
    image = photograph()
    error = RecompressionError((QUALITY,))
    fresh, again = (error(as_input(one)).mean(dim=(0, 2, 3)) for one in (image, compressed(image)))
    assert (again < 0.5 * fresh).all()


def test_a_piece_pasted_after_the_compression_stands_out() -> None:
    image = compressed(photograph())
    image[32:64, 32:64] = photograph(seed=3)[32:64, 32:64]
    changes = RecompressionError((QUALITY,))(as_input(image))[0].sum(dim=0)
    piece = changes[32:64, 32:64].mean()
    changes[16:80, 16:80] = torch.nan  # the piece and the blocks that share its chroma
    assert piece > 2 * changes.nanmean()


def test_each_quality_gives_the_magnitude_of_three_planes() -> None:
    error = RecompressionError((60, 90))
    changes = error(as_input(photograph()))
    assert changes.shape == (1, error.channels, 96, 96) and error.channels == 6
    assert float(changes.min()) >= 0 and float(changes.max()) < 1
    assert changes[:, :3].mean() > changes[:, 3:].mean()


def test_nothing_in_it_is_learned_or_kept_in_weights() -> None:
    assert not list(RecompressionError((80,)).parameters()) and not RecompressionError((80,)).state_dict()


def test_a_stream_reads_it_beside_the_residuals_for_images_of_any_size() -> None:
    stream = ResidualStream(ResidualConfig(widths=(4, 4, 4, 4), recompressions=(70, 90))).eval()
    assert stream.stem[0][0].in_channels == 12 + 6
    image = as_input(photograph(side=96))[..., :53, :70]
    with torch.no_grad():
        assert stream(image).logits.shape == (1, 1, 53, 70)
        aligned = stream.coarse(as_input(photograph(side=96)))
        shifted = stream.coarse(as_input(photograph(side=96))[..., ALIGNMENT_PX:, :])
    assert torch.isfinite(aligned).all() and torch.isfinite(shifted).all()


def test_a_configuration_keeps_its_qualities_through_a_card() -> None:
    config = ResidualConfig(recompressions=(70, 80, 90))
    assert ResidualConfig.from_dict(config.to_dict()) == config
    assert ResidualConfig.from_dict({"widths": [24, 48, 96, 128]}).recompressions == ()
