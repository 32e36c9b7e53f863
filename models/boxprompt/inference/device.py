"""Which device computes: asked for by name, refused in a sentence where it is not there."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

from boxprompt.errors import DeviceUnavailableError

_Module = TypeVar("_Module", bound=nn.Module)

DEVICE_NAMES = ("auto", "cpu", "cuda", "mps")


def resolve_device(name: str) -> torch.device:
    """Turn a name into a device; "auto" prefers CUDA, then MPS, then the CPU.

    Raises:
        DeviceUnavailableError: unknown name, or no such device on this machine.
    """
    if name not in DEVICE_NAMES:
        raise DeviceUnavailableError(f"There is no device «{name}»; choose one of {', '.join(DEVICE_NAMES)}.")
    if name == "auto":
        name = next(candidate for candidate in ("cuda", "mps", "cpu") if _is_available(candidate))
    if not _is_available(name):
        raise DeviceUnavailableError(f"This machine offers torch no {name} device; run with --device cpu or auto.")
    return torch.device("cuda:0" if name == "cuda" else name)


def describe_device(device: torch.device) -> str:
    """Name for people and records: "cpu", "mps", or "cuda:0 (NVIDIA ...)"."""
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else device.type


def channels_last(network: _Module, device: torch.device) -> _Module:
    """Move a network to a device with convolution weights in channels-last memory, the faster layout there."""
    network.to(device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # documented, missing in torch's stubs
    return network


def use_threads(count: int) -> None:
    """Compute with so many threads from now on, in networks that are loaded after this too."""
    torch.set_num_threads(count)


def describe_runtime() -> dict[str, str]:
    """What computes here: torch's version and build, its threads, and the devices it offers."""
    devices = [name for name in ("cpu", "cuda", "mps") if _is_available(name)]
    return {
        "torch": torch.__version__,
        "threads": str(torch.get_num_threads()),
        "devices": ", ".join(describe_device(resolve_device(name)) for name in devices),
        "cuda build": str(torch.version.cuda or "none"),
    }


def _is_available(name: str) -> bool:
    return {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}[name]
