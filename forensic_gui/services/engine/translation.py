"""What the library says, in the application's words: failures, and arrays of the view as stored pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
    WeightsError,
)
from forensic_gui.domain.geometry import Orientation


@contextmanager
def translated() -> Iterator[None]:
    """Turn the library's failures into the application's, sentence and all."""
    try:
        yield
    except StoppedError as stopped:
        raise Cancelled from stopped
    except BoxpromptError as error:
        kind: type[ForensicError] = next(ours for theirs, ours in _KINDS.items() if isinstance(error, theirs))
        raise kind(str(error)) from error


_KINDS: dict[type[BoxpromptError], type[ForensicError]] = {
    WeightsNotFoundError: WeightsError,
    WeightsMismatchError: WeightsError,
    DeviceUnavailableError: DeviceUnavailable,
    ConfigurationError: RequestError,
    BoxpromptError: RequestError,
}


def as_stored(array: NDArray[Any], orientation: Orientation) -> NDArray[Any]:
    """The array (H, W, ...) of a view in the order of the stored pixels, contiguous."""
    return np.ascontiguousarray(orientation.inverse.apply(array))
