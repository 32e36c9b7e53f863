"""What this installation consists of, and whether its parts work together on this machine."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from forensic_gui import __version__
from forensic_gui.domain.errors import ForensicError, InstallationError
from forensic_gui.domain.geometry import Box, Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services import bootstrap, desktop, engine
from forensic_gui.services.imagefiles import GreyPng
from forensic_gui.services.installed_weights import installed_weights
from forensic_gui.services.ports import Segmenter

PACKAGES = (
    *("numpy", "torch", "torchvision", "timm", "segment-anything", "opencv-python-headless", "safetensors"),
    *("Pillow", "pi-heif", "rawpy", "tifffile", "pydantic", "platformdirs", "typer", "rich"),
    *("Jinja2", "reportlab", "uharfbuzz", "pypdfium2", "ExifRead"),
    *("PySide6-Essentials", "pyqtgraph"),
)
_TEST_SIZE = Size(37, 23)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried.

    Attributes:
        name: what.
        passed: whether it works.
        detail: what was found, or what to do, a sentence.
        needed_for: what does not work without it.
    """

    name: str
    passed: bool
    detail: str
    needed_for: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Facts and checks.

    Attributes:
        facts: operating system, versions, folders; by name.
        packages: installed version by distribution, None where it is missing.
        checks: what was tried.
    """

    facts: Mapping[str, str]
    packages: Mapping[str, str | None]
    checks: tuple[Check, ...]


def diagnose(environment: Mapping[str, str]) -> Diagnosis:
    """Look at this installation and try its parts: seconds, because torch is imported.

    Args:
        environment: environment variables, as `os.environ`.
    """
    facts = {
        "forensic-gui": __version__,
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": str(os.cpu_count()),
        "python": platform.python_version(),
        "log folder": str(bootstrap.log_folder()),
        "user data folder": str(bootstrap.user_data_folder()),
        **engine.describe_runtime(),
    }
    checks = (
        _check("decoder", "opening evidence", _try_decoder),
        _check("weights", "analyzing", _try_weights),
        _check("localizer", "analyzing", _try_localizer),
        _check("segmenter", "masks of boxes", _try_segmenter),
        _check("window", "the window, not the command line", lambda: _try_window(environment)),
    )
    return Diagnosis(facts, {name: _version(name) for name in PACKAGES}, checks)


def _check(name: str, needed_for: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(name, True, attempt(), needed_for)
    except ForensicError as error:
        return Check(name, False, str(error), needed_for)


def _try_decoder() -> str:
    """Decode an image with known pixels in the child process."""
    expected = np.arange(_TEST_SIZE.pixels, dtype=np.uint32).reshape(_TEST_SIZE.shape).astype(np.uint8)
    with tempfile.TemporaryDirectory(prefix="forensic-gui-") as folder:
        path = Path(folder) / "known.png"
        data = bytearray()
        png = GreyPng(data.extend, size=_TEST_SIZE, dtype=np.uint8, orientation=Orientation.UPRIGHT, texts={})
        png.rows(expected)
        png.close()
        path.write_bytes(data)
        decoder = bootstrap.open_decoder()
        try:
            decoded = decoder.decode(path)
        finally:
            decoder.close()
    if not np.array_equal(decoded.pixels, np.repeat(expected[:, :, None], 3, axis=2)):
        raise InstallationError("A known image decodes to other pixels than it holds: install Forensic GUI again.")
    return f"{decoded.facts.decoder} {decoded.facts.decoder_version} decodes a known image exactly."


def _try_weights() -> str:
    found = installed_weights(folders=bootstrap.weight_folders(), verify=True)
    if not found:
        raise InstallationError("No weights are installed: install Forensic GUI again.")
    problems = [weights.problem for weights in found if weights.problem]
    if problems:
        raise InstallationError(" ".join(problems))
    return f"{', '.join(weights.id for weights in found)}: as their cards state."


def _try_localizer() -> str:
    """Two runs of the default localizer on the same pixels must agree to the bit."""
    localizer = bootstrap.load_localizer()
    pixels = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    first, second = (localizer.localize(pixels).heatmap.grid for _ in range(2))
    if not np.array_equal(first, second):
        raise InstallationError("The same image gave two different heatmaps: do not rely on this device.")
    return f"{localizer.info.weights_id} on {localizer.info.device} gives the same heatmap twice."


def _try_segmenter() -> str:
    """Load the one that is used where none is named, and let the one without weights find a disc."""
    installed = [each.name for each in bootstrap.known_segmenters() if each.is_installed]
    info = bootstrap.load_segmenter().info
    if info.notices:
        raise InstallationError(" ".join(info.notices))
    if not _finds_a_disc(bootstrap.load_segmenter(segmenter=engine.GRABCUT_ID)):
        raise InstallationError(f"{engine.GRABCUT_NAME} misses a disc on plain ground: install Forensic GUI again.")
    return f"{info.name} on {info.device} is active; installed: {', '.join(installed)}."


def _finds_a_disc(segmenter: Segmenter) -> bool:
    rows, columns = np.mgrid[:96, :96]
    disc = (rows - 48) ** 2 + (columns - 48) ** 2 < 24**2
    picture = np.where(disc[..., None], np.uint8(200), np.uint8(60)).repeat(3, axis=2)
    found = segmenter.decode(segmenter.encode(picture), Prompts(box=Box(18, 18, 78, 78)))
    return found.mask.iou(Mask.of(disc)) > 0.9


def _try_window(environment: Mapping[str, str]) -> str:
    desktop.require_desktop(environment)
    return "A window can be opened."


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
