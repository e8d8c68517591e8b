"""The working wing, one file a verb: eats a `Study`, fills the store with what was measured."""
