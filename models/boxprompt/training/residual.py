"""Runs of the residual stream: native-scale crops of composites, more of them on the boundary of an edit."""

from __future__ import annotations

from functools import partial

from boxprompt.network.residual import ARCHITECTURE, INPUT_MEAN, INPUT_STD, ResidualConfig, ResidualStream
from boxprompt.training.crop_run import CropRunKind
from boxprompt.training.crop_samples import Crop
from boxprompt.training.residual_config import ResidualTrainingConfig
from boxprompt.training.residual_samples import native_crop


def _crop_of(config: ResidualTrainingConfig) -> Crop:
    return partial(native_crop, side_px=config.data.crop_side_px, boundary_share=config.data.boundary_share)


RESIDUAL_RUN = CropRunKind(
    table="residual",
    read=ResidualTrainingConfig.read,
    shape_of_dict=ResidualConfig.from_dict,
    photos_of=lambda config: config.data.photos,
    architecture=ARCHITECTURE,
    input_mean=INPUT_MEAN,
    input_std=INPUT_STD,
    build=ResidualStream,
    crop_of=_crop_of,
)
"""What `train` does with a file that has a table `[residual]`."""
