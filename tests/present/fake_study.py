"""A study that was never trained: believable numbers made by hand, for every test of this room."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hikaku.analysis.finding import Finding
from hikaku.analysis.verdict import compare
from hikaku.present import build
from hikaku.present.report import Report
from hikaku.record import Measured, Outcome, Record, Results, Sheet
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import BASE, Arm, Data, Metric, Published, Study, Training

EPOCHS, STEPS_PER_EPOCH, TEST = 60, 8, 1197
EFFECTS = {
    BASE: 0.0, "dropout": 0.013, "l2": 0.0005, "early-stopping": -0.002, "batch-norm": 0.028,
    "label-smoothing": 0.006,
}  # fmt: skip  # a table reads better in two lines


def base_training() -> Training:
    recipe = Recipe(
        optimizer=Use("adam", (("lr", 1e-3), ("beta1", 0.9), ("beta2", 0.999), ("eps", 1e-8))),
        loss=Use("cross-entropy"),
        schedule=Use("constant"),
        epochs=EPOCHS,
        batch_size=64,
    )
    data = Data(Use("digits"), train=480, validation=120, test="rest", beside=600)
    return Training(data, Use("small-cnn", (("channels", (16, 32)), ("hidden", 64))), recipe)


def study(
    names: tuple[str, ...] = tuple(EFFECTS)[1:], seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
) -> Study:
    base = base_training()
    return Study(
        name="digits",
        question="Which technique raises the test accuracy of a small CNN that over-fits?",
        metric=Metric("accuracy"),
        worth=0.01,
        seeds=seeds,
        base=base,
        variants=tuple(Arm(name, treated(base, name)) for name in names),
        published=(Published("running", "train", "loss", (1.1316, 0.3337, 0.2527)),),
    )


def treated(base: Training, name: str) -> Training:
    changed = {
        "dropout": {"layers": (Use("dropout", (("p", 0.5), ("at", ()))),)},
        "l2": {"penalty": (Use("l2", (("amount", 1e-3), ("exempt", "norms and biases"))),)},
        "early-stopping": {
            "stopping": Use("early-stopping", (("patience", 10), ("restore", True)))
        },
        "batch-norm": {"layers": (Use("batch-norm", (("eps", 1e-5), ("momentum", 0.1))),)},
        "label-smoothing": {"loss": Use("label-smoothing", (("amount", 0.1),))},
    }
    return replace(base, recipe=replace(base.recipe, **changed.get(name, {"batch_size": 32})))


def results(
    asked: Study, diverged: tuple[tuple[str, int], ...] = (("label-smoothing", 3),)
) -> Results:
    trials = {
        (arm.name, seed): _diverged(arm.name, seed)
        if (arm.name, seed) in diverged
        else measured(arm.name, seed, EFFECTS.get(arm.name, 0.004 * i))
        for i, arm in enumerate(asked.arms)
        for seed in asked.seeds
    }
    return Results(seeds=asked.seeds, trials=trials)


def measured(arm: str, seed: int, effect: float) -> Measured:
    """Return a finished trial: seeds shift base and variant alike, and each a little by itself."""
    luck = np.random.default_rng([seed, 7])
    own = np.random.default_rng([seed, sum(map(ord, arm))])
    test = round((0.957 + 0.004 * luck.normal() + effect + 0.002 * own.normal()) * TEST) / TEST
    epochs = 40 - 3 * seed if arm == "early-stopping" else EPOCHS
    ends = {
        "train": (1.0 - 0.3 * max(effect, 0), 0.004),
        "validation": (test - 0.003, 0.19),
        "test": (test, 0.2),
    }
    rows = [
        Record(reading, epochs * STEPS_PER_EPOCH, split, metric, value)
        for reading in ("last", "best")
        for split, (accuracy, loss) in ends.items()
        for metric, value in (
            ("loss", loss - effect + 0.01 * own.normal() ** 2),
            ("accuracy", accuracy),
        )
    ]
    for epoch in range(1, epochs + 1):
        fall = 2.2 * np.exp(-epoch / 4)
        wiggle = 0.01 * own.normal()
        curve = {
            ("curve", "train", "loss"): fall + 0.02 / epoch,
            ("curve", "validation", "loss"): fall
            + 0.17
            + (0.0014 - 0.04 * effect) * epoch
            + wiggle,
            ("curve", "train", "accuracy"): 1 - 0.85 * np.exp(-epoch / 4) - 0.3 * max(effect, 0),
            ("curve", "validation", "accuracy"): test - 0.8 * np.exp(-epoch / 4) - wiggle / 4,
            ("running", "train", "loss"): fall + 0.05,
            ("running", "train", "accuracy"): 1 - 0.85 * np.exp(-epoch / 4),
        }
        rows += [Record(how, epoch * STEPS_PER_EPOCH, split, metric, float(value))
                 for (how, split, metric), value in curve.items()]  # fmt: skip  # two short lines
    right = own.random(TEST) < test
    true = own.integers(0, 10, TEST)
    said = np.where(right, true, (true + own.integers(1, 10, TEST)) % 10)
    counts = np.bincount(true * 10 + said, minlength=100).reshape(10, 10)
    outcome = _outcome(arm, seed, "done", epochs)
    return Measured(outcome, tuple(rows), (Sheet("confusion", counts), Sheet("correct", right)))


def _diverged(arm: str, seed: int) -> Measured:
    row = Record("curve", STEPS_PER_EPOCH, "validation", "loss", float("nan"))
    return Measured(_outcome(arm, seed, "diverged", 1), (row,))


def _outcome(arm: str, seed: int, status: str, epochs: int) -> Outcome:
    seconds = (1.6 if arm == "batch-norm" else 1.2) * epochs / EPOCHS + 0.05 * seed
    return Outcome(
        key=f"{arm}-{seed}", status=status, step=epochs * STEPS_PER_EPOCH, epoch=epochs,
        steps_per_epoch=STEPS_PER_EPOCH, parameters=23_946 + 96 * (arm == "batch-norm"),
        arithmetic="plain float32 1 thread", environment="torch 2.13.0", samples=(480, 120, TEST),
        cost={"seconds": seconds, "attempts": 1.0, "peak_mib": 300.0},
    )  # fmt: skip  # fields of one kind stand together


@dataclass(frozen=True)
class Whole:
    """A study with its results and findings."""

    study: Study
    results: Results
    findings: tuple[Finding, ...]

    def report(self) -> Report:
        origin = build.Origin("somewhere/.hikaku/store.db", "hikaku run digits")
        return build.report(self.study, self.results, self.findings, origin)

    def tables(self) -> Report:
        return build.tables(self.study, self.results, self.findings)


def whole(asked: Study | None = None, found: Results | None = None) -> Whole:
    asked = asked or study()
    found = found or results(asked)
    return Whole(asked, found, compare(asked, found))
