"""The window with all items of a case: a table, a contact sheet, and files of both."""
