"""Similar places by keypoints: repeats that were turned, scaled, sheared a little or mirrored."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.traces.self_similarity.planes import Affine, Plane

_CONTRAST = 0.01
_MOST_KEYPOINTS = 3000
# A match must be nearer than this share of the next nearer one (Lowe's test).
_RATIO = 0.8
_FARTHEST = 0.8
_NEIGHBOURS = 2
_FEWEST = 5
_SCALES = (0.4, 2.5)
_LARGEST_STRETCH = 1.7
_MOST_HYPOTHESES = 1500
_REACH_PX = 200.0
_TIGHT_PX = 2.0
_CHUNK = 512
# SIFT's 4 x 4 cells of 8 directions as a mirror shows them: rows of cells and directions reversed.
_MIRRORED = np.arange(128).reshape(4, 4, 8)[::-1][:, :, (-np.arange(8)) % 8].reshape(-1)


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Places with a scale, a direction and a descriptor.

    Attributes:
        points: float64 (N, 2), (x, y).
        scales: float64 (N,), pixels.
        angles: float64 (N,), radians.
        descriptors: float32 (N, 128), each of length 1 (RootSIFT).
    """

    points: NDArray[np.float64]
    scales: NDArray[np.float64]
    angles: NDArray[np.float64]
    descriptors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Matches:
    """Points and their partners, each pair with the map that its scales and directions imply."""

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    matrices: NDArray[np.float64]
    scales: NDArray[np.float64]
    mirrored: bool


def repeated_maps(grey: Plane, *, count: int, nearest_px: int) -> list[Affine]:
    """Find the affine maps that send groups of keypoints to similar ones of the same image.

    SIFT (D. Lowe, IJCV 2004) compared as RootSIFT (Arandjelović, Zisserman, CVPR 2012); several neighbours count where
    the ratio test first breaks after them (the g2NN test of Amerini et al., IEEE TIFS 2011), because a region may be
    copied more than once. Every single match proposes a similarity from its scales and directions, so that all
    proposals are tried and nothing is drawn at random.

    Args:
        grey: float32 (H, W), 0 to 255.
        count: at most this many with and as many without a mirror, best supported first.
        nearest_px: matches nearer than this are one texture, not a copy.
    """
    keypoints = detect(grey)
    found: list[Affine] = []
    for mirrored in (False, True):
        matches = _match(keypoints, nearest_px=nearest_px, mirrored=mirrored)
        found += _consistent(matches, count=count)
    return found


def detect(grey: Plane) -> Keypoints:
    """SIFT keypoints at a low contrast, strongest first."""
    sift = cv2.SIFT.create(nfeatures=_MOST_KEYPOINTS, contrastThreshold=_CONTRAST)
    found, descriptors = sift.detectAndCompute(np.clip(grey, 0, 255).astype(np.uint8), None)
    if descriptors is None:
        descriptors = np.zeros((0, 128), dtype=np.float32)
    sums = np.maximum(descriptors.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return Keypoints(
        points=np.array([keypoint.pt for keypoint in found], dtype=np.float64).reshape(-1, 2),
        scales=np.array([keypoint.size for keypoint in found], dtype=np.float64),
        angles=np.deg2rad(np.array([keypoint.angle for keypoint in found], dtype=np.float64)),
        descriptors=np.sqrt(descriptors / sums).astype(np.float32),
    )


def _match(keypoints: Keypoints, *, nearest_px: int, mirrored: bool) -> _Matches:
    against = keypoints.descriptors[:, _MIRRORED] if mirrored else keypoints.descriptors
    pairs: list[NDArray[np.intp]] = [np.zeros((0, 2), dtype=np.intp)]
    if len(against) > _NEIGHBOURS + 1:
        for start in range(0, len(against), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            alike = keypoints.descriptors[chunk] @ against.T
            alike[_square_distances(keypoints.points, chunk) < nearest_px**2] = -1
            rows, partners = _unambiguous(alike)
            pairs.append(np.stack([start + rows, partners], axis=1))
    joined = np.concatenate(pairs)
    return _implied(keypoints, joined[:, 0], joined[:, 1], mirrored=mirrored)


def _square_distances(points: NDArray[np.float64], chunk: slice) -> NDArray[np.float32]:
    x, y = points.astype(np.float32).T
    return np.asarray((x[chunk, None] - x) ** 2 + (y[chunk, None] - y) ** 2)


def _unambiguous(alike: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the matches that are clearly nearer than the next; consumes `alike`."""
    rows = np.arange(len(alike))
    nearest, values = [], []
    for _ in range(_NEIGHBOURS + 1):
        best = alike.argmax(axis=1)
        nearest.append(best)
        values.append(alike[rows, best].copy())
        alike[rows, best] = -1
    distances = np.sqrt(np.maximum(2 - 2 * np.stack(values, axis=1), 0))
    breaks = (distances[:, :-1] < _RATIO * distances[:, 1:]) & (distances[:, :-1] < _FARTHEST)
    # All neighbours up to the last break are matches.
    taken = np.logical_or.accumulate(breaks[:, ::-1], axis=1)[:, ::-1]
    found, rank = np.nonzero(taken)
    return found, np.stack(nearest, axis=1)[found, rank]


def _implied(keypoints: Keypoints, first: NDArray[np.intp], second: NDArray[np.intp], *, mirrored: bool) -> _Matches:
    scales = keypoints.scales[second] / keypoints.scales[first]
    turn = keypoints.angles[second] + (1 if mirrored else -1) * keypoints.angles[first]
    cosine, sine = scales * np.cos(turn), scales * np.sin(turn)
    flip = -1.0 if mirrored else 1.0
    linear = np.stack([np.stack([cosine, -flip * sine], axis=1), np.stack([sine, flip * cosine], axis=1)], axis=1)
    a, b = keypoints.points[first], keypoints.points[second]
    offset = b - np.einsum("nij,nj->ni", linear, a)
    return _Matches(a, b, np.concatenate([linear, offset[:, :, None]], axis=2), scales, mirrored)


def _consistent(matches: _Matches, *, count: int) -> list[Affine]:
    proposals = np.nonzero((matches.scales > _SCALES[0]) & (matches.scales < _SCALES[1]))[0]
    proposals = proposals[:: len(proposals) // _MOST_HYPOTHESES + 1]
    if len(proposals) < _FEWEST:
        return []
    agreeing = _agreement(matches, proposals)
    free = np.ones(len(matches.first), dtype=np.bool_)
    found: list[Affine] = []
    for _ in range(2 * count):
        support = (agreeing & free).sum(axis=1)
        best = int(support.argmax())
        if support[best] < _FEWEST or len(found) == count:
            break
        fitted = _fit(matches, agreeing[best] & free, free)
        free &= ~agreeing[best]
        if fitted is not None:
            found.append(fitted)
    return found


def _agreement(matches: _Matches, proposals: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which matches each proposal explains, less precisely the farther from it: bool (proposals, matches)."""
    maps = matches.matrices[proposals]
    predicted = np.einsum("hij,nj->hni", maps[:, :, :2], matches.first) + maps[:, None, :, 2]
    error = np.sqrt(((predicted - matches.second) ** 2).sum(axis=2))
    away = np.sqrt(((matches.first[None] - matches.first[proposals][:, None]) ** 2).sum(axis=2))
    same_scale = np.abs(np.log(matches.scales[None] / matches.scales[proposals][:, None])) < 0.4
    return np.asarray((error < np.minimum(2 + 0.12 * away, 12)) & same_scale & (away < _REACH_PX))


def _fit(matches: _Matches, inliers: NDArray[np.bool_], free: NDArray[np.bool_]) -> Affine | None:
    """Least squares over the matches that agree, twice; None when it falls apart or is no plausible edit."""
    chosen = inliers
    for _ in range(3):
        if _distinct(matches.first[chosen]) < _FEWEST:
            return None
        source = np.column_stack([matches.first[chosen], np.ones(int(chosen.sum()))])
        solution, _, rank, _ = np.linalg.lstsq(source, matches.second[chosen], rcond=None)
        if rank < 3:
            return None
        matrix = np.asarray(solution.T, dtype=np.float64)
        error = np.linalg.norm(matches.first @ matrix[:, :2].T + matrix[:, 2] - matches.second, axis=1)
        chosen = (error < _TIGHT_PX) & free
    return matrix if _plausible(matrix, mirrored=matches.mirrored) else None


def _distinct(points: NDArray[np.float64]) -> int:
    return len(np.unique(np.round(points), axis=0))


def _plausible(matrix: Affine, *, mirrored: bool) -> bool:
    large, small = np.linalg.svd(matrix[:, :2], compute_uv=False)
    turned_over = np.linalg.det(matrix[:, :2]) < 0
    return bool(
        _SCALES[0] < small and large < _SCALES[1] and large < _LARGEST_STRETCH * small and turned_over == mirrored
    )
