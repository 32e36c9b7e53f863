"""`forensic-gui weights`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.output import emit, failure_line, printable, tell

if TYPE_CHECKING:
    from forensic_gui.services.installed_weights import InstalledWeights

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Weights of the localizer.", no_args_is_help=True)
    group.command("list")(list_command)
    group.command("verify")(verify_command)
    app.add_typer(group, name="weights")


def list_command(as_json: AsJson = False) -> None:
    """List the weights installed, with what their cards say of them; exit 1 where a card cannot be understood."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.installed_weights import UnusableWeights, installed_weights

    found = installed_weights(folders=bootstrap.weight_folders(), verify=False)
    unusable = [weights for weights in found if isinstance(weights, UnusableWeights)]
    for weights in found:
        if as_json:
            emit(weights.to_record())
        elif not isinstance(weights, UnusableWeights):
            _show(weights)
    for weights in unusable:
        tell(failure_line(weights.id, weights.problem))
    raise typer.Exit(1 if unusable else 0)


def _show(weights: InstalledWeights) -> None:
    default = " (default)" if weights.is_default else ""
    typer.echo(printable(f"{weights.id}{default}"))
    for name, value in (
        ("architecture", weights.architecture),
        ("threshold", f"{weights.threshold:g} ({weights.threshold_origin})"),
        ("created", weights.created),
        ("licence", weights.licence),
        ("trained on", "; ".join(weights.training_data)),
        ("limits", "; ".join(weights.limits) or "none stated"),
        ("SHA-256", weights.sha256),
        ("file", str(weights.path)),
    ):
        typer.echo(printable(f"  {name}: {value}"))


def verify_command(as_json: AsJson = False) -> None:
    """Compare the hash of every installed weights file with its card; exit 1 where one differs."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.installed_weights import InstalledWeights, installed_weights

    found = installed_weights(folders=bootstrap.weight_folders(), verify=True)
    for weights in found:
        if as_json:
            emit(weights.to_record())
        elif isinstance(weights, InstalledWeights) and weights.problem is None:
            typer.echo(printable(f"{weights.id}: SHA-256 {weights.sha256}, as its card states"))
        if weights.problem is not None:
            tell(failure_line(weights.id, weights.problem))
    if not found:
        tell("No weights are installed.")
    raise typer.Exit(1 if not found or any(weights.problem for weights in found) else 0)
