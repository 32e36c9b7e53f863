"""The audit trail, read, checked, searched and handed on; nothing here changes what it says."""
