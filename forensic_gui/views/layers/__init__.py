"""The panel that decides which layers the canvas shows, and how."""
