"""Labels out of a case and into one: one module for each format, one table of what each format can carry."""
