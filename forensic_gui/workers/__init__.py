"""The one bridge between services and Qt threads."""
