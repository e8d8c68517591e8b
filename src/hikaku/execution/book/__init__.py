"""The book's engine: one trial, computed by `hikaku.reference` in NumPy and float64.

Eats the chain of dense layers that a model is, first weights and draws; makes a stack of one lane.
"""
