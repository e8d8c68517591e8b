"""A matrix as the places and values of its numbers that are not zero, row by row: compiled."""

from __future__ import annotations

from hikaku.execution.dense.kernels import jit


@jit
def compressed(x, begins, places, values):  # type: ignore[no-untyped-def]  # numba finds the types
    """Write where the numbers of `x`, (rows, inputs), that are not zero stand, and what they are.

    Those of row i are the places and values from `begins[i]` to `begins[i + 1]`, not included.
    """
    count = 0
    for i in range(x.shape[0]):
        begins[i] = count
        row = x[i]
        for k in range(x.shape[1]):
            # Written in any case, and kept where it is not zero: no branch has to be foretold.
            places[count], values[count] = k, row[k]
            count += row[k] != 0
    begins[x.shape[0]] = count


@jit
def turned(begins, places, values, own_begins, own_places, own_values):  # type: ignore[no-untyped-def]  # as above
    """Write the transposed matrix of one that is `compressed`."""
    own_begins[:] = 0
    for n in range(begins[-1]):
        own_begins[places[n] + 1] += 1
    for k in range(len(own_begins) - 1):
        own_begins[k + 1] += own_begins[k]
    at = own_begins[:-1].copy()
    for i in range(len(begins) - 1):
        for n in range(begins[i], begins[i + 1]):
            k = places[n]
            own_places[at[k]], own_values[at[k]] = i, values[n]
            at[k] += 1
