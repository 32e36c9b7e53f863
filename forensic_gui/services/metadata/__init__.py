"""What evidence says of itself."""

from forensic_gui.services.metadata.reading import MetadataSource, metadata_reader, read_metadata

__all__ = ["MetadataSource", "metadata_reader", "read_metadata"]
