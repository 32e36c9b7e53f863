"""Which windows of a piece's field are compared: four, as far apart as they can be, away from the piece's border."""

from __future__ import annotations

import torch
from torch import Tensor

from boxprompt.network.fingerprint import REACH_PX, STRIDE_PX

WINDOWS_A_SIDE = 2

# Cells nearer to the border would see padding instead of the piece.
_BORDER_CELLS = REACH_PX // STRIDE_PX


def least_side_cells(window_cells: int) -> int:
    """Cells to a side of the smallest piece whose windows neither overlap nor touch its border."""
    return 2 * _BORDER_CELLS + WINDOWS_A_SIDE * window_cells


def corner_windows(side_cells: int, *, window_cells: int) -> Tensor:
    """The first cells of a piece's four windows, one to a corner, as near to it as the border allows.

    Args:
        side_cells: of the piece's field.
        window_cells: side of a window.

    Returns:
        int64 (4, 2), (row, column).

    Raises:
        ValueError: the windows would overlap.
    """
    if side_cells < least_side_cells(window_cells):
        raise ValueError(f"four windows of {window_cells} cells do not fit into {side_cells} cells with a border")
    starts = torch.tensor([_BORDER_CELLS, side_cells - _BORDER_CELLS - window_cells])
    return torch.cartesian_prod(starts, starts)
