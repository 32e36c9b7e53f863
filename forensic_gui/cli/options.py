"""Options that several commands take, said once so that they mean and read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forensic_gui.cli.output import ProgressStyle
from forensic_gui.services.ports import Views

WeightsOption = Annotated[
    str | None, typer.Option(metavar="ID|FILE", help="Weights by id or file; see `weights list`.")
]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
ThresholdOption = Annotated[
    float | None, typer.Option(help="Model score from 0 to 1, in place of the weights' own threshold.")
]
ViewsOption = Annotated[
    Views,
    typer.Option(
        help="fast: the student's view of the whole image; thorough: all evidence at native resolution: traces, "
        "repeats (tiles, of a student's weights); slower."
    ),
]
CaseArgument = Annotated[Path, typer.Argument(help="Folder of the case, as Name.case.", metavar="CASE")]
AuthorOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="In whose name changes are recorded; default: the system's user.")
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Write over the file where it is there already.")]
ProgressOption = Annotated[
    ProgressStyle, typer.Option(help="bar; jsonl: a JSON object a line on stdout; auto: a bar on a terminal.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="The result as JSON on stdout at the end.")]
