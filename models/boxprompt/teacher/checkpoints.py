"""The checkpoints of the segmenters that have weights: what they are, whence they come, which hash they have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO, Literal, TypeAlias

Architecture: TypeAlias = Literal["vit_b", "vit_l", "vit_h", "tiny_vit"]

_CHUNK_BYTES = 1 << 20
_SAM_HOST, _SAM_FOLDER = "dl.fbaipublicfiles.com", "/segment_anything/"
_MOBILE_SAM_HOST = "raw.githubusercontent.com"
_MOBILE_SAM_FOLDER = "/ChaoningZhang/MobileSAM/f706ad9c4eb7f219c00d9050e46328518ffb65d2/weights/"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One published checkpoint.

    Attributes:
        id: of the segmenter.
        name: what people call it.
        architecture: of its image encoder; prompt encoder and mask decoder are the same in all.
        file_name: as published.
        size_bytes: of the file.
        sha256: of the file, lower-case hexadecimal.
        licence: of the weights, an SPDX identifier.
        host: official server.
        folder: on that server, with a slash at both ends.
    """

    id: str
    name: str
    architecture: Architecture
    file_name: str
    size_bytes: int
    sha256: str
    licence: str
    host: str
    folder: str

    @property
    def address(self) -> str:
        """Where the file is published, over TLS."""
        return f"https://{self.host}{self.folder}{self.file_name}"


# Light before heavy: the order in which a user is shown them.
CHECKPOINTS: tuple[Checkpoint, ...] = (
    Checkpoint(
        id="mobile-sam",
        name="MobileSAM",
        architecture="tiny_vit",
        file_name="mobile_sam.pt",
        size_bytes=40_728_226,
        sha256="6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
        licence="Apache-2.0",
        host=_MOBILE_SAM_HOST,
        folder=_MOBILE_SAM_FOLDER,
    ),
    Checkpoint(
        id="sam-vit-b",
        name="SAM ViT-B",
        architecture="vit_b",
        file_name="sam_vit_b_01ec64.pth",
        size_bytes=375_042_383,
        sha256="ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
        licence="Apache-2.0",
        host=_SAM_HOST,
        folder=_SAM_FOLDER,
    ),
    Checkpoint(
        id="sam-vit-l",
        name="SAM ViT-L",
        architecture="vit_l",
        file_name="sam_vit_l_0b3195.pth",
        size_bytes=1_249_524_607,
        sha256="3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
        licence="Apache-2.0",
        host=_SAM_HOST,
        folder=_SAM_FOLDER,
    ),
    Checkpoint(
        id="sam-vit-h",
        name="SAM ViT-H",
        architecture="vit_h",
        file_name="sam_vit_h_4b8939.pth",
        size_bytes=2_564_550_879,
        sha256="a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
        licence="Apache-2.0",
        host=_SAM_HOST,
        folder=_SAM_FOLDER,
    ),
)


def checkpoint_of_id(id: str) -> Checkpoint | None:
    """The checkpoint of a segmenter's id; None where there is none."""
    return next((each for each in CHECKPOINTS if each.id == id), None)


def checkpoint_of_hash(sha256: str) -> Checkpoint | None:
    """The checkpoint with this SHA-256; None where it is not listed."""
    return next((each for each in CHECKPOINTS if each.sha256 == sha256), None)


def hash_stream(file: BinaryIO) -> str:
    """SHA-256 of all bytes from the file's position on, lower-case hexadecimal."""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
