"""Options that several commands take, said once so that they mean and read the same everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from forensic_gui.services.ports import Views

WeightsOption = Annotated[
    str | None, typer.Option(metavar="ID|FILE", help="Weights by id or file; see `weights list`.")
]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
ThresholdOption = Annotated[
    float | None, typer.Option(help="Model score from 0 to 1, in place of the weights' own threshold.")
]
ViewsOption = Annotated[
    Views, typer.Option(help="fast: the whole image; thorough: with tiles at native scale as well.")
]
