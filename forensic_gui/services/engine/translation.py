"""What the library says, in the application's words: failures, and arrays of the view as stored pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from boxprompt.errors import (
    BoxpromptError,
    ConfigurationError,
    DeviceUnavailableError,
    StoppedError,
    WeightsMismatchError,
    WeightsNotFoundError,
)
from forensic_gui.domain.errors import (
    Cancelled,
    DeviceUnavailable,
    ForensicError,
    RequestError,
    SegmenterError,
    WeightsError,
)
from forensic_gui.domain.geometry import Orientation
from forensic_gui.services.ports import Views

Kinds = Mapping[type[BoxpromptError], type[ForensicError]]

KINDS: Kinds = {
    WeightsNotFoundError: WeightsError,
    WeightsMismatchError: WeightsError,
    DeviceUnavailableError: DeviceUnavailable,
    ConfigurationError: RequestError,
    BoxpromptError: RequestError,
}
"""The application's word for each failure of the library, the most special ones first."""

SEGMENTER_KINDS: Kinds = {
    DeviceUnavailableError: DeviceUnavailable,
    BoxpromptError: SegmenterError,
}
"""The same where a segmenter is at work."""


@contextmanager
def translated(kinds: Kinds = KINDS) -> Iterator[None]:
    """Turn the library's failures into the application's, sentence and all."""
    try:
        yield
    except StoppedError as stopped:
        raise Cancelled from stopped
    except BoxpromptError as error:
        kind = next(ours for theirs, ours in kinds.items() if isinstance(error, theirs))
        raise kind(str(error)) from error


def view_name(views: Views) -> Literal["fast", "thorough"]:
    """What a card calls a view."""
    return "thorough" if views is Views.THOROUGH else "fast"


def as_stored(array: NDArray[Any], orientation: Orientation) -> NDArray[Any]:
    """The array (H, W, ...) of a view in the order of the stored pixels, contiguous."""
    return np.ascontiguousarray(orientation.inverse.apply(array))
