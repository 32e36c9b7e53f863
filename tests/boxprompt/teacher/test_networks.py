"""Checkpoints: which tensors they hold, and what is refused before a tensor computes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from boxprompt.errors import WeightsMismatchError, WeightsNotFoundError
from boxprompt.teacher import checkpoints
from boxprompt.teacher.checkpoints import CHECKPOINTS, checkpoint_of_hash, checkpoint_of_id
from boxprompt.teacher.networks import build_sam, encoder_steps, expected_shapes, fill, load_network

BY_ID = {each.id: each for each in CHECKPOINTS}


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=lambda each: each.id)
def test_the_tensors_of_each_architecture_make_up_the_published_file(checkpoint: checkpoints.Checkpoint) -> None:
    shapes = expected_shapes(build_sam(checkpoint.architecture))
    held = sum(4 * int(np.prod(shape)) for shape in shapes.values())
    # What is not tensor is a zip archive's index and a pickle of names: some 300 bytes a tensor.
    assert 0 < checkpoint.size_bytes - held < 1000 * len(shapes)


def test_vit_b_has_the_tensors_of_the_published_checkpoint() -> None:
    network = build_sam("vit_b")
    shapes = expected_shapes(network)
    assert len(shapes) == 314
    assert shapes["image_encoder.pos_embed"] == (1, 64, 64, 768)
    assert shapes["image_encoder.blocks.0.attn.rel_pos_h"] == (27, 64)
    assert shapes["image_encoder.blocks.2.attn.rel_pos_h"] == (127, 64)
    assert shapes["mask_decoder.mask_tokens.weight"] == (4, 256)
    assert all(parameter.is_meta for parameter in network.parameters())
    assert network.pixel_mean.flatten().tolist() == pytest.approx([123.675, 116.28, 103.53])


def test_mobile_sam_has_the_names_and_shapes_of_the_published_checkpoint() -> None:
    shapes = expected_shapes(build_sam("tiny_vit"))
    assert len(shapes) == 439
    first = {name.split(".")[1] for name in shapes if name.startswith("image_encoder.")}
    assert first == {"patch_embed", "layers", "norm_head", "head", "neck"}
    assert shapes["image_encoder.patch_embed.seq.0.c.weight"] == (32, 3, 3, 3)
    assert shapes["image_encoder.patch_embed.seq.2.bn.num_batches_tracked"] == ()
    assert shapes["image_encoder.layers.0.blocks.1.conv2.c.weight"] == (256, 1, 3, 3)
    assert shapes["image_encoder.layers.0.downsample.conv3.c.weight"] == (128, 128, 1, 1)
    assert shapes["image_encoder.layers.2.blocks.5.attn.attention_biases"] == (5, 196)
    assert shapes["image_encoder.layers.2.downsample.conv2.c.weight"] == (320, 1, 3, 3)
    assert shapes["image_encoder.layers.3.blocks.1.local_conv.bn.running_var"] == (320,)
    assert shapes["image_encoder.neck.2.weight"] == (256, 256, 3, 3)
    assert not any("image_encoder.layers.3.downsample" in name or ".conv.weight" in name for name in shapes)


def test_mobile_sams_names_and_shapes_are_those_of_the_published_list(shared_data: Path) -> None:
    listed = shared_data.parent / "mobile_sam_state_dict.json"
    if not listed.is_file():
        pytest.skip(f"no list of MobileSAM's tensors at {listed}")
    published = {name: tuple(shape) for name, (shape, _) in json.loads(listed.read_text(encoding="utf-8")).items()}
    assert published == dict(expected_shapes(build_sam("tiny_vit")))


def test_a_sam_encodes_by_its_own_steps_as_by_its_forward(small_sam: Any) -> None:
    image = torch.randn((1, 3, 1024, 1024), generator=torch.Generator().manual_seed(1))
    x = image
    with torch.inference_mode():
        for step in encoder_steps(small_sam.image_encoder):
            x = step(x)
        assert torch.equal(x, small_sam.image_encoder(image))


def test_every_tensor_that_does_not_fit_is_named_in_a_sentence(mobile_sam_tensors: dict[str, torch.Tensor]) -> None:
    altered = dict(mobile_sam_tensors)
    del altered["mask_decoder.iou_token.weight"]
    altered["image_encoder.surplus"] = torch.zeros(2)
    altered["image_encoder.neck.1.bias"] = torch.zeros(255)
    with pytest.raises(WeightsMismatchError) as refused:
        fill(build_sam("tiny_vit"), altered, source="some.pt")
    assert str(refused.value) == (
        "The checkpoint «some.pt» does not fit: it lacks mask_decoder.iou_token.weight; it holds the unknown "
        "image_encoder.surplus; image_encoder.neck.1.bias is (255,) and not (256,)."
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [(torch.full((256,), torch.nan), "without finite numbers"), (torch.zeros(256).double(), "of another type")],
)
def test_tensors_that_are_no_float32_numbers_are_refused(
    value: torch.Tensor, told: str, mobile_sam_tensors: dict[str, torch.Tensor]
) -> None:
    altered = mobile_sam_tensors | {"image_encoder.neck.1.bias": value}
    with pytest.raises(WeightsMismatchError, match=f"{told}.*neck.1.bias"):
        fill(build_sam("tiny_vit"), altered, source="some.pt")


def test_vit_b_tensors_without_memory_are_never_taken_for_weights() -> None:
    shapes = expected_shapes(build_sam("vit_b"))
    tensors = {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}
    tensors["image_encoder.pos_embed"] = torch.empty((1, 32, 32, 768), device="meta")
    with pytest.raises(WeightsMismatchError, match=r"pos_embed is \(1, 32, 32, 768\) and not \(1, 64, 64, 768\)"):
        fill(build_sam("vit_b"), tensors, source="sam.pth")


def test_a_file_of_an_unlisted_hash_is_refused_unless_allowed(mobile_sam_file: Path) -> None:
    with pytest.raises(WeightsMismatchError, match="not the published MobileSAM: its SHA-256 is"):
        load_network(mobile_sam_file, id="mobile-sam")
    network, checkpoint, sha256 = load_network(mobile_sam_file, id="mobile-sam", allow_unlisted=True)
    assert checkpoint is BY_ID["mobile-sam"]
    assert sha256 == hashlib.sha256(mobile_sam_file.read_bytes()).hexdigest()
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_the_tensors_of_a_file_arrive_in_the_network(
    mobile_sam_file: Path, mobile_sam_tensors: dict[str, torch.Tensor]
) -> None:
    network, _, _ = load_network(mobile_sam_file, id="mobile-sam", allow_unlisted=True)
    merging = network.image_encoder.stages[3].downsample.conv2
    assert torch.equal(merging.conv.weight, mobile_sam_tensors["image_encoder.layers.2.downsample.conv2.c.weight"])
    assert merging.conv.stride == (1, 1)
    tokens = mobile_sam_tensors["mask_decoder.mask_tokens.weight"]
    assert torch.equal(network.mask_decoder.mask_tokens.weight, tokens)


def test_a_listed_file_is_not_taken_for_another_segmenter(
    mobile_sam_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boxprompt.teacher.networks.hash_stream", lambda file: BY_ID["sam-vit-l"].sha256)
    with pytest.raises(WeightsMismatchError, match="is SAM ViT-L, not SAM ViT-B"):
        load_network(mobile_sam_file, id="sam-vit-b", allow_unlisted=True)


class Payload:
    """What a hostile checkpoint does when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.marker,))


def test_a_checkpoint_with_a_payload_is_refused_before_it_acts(tmp_path: Path) -> None:
    file, marker = tmp_path / "hostile.pth", tmp_path / "acted"
    torch.save({"weight": Payload(marker)}, file)
    with pytest.raises(WeightsMismatchError, match="no checkpoint that can be read safely"):
        load_network(file, id="sam-vit-b", allow_unlisted=True)
    assert not marker.exists()


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_checkpoint_is_told_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "broken.pth"
    file.write_bytes(content)
    with pytest.raises(WeightsMismatchError, match="no checkpoint that can be read safely"):
        load_network(file, id="sam-vit-b", allow_unlisted=True)


def test_a_list_instead_of_named_tensors_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.pth"
    torch.save([torch.zeros(2)], file)
    with pytest.raises(WeightsMismatchError, match="other than named tensors"):
        load_network(file, id="sam-vit-b", allow_unlisted=True)


def test_unknown_segmenters_and_absent_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFoundError, match="no segmenter «sam-vit-x»"):
        load_network(tmp_path / "none.pth", id="sam-vit-x")
    with pytest.raises(WeightsNotFoundError, match="cannot be read"):
        load_network(tmp_path / "none.pth", id="sam-vit-b")


def test_checkpoints_are_found_by_id_and_by_hash_and_have_official_addresses() -> None:
    assert [each.id for each in CHECKPOINTS] == ["mobile-sam", "sam-vit-b", "sam-vit-l", "sam-vit-h"]
    assert len({each.sha256 for each in CHECKPOINTS}) == 4
    for each in CHECKPOINTS:
        assert checkpoint_of_id(each.id) is checkpoint_of_hash(each.sha256) is each
        assert len(bytes.fromhex(each.sha256)) == 32
    assert checkpoint_of_id("grabcut") is None
    assert BY_ID["sam-vit-h"].address == "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_h_4b8939.pth"
    assert BY_ID["mobile-sam"].address.startswith("https://raw.githubusercontent.com/ChaoningZhang/MobileSAM/f706ad9")
    assert BY_ID["mobile-sam"].address.endswith("/weights/mobile_sam.pt")
