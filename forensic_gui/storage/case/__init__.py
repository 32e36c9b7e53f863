"""A case on disk: its database, its vault of originals and the maps derived from them."""
