"""Keys that sign: in a PKCS#12 file, or in a token (smart card, HSM) behind a PKCS#11 module."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import SigningError

MISSING_PYHANKO = (
    "Signatures need pyHanko, which is not installed: install Forensic GUI with its extra, as "
    "pip install 'forensic-gui[sign]'."
)
MISSING_PKCS11 = (
    "Keys in a token need python-pkcs11, which is not installed: install Forensic GUI with its extra, as "
    "pip install 'forensic-gui[pkcs11]'."
)

SIGNING_USAGES = frozenset({"non_repudiation", "digital_signature"})
"""Usages of a key, any of which lets it sign a report; by their names in asn1crypto."""


@dataclass(frozen=True, slots=True)
class Pkcs12Key:
    """A key in a file, with its certificate and those above it.

    Attributes:
        path: PKCS#12 file (`.p12`, `.pfx`).
        password: that opens it; None for none.
    """

    path: Path
    password: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Pkcs11Key:
    """A key that never leaves its token.

    Attributes:
        module: library of the token's maker.
        token: label of the token.
        label: of the key, and of its certificate.
        pin: of the token's user.
    """

    module: Path
    token: str
    label: str
    pin: str = field(repr=False)


SigningKey = Pkcs12Key | Pkcs11Key


@contextmanager
def opened(key: SigningKey) -> Iterator[Any]:
    """PyHanko's signer of a key, for as long as the token is open.

    Raises:
        SigningError: the key, its certificate or its password is not right, or what is needed is not installed.
    """
    require_pyhanko()
    if isinstance(key, Pkcs12Key):
        signer = _of_file(key)
        _require_valid_now(signer.signing_cert)
        yield signer
        return
    with _of_token(key) as signer:
        _require_valid_now(signer.signing_cert)
        yield signer


def require_pyhanko() -> None:
    """See that pyHanko is there.

    Raises:
        SigningError: it is not.
    """
    try:
        import pyhanko.sign  # noqa: F401 - a quarter of a second, and an extra
    except ImportError as error:
        raise SigningError(MISSING_PYHANKO) from error
    # It logs with a traceback what it also returns; without any handler Python prints that on stderr.
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _of_file(key: Pkcs12Key) -> Any:
    from cryptography.hazmat.primitives.serialization import pkcs12
    from pyhanko.sign.signers import SimpleSigner

    try:
        data = key.path.read_bytes()
    except OSError as error:
        raise SigningError(f"The key file {key.path} cannot be read: {error.strerror or error}.") from error
    try:
        private, certificate, _ = pkcs12.load_key_and_certificates(data, key.password)
    except (ValueError, TypeError) as error:
        raise SigningError(f"{key.path} is no PKCS#12 file, or the password is not the one that opens it.") from error
    if private is None or certificate is None:
        raise SigningError(f"{key.path} holds no key with its certificate, so nothing can be signed with it.")
    signer = SimpleSigner.load_pkcs12(str(key.path), passphrase=key.password)
    if signer is None:  # it was another file a moment ago
        raise SigningError(f"The key in {key.path} cannot be used.")
    return signer


@contextmanager
def _of_token(key: Pkcs11Key) -> Iterator[Any]:
    try:
        import pkcs11
        from pyhanko.config.pkcs11 import PKCS11SignatureConfig, TokenCriteria
        from pyhanko.sign.general import SigningError as Refused
        from pyhanko.sign.pkcs11 import PKCS11SigningContext
    except ImportError as error:
        raise SigningError(MISSING_PKCS11) from error

    config = PKCS11SignatureConfig(
        module_path=str(key.module),
        token_criteria=TokenCriteria(label=key.token),
        cert_label=key.label,
        key_label=key.label,
        # Certificates above that of the key, where the token has them.
        other_certs_to_pull=None,
    )
    try:
        with PKCS11SigningContext(config, user_pin=key.pin) as signer:
            if signer.signing_cert is None:
                raise SigningError(f"The token «{key.token}» has no certificate «{key.label}».")
            # Every token signs a hash on an elliptic curve; not every one hashes by itself before.
            signer.use_raw_mechanism = signer.signing_cert.public_key.algorithm == "ec"
            yield signer
    except (pkcs11.PKCS11Error, Refused) as error:
        said = str(error) or type(error).__name__
        raise SigningError(
            f"The key «{key.label}» of the token «{key.token}» could not be used ({said}): see whether module, token, "
            "label and PIN are right."
        ) from error


def _require_valid_now(certificate: Any) -> None:
    """Refuse a certificate whose signature nobody would accept."""
    usage = certificate.key_usage_value
    if usage is not None and SIGNING_USAGES.isdisjoint(usage.native):
        raise SigningError("The key's certificate is not one for signing.")
    now = datetime.now(UTC)
    if now < certificate.not_valid_before:
        raise SigningError(f"The key's certificate is valid only from {certificate.not_valid_before.isoformat()} on.")
    if now > certificate.not_valid_after:
        raise SigningError(f"The key's certificate was valid until {certificate.not_valid_after.isoformat()} only.")
