"""A second reading of a JPEG, for nothing but what libjpeg says about damage.

Pillow decodes with libjpeg and drops its warnings: a file whose coded data is cut, overwritten or closed too early
gives pixels without a word. OpenCV lets the same library write them on standard error, where the worker hears them.
"""

from __future__ import annotations

import re

import numpy as np

NAME = "OpenCV"
_NOT_READ = "The second reading with OpenCV could not decode the file: damage that only it reports would go unnoticed."


def read_again(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode the first image of a JPEG once more, letting libjpeg write its warning on standard error.

    At an eighth of the size and in grey: every coded block is still read, which is where damage shows, and most of the
    arithmetic after it is spared. libjpeg writes only the first warning of a file. Meanwhile OpenCV lets go of the
    interpreter's lock, so that this runs beside Pillow.

    Args:
        data: all bytes of the file, its size checked by the caller.

    Returns:
        A sentence that says what read the file, and warnings.
    """
    # Here because no other format and no reduced decode needs it.
    import cv2

    flags = cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    except cv2.error:
        decoded = None
    built_with = re.search(r"^\s*JPEG:.*\(ver ([\w.]+)", cv2.getBuildInformation(), re.MULTILINE)
    library = f"libjpeg-turbo {built_with[1]}" if built_with else "its libjpeg"
    return (
        f"Read a second time by {NAME} {cv2.__version__} ({library}), for its report of damage only.",
        () if decoded is not None else (_NOT_READ,),
    )
