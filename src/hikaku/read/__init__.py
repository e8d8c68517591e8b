"""The reading wing, one file a verb: eats what is in the store, makes answers; knows no torch."""
