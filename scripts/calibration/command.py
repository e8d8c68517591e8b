"""Whole studies through the command line: `hikaku run` in a process of its own, A against A."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import binom

from calibration import gates
from calibration.gates import STATED, Gate, Item, mean, rate
from calibration.looks import automatic, follow, words
from hikaku.study.study import BASE, HORIZON

AGAIN = "again"
WORTH = 1e-9
TRAIN = """\
import random


def train(settings, seed, report):
    draws = random.Random(f"{settings['study']} {settings['arm']} {seed}")
    report(split="test", metric="accuracy", value=draws.gauss(0.9, 0.01))
"""
STUDY = f"""\
format   = 1
question = "Does a coin differ from itself?"
metric   = "accuracy"
worth    = {WORTH}
seeds    = "auto"
train    = "coin.py:train"
settings = {{{{ study = {{number}}, arm = "{BASE}" }}}}

[[variant]]
name = "{AGAIN}"
settings = {{{{ arm = "{AGAIN}" }}}}
"""


@dataclass(frozen=True)
class Told:
    """What one command told: the verdict, the seeds behind it, the trials; what it took, in s."""

    verdict: str
    seeds: int
    trials: int
    waited: float
    computed: float


def commands(studies: int, folder: Path) -> Item:
    """Measure how often the command errs, and whether it says what the fast copy says."""
    (folder / "coin.py").write_text(TRAIN, encoding="utf-8")
    told = [run(number, folder) for number in range(studies)]
    expected = [fast(number) for number in range(studies)]
    declared = np.array([one.verdict in ("helps", "hurts", "unstable") for one in told])
    other = [(one.verdict, one.seeds) != said for one, said in zip(told, expected, strict=True)]
    return Item(
        "And the whole command?",
        "`hikaku run` as it is typed, each time in a process of its own, with automatic seeds. The "
        "training function is a coin: both arms draw their figure from one normal law. So few "
        "studies bound the error loosely; the limit is what a procedure that errs at .055 would "
        "stay within in 999 of 1,000 such counts. The seconds are those of the machine that made "
        "this page; it may have done other things beside.",
        (
            rate(f"declared different: {declared.sum()} of {studies}", declared, counted(studies)),
            rate("another verdict, or after other seeds, than the fast copy", other, gates.NEVER),
            mean("trials a study", np.array([one.trials for one in told]), STATED),
            mean("seconds a study", np.array([one.waited for one in told]), STATED),
            mean("processor seconds a study", np.array([one.computed for one in told]), STATED),
        ),
    )


def counted(studies: int) -> Gate:
    """Return the gate of a count over few studies: the .999 quantile at the error allowed."""
    return Gate(high=float(binom.ppf(0.999, studies, gates.FALSE_POSITIVES.high)) / studies)


def run(number: int, folder: Path) -> Told:
    """Run the study of this number by the command line and return what it told."""
    study = folder / f"coin-{number}.toml"
    study.write_text(STUDY.format(number=number), encoding="utf-8")
    started, before = time.perf_counter(), _processor_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "hikaku", "run", study.name, "--quiet", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    waited, computed = time.perf_counter() - started, _processor_seconds() - before
    answer = json.loads(done.stdout)
    [finding] = answer["findings"]
    return Told(
        finding["verdict"], len(finding["seeds"]), answer["trials"]["trained"], waited, computed
    )


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def fast(number: int) -> tuple[str, int]:
    """Return what the fast copy says of the same figures."""
    arms = [
        [random.Random(f"{number} {arm} {seed}").gauss(0.9, 0.01) for seed in range(HORIZON)]
        for arm in (AGAIN, BASE)
    ]
    looked = follow(np.array([arms[0]]) - np.array(arms[1]), automatic(worth=WORTH))
    return words(looked)[0], int(looked.seeds[0])
