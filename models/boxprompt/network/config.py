"""What distinguishes one student from another: the architecture record a weight card carries."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

WIDEST = 1024
"""Most channels of any layer: a card is read before its tensors are, and must not make a network that fills memory."""


@dataclass(frozen=True, slots=True)
class StudentConfig:
    """Architecture of a student. Values the paper does not publish are this project's and marked so.

    Attributes:
        input_side_px: side S of the square input; 224 in the paper, 448 as a switch.
        width: common width C of the F'_i (unpublished; ours).
        use_gates: G_i gate the scales; off, the F'_i are averaged and G_avg is 1 (ablation row).
        use_memory: the memory bank supplies A_mem; off, A_final is the gated base response (ablation row).
            Both off is the plain-fusion baseline.
        memory_size: number K of prototypes (unpublished; ours).
        memory_key_width: width of queries and keys (unpublished; ours).
        alpha: α of Eq. 4, or "learnable" (the paper sweeps 0.3, 0.5 and 0.7).
    """

    input_side_px: int = 224
    width: int = 64
    use_gates: bool = True
    use_memory: bool = True
    memory_size: int = 64
    memory_key_width: int = 32
    alpha: float | Literal["learnable"] = 0.5

    def __post_init__(self) -> None:
        if self.input_side_px not in (224, 448):
            raise ValueError(f"input_side_px is 224 or 448, not {self.input_side_px}")
        if self.width < 8 or self.memory_size < 1 or self.memory_key_width < 1:
            raise ValueError("width is at least 8; memory_size and memory_key_width are at least 1")
        if max(self.width, self.memory_size, self.memory_key_width) > WIDEST:
            raise ValueError(f"width, memory_size and memory_key_width are at most {WIDEST}")
        if self.alpha != "learnable" and not 0.0 <= float(self.alpha) <= 1.0:
            raise ValueError(f"alpha is a number in [0, 1] or 'learnable', not {self.alpha!r}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored on a weight card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> StudentConfig:
        """Rebuild from `to_dict`.

        Raises:
            TypeError: an unknown or missing name.
            ValueError: a value out of range.
        """
        return cls(**values)
