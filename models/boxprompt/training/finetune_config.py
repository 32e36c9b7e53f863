"""How weights are fine-tuned on few labels: every number of the recipe, checked before anything is read."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from boxprompt.training.config import RecipeTable

Trained = Literal["head", "all"]


class FinetuneRecipe(BaseModel):
    """What determines the new weights beside the parent's weights, the labels and the seed. All of it is ours.

    The defaults were chosen on CASIA v1's development half; see docs/results.

    Attributes:
        train: "head" leaves the backbone as it is and adapts what comes after it; "all" trains both.
        steps: optimizer steps at most.
        batch_size: images a step.
        learning_rate: at its peak, of the head.
        backbone_rate: the backbone's share of the learning rate, where it is trained.
        warmup_steps: until the rate is at its peak; cosine from there to zero at `steps`.
        weight_decay: of matrices, AdamW's.
        clip_norm: bound on the gradient's norm.
        positive_weight: weight of manipulated pixels in the BCE (1 is the paper's).
        ema_decay: decay of the averaged weights, which are the ones validated and kept.
        parent_share: share of the parent in the weights kept, (1 - share) · best + share · parent, against forgetting
            (Wortsman et al. 2022, WiSE-FT); 0 keeps the best as it is.
        precision: "bf16" runs the forward pass under bfloat16 autocast; weights stay float32.
        untouched_share: share of samples that are untouched images, where there are any.
        crop_share: share of samples that are cropped.
        crop_least: least share of each side that a crop keeps.
        jpeg_share: share of samples that are compressed once more.
        jpeg_quality: range of the quality then, ends included.
        validate_every: steps between validations.
        patience: validations without a lower loss after which the run stops.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    train: Trained = "head"
    steps: int = Field(default=600, ge=1)
    batch_size: int = Field(default=8, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    backbone_rate: float = Field(default=0.2, gt=0, le=1)
    warmup_steps: int = Field(default=20, ge=0)
    weight_decay: float = Field(default=0.01, ge=0)
    clip_norm: float = Field(default=1.0, gt=0)
    positive_weight: float = Field(default=6.0, gt=0)
    ema_decay: float = Field(default=0.98, ge=0, lt=1)
    parent_share: float = Field(default=0.0, ge=0, lt=1)
    precision: Literal["float32", "bf16"] = "bf16"
    untouched_share: float = Field(default=0.25, ge=0, lt=1)
    crop_share: float = Field(default=0.5, ge=0, le=1)
    crop_least: float = Field(default=0.7, gt=0, le=1)
    jpeg_share: float = Field(default=0.5, ge=0, le=1)
    jpeg_quality: tuple[int, int] = (70, 100)
    validate_every: int = Field(default=50, ge=1)
    patience: int = Field(default=4, ge=1)

    @model_validator(mode="after")
    def _fits(self) -> FinetuneRecipe:
        low, high = self.jpeg_quality
        if not 1 <= low <= high <= 100:
            raise ValueError("jpeg_quality is a range within 1 to 100")
        return self

    def schedule(self) -> RecipeTable:
        """The schedule in the form that `boxprompt.training.loop.learning_rate` reads."""
        return RecipeTable(
            steps=self.steps,
            warmup_steps=min(self.warmup_steps, self.steps),
            learning_rate=self.learning_rate,
        )

    def record(self) -> dict[str, Any]:
        """Plain values, for the card and for the check on resume."""
        return self.model_dump(mode="json")
