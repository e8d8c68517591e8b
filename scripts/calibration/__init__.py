"""The instrument on the bench: how often hikaku's verdicts err and find, measured."""
