"""Chains of dense layers, many trials at once, by a backward pass derived by hand.

kernels    what happens between two products of matrices, compiled
stages     a layer's bias, norm, activation and dropout, forward and backward
first      the layer that sees the data: one product for all trials of a seed
segment    trials of one structure: their weights, and their way through all further layers
rules      how weights follow gradients
engine     the stack that the loop drives
"""
