"""Sets of pixels as the positions where a walk over all pixels enters and leaves them.

The walk goes down the columns, left to right, as the runs of a mask do. Set algebra on these *edges* takes time with
the number of runs and not with the number of pixels, of which a photograph has a thousand times as many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Edges: TypeAlias = NDArray[np.int64]
"""int64 (2 n,), strictly ascending: the walk enters at even indices and leaves at odd ones."""

Inside: TypeAlias = NDArray[np.bool_]

_TILE = 128  # both the rows read and the columns written of a tile stay in a processor's first cache


def edges_of_lengths(lengths: NDArray[np.uint32]) -> Edges:
    """Edges of run lengths, the first one outside; the last edge, at the end, is there only for a run inside."""
    ends = np.cumsum(lengths, dtype=np.int64)
    return ends if ends.size % 2 == 0 else ends[:-1]


def lengths_of_edges(edges: Edges, *, pixels: int) -> NDArray[np.uint32]:
    """Run lengths, little-endian uint32, the first one outside, of edges among `pixels` pixels."""
    inner = edges[:-1] if edges.size and edges[-1] == pixels else edges
    return np.diff(inner, prepend=0, append=pixels).astype("<u4")


def edges_of_flat(flat: Inside) -> Edges:
    """Edges of a walk's pixels, bool (n,)."""
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    parts = ([0] if flat[0] else [], edges, [flat.size] if flat[-1] else [])
    return np.concatenate(parts).astype(np.int64)


def combine(one: Edges, other: Edges, rule: Callable[[Inside, Inside], Inside]) -> Edges:
    """Edges of a combination of two sets.

    Args:
        one: a set.
        other: another one.
        rule: of the membership in each, element by element; what is in neither must not be in the combination.
    """
    places = np.union1d(one, other)
    inside = rule(_is_inside(one, places), _is_inside(other, places))
    return places[np.diff(inside, prepend=False)]


def place(edges: Edges, *, rows: int, columns: int, left: int, top: int, into_rows: int) -> Edges:
    """Edges of a set of pixels of a small image, seen as a part of a larger one.

    Args:
        edges: of the small image.
        rows: of the small image.
        columns: of the small image.
        left: column of the larger image where the small one lies.
        top: row of the larger image where the small one lies.
        into_rows: rows of the larger image.
    """
    # Cut at the ends of columns: behind each, the walk goes on at another place.
    starts = np.union1d(edges, np.arange(columns + 1, dtype=np.int64) * rows)
    inside = _is_inside(edges, starts[:-1])
    lengths = np.diff(starts)[inside]
    column, row = np.divmod(starts[:-1][inside], rows)
    entered = (column + left) * into_rows + row + top
    return _joined(entered, entered + lengths)


def columns_of(edges: Edges, *, rows: int, left: int, columns: int) -> Inside:
    """Pixels of some columns, bool (columns, rows), C-contiguous."""
    first, end = left * rows, (left + columns) * rows
    inner = edges[np.searchsorted(edges, first, side="right") : np.searchsorted(edges, end)]
    begins_inside = bool(np.searchsorted(edges, first, side="right") % 2)
    lengths = np.diff(inner, prepend=first, append=end)
    values = (np.arange(lengths.size) % 2 == 1) ^ begins_inside
    return np.repeat(values, lengths).reshape(columns, rows)


def transposed(array: NDArray[Any]) -> NDArray[Any]:
    """An array (n, m) as (m, n), C-contiguous; ten times as fast as NumPy's copy where it is large."""
    turned = np.empty(array.shape[::-1], array.dtype)
    for row in range(0, array.shape[0], _TILE):
        for column in range(0, array.shape[1], _TILE):
            tile = array[row : row + _TILE, column : column + _TILE]
            turned[column : column + _TILE, row : row + _TILE] = tile.T
    return turned


def _is_inside(edges: Edges, places: Edges) -> Inside:
    return (np.searchsorted(edges, places, side="right") % 2).astype(np.bool_)


def _joined(entered: Edges, left: Edges) -> Edges:
    """Edges of stretches in ascending order, of which one may begin where another ends."""
    if not entered.size:
        return entered
    apart = entered[1:] != left[:-1]
    return np.stack([entered[np.append(True, apart)], left[np.append(apart, True)]], axis=1).ravel()
