"""Options that say with which key a report is signed, the same for every command that signs."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.output import tell
from forensic_gui.domain.errors import RequestError

if TYPE_CHECKING:
    from forensic_gui.services.reporting.contract import SignReport
    from forensic_gui.services.signing import SigningKey

KeyOption = Annotated[
    Path | None, typer.Option("--key", metavar="FILE.p12", help="Sign with the key of this PKCS#12 file.")
]
ModuleOption = Annotated[
    Path | None,
    typer.Option("--pkcs11", metavar="MODULE", help="Sign with a key in a token, through this PKCS#11 library."),
]
TokenOption = Annotated[str | None, typer.Option("--token", metavar="LABEL", help="Label of the token.")]
KeyLabelOption = Annotated[
    str | None, typer.Option("--key-label", metavar="LABEL", help="Label of key and certificate in the token.")
]
PasswordEnvOption = Annotated[
    str | None,
    typer.Option(
        "--password-env",
        metavar="NAME",
        help="Environment variable that holds the key's password, or the token's PIN; default: asked for.",
    ),
]
TimestampOption = Annotated[
    str | None,
    typer.Option(
        "--timestamp",
        metavar="URL",
        help="Have the signature's time stamped by this RFC 3161 service; a hash is sent to it, nothing else.",
    ),
]


@dataclass(frozen=True, slots=True)
class SigningChoice:
    """What was said of signing, as the options have it.

    Attributes:
        key: PKCS#12 file.
        module: PKCS#11 library.
        token: label of the token.
        label: of key and certificate in the token.
        password_env: environment variable that holds password or PIN.
        timestamp: address of an RFC 3161 service.
    """

    key: Path | None = None
    module: Path | None = None
    token: str | None = None
    label: str | None = None
    password_env: str | None = None
    timestamp: str | None = None


def signer_of(choice: SigningChoice) -> SignReport | None:
    """What signs a report, with the password asked for now; None where no key was named.

    Raises:
        RequestError: the options contradict each other, or the password cannot be had.
        SigningError: what signing needs is not installed.
    """
    _require_consistent(choice)
    if choice.key is None and choice.module is None:
        return None
    from forensic_gui.services.signing import sign
    from forensic_gui.services.signing.keys import require_pyhanko
    from forensic_gui.services.signing.timestamping import require_service

    require_pyhanko()
    if choice.timestamp is not None:
        require_service(choice.timestamp)
    key = _key(choice)

    def sign_report(pdf: Path, *, reason: str) -> None:
        if choice.timestamp is not None:
            tell(f"Asking {choice.timestamp} for a time stamp; the hash of the signature is sent to it.")
        sign(pdf, reason=reason, key=key, timestamp=choice.timestamp)

    return sign_report


def _require_consistent(choice: SigningChoice) -> None:
    if choice.key is not None and choice.module is not None:
        raise RequestError("A report is signed with one key: name a file with --key, or a token with --pkcs11.")
    if choice.module is not None and not (choice.token and choice.label):
        raise RequestError("With --pkcs11 name the token (--token) and the key in it (--key-label) too.")
    if choice.module is None and (choice.token or choice.label):
        raise RequestError("--token and --key-label belong to --pkcs11: name the library of the token's maker.")
    if choice.key is None and choice.module is None and (choice.password_env or choice.timestamp):
        raise RequestError("--password-env and --timestamp belong to a signature: name its key with --key or --pkcs11.")


def _key(choice: SigningChoice) -> SigningKey:
    from forensic_gui.services.signing import Pkcs11Key, Pkcs12Key

    if choice.key is not None:
        password = _secret(choice.password_env, asked=f"Password of {choice.key}")
        return Pkcs12Key(choice.key, password=password.encode() or None)
    assert choice.module is not None
    assert choice.token is not None
    assert choice.label is not None
    pin = _secret(choice.password_env, asked=f"PIN of the token {choice.token}")
    return Pkcs11Key(choice.module, token=choice.token, label=choice.label, pin=pin)


def _secret(variable: str | None, *, asked: str) -> str:
    """A password from the variable that was named, or from whoever sits there; never from the command line."""
    if variable is not None:
        value = os.environ.get(variable)
        if value is None:
            raise RequestError(f"There is no environment variable {variable} with the key's password.")
        return value
    if not sys.stdin.isatty():
        raise RequestError(
            "Nobody can be asked for the key's password here: name an environment variable with --password-env."
        )
    return getpass.getpass(f"{asked}: ", stream=sys.stderr)
