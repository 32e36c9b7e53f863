"""What a report says of the program and the computer it was made on."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from forensic_gui.services.recording import describe_environment

PACKAGES = (
    *("numpy", "torch", "torchvision", "timm", "segment-anything", "openvino", "opencv-python-headless"),
    *("safetensors", "Pillow", "pi-heif", "rawpy", "tifffile", "ExifRead", "pydantic", "typer"),
    *("Jinja2", "reportlab", "uharfbuzz", "pypdfium2", "pyHanko"),
)
"""Distributions that take part in making a finding or a report."""

_CPU_LIST = Path("/proc/cpuinfo")


def installed_packages() -> Mapping[str, str]:
    """Version by distribution, of those that are installed."""
    found: dict[str, str] = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def describe_computer() -> Mapping[str, str]:
    """Operating system, machine, processors and what of Python's own takes part; imports no torch.

    On which device and with how many threads a finding was made stands in the finding itself.
    """
    return {
        **describe_environment(),
        "processor": _processor(),
        "processors": str(os.cpu_count() or "unknown"),
        "sqlite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    """The processor's name; on Linux only its own list has it."""
    try:
        lines = _CPU_LIST.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or "unknown"
