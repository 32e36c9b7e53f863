"""`forensic-gui report verify` and `forensic-gui report sign`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.case import open_case
from forensic_gui.cli.options import AuthorOption, JsonOption
from forensic_gui.cli.output import emit, paragraphs, printable, tell
from forensic_gui.cli.report.signing_options import (
    KeyLabelOption,
    KeyOption,
    ModuleOption,
    PasswordEnvOption,
    SigningChoice,
    TimestampOption,
    TokenOption,
    signer_of,
)
from forensic_gui.domain.errors import RequestError

if TYPE_CHECKING:
    from forensic_gui.services.checking.verify import VerifiedReport

_VERIFY_HELP = """Say whether a report still is what was written, check by check.

What could not be checked is said, and never counts as passed. Without a signature, a manifest or a case nothing
protects a report, and that is said too. With --case a file that the case did not record is wrong, whatever its manifest
says: pages are compared with nothing, so that nothing else vouches for them. No network is asked; whom to trust is only
what --trust names.

EXIT STATUS: 0 nothing is wrong; 1 something is; 2 the call was wrong.
"""
_SIGN_HELP = """Sign a report (PDF) with your own key, as PAdES; the manifest beside it is written anew.

The key's password, or the token's PIN, is asked for on the terminal or taken from the environment variable that
--password-env names. The time is stamped only where --timestamp names a service. With --case only a file is signed that
the case recorded as written, or as signed since; without it what is signed is what lies there.

EXIT STATUS: 0 signed; 2 not signed, the file is as it was.
"""
ReportArgument = Annotated[Path, typer.Argument(help="The report.", metavar="FILE")]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("verify", help=paragraphs(_VERIFY_HELP))(verify_command)
    group.command("sign", help=paragraphs(_SIGN_HELP))(sign_command)


def verify_command(
    report: ReportArgument,
    case: Annotated[Path | None, typer.Option(metavar="CASE", help="The case that the report was made of.")] = None,
    trust: Annotated[
        list[Path] | None, typer.Option(metavar="CERT.pem", help="Certificate that is trusted; can be repeated.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The manifest, where it does not lie beside the report.")
    ] = None,
    author: AuthorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check, and say what came of it."""
    from forensic_gui.services.checking.verify import verify_report

    opened = nullcontext() if case is None else open_case(case, author=author, only_records="check")
    with opened as session:
        verified = verify_report(report, case=session, trust=trust or (), manifest_path=manifest)
    if as_json:
        emit({"event": "verified", **verified.to_record()})
    else:
        _print(verified)
    raise typer.Exit(0 if verified.is_sound else 1)


def sign_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    report: ReportArgument,
    key: KeyOption = None,
    module: ModuleOption = None,
    token: TokenOption = None,
    key_label: KeyLabelOption = None,
    password_env: PasswordEnvOption = None,
    timestamp: TimestampOption = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Stands in the signature; default: case and revision.")
    ] = "",
    case: Annotated[
        Path | None, typer.Option(metavar="CASE", help="The case that wrote it; records the signature.")
    ] = None,
    author: AuthorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign, and say who signed."""
    choice = SigningChoice(key, module, token, key_label, password_env, timestamp)
    sign = signer_of(choice)
    if sign is None:
        raise RequestError("Name the key that signs: a PKCS#12 file with --key, or a token with --pkcs11.")
    from forensic_gui.services.signing.existing import sign_existing

    opened = nullcontext() if case is None else open_case(case, author=author)
    with opened as session:
        signed = sign_existing(report, sign=sign, reason=reason, case=session)
    if signed.manifest_path is None:
        tell(
            "There is no manifest beside the report, so none was written anew."
            + (" Nothing says that it is what was written: what is signed is what lies there." if case is None else "")
        )
    if as_json:
        emit({"event": "signed", **signed.to_record()})
    else:
        tell(f"{report} was signed by {signed.signature.signer}; its SHA-256 is {signed.sha256}.")


def _print(verified: VerifiedReport) -> None:
    typer.echo(printable(f"{verified.path}: {verified.size_bytes} bytes, SHA-256 {verified.sha256}"))
    for check in verified.checks:
        typer.echo(printable(f"  {check.verdict.value + ':':<12} {check.subject}: {check.sentence}"))
    typer.echo(_in_all(verified))


def _in_all(verified: VerifiedReport) -> str:
    if not verified.is_sound:
        return "Something is WRONG: see above."
    if verified.is_vouched_for:
        return "Nothing is wrong with what could be checked."
    return (
        "Nothing is wrong with what could be checked, but nothing that was checked vouches for who wrote it: name its "
        "case (--case), or whom to trust (--trust)."
    )
