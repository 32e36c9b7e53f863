"""The localizer that a card's architecture asks for."""

from __future__ import annotations

from boxprompt.inference.fingerprint import FingerprintLocalizer
from boxprompt.inference.joint import ARCHITECTURE as JOINT
from boxprompt.inference.joint import JointLocalizer
from boxprompt.inference.localize import StudentLocalizer
from boxprompt.inference.residual import ResidualLocalizer
from boxprompt.inference.trace_stem import TraceStemLocalizer
from boxprompt.network.fingerprint import ARCHITECTURE as FINGERPRINT
from boxprompt.network.residual import ARCHITECTURE as RESIDUAL
from boxprompt.network.trace.stem import ARCHITECTURE as TRACE_STEM
from boxprompt.weights import WeightsFile


def open_localizer(
    weights: WeightsFile, *, device: str = "auto", runtime: str = "auto"
) -> JointLocalizer | StudentLocalizer | ResidualLocalizer | FingerprintLocalizer | TraceStemLocalizer:
    """Load verified weights of any architecture there is.

    Args:
        weights: file and card.
        device: "auto", "cpu", "cuda" or "mps".
        runtime: "auto", "torch" or "openvino" (of students, joint ones too).

    Raises:
        WeightsMismatchError: altered weights, an unknown architecture, or tensors that do not fit.
        DeviceUnavailableError: no such device.
        ConfigurationError: no such runtime, or it cannot be used on this device, machine or architecture.
    """
    if weights.card.architecture == JOINT:
        return JointLocalizer(weights, device=device, runtime=runtime)
    if weights.card.architecture == RESIDUAL:
        return ResidualLocalizer(weights, device=device, runtime=runtime)
    if weights.card.architecture == FINGERPRINT:
        return FingerprintLocalizer(weights, device=device, runtime=runtime)
    if weights.card.architecture == TRACE_STEM:
        return TraceStemLocalizer(weights, device=device, runtime=runtime)
    return StudentLocalizer(weights, device=device, runtime=runtime)
