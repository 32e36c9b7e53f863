"""The window of the audit trail: looked at, searched, checked, handed on; nothing in it changes anything."""
