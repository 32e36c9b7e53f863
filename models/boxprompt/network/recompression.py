"""How an image would change if it were compressed once more: an input that only regions with the same past share.

What a JPEG compression would take from an image depends on what earlier ones have left. Pixels that came from another
file, or were rendered after the last compression, lose more or less than their surroundings (error level analysis,
Krawetz 2007; JPEG ghosts, Farid 2009). Colour tells most: a photograph whose chroma was once halved has none above
half the sampling rate to lose, a piece from elsewhere may.

The compression is computed here, not by a codec, so that its result is the same with every version of every library,
and on every device but for rounding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from boxprompt.traces.jpeg_tables import BLOCK_PX, block_transform, quantisation_tables

ALIGNMENT_PX = 2 * BLOCK_PX
"""Side of what is compressed as one: a block of halved chroma. Images begin at multiples of it."""

# Errors of this many grey levels are halved; most are smaller.
_ERROR_SCALE = 2.0

# JFIF: RGB to luma and the two chroma differences, all around their middle.
_TO_YCC = (
    (0.299, 0.587, 0.114),
    (-0.168736, -0.331264, 0.5),
    (0.5, -0.418688, -0.081312),
)


class RecompressionError(nn.Module):
    """What 4:2:0 compression at some qualities would change, plane by plane; nothing in it is learned.

    Input: float (B, 3, H, W), RGB grey levels 0 to 255; H and W are multiples of `ALIGNMENT_PX`.
    Output: float (B, 3·Q, H, W) in [0, 1): for each quality the magnitude of the change of Y, Cb and Cr.
    """

    tables: Tensor
    transform: Tensor
    to_ycc: Tensor

    def __init__(self, qualities: tuple[int, ...]) -> None:
        """Compress at these qualities, 1 to 100 on the usual scale.

        Raises:
            ValueError: no such quality.
        """
        super().__init__()
        self.channels = 3 * len(qualities)
        tables = [torch.from_numpy(quantisation_tables(quality)) for quality in qualities]
        # Fixed by the architecture: not in the state dict, so that no weights file can change them.
        self.register_buffer("tables", torch.stack(tables).flatten(2), persistent=False)
        lines = torch.from_numpy(block_transform())
        # Of a whole block at once, (64, 64): one product is many times faster than two of eight samples.
        self.register_buffer("transform", torch.kron(lines, lines), persistent=False)
        self.register_buffer("to_ycc", torch.tensor(_TO_YCC)[:, :, None, None], persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Return the changes."""
        with torch.autocast(image.device.type, enabled=False):
            planes = functional.conv2d(image.float() - 128.0, self.to_ycc)
            # Chroma has no offset of its own: grey levels less 128 cancel in it.
            luma, chroma = planes[:, :1], planes[:, 1:]
            halved = functional.avg_pool2d(chroma, 2)
            luma_blocks, chroma_blocks = self._blocks(luma), self._blocks(halved)
            errors = []
            for tables in self.tables:
                changed = functional.interpolate(
                    self._quantised(chroma_blocks, tables[1]), scale_factor=2, mode="bilinear", align_corners=False
                )
                errors += [luma - self._quantised(luma_blocks, tables[0]), chroma - changed]
            return functional.softsign(torch.cat(errors, dim=1).abs() / _ERROR_SCALE)

    def _blocks(self, planes: Tensor) -> Tensor:
        """Coefficients, (B, C, H/8, W/8, 64), of planes (B, C, H, W)."""
        batch, count, height, width = planes.shape
        cut = planes.reshape(batch, count, height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, BLOCK_PX)
        return cut.transpose(3, 4).flatten(4) @ self.transform.T

    def _quantised(self, coefficients: Tensor, table: Tensor) -> Tensor:
        """Planes (B, C, H, W) of coefficients rounded to multiples of a table's steps."""
        cut = (torch.round(coefficients / table) * table) @ self.transform
        batch, count, rows, columns, _ = cut.shape
        blocks = cut.reshape(batch, count, rows, columns, BLOCK_PX, BLOCK_PX).transpose(3, 4)
        return blocks.reshape(batch, count, rows * BLOCK_PX, columns * BLOCK_PX)
