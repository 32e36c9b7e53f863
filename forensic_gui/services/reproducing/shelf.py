"""Weights of findings by their hash, loaded as they were then as far as this computer can."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from forensic_gui.domain.errors import DeviceUnavailable, RequestError, WeightsError
from forensic_gui.services import engine
from forensic_gui.services.ports import Localizer
from forensic_gui.services.reproducing.recorded import Recorded

AUTO = "auto"


class LoadExact(Protocol):
    """Loads a localizer with everything chosen that can be."""

    def __call__(self, *, weights: str, device: str, runtime: str, threads: int | None) -> Localizer:
        """Load weights by file.

        Args:
            weights: path of the file.
            device: "auto", "cpu", "cuda" or "mps".
            runtime: "auto", "torch" or "openvino".
            threads: how many compute; None for as many as there would be.

        Raises:
            WeightsError: altered or unfit weights.
            DeviceUnavailable: the device is not on this machine.
            RequestError: the runtime cannot be used.
        """
        ...


class WeightsByHash:
    """Localizers of findings; the last one that was asked for is kept."""

    def __init__(self, load: LoadExact, *, folders: Sequence[Path], device: str = AUTO) -> None:
        """Load nothing yet.

        Args:
            load: loads a localizer.
            folders: where weights lie.
            device: that is asked for; "auto" takes the finding's own where there is one, and any other where not.
        """
        self._load = load
        self._folders = tuple(folders)
        self._device = device
        self._kept: tuple[tuple[object, ...], Localizer] | None = None

    def localizer(self, recorded: Recorded) -> Localizer:
        """The localizer of a finding.

        Raises:
            WeightsError: there are no weights of this hash; others of the same name are named, not run.
            DeviceUnavailable: the device that was asked for is not on this machine.
        """
        key = (recorded.weights_sha256, recorded.device, recorded.runtime, recorded.threads)
        if self._kept is None or self._kept[0] != key:
            path = self._find(recorded)
            self._kept = (key, self._open(path, recorded))
        return self._kept[1]

    def _find(self, recorded: Recorded) -> Path:
        listed = engine.list_weights(folders=self._folders)
        usable = [found for found in listed if not isinstance(found, engine.BrokenWeights)]
        for found in usable:
            if found.card.sha256 == recorded.weights_sha256:
                engine.verify_weights(found)
                return found.path
        namesake = next((found for found in usable if found.card.id == recorded.weights_id), None)
        other = f" Those called so here have the hash {namesake.card.sha256} and were not run." if namesake else ""
        raise WeightsError(
            f"The weights {recorded.weights_id} of SHA-256 {recorded.weights_sha256} are not on this computer: "
            f"put them into one of its weight folders (`weights list`).{other}"
        )

    def _open(self, path: Path, recorded: Recorded) -> Localizer:
        """As it was made then; on another runtime, then another device, where that one is not here."""
        kind = recorded.device.partition(":")[0].strip() or AUTO
        runtime = "openvino" if "openvino" in recorded.runtime else "torch"
        wanted = [(kind, runtime), (kind, AUTO), (AUTO, AUTO)] if self._device == AUTO else [(self._device, AUTO)]
        for device, name in wanted[:-1]:
            try:
                return self._load(weights=str(path), device=device, runtime=name, threads=recorded.threads)
            except (DeviceUnavailable, RequestError):
                continue
        device, name = wanted[-1]
        return self._load(weights=str(path), device=device, runtime=name, threads=recorded.threads)
