"""Made keys, certificates and a time-stamping service, to sign and to be lied to with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

PASSWORD = b"a password"


@dataclass(frozen=True)
class MadeKey:
    """A key with its certificate, and the one that issued it (itself where nobody did)."""

    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate
    issuer: x509.Certificate

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def write_p12(self, path: Path, *, password: bytes | None = PASSWORD) -> Path:
        """PKCS#12, with the issuer's certificate where that is another one."""
        above = None if self.issuer == self.certificate else [self.issuer]
        locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            locked = serialization.BestAvailableEncryption(password)
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"key", self.private, self.certificate, above, locked))
        return path


def made_key(
    name: str,
    *,
    issuer: MadeKey | None = None,
    valid_days: tuple[int, int] = (-1, 30),
    is_authority: bool = False,
    stamps_time: bool = False,
    serial: int | None = None,
    signs: bool = True,
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
) -> MadeKey:
    """A key of somebody called `name`; self-signed without an issuer. pyHanko's own service stamps with RSA only."""
    if private is None:
        private = ec.generate_private_key(ec.SECP256R1())
    if stamps_time:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    first, last = (now + timedelta(days=days) for days in valid_days)
    usage = x509.KeyUsage(
        digital_signature=signs,
        content_commitment=signs,
        key_encipherment=not signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(private.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    )
    if stamps_time:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    certificate = builder.sign(private if issuer is None else issuer.private, hashes.SHA256())
    return MadeKey(private, certificate, certificate if issuer is None else issuer.certificate)


def stamping(key: MadeKey) -> DummyTimeStamper:
    """What answers requests of RFC 3161 with a key."""
    private = key.private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = asn1_x509.Certificate.load(key.certificate.public_bytes(serialization.Encoding.DER))
    above = SimpleCertificateStore()
    above.register(asn1_x509.Certificate.load(key.issuer.public_bytes(serialization.Encoding.DER)))
    return DummyTimeStamper(certificate, keys.PrivateKeyInfo.load(private), certs_to_embed=above)


@contextmanager
def time_stamping_service(
    key: MadeKey, *, answer: bytes | None = None, status: int = 200
) -> Iterator[tuple[str, list[int]]]:
    """A service on this computer, (its address, lengths of the requests that it got); `answer` in place of a stamp."""
    stamper = stamping(key)
    asked: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(len(request))
            stamp = stamper.request_tsa_response(tsp.TimeStampReq.load(request)).dump() if answer is None else answer
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(stamp)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/stamp", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
