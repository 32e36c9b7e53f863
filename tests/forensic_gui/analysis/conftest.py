"""Fakes of the ports: a decoder for files this folder makes, and a localizer whose scores are known."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.errors import EvidenceDamaged, PageNotFound
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken


class FakeDecoder:
    """Decodes real images in this process; what an image's name says decides what goes wrong."""

    def __init__(self) -> None:
        self.decoded: list[Path] = []
        self.before_decode: Callable[[Path, CancelToken | None], None] = lambda _path, _cancel: None

    def decode(
        self,
        path: Path,
        *,
        page: int = 0,
        max_side_px: int | None = None,
        cancel: CancelToken | None = None,
    ) -> DecodedEvidence:
        self.before_decode(path, cancel)
        self.decoded.append(path)
        data = path.read_bytes()
        if "damaged" in path.name:
            raise EvidenceDamaged("The image data ends early.")
        if page:
            raise PageNotFound(f"There is no page {page}; the file has one page.")
        with Image.open(path) as image:
            orientation = Orientation(image.getexif().get(0x0112, 1))
            pixels = np.array(image.convert("RGB"))
        pixels.setflags(write=False)
        facts = DecodeFacts("PNG", "Fake", "1.0", Size.of(pixels), orientation, "RGB", 8, warnings=("A warning.",))
        evidence = Evidence(path, hashlib.sha256(data).hexdigest(), len(data), "2026-01-02T03:04:05+00:00")
        return DecodedEvidence(evidence, facts, pixels, 0.001, 0.002)

    def close(self) -> None:
        pass


class FakeLocalizer:
    """The score of a cell is the mean brightness of the pixels under it: different images, different maps."""

    info = LocalizerInfo(
        weights_id="fake-weights",
        weights_sha256="f" * 64,
        architecture="brightness",
        threshold=0.5,
        device="cpu",
        runtime="numpy",
        parameters={"side": 7, "dtype": "float32"},
    )

    def __init__(self) -> None:
        self.before_localize: Callable[[CancelToken | None], None] = lambda _cancel: None

    def localize(
        self,
        pixels: NDArray[np.uint8],
        *,
        orientation: Orientation = Orientation.UPRIGHT,
        views: Views = Views.FAST,
        inspect: bool = False,
        cancel: CancelToken | None = None,
    ) -> Localization:
        self.before_localize(cancel)
        rows = np.array_split(pixels.mean(axis=2, dtype=np.float64), min(7, pixels.shape[0]))
        cells = [[part.mean() for part in np.array_split(row, min(7, pixels.shape[1]), axis=1)] for row in rows]
        grid = (np.array(cells) / 255).astype(np.float32)
        heatmap = Heatmap(grid, Size.of(pixels))
        return Localization(heatmap, stage_seconds={"preprocess": 0.001, "forward": 0.002}, tiles=0)


@pytest.fixture
def decoder() -> FakeDecoder:
    return FakeDecoder()


@pytest.fixture
def localizer() -> FakeLocalizer:
    return FakeLocalizer()


@pytest.fixture
def make_image() -> Callable[..., Path]:
    """Writes a PNG whose pixels follow from the seed."""

    def make(path: Path, *, seed: int = 0, size: tuple[int, int] = (31, 21), orientation: int = 1) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        width, height = size
        noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
        exif = Image.Exif()
        if orientation != 1:
            exif[0x0112] = orientation
        Image.fromarray(noise).save(path, exif=exif)
        return path

    return make


@pytest.fixture(autouse=True)
def no_thread_is_left(request: pytest.FixtureRequest) -> object:
    """Fails the test that leaks a worker thread."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    assert not left, f"threads were left running: {left}"
