"""SAM's networks: built without weights, filled from a checkpoint whose every tensor must fit."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from boxprompt.errors import WeightsMismatchError, WeightsNotFoundError
from boxprompt.teacher.checkpoints import Architecture, Checkpoint, checkpoint_of_hash, checkpoint_of_id, hash_stream
from boxprompt.teacher.mobile_sam import UNUSED, MobileSamEncoder, published_name
from boxprompt.torchvision_import import import_segment_anything

SamNetwork: TypeAlias = Any
"""A `segment_anything.modeling.Sam`; that package has no types."""
Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
Step: TypeAlias = Callable[[Tensor], Tensor]

INPUT_SIDE_PX = 1024
# Segment Anything (arXiv 2304.02643): ImageNet's statistics in units of 8 bits.
PIXEL_MEAN = (123.675, 116.28, 103.53)
PIXEL_STD = (58.395, 57.12, 57.375)
_EMBEDDING_SIDE = INPUT_SIDE_PX // 16
_WIDTH = 256
_NAMED_AT_MOST = 3

# Width, depth, heads and the blocks with global attention (arXiv 2304.02643, appendix A; arXiv 2203.16527).
_VITS: Mapping[Architecture, tuple[int, int, int, tuple[int, ...]]] = MappingProxyType(
    {
        "vit_b": (768, 12, 12, (2, 5, 8, 11)),
        "vit_l": (1024, 24, 16, (5, 11, 17, 23)),
        "vit_h": (1280, 32, 16, (7, 15, 23, 31)),
    }
)


def build_sam(architecture: Architecture) -> SamNetwork:
    """A SAM of this architecture, frozen, in evaluation mode, to be filled: a ViT's weights have no memory yet."""
    if architecture == "tiny_vit":
        return assemble_sam(MobileSamEncoder())
    width, depth, heads, global_blocks = _VITS[architecture]
    with torch.device("meta"):  # ViT-H: 2.4 GB are not filled with numbers that the checkpoint replaces
        encoder = build_vit(width=width, depth=depth, heads=heads, global_blocks=global_blocks)
        return assemble_sam(encoder)


def build_vit(*, width: int, depth: int, heads: int, global_blocks: Sequence[int]) -> nn.Module:
    """SAM's image encoder: a ViT with windows of 14 patches but for some blocks with global attention."""
    encoder: nn.Module = import_segment_anything().modeling.ImageEncoderViT(
        img_size=INPUT_SIDE_PX,
        patch_size=16,
        embed_dim=width,
        depth=depth,
        num_heads=heads,
        mlp_ratio=4,
        norm_layer=partial(nn.LayerNorm, eps=1e-6),
        qkv_bias=True,
        use_rel_pos=True,
        global_attn_indexes=tuple(global_blocks),
        window_size=14,
        out_chans=_WIDTH,
    )
    return encoder


def assemble_sam(encoder: nn.Module) -> SamNetwork:
    """An image encoder with SAM's prompt encoder and mask decoder, frozen, in evaluation mode."""
    modeling = import_segment_anything().modeling
    network = modeling.Sam(
        image_encoder=encoder,
        prompt_encoder=modeling.PromptEncoder(
            embed_dim=_WIDTH,
            image_embedding_size=(_EMBEDDING_SIDE, _EMBEDDING_SIDE),
            input_image_size=(INPUT_SIDE_PX, INPUT_SIDE_PX),
            mask_in_chans=16,
        ),
        mask_decoder=modeling.MaskDecoder(
            num_multimask_outputs=3,
            transformer=modeling.TwoWayTransformer(depth=2, embedding_dim=_WIDTH, mlp_dim=2048, num_heads=8),
            transformer_dim=_WIDTH,
            iou_head_depth=3,
            iou_head_hidden_dim=_WIDTH,
        ),
        pixel_mean=PIXEL_MEAN,
        pixel_std=PIXEL_STD,
    )
    # Not in any checkpoint, so they must hold numbers even where the rest has no memory yet.
    for name, values in (("pixel_mean", PIXEL_MEAN), ("pixel_std", PIXEL_STD)):
        network.register_buffer(name, torch.tensor(values, device="cpu").view(-1, 1, 1), persistent=False)
    return network.eval().requires_grad_(False)


def encoder_steps(encoder: Any) -> Sequence[Step]:
    """The image encoder as functions that follow each other, so that a caller can stop between them.

    The ViT's first step takes any square of at most 1024 pixels whose side is a multiple of 16: the position embedding
    is cut to it. Run one after the other at 1024 pixels they are the encoder's own `forward`.
    """
    if isinstance(encoder, MobileSamEncoder):
        return encoder.steps()

    def embed_patches(images: Tensor) -> Tensor:
        patches: Tensor = encoder.patch_embed(images)
        positions: Tensor = encoder.pos_embed[:, : patches.shape[1], : patches.shape[2]]
        return patches + positions

    def narrow(tokens: Tensor) -> Tensor:
        narrowed: Tensor = encoder.neck(tokens.permute(0, 3, 1, 2))
        return narrowed

    return (embed_patches, *encoder.blocks, narrow)


def expected_shapes(network: SamNetwork) -> Shapes:
    """Names and shapes of every tensor that the published checkpoint of this network holds."""
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    if not isinstance(network.image_encoder, MobileSamEncoder):
        return shapes
    return {published_name(name): shape for name, shape in shapes.items()} | dict(UNUSED)


def fill(network: SamNetwork, tensors: Mapping[str, Tensor], *, source: str) -> None:
    """Give a network the tensors of a checkpoint, by published names.

    Raises:
        WeightsMismatchError: a tensor is missing, unknown, of another shape or type, or holds what is no number.
    """
    faults = _faults(expected_shapes(network), tensors)
    if faults:
        raise WeightsMismatchError(f"The checkpoint «{source}» does not fit: {'; '.join(faults)}.")
    own = network.state_dict()
    is_mobile = isinstance(network.image_encoder, MobileSamEncoder)
    # Taken over, not copied: a ViT-H is 2.4 GB.
    taken = {name: tensors[published_name(name) if is_mobile else name] for name in own}
    network.load_state_dict(taken, strict=True, assign=True)
    network.requires_grad_(False)


def load_network(file: Path, *, id: str, allow_unlisted: bool = False) -> tuple[SamNetwork, Checkpoint, str]:
    """Verify a checkpoint's hash, then read it.

    The hash is taken of the same open file that is then read, and the tensors are copied into memory and not mapped, so
    that what was verified is what computes.

    Args:
        file: the checkpoint.
        id: of the segmenter that it is to be.
        allow_unlisted: also take a file whose hash is not listed, if it fits.

    Returns:
        The network on the CPU, the listed checkpoint of that id, and the file's SHA-256.

    Raises:
        WeightsNotFoundError: no such segmenter with weights, or no such file.
        WeightsMismatchError: another or an altered file, or tensors that do not fit.
    """
    checkpoint = checkpoint_of_id(id)
    if checkpoint is None:
        raise WeightsNotFoundError(f"There is no segmenter «{id}» with weights.")
    try:
        with file.open("rb") as opened:
            sha256 = hash_stream(opened)
            _require_listed(file, checkpoint, sha256, allow_unlisted=allow_unlisted)
            opened.seek(0)
            tensors = _read(opened, file)
    except OSError as error:
        raise WeightsNotFoundError(f"The checkpoint «{file}» cannot be read ({error.strerror or error}).") from error
    network = build_sam(checkpoint.architecture)
    fill(network, tensors, source=file.name)
    return network, checkpoint, sha256


def _require_listed(file: Path, checkpoint: Checkpoint, sha256: str, *, allow_unlisted: bool) -> None:
    listed = checkpoint_of_hash(sha256)
    if listed is None and not allow_unlisted:
        raise WeightsMismatchError(
            f"The file «{file.name}» is not the published {checkpoint.name}: its SHA-256 is {sha256}, not "
            f"{checkpoint.sha256}. It may be cut off or altered; install it again."
        )
    if listed is not None and listed.id != checkpoint.id:
        raise WeightsMismatchError(f"The file «{file.name}» is {listed.name}, not {checkpoint.name}.")


def _read(opened: Any, file: Path) -> Mapping[str, Tensor]:
    try:
        state = torch.load(opened, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, ValueError, AttributeError) as error:
        raise WeightsMismatchError(f"The file «{file.name}» is no checkpoint that can be read safely.") from error
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsMismatchError(f"The file «{file.name}» holds something other than named tensors.")
    return state


def _faults(expected: Shapes, tensors: Mapping[str, Tensor]) -> list[str]:
    shared = [name for name in expected if name in tensors]
    shapes = [
        f"{name} is {tuple(tensors[name].shape)} and not {expected[name]}"
        for name in shared
        if tuple(tensors[name].shape) != expected[name]
    ]
    faults = [
        _several("it lacks", [name for name in expected if name not in tensors]),
        _several("it holds the unknown", [name for name in tensors if name not in expected]),
        _several("", shapes),
    ]
    if not any(faults):
        faults = [
            _several("of another type than float32 are", [name for name in shared if not _has_its_type(tensors[name])]),
            _several("without finite numbers are", [name for name in shared if not tensors[name].isfinite().all()]),
        ]
    return [fault for fault in faults if fault]


def _has_its_type(tensor: Tensor) -> bool:
    # The counters of batch normalisation are the only tensors without a dimension.
    return tensor.dtype == (torch.float32 if tensor.ndim else torch.int64)


def _several(what: str, names: Iterable[str]) -> str:
    found = list(names)
    if not found:
        return ""
    rest = len(found) - _NAMED_AT_MOST
    return f"{what} {', '.join(found[:_NAMED_AT_MOST])}{f' and {rest} more' if rest > 0 else ''}".strip()
