"""The technique contract: eats a technique (anybody's), makes the outcome of each check."""
