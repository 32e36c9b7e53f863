"""Put a signature into a PDF: PAdES baseline B-B, or B-T with a time stamp."""

from __future__ import annotations

import io
import stat
from pathlib import Path
from typing import Any

from forensic_gui import __version__
from forensic_gui.domain.errors import SigningError
from forensic_gui.services.signing.binding import bind_certificates
from forensic_gui.services.signing.keys import SigningKey, opened, require_pyhanko
from forensic_gui.services.signing.timestamping import require_service, time_stamper
from forensic_gui.storage.atomic import StagedFile, sync_names

FIELD = "ForensicGuiSignature"
"""Name of the signature's field, before its number."""

# With the token of a time stamp; the service is then asked once, and not for a trial as well.
_RESERVED_BYTES = 1 << 16


def sign(pdf: Path, *, reason: str, key: SigningKey, timestamp: str | None = None) -> None:
    """Sign a PDF in place. Its pages stay as they are: the signature's field has no picture.

    The first signature certifies the file, so that readers accept nothing added to it but further signatures. What was
    signed is checked before it takes the file's place.

    Args:
        pdf: the file.
        reason: stands in the signature, as "Issued revision 2".
        key: whose signature.
        timestamp: address of an RFC 3161 service; None for no time stamp, and no call to any network.

    Raises:
        SigningError: the key, its password or the time stamp could not be had, or the file is no PDF that can be
            signed; it is as it was.
        RequestError: the address is none.
        OutputError: the file could not be written.
    """
    require_pyhanko()
    if timestamp is not None:
        require_service(timestamp)
    try:
        unsigned = pdf.read_bytes()
        mode = stat.S_IMODE(pdf.stat().st_mode)
    except OSError as error:
        raise SigningError(f"{pdf} cannot be read: {error.strerror or error}.") from error
    with opened(key) as signer:
        bind_certificates(signer)
        signed = _signed(unsigned, signer=signer, reason=reason, timestamp=timestamp)
    _require_sound(signed)
    with StagedFile(pdf, mode=mode) as staged:
        staged.write(signed)
    staged.commit()
    sync_names(pdf.parent)


def _signed(unsigned: bytes, *, signer: Any, reason: str, timestamp: str | None) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import SigFieldSpec, enumerate_sig_fields
    from pyhanko.sign.general import SigningError as Refused
    from pyhanko.sign.signers import PdfSigner
    from pyhanko.sign.timestamps.common_utils import TimestampRequestError

    out = io.BytesIO()
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(unsigned), strict=True)
        earlier = sum(1 for _ in enumerate_sig_fields(writer.prev))
        pdf_signer = PdfSigner(
            _metadata(f"{FIELD}{earlier + 1}", reason=reason, certifies=earlier == 0),
            signer=signer,
            timestamper=None if timestamp is None else time_stamper(timestamp),
            new_field_spec=SigFieldSpec(f"{FIELD}{earlier + 1}"),
        )
        reserved = None if timestamp is None else _RESERVED_BYTES
        pdf_signer.sign_pdf(writer, bytes_reserved=reserved, output=out)
    except TimestampRequestError as error:
        raise SigningError(f"{timestamp} gave no time stamp: {error}. Nothing was signed.") from error
    except (PdfError, Refused) as error:
        raise SigningError(f"The file could not be signed: {error}.") from error
    return out.getvalue()


def _metadata(field: str, *, reason: str, certifies: bool) -> Any:
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata
    from pyhanko.sign.signers.pdf_byterange import BuildProps

    return PdfSignatureMetadata(
        field_name=field,
        reason=reason,
        subfilter=SigSeedSubFilter.PADES,
        certify=certifies,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        app_build_props=BuildProps(name="Forensic GUI", revision=__version__),
    )


def _require_sound(signed: bytes) -> None:
    """Read the signatures as whoever gets the file will.

    Raises:
        SigningError: the new one, or one that was there, does not hold.
    """
    from forensic_gui.services.checking.signatures import read_signatures

    *earlier, newest = read_signatures(signed)
    if newest.faults:
        raise SigningError(f"The signature would not hold, so nothing was signed: {' '.join(newest.faults)}")
    for each in earlier:
        if each.faults:
            raise SigningError(f"What {each.signer} signed was altered, so it was not signed again: {each.faults[0]}")
