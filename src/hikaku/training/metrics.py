"""The standing metrics, from a model's outputs on a whole split, in NumPy.

Sample-weighted by construction: each is computed once over all samples, never averaged over
batches. Oracle: scikit-learn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLASSIFICATION = ("loss", "accuracy", "balanced-accuracy", "f1-macro", "top-5")
REGRESSION = ("loss", "rmse", "mae", "r2")


def classification(logits: Floats, targets: Ints, names: tuple[str, ...]) -> dict[str, float]:
    """Return these metrics of `logits` (n, classes) against class numbers `targets` (n,).

    loss: mean cross-entropy in nats. accuracy: share of right answers. balanced-accuracy: mean
    recall of the classes that occur. f1-macro: mean F1 of the classes that occur or are answered.
    top-5: share of samples whose class is among the five highest outputs. auroc: mean over the
    classes of the area under the one-against-rest curve (of class 1 alone where there are two);
    NaN where a class does not occur.
    """
    table = confusion(logits, targets)
    right = np.diag(table).astype(float)
    true, answered = table.sum(1), table.sum(0)
    occurs = true > 0
    seen = occurs | (answered > 0)
    known: dict[str, float] = {
        "loss": cross_entropy(logits, targets),
        "accuracy": float(right.sum() / max(1, len(targets))),
        "balanced-accuracy": float((right[occurs] / true[occurs]).mean()),
        "f1-macro": float((2 * right[seen] / (true + answered)[seen]).mean()),
    }
    if "top-5" in names:
        known["top-5"] = top(logits, targets, 5)
    if "auroc" in names:
        known["auroc"] = auroc(logits, targets)
    return {name: known[name] for name in names}


def regression(outputs: Floats, targets: Floats, names: tuple[str, ...]) -> dict[str, float]:
    """Return these metrics of `outputs` against `targets`, both (n,) or (n, values).

    loss: mean squared error. rmse: its root. mae: mean absolute error. r2: 1 − loss / variance;
    NaN where the targets do not vary.
    """
    errors = outputs.reshape(targets.shape) - targets
    loss = float((errors**2).mean())
    variance = float(targets.var(axis=0).mean())
    known = {
        "loss": loss,
        "rmse": loss**0.5,
        "mae": float(np.abs(errors).mean()),
        "r2": 1 - loss / variance if variance > 0 else float("nan"),
    }
    return {name: known[name] for name in names}


def confusion(logits: Floats, targets: Ints) -> Ints:
    """Return the counts (classes, classes): rows are the true classes, columns the answers."""
    classes = logits.shape[1]
    pairs = targets * classes + logits.argmax(1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def cross_entropy(logits: Floats, targets: Ints) -> float:
    """Return the mean cross-entropy in nats; NaN and infinity in the logits come through."""
    logs = _log_probabilities(logits)
    return float(-logs[np.arange(len(targets)), targets].mean())


def _log_probabilities(logits: Floats) -> Floats:
    """Return the log-softmax, (samples, classes); NaN and infinity come through in silence."""
    with np.errstate(invalid="ignore"):
        found: Floats = log_softmax(logits, axis=1)
    return found


def top(logits: Floats, targets: Ints, k: int) -> float:
    """Return the share of samples whose class is among the `k` highest outputs.

    Of equal outputs the true class comes first, so a network that knows nothing scores 1; such
    ties do not happen in trained ones.
    """
    of_truth = logits[np.arange(len(targets)), targets]
    higher = (logits > of_truth[:, None]).sum(1)
    return float((higher < k).mean())


def auroc(logits: Floats, targets: Ints) -> float:
    """Return the mean one-against-rest area under the ROC curve, by ranks (Mann-Whitney).

    Ranks are of the softmax probabilities: between samples, raw outputs cannot be compared.
    """
    scores = np.exp(_log_probabilities(logits))
    classes = range(logits.shape[1]) if logits.shape[1] != 2 else (1,)
    areas: list[float] = []
    for number in classes:
        positive = targets == number
        n1, n0 = int(positive.sum()), int((~positive).sum())
        if not n1 or not n0 or not np.isfinite(scores).all():
            return float("nan")
        ranks = ranked(scores[:, number])
        areas.append((ranks[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))
    return float(np.mean(areas))


def ranked(scores: Floats) -> Floats:
    """Return the ranks of the scores, from 1; equal ones share the mean of theirs."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    means: Floats = np.cumsum(counts) - (counts - 1) / 2
    return means[place]
