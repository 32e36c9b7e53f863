"""Reports of a case: the record that is put together, the file that is made of it, and what is checked afterwards."""
