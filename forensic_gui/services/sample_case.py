"""The sample case: photographs that ship with the application, some of them manipulated in a known way.

Its files are only ever read: an installation may lie where nobody can write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.errors import InstallationError
from forensic_gui.resources import resource

MANIFEST_SCHEMA = "forensic-gui.sample-case/1"


class Manipulation(StrEnum):
    """What was done to an image of the sample case."""

    UNTOUCHED = "untouched"
    SPLICE = "splice"
    COPY_MOVE = "copy-move"
    REMOVAL = "removal"


@dataclass(frozen=True, slots=True)
class SampleImage:
    """One image of the sample case.

    Attributes:
        path: the image.
        sha256: lower-case hexadecimal SHA-256 of its bytes.
        manipulation: what was done to it.
        mask: PNG of the image's size, 255 where it was manipulated; None for an untouched image.
        description: what is to be seen and what was done, a sentence or two.
    """

    path: Path
    sha256: str
    manipulation: Manipulation
    mask: Path | None
    description: str

    def known_mask(self) -> NDArray[np.bool_] | None:
        """Where it was manipulated, bool (H, W) in evidence pixels; None for an untouched image.

        Raises:
            InstallationError: the mask cannot be read.
        """
        if self.mask is None:
            return None
        try:
            return read_mask(self.mask)
        except OSError as error:
            raise InstallationError(f"The sample case's mask {self.mask} cannot be read: {error}.") from error


def load_sample_case() -> Sequence[SampleImage]:
    """The images of the sample case, in the manifest's order, each with the bytes that the manifest names.

    Raises:
        InstallationError: the manifest, or a file that it names, is missing, altered or unreadable.
    """
    manifest = resource("sample_case", "manifest.json")
    try:
        record = json.loads(manifest.read_text(encoding="utf-8"))
        if record["schema"] != MANIFEST_SCHEMA:
            raise ValueError(f"its schema is {record['schema']!r}")
        return tuple(_sample_image(manifest.parent, entry) for entry in record["images"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InstallationError(
            f"The sample case {manifest.parent} cannot be used ({error}): install Forensic GUI again."
        ) from error


def read_mask(path: Path) -> NDArray[np.bool_]:
    """Read a mask that this program wrote: bool (H, W), True where its PNG is 255.

    Raises:
        OSError: the file cannot be read or is no PNG.
    """
    with Image.open(path, formats=["PNG"]) as image:
        return np.asarray(image.convert("L")) > 127


def _sample_image(folder: Path, entry: dict[str, Any]) -> SampleImage:
    path = folder / entry["image"]
    if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
        raise ValueError(f"{path.name} has been altered")
    mask = None if entry["mask"] is None else folder / entry["mask"]
    if mask is not None and not mask.is_file():
        raise ValueError(f"{mask.name} is missing from {mask.parent.name}")
    return SampleImage(
        path=path,
        sha256=entry["sha256"],
        manipulation=Manipulation(entry["manipulation"]),
        mask=mask,
        description=entry["description"],
    )
