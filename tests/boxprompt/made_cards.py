"""Cards and calibrations of weights that tests write."""

from __future__ import annotations

from typing import Any

from boxprompt.weights import WeightCard


def card_fields(name: str = "trial") -> dict[str, Any]:
    """A card without its hash."""
    return {
        "id": name,
        "architecture": "boxprompt-student",
        "student": {},
        "input_mean": (0.5, 0.5, 0.5),
        "input_std": (0.2, 0.2, 0.2),
        "threshold": 0.5,
        "threshold_origin": "a test",
        "training_data": (),
        "recipe": {},
        "code_commit": "unknown",
        "steps": 1,
        "licence": "Apache-2.0",
        "created": "2026-01-01",
    }


def calibration(card: WeightCard, **changes: Any) -> dict[str, Any]:
    """A calibration of the weights of a card, some of its fields changed."""
    return {
        "weights_sha256": card.sha256,
        "network_sha256": card.network_sha256,
        "method": "isotonic",
        "knots": ((0.0, 0.01), (0.4, 0.2), (1.0, 0.3)),
        "fitted_on": "held out",
        "dataset_sha256": "d" * 64,
        "manipulated_images": 3,
        "untouched_images": 2,
        "source_groups": 5,
        "prior": 0.05,
        "folds": 5,
        "error_before": 0.1,
        "error_after": 0.01,
        "brier_before": 0.06,
        "brier_after": {"isotonic": 0.04, "temperature": 0.05},
        **changes,
    }
