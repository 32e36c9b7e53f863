"""Shifts under which an image repeats, from its whitened autocorrelation."""

from __future__ import annotations

import cv2
import numpy as np

from boxprompt.traces.self_similarity.planes import Affine, Plane, shift

# A spectrum smoothed over this share of its width loses what repeats at more than about as many pixels.
_SMOOTHING = 1 / 24
# Periodic texture stands out of the spectrum by orders of magnitude, a copy by a ripple: cap the first.
_STRONGEST = 6.0
_FLOOR = 1e-3
_SMALLEST_OVERLAP = 0.02


def frequent_shifts(grey: Plane, *, count: int, nearest_px: int) -> list[Affine]:
    """Find the shifts under which most of an image's texture finds itself again.

    A copy leaves an echo: a peak in the autocorrelation at the distance from the original. Contrast is made even over
    the image, and the power spectrum is divided by its own smoothed version, so that a peak's height counts area
    rather than strong edges (whitening; echo detection by the cepstrum rests on the same ripple).

    Args:
        grey: float32 (H, W), luminance.
        count: at most this many, strongest first.
        nearest_px: shifts shorter than this are texture, not copies.

    Returns:
        Affine maps, each a shift by whole pixels, one of every pair of opposite ones.
    """
    rows, columns = grey.shape
    echo = _autocorrelation(_even_contrast(grey))
    half = echo[:rows, np.arange(-columns + 1, columns)]
    down, across = np.arange(rows)[:, None], np.arange(-columns + 1, columns)[None]
    overlap = (rows - down) * (columns - np.abs(across))
    allowed = (overlap > _SMALLEST_OVERLAP * grey.size) & (down * down + across * across >= nearest_px**2)
    allowed &= (down > 0) | (across > 0)
    peaks = half - cv2.blur(half, (9, 9))
    peaks[~allowed] = -np.inf
    is_peak = (peaks == cv2.dilate(peaks, np.ones((5, 5), dtype=np.uint8))) & allowed
    found_y, found_x = np.nonzero(is_peak)
    order = np.argsort(-peaks[found_y, found_x], kind="stable")[:count]
    return [shift(float(found_x[i] - columns + 1), float(found_y[i])) for i in order]


def _even_contrast(grey: Plane) -> Plane:
    detail = grey - cv2.GaussianBlur(grey, (0, 0), 4)
    deviation = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), 8))
    return np.asarray(detail / (deviation + 4), dtype=np.float32)


def _autocorrelation(values: Plane) -> Plane:
    """Whitened autocorrelation, zero-padded so that nothing wraps: [y, x] for a shift of (x, y), negative ones last."""
    size = tuple(cv2.getOptimalDFTSize(2 * side) for side in values.shape)
    spectrum = np.fft.rfft2(values, size)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    smooth = cv2.blur(power, _odd_window(size), borderType=cv2.BORDER_REFLECT)
    even = np.minimum(power / (smooth + _FLOOR * float(smooth.max()) + np.finfo(np.float32).tiny), _STRONGEST)
    return np.asarray(np.fft.irfft2(even, size), dtype=np.float32)


def _odd_window(size: tuple[int, ...]) -> tuple[int, int]:
    rows, columns = (int(side * _SMOOTHING) | 1 for side in size)
    return columns, rows
