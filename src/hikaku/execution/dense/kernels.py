"""What happens between two products of matrices, compiled: bias, norm, activation, dropout, loss.

Each function works lane by lane, row by row, column by column, and in that order only: what a lane
computes depends on no other lane. Sums over the batch run over whole rows, so that a processor's
vectors, long or short, add in the same order. No function is allowed to reorder sums (`fastmath`).

The data of a lane at `z`, (rows, units), may lie anywhere in a flat array: its row i begins at
`at[lane] + i * row[lane]`. That is how the first layer, whose product holds all lanes of a seed
side by side, is read in place. Everything else is (lanes, rows or more, units) in one piece.

What a loop over columns reads is a row in one piece, and what it adds up is the function's own: the
numbers of a lane may lie between others, and then the compiler would take them one at a time.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

jit = njit(cache=True, nogil=True)
"""Compiled once for each type, kept on disk; in one thread."""


@jit
def act(z, at, row, bias, slope, rows, h):  # type: ignore[no-untyped-def]  # numba finds the types
    """h = z + bias where that is positive, slope times that elsewhere; NaN stays NaN."""
    units = h.shape[2]
    b = np.empty(units, h.dtype)
    for lane in range(h.shape[0]):
        b[:] = bias[lane]
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            x, out = z[begin : begin + units], h[lane, i]
            for j in range(units):
                value = x[j] + b[j]
                out[j] = value * slope if value <= 0 else value


@jit
def act_back(dh, h, slope, rows, dz, at, row, dbias):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    """dz = dh · act'; dbias = its sum over the batch. With slope > 0, h tells the sign of z."""
    units = h.shape[2]
    db = np.empty(units, h.dtype)
    for lane in range(h.shape[0]):
        db[:] = 0
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            out, dy, y = dz[begin : begin + units], dh[lane, i], h[lane, i]
            for j in range(units):
                value = dy[j] * slope if y[j] <= 0 else dy[j]
                out[j] = value
                db[j] += value
        dbias[lane] = db


@jit
def norm(z, at, row, bias, gamma, beta, eps, slope, rows, mean, variance, scale, xhat, h):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913 - as above; arrays are all it is
    """Batch norm of z + bias, then act; keeps mean, biased variance, 1/√(variance + eps), xhat."""
    units = h.shape[2]
    share = h.dtype.type(1 / rows)
    m, v, s, g, b = np.empty((5, units), h.dtype)
    for lane in range(h.shape[0]):
        m[:], v[:], g[:], b[:] = 0, 0, gamma[lane], beta[lane]
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            x = z[begin : begin + units]
            for j in range(units):
                m[j] += x[j]
        for j in range(units):
            m[j] *= share
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            x, away = z[begin : begin + units], xhat[lane, i]
            for j in range(units):
                away[j] = x[j] - m[j]
                v[j] += away[j] * away[j]
        for j in range(units):
            v[j] *= share
            s[j] = 1 / math.sqrt(v[j] + eps)
        for i in range(rows):
            unit, out = xhat[lane, i], h[lane, i]
            for j in range(units):
                unit[j] *= s[j]
                value = unit[j] * g[j] + b[j]
                out[j] = value * slope if value <= 0 else value
        variance[lane], scale[lane] = v, s
        for j in range(units):
            mean[lane, j] = m[j] + bias[lane, j]


@jit
def norm_back(dh, h, slope, rows, xhat, gamma, scale, dz, at, row, dgamma, dbeta):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    """The gradients of `norm`; dh is overwritten. That of the bias in front of it is zero.

    dz = γ · scale · (dy − mean(dy) − xhat · mean(dy · xhat)), dy = dh · act'.
    """
    units = h.shape[2]
    share = h.dtype.type(1 / rows)
    g, s, dg, db = np.empty((4, units), h.dtype)
    for lane in range(h.shape[0]):
        dg[:], db[:], g[:], s[:] = 0, 0, gamma[lane], scale[lane]
        for i in range(rows):
            dy, y, unit = dh[lane, i], h[lane, i], xhat[lane, i]
            for j in range(units):
                value = dy[j] * slope if y[j] <= 0 else dy[j]
                dy[j] = value
                db[j] += value
                dg[j] += value * unit[j]
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            out, dy, unit = dz[begin : begin + units], dh[lane, i], xhat[lane, i]
            for j in range(units):
                common = (db[j] + unit[j] * dg[j]) * share
                out[j] = (dy[j] - common) * g[j] * s[j]
        dgamma[lane], dbeta[lane] = dg, db


@jit
def affine(z, at, row, factor, shift, slope, rows, h):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    """h = act(z · factor + shift): a norm in evaluation, or a bias where `factor` is 1."""
    units = h.shape[2]
    times, plus = np.empty((2, units), h.dtype)
    for lane in range(h.shape[0]):
        times[:], plus[:] = factor[lane], shift[lane]
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            x, out = z[begin : begin + units], h[lane, i]
            for j in range(units):
                value = x[j] * times[j] + plus[j]
                out[j] = value * slope if value <= 0 else value


@jit
def drop(x, noise, of, p, out):  # type: ignore[no-untyped-def]  # as above
    """out = x · [noise[of[lane]] ≥ p] / (1 − p); forward and backward alike, in place or not."""
    for lane in range(x.shape[0]):
        least = p[lane]
        left = max(1 - least, 1e-30)
        for i in range(noise.shape[1]):
            given, lot, there = x[lane, i], noise[of[lane], i], out[lane, i]
            for j in range(x.shape[2]):
                kept = given[j] if lot[j] >= least else given[j] * 0
                there[j] = kept / left


@jit
def cross_entropy(logits, bias, target, of, smooth, factor, dlogits, dbias, seen):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    """The loss of every lane, its gradient times `factor`, and what is read of the batch.

    `logits` come without their bias; `target[of[lane]]` are shares, (rows, classes). `seen` gets,
    by lane, the objective (cross-entropy with smoothed targets), the plain cross-entropy, accuracy.
    """
    rows, classes = target.shape[1], logits.shape[2]
    for lane in range(logits.shape[0]):
        amount, objective, plain, right = smooth[lane], 0.0, 0.0, 0.0
        for j in range(classes):
            dbias[lane, j] = 0
        for i in range(rows):
            best, answer, truth = logits[lane, i, 0] + bias[lane, 0], 0, 0
            for j in range(classes):
                value = logits[lane, i, j] + bias[lane, j]
                logits[lane, i, j] = value
                if value > best or value != value:
                    best, answer = value, j
                if target[of[lane], i, j] > target[of[lane], i, truth]:
                    truth = j
            total = 0.0
            for j in range(classes):
                power = math.exp(logits[lane, i, j] - best)
                dlogits[lane, i, j] = power
                total += power
            log_total, whole = math.log(total), 0.0
            for j in range(classes):
                share = target[of[lane], i, j]
                smoothed = (1 - amount) * share + amount / classes
                log_p = logits[lane, i, j] - best - log_total
                plain -= share * log_p
                objective -= smoothed * log_p
                whole += smoothed
            for j in range(classes):
                smoothed = (1 - amount) * target[of[lane], i, j] + amount / classes
                slope = (dlogits[lane, i, j] / total * whole - smoothed) / rows * factor[lane]
                dlogits[lane, i, j] = slope
                dbias[lane, j] += slope
            right += answer == truth
        seen[0, lane] = objective / rows
        seen[1, lane] = plain / rows
        seen[2, lane] = right / rows
