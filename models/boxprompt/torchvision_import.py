"""Import torchvision, also where its compiled operators do not fit the torch beside it.

timm and segment-anything import torchvision. A CUDA wheel of torchvision beside a CPU build of torch (what plain pip
makes of a CPU machine) cannot load its compiled library, and then `import torchvision` ends in «operator
torchvision::nms does not exist», because it registers fake kernels for operators that were never declared. Nothing
here calls those operators, so declaring their schemas is enough. Every module of this library that needs timm or
segment-anything takes it from here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def _operators_load() -> bool:
    """Whether torchvision's compiled operators are present and fit the torch that is installed."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("torchvision is not installed", name="torchvision")
    compiled = [path for path in Path(spec.origin).parent.glob("_C*") if path.suffix in {".so", ".pyd", ".dylib"}]
    if not compiled:
        return False
    try:
        torch.ops.load_library(str(compiled[0]))
    except OSError:
        return False
    return hasattr(torch.ops.torchvision, "nms")


def declare_missing_operators() -> torch.library.Library | None:
    """Declare the schemas of torchvision's operators if its own library cannot.

    Returns:
        The library that holds the declarations (it must stay alive), or None where torchvision's own work.
    """
    if _operators_load():
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _SCHEMAS:
        library.define(schema)
    return library


# Kept for the life of the process: a Library undoes its definitions when it is collected.
DECLARED = declare_missing_operators()

# Only now can what imports torchvision be imported; others take it from here, whatever order a sorter gives imports.
import timm  # noqa: E402
from timm.models import tiny_vit  # noqa: E402

__all__ = ["DECLARED", "declare_missing_operators", "import_segment_anything", "timm", "tiny_vit"]


def import_segment_anything() -> Any:
    """The package `segment_anything`, imported when it is first asked for: a student need not wait for it."""
    import segment_anything

    return segment_anything
