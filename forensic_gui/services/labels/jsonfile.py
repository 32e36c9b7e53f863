"""JSON of others: read within limits, every value checked where it is taken, every refusal naming file and field."""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import LabelsError

MAX_JSON_BYTES = 256 << 20  # a COCO file of 100,000 images takes some 100 MB; parsed it takes several times as much
# Parsed, an empty array takes some twenty times its characters: these bound the memory to about 2 GB. Brackets
# within texts count too; one in 64 characters of COCO's run lengths is one.
MAX_CONTAINERS = 8_000_000
MAX_VALUES = 40_000_000
MAX_TEXT = 10_000
MAX_PATH_TEXT = 1_000
MAX_COORDINATE = 1 << 24


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a JSON file, and where it stands.

    Attributes:
        file: name of the file, for sentences.
        where: path of the value, as "annotations[3].bbox"; "" for the whole.
        value: as json.loads made it.
    """

    file: str
    where: str
    value: Any

    def refusal(self, must: str) -> LabelsError:
        """The error that this value is none that can be used; `must` says what it must be."""
        return LabelsError(f"{self.file}: {self.where or 'the file'} must be {must}.")

    def __getitem__(self, key: str) -> Field:
        """A value of an object.

        Raises:
            LabelsError: this is no object, or has no such key.
        """
        found = self.get(key)
        if found is None:
            raise Field(self.file, self._path(key), None).refusal("there")
        return found

    def get(self, key: str) -> Field | None:
        """A value of an object; None where there is none or it is null.

        Raises:
            LabelsError: this is no object.
        """
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        value = self.value.get(key)
        return None if value is None else Field(self.file, self._path(key), value)

    def items(self, *, most: int) -> list[Field]:
        """The values of an array.

        Raises:
            LabelsError: this is no array, or a longer one.
        """
        if not isinstance(self.value, list) or len(self.value) > most:
            raise self.refusal(f"an array of at most {most:,} values")
        return [Field(self.file, f"{self.where}[{index}]", value) for index, value in enumerate(self.value)]

    def text(self, *, most: int = MAX_TEXT) -> str:
        """A text.

        Raises:
            LabelsError: it is none, or a longer one.
        """
        if not isinstance(self.value, str) or len(self.value) > most:
            raise self.refusal(f"a text of at most {most:,} characters")
        return self.value

    def integer(self, *, least: int = 0, most: int = 2**53) -> int:
        """A whole number, which other tools may have written as 3.0.

        Raises:
            LabelsError: it is none, or out of bounds.
        """
        value = self.value
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole or not least <= value <= most:
            raise self.refusal(f"a whole number from {least} to {most}")
        return int(value)

    def truth(self) -> bool:
        """True or false.

        Raises:
            LabelsError: it is neither.
        """
        if not isinstance(self.value, bool):
            raise self.refusal("true or false")
        return self.value

    def numbers(self, *, most: int) -> NDArray[np.float64]:
        """Finite numbers, float64 (n,).

        Raises:
            LabelsError: this is no array of such, or a longer one.
        """
        values = self.value
        if (
            not isinstance(values, list)
            or len(values) > most
            or not all(type(value) in (int, float) for value in values)
        ):
            raise self.refusal(f"an array of at most {most:,} numbers")
        return self._finite(values)

    def points(self, *, most: int) -> NDArray[np.float64]:
        """Points [x, y], float64 (n, 2).

        Raises:
            LabelsError: this is no array of such, or a longer one.
        """
        values = self.value
        if not isinstance(values, list) or len(values) > most or not all(_is_point(value) for value in values):
            raise self.refusal(f"an array of at most {most:,} points [x, y]")
        return self._finite(values).reshape(-1, 2)

    def relative_path(self) -> PurePosixPath:
        """A path below the labels' folder; backslashes count as separators, as Windows writes them.

        Raises:
            LabelsError: it is no path, or leads elsewhere.
        """
        text = self.text(most=MAX_PATH_TEXT).replace("\\", "/")
        path = PurePosixPath(text)
        if path.is_absolute() or ".." in path.parts or ":" in text or "\0" in text or not path.name:
            raise self.refusal("a relative path below the labels' own folder, without .., drive or colon")
        return path

    def image_path(self) -> tuple[str, PurePosixPath | None]:
        """(name, path below the labels' folder) of an image; None of one that leads elsewhere and is not to be opened.

        Raises:
            LabelsError: it names no file.
        """
        text = self.text(most=MAX_PATH_TEXT).replace("\\", "/")
        path = PurePosixPath(text)
        if path.name in {"", ".."} or ":" in path.name or "\0" in text:
            raise self.refusal("the path of an image")
        leads_elsewhere = path.is_absolute() or ".." in path.parts or ":" in text
        return path.name, None if leads_elsewhere else path

    def _path(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def _finite(self, values: Sequence[Any]) -> NDArray[np.float64]:
        try:
            array = np.array(values, dtype=np.float64)
        except OverflowError:
            raise self.refusal("numbers that fit") from None
        # Beyond it, differences and products of coordinates would no longer be exact, or be infinite.
        if not (np.abs(array) <= MAX_COORDINATE).all():
            raise self.refusal(f"finite numbers up to {MAX_COORDINATE:,}")
        return array


def _is_point(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(each) in (int, float) for each in value)


def read_json(path: Path, *, most_bytes: int = MAX_JSON_BYTES) -> tuple[Field, str]:
    """A JSON file's value and the SHA-256 of its bytes. Links and whatever is no regular file are refused.

    Raises:
        LabelsError: it cannot be read, is too long, or is no JSON.
    """
    data = read_bytes(path, most_bytes=most_bytes)
    if data.count(b"[") + data.count(b"{") > MAX_CONTAINERS or data.count(b",") > MAX_VALUES:
        raise LabelsError(f"{path.name}: the file holds more values than any labels; split it into several files.")
    try:
        value = json.loads(data, parse_constant=_refuse_constant, parse_float=_finite_float)
    except RecursionError:
        raise LabelsError(f"{path.name}: the file is nested deeper than any labels are.") from None
    except ValueError as error:
        raise LabelsError(f"{path.name}: the file is no JSON that can be used ({error}).") from error
    return Field(path.name, "", value), hashlib.sha256(data).hexdigest()


def read_bytes(path: Path, *, most_bytes: int) -> bytes:
    """The bytes of a regular file.

    Raises:
        LabelsError: it cannot be read, is no regular file, or is too long.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise LabelsError(f"{path.name}: this is no regular file; name the labels themselves.")
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise LabelsError(f"{path} cannot be read ({error.strerror}).") from error
    if len(data) > most_bytes:
        raise LabelsError(f"{path.name}: the file is longer than {most_bytes:,} bytes, the most that is read.")
    return data


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is no number that fits")
    return value
