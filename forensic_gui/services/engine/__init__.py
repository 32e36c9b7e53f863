"""The one doorway to boxprompt: ports on this side, the library on the other.

Only the modules of this package import boxprompt, and the services take what they need from here by name. Importing it
is light; what needs torch is imported by the functions that compute, so that the command line answers and the window
paints before torch has loaded.
"""

from __future__ import annotations

from boxprompt.teacher.checkpoints import CHECKPOINTS, Checkpoint
from boxprompt.weights import card_json
from forensic_gui.services.engine.calibrating import put_calibrations
from forensic_gui.services.engine.datasets import fill_outlines, source_photographs
from forensic_gui.services.engine.finetuning import (
    Tuning,
    TuningRequest,
    open_dataset,
    retention_set,
    score_dataset,
    summary_of,
)
from forensic_gui.services.engine.localizer import (
    DEFAULT_WEIGHTS,
    STUDENT_WEIGHTS,
    BrokenWeights,
    EngineLocalizer,
    describe_runtime,
    find_weights,
    list_weights,
    load_localizer,
    read_weights,
    verify_weights,
)
from forensic_gui.services.engine.measuring import encoder_macs, load_measurable_segmenter, score_segmenter
from forensic_gui.services.engine.pseudo_labels import (
    KnownImage,
    agreement,
    edit_size_name,
    edit_sizes,
    fill_boxes,
    interval_of_mean,
    known_images,
    loose_boxes,
    read_known_mask,
    source_groups,
)
from forensic_gui.services.engine.scoring import pixel_f1, score_folder
from forensic_gui.services.engine.segmenter import EngineEncoded, EngineSegmenter
from forensic_gui.services.engine.segmenters import (
    GRABCUT_ID,
    GRABCUT_NAME,
    find_checkpoint,
    load_segmenter,
)
from forensic_gui.services.engine.synthesis import SyntheticDataset, write_synthetic_dataset
from forensic_gui.services.engine.training import is_first_process, train

__all__ = [
    "CHECKPOINTS",
    "DEFAULT_WEIGHTS",
    "GRABCUT_ID",
    "GRABCUT_NAME",
    "STUDENT_WEIGHTS",
    "BrokenWeights",
    "Checkpoint",
    "EngineEncoded",
    "EngineLocalizer",
    "EngineSegmenter",
    "KnownImage",
    "SyntheticDataset",
    "Tuning",
    "TuningRequest",
    "agreement",
    "card_json",
    "describe_runtime",
    "edit_size_name",
    "edit_sizes",
    "encoder_macs",
    "fill_boxes",
    "fill_outlines",
    "find_checkpoint",
    "find_weights",
    "interval_of_mean",
    "is_first_process",
    "known_images",
    "list_weights",
    "load_localizer",
    "load_measurable_segmenter",
    "load_segmenter",
    "loose_boxes",
    "open_dataset",
    "pixel_f1",
    "put_calibrations",
    "read_known_mask",
    "read_weights",
    "retention_set",
    "score_dataset",
    "score_folder",
    "score_segmenter",
    "source_groups",
    "source_photographs",
    "summary_of",
    "train",
    "verify_weights",
    "write_synthetic_dataset",
]
