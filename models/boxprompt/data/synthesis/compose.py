"""The edits: splices, copy-moves and removals, each an image, its mask and an account of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from boxprompt.data.synthesis import histories
from boxprompt.data.synthesis.config import EditConfig, HistoryConfig
from boxprompt.data.synthesis.draws import chance, log_between
from boxprompt.data.synthesis.fills import fill
from boxprompt.data.synthesis.material import Material, draw_material
from boxprompt.data.synthesis.paste import (
    Edit,
    Piece,
    changes_enough,
    cut,
    draw_centre,
    draw_corner,
    draw_finish,
    draw_jitter_px,
    draw_scale,
    reshape,
    rest_on_bottom,
    stamp,
)
from boxprompt.data.synthesis.pool import Photograph, Pixels
from boxprompt.data.synthesis.regions import Region, bounds, draw_object, draw_region, grow

# Fewer changed pixels than this are noise to any mask.
SMALLEST_PX = 48


def splice(
    rng: np.random.Generator,
    host: Material,
    donor: tuple[Photograph, Pixels],
    *,
    edits: EditConfig,
    prior: HistoryConfig,
) -> Edit | None:
    """Return `host` with a piece of another photograph in it, or None when the draw came to nothing.

    Args:
        rng: source of randomness.
        host: what is edited.
        donor: another photograph and its pixels; the piece gets a history of its own.
        edits: how edits are made.
        prior: histories before the edit.
    """
    size = (host.image.shape[0], host.image.shape[1])
    wanted_px = _draw_area(rng, size, config=edits, largest=edits.area[1])
    found = _labelled_piece(rng, donor, area_px=wanted_px, edits=edits, prior=prior)
    if found is None:
        found = _free_piece(rng, donor, size=size, area_px=wanted_px, edits=edits, prior=prior)
    if found is None:
        return None
    piece, scale, record = found
    piece, shape = reshape(rng, piece, scale=scale, config=edits)
    return _paste(rng, host, piece, record={**record, **shape, "donor": donor[0].source}, edits=edits, match=True)


def copy_move(rng: np.random.Generator, host: Material, *, edits: EditConfig) -> Edit | None:
    """Return `host` with a piece of itself somewhere else, or None when the draw came to nothing.

    The mask covers the copy; the record keeps the rectangle that it was taken from.
    """
    size = (host.image.shape[0], host.image.shape[1])
    scale = draw_scale(rng, edits)
    wanted_px = _draw_area(rng, size, config=edits, largest=edits.copy_move_largest)
    centre = _inner_centre(rng, size)
    region = _own_region(rng, host, area_px=wanted_px / scale**2, centre=centre, edits=edits)
    if region is None:
        return None
    top, left, rows, columns = bounds(region.mask)
    piece, shape = reshape(rng, cut(host.image, region.mask), scale=scale, config=edits)
    record = {
        "region": region.shape,
        "cut_off": bool(region.mask[-1].any()),
        "taken_from": [top, left, top + rows, left + columns],
        **shape,
    }
    edit = _paste(rng, host, piece, record=record, edits=edits, match=False)
    # A copy that lies on its own original shows nothing of it any more.
    if edit is None or np.count_nonzero(edit.mask & region.mask) > 0.3 * region.area_px:
        return None
    return edit


def removal(rng: np.random.Generator, host: Material, *, edits: EditConfig) -> Edit | None:
    """Return `host` with a thing or a region painted out, or None when the draw came to nothing."""
    size = (host.image.shape[0], host.image.shape[1])
    wanted_px = _draw_area(rng, size, config=edits, largest=edits.removal_largest)
    centre = draw_centre(rng, size=size, config=edits)
    region = _own_region(rng, host, area_px=wanted_px, centre=centre, edits=edits)
    if region is None:
        return None
    margin = int(rng.integers(1, 5)) if region.shape == "object" else 0
    target = grow(region.mask, margin_px=margin)
    if target.mean() > edits.area[1]:
        return None
    image, mask, how = fill(rng, host.image, target, config=edits)
    record = {"edit": "removal", "region": region.shape, "margin_px": margin, **how}
    return _accept(host, Edit(image, mask, record), largest=edits.area[1])


def _draw_area(rng: np.random.Generator, size: tuple[int, int], *, config: EditConfig, largest: float) -> float:
    pixels = size[0] * size[1]
    return max(2.0 * SMALLEST_PX, log_between(rng, (config.area[0], min(largest, config.area[1]))) * pixels)


def _inner_centre(rng: np.random.Generator, size: tuple[int, int]) -> tuple[float, float]:
    """Where to cut a piece: away from the border, which would give it a straight edge."""
    return float(rng.uniform(0.15, 0.85)) * size[0], float(rng.uniform(0.15, 0.85)) * size[1]


def _own_region(
    rng: np.random.Generator,
    host: Material,
    *,
    area_px: float,
    centre: tuple[float, float],
    edits: EditConfig,
) -> Region | None:
    region: Region | None = None
    if host.labels is not None and chance(rng, edits.objects_share):
        region = draw_object(rng, host.labels, smallest_px=area_px / 3, largest_px=area_px * 2)
    if region is None:
        region = draw_region(rng, host.image, area_px=area_px, centre=centre, config=edits)
    return region if region.area_px >= SMALLEST_PX else None


def _labelled_piece(
    rng: np.random.Generator,
    donor: tuple[Photograph, Pixels],
    *,
    area_px: float,
    edits: EditConfig,
    prior: HistoryConfig,
) -> tuple[Piece, float, dict[str, Any]] | None:
    labels = donor[1].labels
    if labels is None or not chance(rng, edits.objects_share):
        return None
    low, high = edits.scale
    region = draw_object(rng, labels, smallest_px=area_px / high**2, largest_px=area_px / low**2)
    if region is None:
        return None
    scale = float(np.sqrt(area_px / region.area_px)) if chance(rng, edits.resample_share) else 1.0
    mask = grow(region.mask, margin_px=draw_jitter_px(rng))
    if not mask.any():
        return None
    piece = cut(donor[1].native, mask)
    steps = histories.draw_prior(rng, prior, size=(piece.coverage.shape[0], piece.coverage.shape[1]))
    record = {
        "region": "object",
        "cut_off": bool(region.mask[-1].any()),
        "donor_view": {"view": "native", "steps": [step.record() for step in steps]},
    }
    return Piece(histories.apply(piece.pixels, steps).image, piece.coverage), scale, record


def _free_piece(
    rng: np.random.Generator,
    donor: tuple[Photograph, Pixels],
    *,
    size: tuple[int, int],
    area_px: float,
    edits: EditConfig,
    prior: HistoryConfig,
) -> tuple[Piece, float, dict[str, Any]] | None:
    scale = draw_scale(rng, edits)
    material = draw_material(rng, *donor, size=size, config=prior)
    rows, columns = material.image.shape[:2]
    centre = _inner_centre(rng, (rows, columns))
    wanted_px = min(area_px / scale**2, 0.6 * rows * columns)
    region = draw_region(rng, material.image, area_px=wanted_px, centre=centre, config=edits)
    if region.area_px < SMALLEST_PX:
        return None
    record = {
        "region": region.shape,
        "cut_off": bool(region.mask[-1].any()),
        "donor_view": material.record,
    }
    return cut(material.image, region.mask), scale, record


def _paste(
    rng: np.random.Generator,
    host: Material,
    piece: Piece,
    *,
    record: dict[str, Any],
    edits: EditConfig,
    match: bool,
) -> Edit | None:
    size = (host.image.shape[0], host.image.shape[1])
    corner = draw_corner(rng, piece, size=size, config=edits)
    if record["cut_off"] and "angle_deg" not in record and chance(rng, edits.grounded_share):
        corner = rest_on_bottom(piece, corner=corner, size=size)
    finish = draw_finish(rng, edits, area_px=piece.coverage.size, match=match)
    image, mask = stamp(host.image, piece, corner=corner, finish=finish)
    account = {
        "edit": "splice" if match else "copy-move",
        **record,
        "corner": list(corner),
        "blend": finish.blend,
        "feather_px": finish.feather_px,
        "colour_match": finish.colour_match,
        "gain": finish.gain,
        "gamma": finish.gamma,
    }
    return _accept(host, Edit(image, mask, account), largest=edits.area[1])


def _accept(host: Material, edit: Edit, *, largest: float) -> Edit | None:
    covered = int(np.count_nonzero(edit.mask))
    if covered < SMALLEST_PX or covered > 1.1 * largest * edit.mask.size:
        return None
    return edit if changes_enough(host.image, edit.image, edit.mask) else None
