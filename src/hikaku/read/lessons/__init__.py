"""Pictures and numbers to learn by: what `hikaku show …` computes with the book's library."""
