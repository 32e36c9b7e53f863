"""What a report says of the weights behind its findings: their card, and whether anybody vouches for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from forensic_gui.domain.errors import WeightsError
from forensic_gui.domain.reports.record import WeightsFacts
from forensic_gui.services import engine


class KnownWeights:
    """Weights on this computer by their hash; each file is hashed once."""

    def __init__(self, *, folders: Sequence[Path], shipped: Path) -> None:
        """Look nowhere yet.

        Args:
            folders: where weights lie.
            shipped: the one whose weights are part of the program.
        """
        self._folders = tuple(folders)
        self._shipped = shipped
        self._known: dict[tuple[str, str], WeightsFacts] = {}

    def __call__(self, weights_id: str, sha256: str) -> WeightsFacts:
        """What is known of weights by the id and the hash of a finding; a card only of weights with this very hash."""
        key = (weights_id, sha256)
        if key not in self._known:
            self._known[key] = self._facts(weights_id, sha256)
        return self._known[key]

    def _facts(self, weights_id: str, sha256: str) -> WeightsFacts:
        same = [
            found
            for found in engine.list_weights(folders=self._folders)
            if not isinstance(found, engine.BrokenWeights) and found.card.sha256 == sha256
        ]
        # A copy under another name has the same tensors; the one of the finding's own name goes first.
        for found in sorted(same, key=lambda found: found.card.id != weights_id):
            try:
                engine.verify_weights(found)
            except WeightsError:  # what lies there is not what its card says, so the card says nothing of these
                continue
            card = found.card.model_dump(mode="json")
            is_shipped = found.path.parent == self._shipped
            is_validated = is_shipped or bool(card["parent"] and card["scores"])
            rates = tuple(card.pop("error_rates", ()))
            return WeightsFacts(weights_id, sha256, card, is_validated, rates, is_shipped)
        return WeightsFacts(weights_id, sha256, None, is_validated=False)
