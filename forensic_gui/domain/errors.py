"""Failures a user can act on.

Every message is one sentence that says what went wrong and, where there is something to do, what to do next.
Anything that is not a `ForensicError` is a defect of this program.
"""

from __future__ import annotations


class ForensicError(Exception):
    """Base of every failure that is told to the user in a sentence."""


class EvidenceError(ForensicError):
    """One evidence file cannot be read; the rest of a run goes on.

    Attributes:
        sha256: hash of the file's bytes where they were read before the failure; set by the decoder's client.
    """

    sha256: str | None = None


class EvidenceNotReadable(EvidenceError):
    """The file is missing, is not a regular file, or may not be read."""


class EvidenceEmpty(EvidenceError):
    """The file has no bytes."""


class UnsupportedFormat(EvidenceError):
    """The bytes are of no image format on the allow-list."""


class EvidenceDamaged(EvidenceError):
    """The decoder of record could not make pixels of the bytes."""


class EvidenceTooLarge(EvidenceError):
    """Bytes or pixels exceed the limits of the decoder."""


class DecodeTimedOut(EvidenceError):
    """Decoding exceeded its time limit and was stopped."""


class DecoderCrashed(EvidenceError):
    """The decoder process died (crash or memory limit) on this file."""


class PageNotFound(EvidenceError):
    """The page or frame asked for does not exist in the file."""


class WeightsError(ForensicError):
    """Weights are missing, altered, or of another architecture."""


class DeviceUnavailable(ForensicError):
    """The device asked for is not present on this machine."""


class InstallationError(ForensicError):
    """A file of the installation, or a library of the operating system that it needs, is missing."""


class OutputError(ForensicError):
    """A result could not be written."""


class OutputExhausted(OutputError):
    """The place for results takes nothing more (full, or read-only by now): what follows would fail as well."""


class RequestError(ForensicError):
    """The call was wrong: arguments contradict each other or name nothing (exit status 2)."""


class EvidenceAltered(EvidenceError):
    """An original's bytes are not those that were put into the case."""


class EvidenceMissing(EvidenceAltered):
    """An original is not where the case kept it, or cannot be read there."""


class CaseError(ForensicError):
    """A case cannot be opened or used."""


class CaseNotFound(CaseError):
    """There is no case at this place."""


class CaseTooNew(CaseError):
    """The case was made by a newer version of this program."""


class CaseDamaged(CaseError):
    """The case's files are not what they were; it is reported and never written over."""


class CaseReadOnly(CaseError):
    """The case can be looked at only: another window has it, or its place takes no changes."""


class EditRefused(CaseError):
    """An edit was made on a state that is no longer the newest; nothing was changed."""


class ArchiveRefused(ForensicError):
    """An archive holds what no case may hold, or is not what its manifest says."""


class LabelsError(ForensicError):
    """Labels cannot be written in, or read from, the form asked for."""


class LabelsContradict(LabelsError):
    """Labels say of an image the contrary of what the case says of it."""


class SegmenterError(ForensicError):
    """A segmenter is missing, altered or unfit, or could not segment."""


class Cancelled(Exception):
    """The user asked to stop; raised at the next safe point."""


class ReportError(ForensicError):
    """A report cannot be made, issued, reviewed or read."""


class SigningError(ForensicError):
    """A report could not be signed, or its time not be stamped."""
