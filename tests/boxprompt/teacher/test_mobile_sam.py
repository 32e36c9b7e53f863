"""MobileSAM's encoder against the arithmetic written out anew, from the published names alone."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from boxprompt.teacher.contracts import TeacherPrompts
from boxprompt.teacher.networks import build_sam, fill
from boxprompt.teacher.sam import load_sam

Tensors = dict[str, Tensor]
HEADS, WINDOWS = (2, 4, 5, 10), (7, 7, 14, 7)


def convolve(x: Tensor, tensors: Tensors, name: str, *, stride: int = 1) -> Tensor:
    """A convolution without bias, then batch normalisation as it was learned; depthwise where the kernel is so."""
    kernel = tensors[f"{name}.c.weight"]
    groups = x.shape[1] // kernel.shape[1]
    x = F.conv2d(x, kernel, stride=stride, padding=kernel.shape[2] // 2, groups=groups)
    mean, variance, gain, shift = (
        tensors[f"{name}.bn.{part}"][:, None, None] for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / torch.sqrt(variance + 1e-5) * gain + shift


def normalise(x: Tensor, tensors: Tensors, name: str, *, over: int, epsilon: float) -> Tensor:
    mean = x.mean(over, keepdim=True)
    variance = ((x - mean) ** 2).mean(over, keepdim=True)
    gain, shift = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    if over == 1:
        gain, shift = gain[:, None, None], shift[:, None, None]
    return (x - mean) / torch.sqrt(variance + epsilon) * gain + shift


def linear(x: Tensor, tensors: Tensors, name: str) -> Tensor:
    return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]


def attend(windows: Tensor, tensors: Tensors, name: str, *, heads: int, side: int) -> Tensor:
    """Attention within windows (B, N, C), with a learned bias for each distance in rows and columns."""
    batch, tokens, width = windows.shape
    places = list(itertools.product(range(side), range(side)))
    numbers: dict[tuple[int, int], int] = {}
    for a, b in itertools.product(places, places):
        numbers.setdefault((abs(a[0] - b[0]), abs(a[1] - b[1])), len(numbers))
    index = torch.tensor([[numbers[abs(a[0] - b[0]), abs(a[1] - b[1])] for b in places] for a in places])
    x = linear(normalise(windows, tensors, f"{name}.norm", over=-1, epsilon=1e-5), tensors, f"{name}.qkv")
    # Each head holds its query, key and value beside each other.
    query, key, value = x.view(batch, tokens, heads, 3, width // heads).permute(3, 0, 2, 1, 4)
    weights = query @ key.transpose(-2, -1) / (width // heads) ** 0.5 + tensors[f"{name}.attention_biases"][:, index]
    mixed = (weights.softmax(-1) @ value).transpose(1, 2).reshape(batch, tokens, width)
    return linear(mixed, tensors, f"{name}.proj")


def attention_block(x: Tensor, tensors: Tensors, name: str, *, heads: int, side: int) -> Tensor:
    _, width, rows, columns = x.shape
    padded = F.pad(x, (0, -columns % side, 0, -rows % side))
    high, wide = padded.shape[2] // side, padded.shape[3] // side
    windows = padded.view(width, high, side, wide, side).permute(1, 3, 2, 4, 0).reshape(-1, side * side, width)
    attended = attend(windows, tensors, f"{name}.attn", heads=heads, side=side)
    back = attended.view(high, wide, side, side, width).permute(4, 0, 2, 1, 3).reshape(1, *padded.shape[1:])
    x = convolve(x + back[..., :rows, :columns], tensors, f"{name}.local_conv")
    tokens = x.permute(0, 2, 3, 1)
    hidden = normalise(tokens, tensors, f"{name}.mlp.norm", over=-1, epsilon=1e-5)
    hidden = linear(F.gelu(linear(hidden, tensors, f"{name}.mlp.fc1")), tensors, f"{name}.mlp.fc2")
    return (tokens + hidden).permute(0, 3, 1, 2)


def inverted_bottleneck(x: Tensor, tensors: Tensors, name: str) -> Tensor:
    inner = F.gelu(convolve(x, tensors, f"{name}.conv1"))
    inner = F.gelu(convolve(inner, tensors, f"{name}.conv2"))
    return F.gelu(x + convolve(inner, tensors, f"{name}.conv3"))


def merge_patches(x: Tensor, tensors: Tensors, name: str, *, stride: int) -> Tensor:
    x = F.gelu(convolve(x, tensors, f"{name}.conv1"))
    x = F.gelu(convolve(x, tensors, f"{name}.conv2", stride=stride))
    return convolve(x, tensors, f"{name}.conv3")


def embed(x: Tensor, tensors: Tensors) -> Tensor:
    """The image encoder of the published tensors, float (1, 3, S, S) to (1, 256, S/16, S/16)."""
    x = F.gelu(convolve(x, tensors, "patch_embed.seq.0", stride=2))
    x = convolve(x, tensors, "patch_embed.seq.2", stride=2)
    for number, depth in enumerate((2, 2, 6, 2)):
        for block in (f"layers.{number}.blocks.{index}" for index in range(depth)):
            if number:
                x = attention_block(x, tensors, block, heads=HEADS[number], side=WINDOWS[number])
            else:
                x = inverted_bottleneck(x, tensors, block)
        if number < 3:
            x = merge_patches(x, tensors, f"layers.{number}.downsample", stride=1 if number == 2 else 2)
    x = F.conv2d(x, tensors["neck.0.weight"])
    x = F.conv2d(normalise(x, tensors, "neck.1", over=1, epsilon=1e-6), tensors["neck.2.weight"], padding=1)
    return normalise(x, tensors, "neck.3", over=1, epsilon=1e-6)


def test_the_encoder_computes_what_the_published_tensors_mean(mobile_sam_tensors: Tensors) -> None:
    # 272 pixels: no stage is a multiple of its windows, so each pads.
    image = torch.randn((1, 3, 272, 272), generator=torch.Generator().manual_seed(9))
    network = build_sam("tiny_vit")
    fill(network, mobile_sam_tensors, source="made here")
    prefix = "image_encoder."
    encoder = {name.removeprefix(prefix): t for name, t in mobile_sam_tensors.items() if name.startswith(prefix)}
    with torch.inference_mode():
        ours, written_out = network.image_encoder(image), embed(image, encoder)
    assert ours.shape == (1, 256, 17, 17)
    assert float(written_out.std()) > 0.1
    assert float((ours - written_out).abs().max()) < 1e-4


def test_a_loaded_mobile_sam_encodes_an_image_and_answers_a_box(mobile_sam_file: Path) -> None:
    teacher = load_sam(mobile_sam_file, id="mobile-sam", device="cpu", precision="float32", allow_unlisted=True)
    image = np.random.default_rng(3).integers(0, 256, (123, 217, 3), dtype=np.uint8)
    encoding = teacher.encode(image)
    answer = teacher.decode(encoding, TeacherPrompts(box=(20.0, 10.0, 150.0, 100.0)))
    assert encoding.embedding.shape == (256, 64, 64)
    assert encoding.input_size == (580, 1024)
    assert answer.mask.shape == (123, 217)
    assert answer.logits is not None
    assert answer.logits.shape == (256, 256)
    assert answer.quality is not None
    assert 0 <= answer.quality <= 1
    assert teacher.name == "MobileSAM (unvalidated weights)"
    assert "not the published MobileSAM" in teacher.notices[0]
    assert teacher.parameters()["validated_weights"] is False
