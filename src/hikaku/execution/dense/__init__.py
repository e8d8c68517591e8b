"""Chains of dense layers, many trials at once, by a backward pass derived by hand.

kernels    what happens between two products of matrices, compiled
place      where the numbers of lanes lie, so that products round alike wherever a lane stands
stages     a layer's bias, norm, activation and dropout, forward and backward
inputs     the rows of a batch, whole or without their zeros
compress   the numbers that are not zero, and where they stand
gather     products that leave zeros out, compiled
first      the layer that sees the data: one product for all trials of a seed
segment    trials of one structure: their weights, and their way through all further layers
rules      how weights follow gradients
engine     the stack that the loop drives
"""
