"""MobileSAM's image encoder (arXiv 2306.14289): a TinyViT-5M at 1024×1024 whose embedding SAM's decoder reads.

It is TinyViT (arXiv 2207.10666) with two changes: the last patch merging has stride 1, so that the last stage stays at
64×64, and a neck of SAM's own kind makes 256 channels of its 320. The layers are timm's; the published checkpoint names
them differently and holds a classifier that is never used, which `published_name` and `UNUSED` account for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from torch import Tensor, nn

from boxprompt.torchvision_import import import_segment_anything, tiny_vit

INPUT_SIDE_PX = 1024
EMBEDDING_CHANNELS = 256
_WIDTHS = (64, 128, 160, 320)

UNUSED: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "image_encoder.norm_head.weight": (320,),
        "image_encoder.norm_head.bias": (320,),
        "image_encoder.head.weight": (1000, 320),
        "image_encoder.head.bias": (1000,),
    }
)
"""Tensors of the published checkpoint that no mask depends on, with their shapes: TinyViT's ImageNet classifier."""

_PREFIX = "image_encoder."
_PATCH_EMBEDDING = {"conv1": "seq.0", "conv2": "seq.2"}


class MobileSamEncoder(nn.Module):
    """TinyViT-5M and neck, for `segment_anything.modeling.Sam`.

    Attributes:
        img_size: side of its input in pixels, by the name that `Sam` asks for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.img_size = INPUT_SIDE_PX
        trunk = tiny_vit.TinyVit(
            num_classes=0,
            embed_dims=_WIDTHS,
            depths=(2, 2, 6, 2),
            num_heads=(2, 4, 5, 10),
            window_sizes=(7, 7, 14, 7),
            drop_path_rate=0.0,
        )
        self.patch_embed = trunk.patch_embed
        self.stages = trunk.stages
        self.stages[-1].downsample.conv2.conv.stride = (1, 1)
        layer_norm: Any = import_segment_anything().modeling.common.LayerNorm2d
        self.neck = nn.Sequential(
            nn.Conv2d(_WIDTHS[-1], EMBEDDING_CHANNELS, kernel_size=1, bias=False),
            layer_norm(EMBEDDING_CHANNELS),
            nn.Conv2d(EMBEDDING_CHANNELS, EMBEDDING_CHANNELS, kernel_size=3, padding=1, bias=False),
            layer_norm(EMBEDDING_CHANNELS),
        )

    def steps(self) -> Sequence[Callable[[Tensor], Tensor]]:
        """The parts in order, each a function of what the one before gave."""
        return (self.patch_embed, *self.stages, self.neck)

    def forward(self, images: Tensor) -> Tensor:
        """Embed normalised, padded images.

        Args:
            images: float (B, 3, S, S), S a multiple of 16.

        Returns:
            Float (B, 256, S/16, S/16).
        """
        x = images
        for step in self.steps():
            x = step(x)
        return x


def published_name(own: str) -> str:
    """The name in the published checkpoint of a tensor of a `Sam` with this encoder."""
    if not own.startswith(_PREFIX):
        return own
    part, _, rest = own.removeprefix(_PREFIX).replace(".conv.weight", ".c.weight").partition(".")
    if part == "patch_embed":
        convolution, _, inner = rest.partition(".")
        rest = f"{_PATCH_EMBEDDING[convolution]}.{inner}"
    if part == "stages":
        # A patch merging ends a layer there and begins a stage here.
        number, _, inner = rest.partition(".")
        part, rest = "layers", f"{int(number) - inner.startswith('downsample.')}.{inner}"
    return f"{_PREFIX}{part}.{rest}"
