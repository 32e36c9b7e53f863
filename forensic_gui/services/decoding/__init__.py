"""Client of the decoder's child process: evidence becomes pixels outside this process, within limits."""

from forensic_gui.services.decoding.client import DecoderProcess
from forensic_gui.services.decoding.command import WORKER_FLAG, default_command
from forensic_gui.services.decoding.limits import DecodeLimits
from forensic_gui.services.decoding.pool import DecoderPool

__all__ = ["WORKER_FLAG", "DecodeLimits", "DecoderPool", "DecoderProcess", "default_command"]
