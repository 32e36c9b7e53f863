"""Devices and precisions are tried against float32 on the CPU before they are trusted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from boxprompt.teacher.checkpoints import CHECKPOINTS
from boxprompt.teacher.contracts import TeacherPrompts
from boxprompt.teacher.executor import SamExecutor
from boxprompt.teacher.parity import AGREEMENT, logit_difference, place
from boxprompt.teacher.sam import SamTeacher

MPS = torch.device("mps")
BOX = (10.0, 10.0, 60.0, 50.0)


class FakeDevice:
    """An executor that claims a device, computes on the CPU, and then does to the embedding what the test wants."""

    def __init__(self, network: Any, device: torch.device, *, dtype: torch.dtype = torch.float32) -> None:
        self.inner = SamExecutor(network, torch.device("cpu"), dtype=dtype)
        self.network, self.device, self.dtype = network, device, dtype
        self.embeddings = 0

    def embed(self, *args: Any, **options: Any) -> NDArray[np.float32]:
        self.embeddings += 1
        return self.altered(self.inner.embed(*args, **options))

    def altered(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        return embedding

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class LyingDevice(FakeDevice):
    def altered(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        return -embedding if self.device == MPS else embedding


class BrokenDevice(FakeDevice):
    def altered(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        return embedding * np.float32(np.nan) if self.device == MPS else embedding


class TinyDevice(FakeDevice):
    """Its memory suffices for the trial and for nothing else."""

    def altered(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.device == MPS and self.embeddings > 1:
            raise RuntimeError("MPS backend out of memory (MPS allocated: 5 GB)")
        return embedding


class FullDevice(FakeDevice):
    def altered(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.device == MPS:
            raise torch.OutOfMemoryError("out of memory. Tried to allocate 20 GiB\nmore lines")
        return embedding


class CoarseHalf(FakeDevice):
    """Its bfloat16 is far too coarse."""

    def altered(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        return embedding if self.dtype == torch.float32 else np.zeros_like(embedding)


@pytest.fixture
def quick_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """bfloat16 runs twice as fast as float32, as far as a stopwatch can tell."""
    for name in ("_block_seconds", "_encoder_seconds"):
        monkeypatch.setattr(f"boxprompt.teacher.parity.{name}", lambda run: 2.0 if run.dtype == torch.float32 else 1.0)


def test_a_device_that_agrees_is_used(small_sam: Any) -> None:
    placement = place(small_sam, MPS, make_executor=FakeDevice)
    assert placement.executor.device == MPS
    assert placement.difference == 0
    assert placement.notices == ()


@pytest.mark.parametrize("device", [LyingDevice, BrokenDevice])
def test_a_device_with_other_masks_is_left_for_the_cpu_in_a_sentence(device: type[FakeDevice], small_sam: Any) -> None:
    placement = place(small_sam, MPS, precision="float32", make_executor=device)
    assert placement.executor.device.type == "cpu"
    assert placement.notices == ("mps gives other masks than the CPU in the self-test; the CPU computes.",)


def test_a_device_that_cannot_hold_the_network_is_left_for_the_cpu(small_sam: Any) -> None:
    placement = place(small_sam, MPS, precision="float32", make_executor=FullDevice)
    assert placement.executor.device.type == "cpu"
    assert placement.notices == (
        "mps could not run this segmenter (out of memory. Tried to allocate 20 GiB); the CPU computes.",
    )


def test_memory_that_runs_out_later_leaves_the_device_for_good_and_still_answers(
    small_sam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boxprompt.teacher.sam.resolve_device", lambda name: MPS)
    vit_b = next(each for each in CHECKPOINTS if each.id == "sam-vit-b")
    teacher = SamTeacher(small_sam, vit_b, sha256=vit_b.sha256, precision="float32", make_executor=TinyDevice)
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    assert (teacher.device, teacher.notices) == ("mps", ())
    answer = teacher.decode(teacher.encode(image), TeacherPrompts(box=BOX))
    assert teacher.device == "cpu"
    assert teacher.notices == ("mps ran out of memory; the CPU computes from here on.",)
    on_cpu = SamTeacher(small_sam, vit_b, sha256=vit_b.sha256, device="cpu", precision="float32")
    expected = on_cpu.decode(on_cpu.encode(image), TeacherPrompts(box=BOX))
    assert np.array_equal(answer.mask, expected.mask)
    teacher.encode(image)
    assert len(teacher.notices) == 1


def test_other_failures_are_not_taken_for_a_lack_of_memory(small_sam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **options: Any) -> Any:
        raise RuntimeError("shapes do not match")

    vit_b = next(each for each in CHECKPOINTS if each.id == "sam-vit-b")
    teacher = SamTeacher(small_sam, vit_b, sha256=vit_b.sha256, device="cpu", precision="float32")
    monkeypatch.setattr(teacher.placement.executor, "embed", fail)
    with pytest.raises(RuntimeError, match="shapes"):
        teacher.encode(np.zeros((8, 8, 3), dtype=np.uint8))


@pytest.mark.usefixtures("quick_half")
def test_bfloat16_is_taken_where_it_is_faster_and_agrees(small_sam: Any) -> None:
    placement = place(small_sam, torch.device("cpu"))
    assert placement.executor.dtype == torch.bfloat16
    assert placement.speedup == 2
    assert placement.difference is not None
    assert 0 < placement.difference <= AGREEMENT


@pytest.mark.usefixtures("quick_half")
def test_mobile_sam_is_exact_unless_asked_otherwise_and_a_vit_is_quick(small_sam: Any) -> None:
    def dtype(id: str, **options: Any) -> torch.dtype:
        checkpoint = next(each for each in CHECKPOINTS if each.id == id)
        teacher = SamTeacher(small_sam, checkpoint, sha256=checkpoint.sha256, device="cpu", **options)
        return teacher.placement.executor.dtype

    assert dtype("mobile-sam") == torch.float32
    assert dtype("mobile-sam", precision="bfloat16") == torch.bfloat16
    assert dtype("sam-vit-b") == torch.bfloat16


@pytest.mark.usefixtures("quick_half")
def test_bfloat16_is_refused_where_it_is_faster_and_differs(small_sam: Any) -> None:
    placement = place(small_sam, torch.device("cpu"), make_executor=CoarseHalf)
    assert placement.executor.dtype == torch.float32
    assert placement.difference is not None
    assert placement.difference > AGREEMENT


def test_bfloat16_is_refused_where_it_is_no_faster(small_sam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boxprompt.teacher.parity._block_seconds", lambda run: 1.0)
    placement = place(small_sam, torch.device("cpu"))
    assert placement.executor.dtype == torch.float32
    assert placement.speedup == 1
    assert placement.difference is None


def test_the_trial_itself_runs_and_times_both_precisions(small_sam: Any) -> None:
    placement = place(small_sam, torch.device("cpu"))
    assert placement.speedup is not None
    assert placement.speedup > 0


def test_the_trial_sees_a_change_of_a_hundredth(small_sam: Any) -> None:
    class Shifted(FakeDevice):
        def decode(self, *args: Any) -> Any:
            logits, quality = self.inner.decode(*args)
            return logits + np.float32(0.02) * max(1.0, float(np.abs(logits).max())), quality

    exact = SamExecutor(small_sam, torch.device("cpu"))
    assert logit_difference(exact, exact) == 0
    shifted: Any = Shifted(small_sam, torch.device("cpu"))
    assert logit_difference(shifted, exact) == pytest.approx(0.02, rel=1e-3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_a_cuda_device_agrees_with_the_cpu(small_sam: Any) -> None:
    placement = place(small_sam, torch.device("cuda:0"))
    assert placement.notices == ()
    assert placement.executor.device.type == "cuda"
