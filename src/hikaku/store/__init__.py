"""What is kept: eats `Measured` trials, makes `Results`. Nobody else knows the database."""
