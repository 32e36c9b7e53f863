"""What the JSON forms of datasets have in common: reading, checking against a schema, boxes and sizes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from boxprompt.data.datasets import DatasetError, name_some
from boxprompt.data.truth import Box
from boxprompt.faults import faults

_Table = TypeVar("_Table", bound=BaseModel)


class Checked(BaseModel):
    """Base of what is read: immutable, finite numbers, fields of other tools passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def read_json(path: Path) -> Any:
    """The value of a JSON file.

    Raises:
        DatasetError: it cannot be read, or is none.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is no JSON file.") from error


def checked(value: Any, schema: type[_Table], *, path: Path, form: str) -> _Table:
    """A JSON value as a table of a schema.

    Args:
        value: of a file.
        schema: what it must be.
        path: of the file, to be named.
        form: what the schema is called, as "a COCO file".

    Raises:
        DatasetError: it is something else; the first faults are named.
    """
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        raise DatasetError(f"{path} is not {form}: {faults(error, most=3)}.") from error


def is_within(box: Box, size: tuple[int, int], *, tolerance_px: float = 0.0) -> bool:
    """Whether a box has an area and lies in an image of (width, height), or off it by no more than a tolerance."""
    x0, y0, x1, y1 = box
    least, (width, height) = -tolerance_px, (side + tolerance_px for side in size)
    return least <= x0 < x1 <= width and least <= y0 < y1 <= height


def require_files(files: dict[str, Path], *, path: Path) -> None:
    """Refuse names of a file that lead to nothing.

    Args:
        files: by the name that the file has for them.
        path: of the file, to be named.

    Raises:
        DatasetError: some are not there; they are named.
    """
    absent = [name for name, file in files.items() if not file.is_file()]
    if absent:
        raise DatasetError(f"{path} names files that are not there: {name_some(absent)}.")
