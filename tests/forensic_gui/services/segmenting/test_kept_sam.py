"""A real SAM, though a small one: what it saw of an image survives the disk without a bit of difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from boxprompt.teacher.checkpoints import checkpoint_of_id
from boxprompt.teacher.networks import assemble_sam, build_vit, expected_shapes, fill
from boxprompt.teacher.sam import SamTeacher
from forensic_gui.domain.errors import Cancelled, SegmenterError
from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.prompt import PointPrompt, Prompts, Scribble
from forensic_gui.services.engine import EngineSegmenter
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.embeddings import EmbeddingCache

PROMPTS = (
    Prompts(box=Box(10, 12, 60, 40)),
    Prompts(points=(PointPrompt(Point(30, 20)),)),
    Prompts(box=Box(0, 0, 90, 60), points=(PointPrompt(Point(80, 50), positive=False),)),
    Prompts(scribbles=(Scribble((Point(10, 10), Point(50, 40)), 4.0), Scribble((Point(80, 5),), 3.0, positive=False))),
)


@pytest.fixture(scope="module")
def network() -> Any:
    """SAM's own classes around an encoder of two narrow blocks, with random weights."""
    sam = assemble_sam(build_vit(width=32, depth=2, heads=2, global_blocks=(1,)))
    generator = torch.Generator().manual_seed(6)
    fill(
        sam,
        {name: torch.randn(shape, generator=generator) * 0.2 for name, shape in expected_shapes(sam).items()},
        source="random",
    )
    return sam


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (60, 90, 3), dtype=np.uint8)


@pytest.fixture
def cache(tmp_path: Path) -> EmbeddingCache:
    return EmbeddingCache(tmp_path / "cache", secret=lambda: bytes(32))


def teacher_of(network: Any, *, sha256: str = "ab" * 32) -> SamTeacher:
    checkpoint = checkpoint_of_id("sam-vit-b")
    assert checkpoint is not None
    return SamTeacher(network, checkpoint, sha256=sha256, device="cpu", precision="float32")


@pytest.fixture(scope="module")
def teacher(network: Any) -> SamTeacher:
    return teacher_of(network)


def test_masks_of_a_kept_embedding_are_those_of_the_first_one(
    teacher: SamTeacher, pixels: np.ndarray, cache: EmbeddingCache
) -> None:
    first, second = EngineSegmenter(teacher, embeddings=cache), EngineSegmenter(teacher, embeddings=cache)
    seen = first.encode(pixels, orientation=Orientation.ROTATED_90_CW)
    again = second.encode(pixels, orientation=Orientation.ROTATED_90_CW)
    assert not seen.from_disk and again.from_disk
    for name, array in seen.encoding.to_arrays().items():
        assert array.tobytes() == again.encoding.to_arrays()[name].tobytes()
    for prompts in PROMPTS:
        one, other = first.decode(seen, prompts), second.decode(again, prompts)
        assert one.mask == other.mask and one.quality == other.quality
        assert one.mask.size == Size(90, 60)


def test_an_embedding_of_other_weights_is_not_used(
    teacher: SamTeacher, network: Any, pixels: np.ndarray, cache: EmbeddingCache
) -> None:
    EngineSegmenter(teacher, embeddings=cache).encode(pixels)
    other = teacher_of(network, sha256="cd" * 32)
    assert not EngineSegmenter(other, embeddings=cache).encode(pixels).from_disk


# Of every orientation the adapter is tested with a teacher that costs nothing.
@pytest.mark.parametrize("orientation", [Orientation.ROTATED_90_CW, Orientation.TRANSVERSED])
def test_a_turned_photograph_gives_the_turned_mask_of_the_upright_one(
    teacher: SamTeacher, pixels: np.ndarray, orientation: Orientation
) -> None:
    sam = EngineSegmenter(teacher)
    upright = sam.decode(sam.encode(pixels), PROMPTS[0]).mask.to_array()
    stored = np.ascontiguousarray(orientation.inverse.apply(pixels))
    box = PROMPTS[0].box
    assert box is not None
    one, other = (
        orientation.inverse.to_view(corner, stored=Size.of(pixels))
        for corner in (Point(box.x0, box.y0), Point(box.x1, box.y1))
    )
    turned = Box(min(one.x, other.x), min(one.y, other.y), max(one.x, other.x), max(one.y, other.y))
    found = sam.decode(sam.encode(stored, orientation=orientation), Prompts(box=turned)).mask.to_array()
    assert np.array_equal(orientation.apply(found), upright)


def test_prompts_that_say_nothing_of_where_are_refused_in_a_sentence(teacher: SamTeacher, pixels: np.ndarray) -> None:
    sam = EngineSegmenter(teacher)
    seen = sam.encode(pixels)
    for prompts in (Prompts(), Prompts(points=(PointPrompt(Point(3, 3), positive=False),))):
        with pytest.raises(SegmenterError):
            sam.decode(seen, prompts)


def test_stopping_is_heard_before_the_encoder_ends_and_keeps_nothing(
    teacher: SamTeacher, network: Any, pixels: np.ndarray, cache: EmbeddingCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = CancelToken()
    sam = EngineSegmenter(teacher, embeddings=cache)
    block = network.image_encoder.blocks[0]
    forward = type(block).forward

    def stop(self: Any, x: Any) -> Any:
        token.cancel()
        return forward(self, x)

    monkeypatch.setattr(type(block), "forward", stop)
    with pytest.raises(Cancelled):
        sam.encode(pixels, cancel=token)
    assert cache.size_bytes() == 0


def test_the_record_says_what_the_masks_depend_on_and_that_nobody_validated_them(teacher: SamTeacher) -> None:
    info = EngineSegmenter(teacher).info
    assert info.quick and info.device == "cpu" and "torch" in info.runtime
    assert info.parameters["validated_weights"] is False and "unvalidated" in info.name
    assert any("not the published" in notice for notice in info.notices)
