"""Signatures in reports: PAdES with a key of the user's, and a time stamp where one is asked for."""

from forensic_gui.services.signing.keys import Pkcs11Key, Pkcs12Key, SigningKey
from forensic_gui.services.signing.sign import sign

__all__ = ["Pkcs11Key", "Pkcs12Key", "SigningKey", "sign"]
