"""Import OpenVINO without its usage reports.

On import, the `openvino` package sends a usage event over the network and keeps an identifier in the user's home,
unless the user has declined beforehand. This program works offline and reports to no one, so the package that sends
is made unimportable first; OpenVINO then uses the stub it has for that case. OpenVINO comes with the program on x86-64
only: everything works without it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import dataclass
from typing import Any

from boxprompt.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class OpenVino:
    """What is used of the package.

    Attributes:
        api: the package `openvino`.
        ops: its operator set.
        version: its version, as "2026.4.1".
    """

    api: Any
    ops: Any
    version: str


def is_installed() -> bool:
    """Whether OpenVINO can be imported; does not import it."""
    return importlib.util.find_spec("openvino") is not None


def import_openvino() -> OpenVino:
    """Import OpenVINO with its reports off.

    Raises:
        ConfigurationError: it is not installed, or cannot be loaded here.
    """
    # None is Python's own mark for «not importable»; a copy that is already loaded is left to who loaded it.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        api = importlib.import_module("openvino")
        ops = importlib.import_module("openvino.opset13")
    except ImportError as error:
        raise ConfigurationError(
            f"The OpenVINO runtime cannot be loaded ({error}): pip install 'forensic-gui[openvino]', or use torch."
        ) from error
    return OpenVino(api=api, ops=ops, version=str(api.__version__).partition("-")[0])
