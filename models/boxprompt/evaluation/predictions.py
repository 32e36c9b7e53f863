"""Score maps that other tools left in a folder, so that any of them can stand in the same table."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from boxprompt.contracts import ScoreMap
from boxprompt.data.datasets import DatasetError, DatasetItem, header_size, name_some
from boxprompt.errors import StoppedError
from boxprompt.evaluation.records import PredictionFacts

SUFFIXES = frozenset({".npy", ".png"})
# As this application names its own.
HEATMAP_SUFFIX = ".heatmap"
# What a PNG's largest value stands for a score of 1, by Pillow's mode.
_PNG_SCALES: Mapping[str, int] = {"1": 1, "L": 255, "I;16": 65535, "I;16B": 65535}
_DECODE_ERRORS = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class FolderPredictions:
    """Score maps by image.

    Attributes:
        paths: map of each image, by the image's path.
        facts: which files they are.
    """

    paths: Mapping[Path, Path]
    facts: PredictionFacts

    @classmethod
    def open(
        cls, folder: Path, items: Sequence[DatasetItem], *, should_stop: Callable[[], bool] = lambda: False
    ) -> FolderPredictions:
        """Find and check the map of every image: all are there and readable, or none is taken.

        A map belongs to the image of the same stem, or is named `<stem>.heatmap`. Rows of a table compare only where
        they are of the same images, so that a single map that is missing is a refusal. Maps of other images are
        passed over.

        Args:
            folder: holds grey PNG files of 1, 8 or 16 bits (0 to the largest value for scores 0 to 1), and `.npy` files
                of floats (H, W) in [0, 1].
            items: the images.
            should_stop: asked before every map.

        Raises:
            DatasetError: a map is missing, there twice, or no score map; or two images share a stem.
            StoppedError: `should_stop` said so.
        """
        found = _maps_by_stem(folder)
        shared = [stem for stem, count in Counter(item.image.stem for item in items).items() if count > 1]
        if shared:
            raise DatasetError(f"Several images are called {name_some(shared)}: maps cannot be told apart by stem.")
        missing = [item.image.name for item in items if item.image.stem not in found]
        if missing:
            raise DatasetError(f"{folder} has no score map (.png or .npy) for {name_some(missing)}.")
        paths = {item.image: found[item.image.stem] for item in items}
        return cls(paths=paths, facts=_facts(paths, should_stop))

    def read(self, item: DatasetItem, *, shape: tuple[int, int]) -> ScoreMap:
        """The map of an image, bilinearly interpolated where it has another size: float32 (H, W) in [0, 1].

        Args:
            item: the image.
            shape: (H, W) of the image.

        Raises:
            DatasetError: the file is no score map any more.
        """
        return at_size(read_map(self.paths[item.image]), shape=shape)


def at_size(scores: ScoreMap, *, shape: tuple[int, int]) -> ScoreMap:
    """A score map at another size (H, W): bilinear, centres of pixels aligned; unchanged where it has that size."""
    if scores.shape == shape:
        return scores
    resized = cv2.resize(scores, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    # Rounding may step past the ends by one unit in the last place.
    return np.asarray(np.clip(resized, 0, 1), dtype=np.float32)


def read_map(path: Path) -> ScoreMap:
    """Read a score map: float32 (H, W) in [0, 1].

    Raises:
        DatasetError: it is none: the file cannot be read, is in colour, or holds values outside [0, 1].
    """
    try:
        scores = _read_npy(path) if path.suffix.lower() == ".npy" else _read_png(path)
    except _DECODE_ERRORS as error:
        raise DatasetError(f"{path} cannot be read as a score map: {error}.") from error
    # Written so that NaN fails too.
    if not bool(np.all((scores >= 0) & (scores <= 1))):
        raise DatasetError(f"{path} holds scores that are no numbers from 0 to 1.")
    return scores


def _read_npy(path: Path) -> ScoreMap:
    # Mapped, so that a header that promises more than the file holds is refused before memory is taken.
    values: NDArray[np.generic] = np.load(path, mmap_mode="r", allow_pickle=False)
    if values.ndim != 2 or values.size == 0 or not np.issubdtype(values.dtype, np.floating):
        raise DatasetError(f"{path} holds {values.dtype} {values.shape}, not floats (H, W).")
    return np.array(values, dtype=np.float32)


def _read_png(path: Path) -> ScoreMap:
    with Image.open(path, formats=["PNG"]) as image:
        scale = _PNG_SCALES.get(image.mode)
        if scale is None:
            raise DatasetError(f"{path} is of mode {image.mode}; a score map is grey, of 8 or 16 bits.")
        return np.asarray(image).astype(np.float32) / np.float32(scale)


def _maps_by_stem(folder: Path) -> dict[str, Path]:
    try:
        listed = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != ".")
    except OSError as error:
        raise DatasetError(f"{folder} cannot be listed: {error.strerror}.") from error
    found: dict[str, Path] = {}
    for path in listed:
        stem = path.stem.removesuffix(HEATMAP_SUFFIX)
        if stem in found:
            raise DatasetError(f"{found[stem]} and {path.name} are maps of one image; remove one.")
        found[stem] = path
    return found


def _facts(paths: Mapping[Path, Path], should_stop: Callable[[], bool]) -> PredictionFacts:
    fingerprint = hashlib.sha256()
    resized = 0
    for image, path in paths.items():
        if should_stop():
            raise StoppedError("The check of the score maps was stopped.")
        rows, columns = read_map(path).shape
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        fingerprint.update(f"{path.name}\t{digest}\n".encode())
        try:
            resized += header_size(image) != (columns, rows)
        except DatasetError:
            continue  # the image is named when it is measured
    return PredictionFacts(sha256=fingerprint.hexdigest(), resized=resized)
