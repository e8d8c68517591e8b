"""What is asked: eats a study's text, makes `Study` and its `Trial`s. Knows no numpy, no torch."""
