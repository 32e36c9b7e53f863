"""What image files say of themselves: EXIF, other metadata's presence, quantisation tables, the embedded thumbnail.

Nothing a file says of itself is to be relied on alone, and its bytes are hostile until shown otherwise: every parser
here may raise anything, which becomes a sentence. Neither torch nor a file system is needed.
"""

from boxprompt.data.metadata.read import ReadMetadata, read_metadata

__all__ = ["ReadMetadata", "read_metadata"]
