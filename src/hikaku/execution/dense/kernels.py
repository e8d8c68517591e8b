"""What happens between two products of matrices, compiled: bias, norm, activation, dropout, loss.

Each function works lane by lane, row by row, column by column, and in that order only: what a lane
computes depends on no other lane. Sums over the batch run over whole rows, so that a processor's
vectors, long or short, add in the same order. No function is allowed to reorder sums (`fastmath`).

The data of a lane at `z`, (rows, units), may lie anywhere in a flat array: its row i begins at
`at[lane] + i * row[lane]`. That is how the first layer, whose product holds all lanes of a seed
side by side, is read in place. Everything else is (lanes, rows or more, units) in one piece.
"""

from __future__ import annotations

import math

from numba import njit

jit = njit(cache=True, nogil=True)
"""Compiled once for each type, kept on disk; in one thread."""


@jit
def act(z, at, row, bias, slope, rows, h):  # type: ignore[no-untyped-def]  # numba finds the types
    """h = z + bias where that is positive, slope times that elsewhere; NaN stays NaN."""
    for lane in range(h.shape[0]):
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            for j in range(h.shape[2]):
                value = z[begin + j] + bias[lane, j]
                h[lane, i, j] = value * slope if value <= 0 else value


@jit
def act_back(dh, h, slope, rows, dz, at, row, dbias):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    """dz = dh · act'; dbias = its sum over the batch. With slope > 0, h tells the sign of z."""
    for lane in range(h.shape[0]):
        for j in range(h.shape[2]):
            dbias[lane, j] = 0
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            for j in range(h.shape[2]):
                value = dh[lane, i, j] * slope if h[lane, i, j] <= 0 else dh[lane, i, j]
                dz[begin + j] = value
                dbias[lane, j] += value


@jit
def norm(z, at, row, bias, gamma, beta, eps, slope, rows, mean, variance, scale, xhat, h):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913 - as above; arrays are all it is
    """Batch norm of z + bias, then act; keeps mean, biased variance, 1/√(variance + eps), xhat."""
    units = h.shape[2]
    share = h.dtype.type(1 / rows)
    for lane in range(h.shape[0]):
        for j in range(units):
            mean[lane, j] = 0
            variance[lane, j] = 0
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            for j in range(units):
                mean[lane, j] += z[begin + j]
        for j in range(units):
            mean[lane, j] *= share
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            for j in range(units):
                away = z[begin + j] - mean[lane, j]
                xhat[lane, i, j] = away
                variance[lane, j] += away * away
        for j in range(units):
            variance[lane, j] *= share
            scale[lane, j] = 1 / math.sqrt(variance[lane, j] + eps)
        for i in range(rows):
            for j in range(units):
                unit = xhat[lane, i, j] * scale[lane, j]
                xhat[lane, i, j] = unit
                value = unit * gamma[lane, j] + beta[lane, j]
                h[lane, i, j] = value * slope if value <= 0 else value
        for j in range(units):
            mean[lane, j] += bias[lane, j]


@jit
def norm_back(dh, h, slope, rows, xhat, gamma, scale, dz, at, row, dgamma, dbeta):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    """The gradients of `norm`; dh is overwritten. That of the bias in front of it is zero.

    dz = γ · scale · (dy − mean(dy) − xhat · mean(dy · xhat)), dy = dh · act'.
    """
    units = h.shape[2]
    share = h.dtype.type(1 / rows)
    for lane in range(h.shape[0]):
        for j in range(units):
            dgamma[lane, j] = 0
            dbeta[lane, j] = 0
        for i in range(rows):
            for j in range(units):
                value = dh[lane, i, j] * slope if h[lane, i, j] <= 0 else dh[lane, i, j]
                dh[lane, i, j] = value
                dbeta[lane, j] += value
                dgamma[lane, j] += value * xhat[lane, i, j]
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            for j in range(units):
                common = (dbeta[lane, j] + xhat[lane, i, j] * dgamma[lane, j]) * share
                dz[begin + j] = (dh[lane, i, j] - common) * gamma[lane, j] * scale[lane, j]


@jit
def affine(z, at, row, factor, shift, slope, rows, h):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    """h = act(z · factor + shift): a norm in evaluation, or a bias where `factor` is 1."""
    for lane in range(h.shape[0]):
        for i in range(rows):
            begin = at[lane] + i * row[lane]
            for j in range(h.shape[2]):
                value = z[begin + j] * factor[lane, j] + shift[lane, j]
                h[lane, i, j] = value * slope if value <= 0 else value


@jit
def drop(x, noise, of, p, out):  # type: ignore[no-untyped-def]  # as above
    """out = x · [noise[of[lane]] ≥ p] / (1 − p); forward and backward alike, in place or not."""
    for lane in range(x.shape[0]):
        left = max(1 - p[lane], 1e-30)
        for i in range(noise.shape[1]):
            for j in range(x.shape[2]):
                kept = x[lane, i, j] if noise[of[lane], i, j] >= p[lane] else x[lane, i, j] * 0
                out[lane, i, j] = kept / left


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
