"""Reports of a case: what a person says in them, what the record says, and how both are laid out."""
