"""Runs of the trace stem: crops of composites that keep to their grid of 16 pixels."""

from __future__ import annotations

from functools import partial

from boxprompt.network.trace.stem import ARCHITECTURE, INPUT_MEAN, INPUT_STD, TraceStem, TraceStemConfig
from boxprompt.training.crop_run import CropRunKind
from boxprompt.training.crop_samples import Crop
from boxprompt.training.trace_stem_config import TraceStemTrainingConfig
from boxprompt.training.trace_stem_samples import aligned_crop


def _crop_of(config: TraceStemTrainingConfig) -> Crop:
    return partial(aligned_crop, side_px=config.data.crop_side_px)


TRACE_STEM_RUN = CropRunKind(
    table="trace_stem",
    read=TraceStemTrainingConfig.read,
    shape_of_dict=TraceStemConfig.from_dict,
    photos_of=lambda config: config.data.photos,
    architecture=ARCHITECTURE,
    input_mean=INPUT_MEAN,
    input_std=INPUT_STD,
    build=TraceStem,
    crop_of=_crop_of,
)
"""What `train` does with a file that has a table `[trace_stem]`."""
