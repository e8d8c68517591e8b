"""How it is said: eats `Finding`s and `Results`, makes a `Report` as text, HTML or a file."""
