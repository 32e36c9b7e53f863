"""Photographs to synthesize from: found once, decoded when drawn, kept in a bounded cache."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from boxprompt.contracts import RgbImage
from boxprompt.data.degrade import decode_rgb

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
_LABELS_FOLDER = "masks"
_ORIENTATION_TAG = 0x0112


@dataclass(frozen=True, slots=True)
class Photograph:
    """One source photograph.

    Attributes:
        source: stable identifier, the folder's name and the path within it, with forward slashes.
        path: the file.
        labels: PNG label map of the same size, 0 background, each other value a thing; None without one.
        collection: the directory it lies in, for balancing.
        size: stored (rows, columns).
        orientation: EXIF orientation, 1 to 8.
    """

    source: str
    path: Path
    labels: Path | None
    collection: str
    size: tuple[int, int]
    orientation: int


@dataclass(frozen=True, slots=True)
class Pixels:
    """A decoded photograph.

    Attributes:
        native: uint8 (H, W, 3) RGB, stored pixels never resized; of a large photograph a window that starts on
            its 8x8 grid. Row 0 and column 0 lie on the grid of the file's own compression.
        labels: uint8 (H, W) label map of `native`; None without one.
        overview: uint8 (h, w, 3), the whole photograph; shrunk by area averages when `native` is a window,
            else the same array as `native`.
        overview_labels: uint8 (h, w) label map of `overview`; None without one.
    """

    native: RgbImage
    labels: NDArray[np.uint8] | None
    overview: RgbImage
    overview_labels: NDArray[np.uint8] | None

    @property
    def nbytes(self) -> int:
        """Bytes held, shared arrays counted once."""
        arrays = {id(a): a.nbytes for a in (self.native, self.labels, self.overview, self.overview_labels)
                  if a is not None}  # fmt: skip
        return sum(arrays.values())


class PhotoPool:
    """Source photographs, drawn by weight and decoded lazily.

    The cache is dropped when the pool is pickled, so that each worker of a loader fills its own.
    """

    def __init__(
        self,
        photographs: Sequence[Photograph],
        *,
        skipped: Sequence[tuple[Path, str]] = (),
        longest_px: int = 1600,
        cache_bytes: int = 1 << 30,
    ) -> None:
        """Hold `photographs`.

        Args:
            photographs: with distinct sources.
            skipped: files that were left out, each with the reason.
            longest_px: longest side of a decoded array; larger photographs keep a native window of that size.
            cache_bytes: bound on the decoded pixels kept in memory.

        Raises:
            ValueError: there is no photograph, or two share a source.
        """
        if not photographs:
            raise ValueError("a pool needs at least one photograph")
        repeated = [source for source, n in Counter(p.source for p in photographs).items() if n > 1]
        if repeated:
            raise ValueError(f"two photographs share the source {repeated[0]}")
        self.photographs = tuple(photographs)
        self.skipped = tuple(skipped)
        self._longest_px = longest_px
        self._cache_bytes = cache_bytes
        self._cache: OrderedDict[str, Pixels] = OrderedDict()
        self._held_bytes = 0
        self._cumulative: dict[float, NDArray[np.float64]] = {}

    def __len__(self) -> int:
        return len(self.photographs)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_cache": OrderedDict(), "_held_bytes": 0}

    @classmethod
    def open(
        cls,
        folders: Sequence[Path],
        *,
        masks: Mapping[Path, Path] | None = None,
        exclude: Collection[str] = (),
        shortest_px: int = 160,
        longest_px: int = 1600,
        cache_bytes: int = 1 << 30,
    ) -> PhotoPool:
        """Find the JPEG and PNG photographs under `folders`.

        Args:
            folders: searched recursively; links are not followed.
            masks: image directory to the directory of its label maps, same stem, PNG. Without an entry the
                sibling directory `masks` is looked at. Label directories hold no photographs.
            exclude: sources, file names or stems that must not be used.
            shortest_px: photographs with a shorter side are skipped.
            longest_px: see the constructor.
            cache_bytes: see the constructor.

        Raises:
            FileNotFoundError: a folder does not exist.
            ValueError: no photograph was found.
        """
        labels = {key.resolve(): value.resolve() for key, value in (masks or {}).items()}
        found: list[Photograph] = []
        skipped: list[tuple[Path, str]] = []
        for prefix, folder in _named(folders):
            for path in _files(folder, labels=labels):
                source = f"{prefix}/{path.relative_to(folder).as_posix()}"
                if exclude and {source, path.name, path.stem} & set(exclude):
                    continue
                try:
                    found.append(_describe(path, source=source, labels=labels, shortest_px=shortest_px))
                except _SkippedError as error:
                    skipped.append((path, str(error)))
        return cls(found, skipped=skipped, longest_px=longest_px, cache_bytes=cache_bytes)

    def split(self, *, validation_share: float = 0.1, seed: int = 0) -> tuple[PhotoPool, PhotoPool]:
        """Return (training, validation) pools that share no photograph.

        The order comes from a hash of the seed and the source, so that it is the same on every machine and adding
        photographs moves few others across.

        Raises:
            ValueError: one side would be empty.
        """
        ranked = sorted(self.photographs, key=lambda p: _rank(p.source, seed=seed))
        count = round(len(ranked) * validation_share)
        if not 0 < count < len(ranked):
            raise ValueError(f"{len(ranked)} photographs cannot give a validation share of {validation_share}")
        return self._of(ranked[count:]), self._of(ranked[:count])

    def draw(self, rng: np.random.Generator, *, balance: float = 1.0) -> Photograph:
        """Return a photograph; a collection of n is drawn in proportion to n ** `balance`."""
        if balance not in self._cumulative:
            sizes = Counter(p.collection for p in self.photographs)
            weights = np.array([sizes[p.collection] ** (balance - 1.0) for p in self.photographs])
            self._cumulative[balance] = np.cumsum(weights / weights.sum())
        index = int(np.searchsorted(self._cumulative[balance], rng.random(), side="right"))
        return self.photographs[min(index, len(self.photographs) - 1)]

    def pixels(self, photograph: Photograph) -> Pixels:
        """Return the decoded photograph, from the cache where it is there.

        Raises:
            ValueError: the file cannot be decoded, or its label map has another size.
        """
        held = self._cache.pop(photograph.source, None)
        if held is None:
            held = _decode(photograph, longest_px=self._longest_px)
            self._held_bytes += held.nbytes
        self._cache[photograph.source] = held
        while self._held_bytes > self._cache_bytes and len(self._cache) > 1:
            _, dropped = self._cache.popitem(last=False)
            self._held_bytes -= dropped.nbytes
        return held

    def _of(self, photographs: Sequence[Photograph]) -> PhotoPool:
        ordered = sorted(photographs, key=lambda p: p.source)
        return PhotoPool(ordered, longest_px=self._longest_px, cache_bytes=self._cache_bytes)


class _SkippedError(Exception):
    """A file that the pool leaves out, with the reason."""


def _named(folders: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    resolved = [folder.resolve() for folder in folders]
    names = Counter(folder.name for folder in resolved)
    for position, folder in enumerate(resolved):
        if not folder.is_dir():
            raise FileNotFoundError(f"no such folder of photographs: {folder}")
        yield (folder.name if names[folder.name] == 1 else f"{position}-{folder.name}"), folder


def _files(folder: Path, *, labels: Mapping[Path, Path]) -> Iterator[Path]:
    label_folders = set(labels.values())
    for current, directories, names in os.walk(folder):
        here = Path(current)
        directories[:] = sorted(
            name for name in directories if name != _LABELS_FOLDER and here / name not in label_folders
        )
        for name in sorted(names):
            path = here / name
            if path.suffix.lower() in _SUFFIXES and path.is_file() and not path.is_symlink():
                yield path


def _describe(path: Path, *, source: str, labels: Mapping[Path, Path], shortest_px: int) -> Photograph:
    try:
        with Image.open(path, formats=["JPEG", "PNG"]) as image:
            columns, rows = image.size
            orientation = int(image.getexif().get(_ORIENTATION_TAG, 1))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _SkippedError(f"unreadable: {error}") from error
    if min(rows, columns) < shortest_px:
        raise _SkippedError(f"{columns}x{rows} is smaller than {shortest_px} pixels")
    label = labels.get(path.parent, path.parent.parent / _LABELS_FOLDER) / f"{path.stem}.png"
    return Photograph(
        source=source,
        path=path,
        labels=label if label.is_file() else None,
        collection=source.rpartition("/")[0],
        size=(rows, columns),
        orientation=orientation if 1 <= orientation <= 8 else 1,
    )


def _decode(photograph: Photograph, *, longest_px: int) -> Pixels:
    try:
        stored = decode_rgb(photograph.path.read_bytes())
    except ValueError as error:
        raise ValueError(f"cannot decode {photograph.path}: {error}") from error
    labels = None if photograph.labels is None else _read_labels(photograph.labels, shape=stored.shape[:2])
    whole_rows, whole_columns = (side - side % 8 for side in stored.shape[:2])
    # Whole blocks only: mirrored and turned pixels then still start on the grid.
    stored = stored[:whole_rows, :whole_columns]
    upright = _upright(stored, photograph.orientation)
    upright_labels = None if labels is None else _upright(labels[:whole_rows, :whole_columns], photograph.orientation)
    if max(upright.shape[:2]) <= longest_px:
        return Pixels(upright, upright_labels, upright, upright_labels)
    window = _window(upright.shape[:2], source=photograph.source, longest_px=longest_px)
    scale = longest_px / max(upright.shape[:2])
    size = (round(upright.shape[1] * scale), round(upright.shape[0] * scale))
    return Pixels(
        native=np.ascontiguousarray(upright[window]),
        labels=None if upright_labels is None else np.ascontiguousarray(upright_labels[window]),
        overview=np.asarray(cv2.resize(upright, size, interpolation=cv2.INTER_AREA), dtype=np.uint8),
        overview_labels=None
        if upright_labels is None
        else np.asarray(cv2.resize(upright_labels, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8),
    )


def _read_labels(path: Path, *, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    labels = cv2.imdecode(np.frombuffer(path.read_bytes(), dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if labels is None or labels.ndim != 2 or labels.dtype != np.uint8:
        raise ValueError(f"{path} is not an 8-bit, one-channel label map")
    if labels.shape != tuple(shape):
        raise ValueError(f"{path} is {labels.shape}, its photograph is {tuple(shape)}")
    return np.asarray(labels, dtype=np.uint8)


def _upright(array: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    if orientation in (2, 4, 5, 7):
        array = array[:, ::-1]
    quarter_turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(array, quarter_turns))


def _window(shape: tuple[int, ...], *, source: str, longest_px: int) -> tuple[slice, slice]:
    rng = np.random.default_rng(int(_rank(source, seed=0)[:15], 16))
    span = longest_px - longest_px % 8
    sides = [min(side, span) for side in shape]
    starts = [8 * int(rng.integers(0, (full - side) // 8 + 1)) for full, side in zip(shape, sides, strict=True)]
    rows, columns = (slice(start, start + side) for start, side in zip(starts, sides, strict=True))
    return rows, columns


def _rank(source: str, *, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{source}".encode()).hexdigest()
