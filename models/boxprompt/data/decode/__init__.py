"""Reading evidence: bytes of untrusted image files to RGB, in a process that may be killed.

`decode_bytes` is the library's entrance; `boxprompt.data.decode.worker` runs it as a child process for callers who
handle evidence they do not trust. Neither needs torch.
"""

from boxprompt.data.decode.contract import Decoded, DecodeRefused, Facts, Limits, Refusal
from boxprompt.data.decode.core import decode_bytes
from boxprompt.data.decode.sniff import SUFFIXES, Format, sniff

__all__ = [
    "SUFFIXES",
    "DecodeRefused",
    "Decoded",
    "Facts",
    "Format",
    "Limits",
    "Refusal",
    "decode_bytes",
    "sniff",
]
