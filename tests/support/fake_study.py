"""A study that was never trained: believable numbers made by hand, for the tests of reports."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hikaku.analysis.finding import Finding
from hikaku.analysis.verdict import compare
from hikaku.present import build, worded
from hikaku.present.report import Report
from hikaku.record import Measured, Outcome, Results, Sheet
from hikaku.records import Record
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import BASE, Arm, Data, Metric, Outside, Published, Study, Training

EPOCHS, STEPS_PER_EPOCH, TEST = 60, 8, 1197
EFFECTS = {
    BASE: 0.0, "dropout": 0.013, "l2": 0.0005, "early-stopping": -0.002, "batch-norm": 0.028,
    "label-smoothing": 0.006,
}  # fmt: skip  # a table reads better in two lines

HOSTILE = (
    "<script>alert(1)</script>",
    "[bold red]loud[/] :smile: \x1b[31mred\x1b[0m\x07",
    "a\nb\r\nc\u2028d \u202egnip-gnop\u202c",
    "' onload=alert(1) x='\"><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ${datum.x} \\u0000 </style><style>",
)
"""Names that would act if anything believed them."""


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
        return worded.tables(self.study, self.results, self.findings)


def whole(asked: Study | None = None, found: Results | None = None) -> Whole:
    asked = asked or study()
    found = found or results(asked)
    return Whole(asked, found, compare(asked, found))


SEQUENCE = {
    "dropout": (0.013, 0.004), "l2": (0.0004, 0.003), "early-stopping": (-0.004, 0.009),
    "batch-norm": (0.028, 0.006), "label-smoothing": (-0.012, 0.005),
}  # fmt: skip  # mean and spread of the differences, in a line each


def automatic(
    names: tuple[str, ...] = tuple(SEQUENCE),
    most: int = 20,
    diverged: tuple[tuple[str, int], ...] = (),
    worth: float = 0.01,
) -> Whole:
    """Return a study of automatic seeds as a run leaves it: no trial of a decided comparison."""
    asked = replace(study(names, tuple(range(most))), auto=True, worth=worth)
    trials = dict(results(asked, ()).trials)
    for number, name in enumerate(names):
        mean, sd = SEQUENCE.get(name, (0.002 * number, 0.005))
        own = np.random.default_rng([number, 11]).normal(mean, sd, most)
        for seed in asked.seeds:
            base = trials[BASE, seed].records
            judged = next(r.value for r in base if (r.reading, r.split, r.metric) == JUDGED)
            trials[name, seed] = _with_figure(trials[name, seed], judged + float(own[seed]))
            if (name, seed) in diverged:
                trials[name, seed] = _diverged(name, seed)
    all_of_them = Results(asked.seeds, trials)
    ended = {one.variant: one.planned for one in compare(asked, all_of_them)}
    ended[BASE] = tuple({seed: None for seeds in ended.values() for seed in seeds})
    kept = {place: one for place, one in trials.items() if place[1] in ended[place[0]]}
    return whole(asked, Results(asked.seeds, kept))


JUDGED = ("last", "test", "accuracy")


def _with_figure(trial: Measured, value: float) -> Measured:
    records = tuple(
        replace(record, value=value)
        if (record.reading, record.split, record.metric) == JUDGED
        else record
        for record in trial.records
    )
    return replace(trial, records=records)


def outside(names: tuple[str, ...] = ("more", "less"), auto: bool = False) -> Whole:
    """Return a study whose arms somebody else trains: no size is known, no curve was reported."""
    work = Outside(train="my_train.py:train", settings=(("dropout", 0.0),))
    arms = tuple(
        Arm(name, replace(work, settings=(("dropout", 0.1 * number),)))
        for number, name in enumerate(names, start=1)
    )
    asked = replace(study(()), base=work, variants=arms, auto=auto)
    told = results(asked, ())
    trials = {place: _reported(trial) for place, trial in told.trials.items()}
    return whole(asked, Results(asked.seeds, trials))


def _reported(trial: Measured) -> Measured:
    outcome = replace(trial.outcome, parameters=0, samples=(0, 0, 0), steps_per_epoch=1)
    return Measured(outcome, tuple(one for one in trial.records if one.reading == "last"))


def unfinished(names: tuple[str, ...] = tuple(EFFECTS)[1:]) -> Whole:
    """Return a study of five fixed seeds of which three have ended: effects without intervals."""
    asked = study(names)
    trials = {place: one for place, one in results(asked, ()).trials.items() if place[1] < 3}
    return whole(asked, Results(asked.seeds, trials))
