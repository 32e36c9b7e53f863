"""What a signature says of certificates: the signer's, and each one that is put beside it (RFC 5035, section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def bind_certificates(signer: Any) -> None:
    """Have a signer sign the hashes of all certificates that it embeds, not only of its own.

    Without that, nothing would tell of a certificate in the container whether it was altered or exchanged.

    Args:
        signer: pyHanko's; changed in place.
    """
    from pyhanko.sign.attributes import CMSAttributeProvider
    from pyhanko.sign.signers.pdf_cms import SignedAttributeProviderSpec

    class SigningCertificates(CMSAttributeProvider):  # type: ignore[misc]  # pyHanko is an extra
        """The attribute signing-certificate-v2; the signer's own certificate comes first."""

        attribute_type = "signing_certificate_v2"

        async def build_attr_value(self, dry_run: bool = False) -> Any:  # noqa: ARG002 - pyHanko's
            """Its value, the same for a trial."""
            return _signing_certificates(signer)

    class Attributes(SignedAttributeProviderSpec):  # type: ignore[misc]  # pyHanko is an extra
        """As PAdES demands, which forbids the attribute with the time."""

        def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> Iterable[Any]:  # noqa: ARG002
            """Beside those that every signature has."""
            return (SigningCertificates(),)

    signer.signed_attr_prov_spec = Attributes()


def bound_hashes(signer_info: Any) -> frozenset[bytes]:
    """SHA-256 of the certificates that a signature speaks of; empty where it names none, or by another hash.

    Args:
        signer_info: CMS SignerInfo, as asn1crypto has it.
    """
    for attribute in signer_info["signed_attrs"]:
        if attribute["type"].native == "signing_certificate_v2":
            named = attribute["values"][0]["certs"]
            return frozenset(each["cert_hash"].native for each in named if _is_sha256(each))
    return frozenset()


def _is_sha256(named: Any) -> bool:
    return bool(named["hash_algorithm"]["algorithm"].native == "sha256")


def _signing_certificates(signer: Any) -> Any:
    from asn1crypto import tsp
    from pyhanko.sign.general import as_signing_certificate_v2

    own = signer.signing_cert
    certificates = [own, *(each for each in signer.cert_registry if each.dump() != own.dump())]
    return tsp.SigningCertificateV2({"certs": [as_signing_certificate_v2(each)["certs"][0] for each in certificates]})
