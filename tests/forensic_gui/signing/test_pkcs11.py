"""Keys that never leave their token, with SoftHSM in place of a card."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from forensic_gui.domain.errors import SigningError
from forensic_gui.services.checking.signatures import read_signatures
from forensic_gui.services.signing import Pkcs11Key, sign
from tests.forensic_gui.signing.made_keys import MadeKey
from tests.forensic_gui.signing.made_reports import pdf_report

LABEL, TOKEN, PIN = "report key", "Forensic test token", "1234"
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


@pytest.fixture(scope="module")
def token(examiner: MadeKey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The library of a token that holds the examiner's key."""
    pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed (extra pkcs11)")
    from pkcs11.util.x509 import decode_x509_certificate

    module = next((Path(each) for each in MODULES if Path(each).exists()), None)
    tool = shutil.which("softhsm2-util")
    if module is None or tool is None:
        pytest.skip("SoftHSM is not installed (Debian: softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        subprocess.run(
            [tool, "--init-token", "--free", "--label", TOKEN, "--so-pin", "0000", "--pin", PIN],
            check=True,
            capture_output=True,
        )
        pem = folder / "key.pem"
        pem.write_bytes(
            examiner.private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        subprocess.run(
            [tool, "--import", str(pem), "--token", TOKEN, "--label", LABEL, "--id", "01", "--pin", PIN],
            check=True,
            capture_output=True,
        )
        with pkcs11.lib(str(module)).get_token(token_label=TOKEN).open(user_pin=PIN, rw=True) as session:
            encoded = examiner.certificate.public_bytes(serialization.Encoding.DER)
            attributes = decode_x509_certificate(encoded)
            attributes.update({pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.LABEL: LABEL})
            session.create_object(attributes)
        yield module


def test_a_key_in_a_token_signs(report: Path, token: Path) -> None:
    report.write_bytes(pdf_report())
    sign(report, reason="from a card", key=Pkcs11Key(token, token=TOKEN, label=LABEL, pin=PIN))
    (signature,) = read_signatures(report.read_bytes())
    assert signature.faults == ()
    assert "Ada Lovelace" in signature.signer


@pytest.mark.parametrize(
    "wrong",
    [{"pin": "9999"}, {"token": "another token"}, {"label": "another key"}, {"module": Path("/no/such/module.so")}],
)
def test_what_is_wrong_with_a_token_is_told_and_nothing_signed(
    report: Path, token: Path, wrong: dict[str, str]
) -> None:
    report.write_bytes(pdf_report())
    right = {"module": token, "token": TOKEN, "label": LABEL, "pin": PIN}
    with pytest.raises(SigningError, match="could not be used"):
        sign(report, reason="", key=Pkcs11Key(**{**right, **wrong}))  # type: ignore[arg-type]
    assert report.read_bytes() == pdf_report()


def test_pins_are_not_shown_with_a_key() -> None:
    assert PIN not in repr(Pkcs11Key(Path("module.so"), token=TOKEN, label=LABEL, pin=PIN))
