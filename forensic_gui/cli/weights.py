"""`forensic-gui weights`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal
from forensic_gui.cli.options import ProgressOption
from forensic_gui.cli.output import ProgressStyle, emit, failure_line, paragraphs, printable, progress_view, tell
from forensic_gui.domain.errors import Cancelled

if TYPE_CHECKING:
    from forensic_gui.services.installed_weights import InstalledWeights, UnusableWeights
    from forensic_gui.services.progress import CancelToken
    from forensic_gui.services.segmenting.installing import Installed
    from forensic_gui.services.segmenting.offers import KnownSegmenter

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]

INSTALL_HELP = """Fetch a segmenter's published checkpoint over the network.

ID is mobile-sam, sam-vit-b, sam-vit-l or sam-vit-h.

This is the one command of this program that uses the network, and it says so before it does. The file comes from its
official address over TLS, through the proxy that https_proxy names, and is taken only where its size and SHA-256 are
the published ones. A fetch that was cut off goes on where it ended. On a computer without a network, fetch the file
elsewhere and use `weights import`.
"""
IMPORT_HELP = """Copy weights from FILE to where they are found; no network is used.

FILE is a published checkpoint of a segmenter, under any name and known by its SHA-256, or weights of the localizer
(.safetensors) with their card (.json) beside them.
"""
CALIBRATE_HELP = """Put calibrations on the card of your own weights.

WEIGHTS is an id or a .safetensors file; each FILE is what `evaluate DATASET --fit-calibration FILE` wrote for one view
of these very weights (by SHA-256). A calibration of the same view on the card is replaced. Scores, heatmaps and
thresholds stay in the network's own units: a calibration says beside them what share of pixels of such a score was
manipulated.

The weights that are part of the program are not changed.
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Weights of the localizer and of the segmenters.", no_args_is_help=True)
    group.command("list")(list_command)
    group.command("verify")(verify_command)
    group.command("install", help=paragraphs(INSTALL_HELP))(install_command)
    group.command("import", help=paragraphs(IMPORT_HELP))(import_command)
    group.command("calibrate", help=paragraphs(CALIBRATE_HELP))(calibrate_command)
    group.command("remove")(remove_command)
    app.add_typer(group, name="weights")


def list_command(as_json: AsJson = False) -> None:
    """List weights and segmenters, with what is known of them; exit 1 where a card cannot be understood."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.installed_weights import UnusableWeights, installed_weights

    found = installed_weights(folders=bootstrap.weight_folders(), verify=False)
    unusable = [weights for weights in found if isinstance(weights, UnusableWeights)]
    for weights in found:
        if as_json:
            emit(weights.to_record())
        elif not isinstance(weights, UnusableWeights):
            _show(weights)
    for segmenter in bootstrap.known_segmenters():
        if as_json:
            emit(segmenter.to_record())
        else:
            _show_segmenter(segmenter)
    for weights in unusable:
        tell(failure_line(weights.id, weights.problem))
    raise typer.Exit(1 if unusable else 0)


def _show(weights: InstalledWeights) -> None:
    default = " (default)" if weights.is_default else ""
    typer.echo(printable(f"{weights.id}{default}"))
    for name, value in (
        ("architecture", weights.architecture),
        ("threshold", f"{_thresholds(weights)} ({weights.threshold_origin})"),
        ("calibration", "; ".join(f"{view} view: {told}" for view, told in weights.calibration.items()) or "none"),
        ("created", weights.created),
        ("licence", weights.licence),
        ("trained on", "; ".join(weights.training_data)),
        ("images trained on", weights.domain or "size and quality are not stated"),
        ("trained on from", _parent(weights)),
        ("limits", "; ".join(limit.rstrip(".") for limit in weights.limits) or "none stated"),
        ("SHA-256", weights.sha256),
        ("file", str(weights.path)),
    ):
        typer.echo(printable(f"  {name}: {value}"))


def _thresholds(weights: InstalledWeights) -> str:
    others = [f", {threshold:g} for the {view} view" for view, threshold in weights.view_thresholds.items()]
    return f"{weights.threshold:g}{''.join(others)}"


def _parent(weights: InstalledWeights) -> str:
    if not weights.parent_sha256:
        return "a random start"
    return f"{weights.parent_id or 'weights that are not installed'}, SHA-256 {weights.parent_sha256}"


def _show_segmenter(segmenter: KnownSegmenter) -> None:
    typer.echo(printable(f"{segmenter.id} (segmenter)"))
    typer.echo(printable(f"  name: {segmenter.name}"))
    if segmenter.built_in:
        typer.echo("  file: none needed; built in")
        return
    typer.echo(printable(f"  licence: {segmenter.licence}"))
    typer.echo(printable(f"  SHA-256: {segmenter.sha256}"))
    megabytes = f"{segmenter.size_bytes / 1e6:,.0f} MB"
    missing = f"not installed; `forensic-gui weights install {segmenter.id}` fetches {megabytes}"
    typer.echo(printable(f"  file: {segmenter.path or missing}"))


def verify_command(as_json: AsJson = False) -> None:
    """Compare the hash of every installed file with its card or its publication; exit 1 where one differs."""
    try:
        with cancel_on_signal() as cancel:
            raise typer.Exit(_verify(cancel, as_json=as_json))
    except Cancelled:
        tell("Stopped; not every file was compared.")
        raise typer.Exit(INTERRUPTED_STATUS) from None


def _verify(cancel: CancelToken, *, as_json: bool) -> int:
    from forensic_gui.services import bootstrap
    from forensic_gui.services.installed_weights import installed_weights
    from forensic_gui.services.segmenting.offers import verify_segmenter

    localizers = installed_weights(folders=bootstrap.weight_folders(), verify=True)
    for weights in localizers:
        _tell_verified(weights, "as its card states", as_json=as_json)
    segmenters = [verify_segmenter(each, cancel=cancel) for each in bootstrap.known_segmenters() if each.path]
    for segmenter in segmenters:
        _tell_verified(segmenter, "as published", as_json=as_json)
    if not localizers:
        tell("No weights are installed.")
    return int(not localizers or any(each.problem for each in (*localizers, *segmenters)))


def _tell_verified(found: InstalledWeights | UnusableWeights | KnownSegmenter, how: str, *, as_json: bool) -> None:
    if as_json:
        emit(found.to_record())
    if found.problem is not None:
        tell(failure_line(found.id, found.problem))
    elif not as_json and found.sha256:
        typer.echo(printable(f"{found.id}: SHA-256 {found.sha256}, {how}"))


def install_command(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of the segmenter; see `weights list`.")],
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: AsJson = False,
) -> None:
    """Fetch, and tell where the file is."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.segmenting.installing import install
    from forensic_gui.services.segmenting.offers import require_published

    checkpoint = require_published(id, checkpoints=bootstrap.published_checkpoints())
    try:
        with cancel_on_signal() as cancel, progress_view(progress, title="Fetching, MB") as sink:
            installed = install(
                checkpoint, places=bootstrap.weight_places(), announce=tell, progress=sink, cancel=cancel
            )
    except Cancelled:
        tell("Stopped; what was fetched is kept, and the same command goes on from there.")
        raise typer.Exit(INTERRUPTED_STATUS) from None
    _tell_installed(installed, as_json=as_json)


def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The weights.")],
    expected_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Take FILE only if it is this; else whatever it is.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy, and tell where the file is."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.segmenting.installing import import_file

    try:
        with cancel_on_signal() as cancel:
            installed = import_file(
                file,
                places=bootstrap.weight_places(),
                checkpoints=bootstrap.published_checkpoints(),
                expected_id=expected_id,
                cancel=cancel,
            )
    except Cancelled:
        tell("Stopped; nothing was copied.")
        raise typer.Exit(INTERRUPTED_STATUS) from None
    _tell_installed(installed, as_json=as_json)


def calibrate_command(
    weights: Annotated[str, typer.Argument(metavar="WEIGHTS", help="Id or .safetensors file.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Calibrations, one a view.")],
    best_threshold: Annotated[
        bool,
        typer.Option("--best-threshold", help="Also make the threshold that was best on those images each view's own."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Rewrite the card, and tell what it says now."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.calibrating import calibrate_weights

    calibrated = calibrate_weights(
        weights,
        files,
        folders=bootstrap.weight_folders(),
        shipped=bootstrap.weight_places().shipped,
        best_thresholds=best_threshold,
    )
    if as_json:
        emit(calibrated.to_record())
        return
    for view, told in calibrated.views.items():
        typer.echo(printable(f"{calibrated.id}, {view} view: {told}"))


def remove_command(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of weights or of a segmenter; see `weights list`.")],
) -> None:
    """Remove weights that were installed, imported or fine-tuned here; those of the program stay."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.segmenting.installing import remove

    gone = remove(id, places=bootstrap.weight_places(), checkpoints=bootstrap.published_checkpoints())
    typer.echo(printable(f"{id}: {gone} is removed"))


def _tell_installed(installed: Installed, *, as_json: bool) -> None:
    if as_json:
        emit(installed.to_record())
        return
    how = "was in place already" if installed.was_there else "is in place"
    typer.echo(printable(f"{installed.id}: {installed.path} {how}, SHA-256 {installed.sha256}"))
