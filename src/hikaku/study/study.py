"""`Study`: the question, the base, the variants, the seeds, the metric and the margin.

All values are frozen and complete: every default that acts is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from hikaku.errors import StudyError
from hikaku.study.design import Design
from hikaku.study.recipe import Change, Recipe, Use, Value, changes, shown
from hikaku.words import message

Size = int | float | Literal["official", "rest", "all", "auto", "test"]
Split = Literal["train", "validation", "test"]
Of = Literal["last", "best", "area", "steps-to", "gap", "peak-epoch"]
Better = Literal["higher", "lower"]
Reading = Literal["curve", "running", "batch", "last", "best"]
Device = Literal["auto", "cpu", "cuda", "mps"]
Resample = Literal["split", "init"]
Equal = Literal["epochs", "seconds", "flops"]
Engine = Literal["auto", "plain", "dense", "stacked", "book"]
"""What computes trials; "auto" is what the rule finds. It is no part of a study."""

SPLITS: tuple[Split, ...] = get_args(Split)
BASE = "base"

FEWEST = 5
"""Below this many pairs there is no verdict: the t interval would rest on a guessed spread."""

HORIZON = 20
"""Where automatic seeds end, unless the study's budget says otherwise."""


@dataclass(frozen=True)
class Data:
    """A data set by name and how each seed divides it; variants differ in `train` alone.

    A whole number counts samples, a fraction is of what is left when the test set (and, for
    `train`, the validation set) has been taken. "auto", for validation and test, is the set that
    the data brings, or a fifth where it brings none. `validation` "test" is the test set itself, as
    it is in many published figures. `test` is "official", a size, or "rest": then
    `beside` counts the samples of the base's train and validation sets, so that a variant with
    fewer training samples is tested on the same test set. `train` "all" is all that remains.
    `take` "stratified" draws per seed; "first" takes train from the front of what is not test,
    and validation from its end. `resample` "init" draws the split of seed 0 for every seed, so
    that seeds differ in initial weights, order and noise alone.
    """

    use: Use
    train: Size = "all"
    validation: Size = 0.2
    test: Size = 0.2
    beside: int = 0
    take: Literal["stratified", "first"] = "stratified"
    resample: Resample = "split"


@dataclass(frozen=True)
class Training:
    """What one arm does: this model, trained by this recipe on this data."""

    data: Data
    model: Use
    recipe: Recipe

    def diff(self, base: Training) -> tuple[Change, ...]:
        """Return the treatment: everything in which this training differs from `base`."""
        model = (
            () if self.model == base.model else (Change("model", str(base.model), str(self.model)),)
        )
        return (*changes(base.data, self.data, "data."), *model, *self.recipe.diff(base.recipe))


@dataclass(frozen=True)
class Resources:
    """What one trial of an outside arm takes of the machine: cores, GPUs, memory in MiB."""

    cpus: int = 1
    gpus: int = 0
    memory_mib: int = 0


@dataclass(frozen=True)
class Outside:
    """What one arm does where hikaku does not train: a function or a command of the user's.

    Exactly one of `train` ("my_train.py:train") and `command` is written. `settings` are complete
    in every arm: the base's, with those that a variant changes.
    """

    train: str = ""
    command: str = ""
    settings: tuple[tuple[str, Value], ...] = ()
    resources: Resources = Resources()

    def diff(self, base: Outside) -> tuple[Change, ...]:
        """Return the treatment: the settings in which this differs from `base`."""
        before = dict(base.settings)
        return tuple(
            Change(f"settings.{name}", *_told_apart(before[name], value))
            for name, value in self.settings
            if repr(value) != repr(before[name])  # `==` would take true for 1, and 1 for 1.0
        )


def _told_apart(one: Value, other: Value) -> tuple[str, str]:
    """Return two values as the study file writes them; as Python does where that looks alike."""
    texts = shown(one), shown(other)
    return texts if texts[0] != texts[1] else (repr(one), repr(other))


Work = Training | Outside


def trained(work: Work) -> Training:
    """Return what hikaku itself trains. Raises `StudyError` where a function or command does."""
    if isinstance(work, Training):
        return work
    raise StudyError.of(
        message("the arms of this study are trained outside hikaku"),
        why=message("there is no model of theirs to show, to predict with, to export or to keep"),
        mend=message("let the training function save what you want to keep"),
    )


def treatment(work: Work, base: Work) -> tuple[Change, ...]:
    """Return everything in which an arm's work differs from the base's, of the same study."""
    if isinstance(work, Outside):
        assert isinstance(base, Outside)
        return work.diff(base)
    return work.diff(trained(base))


@dataclass(frozen=True)
class Arm:
    """The base or a variant: a name, what it trains, and the arm that it is compared with.

    `against` is "" for an arm that is compared with none: base, and what a design trains only to
    compare others with.
    """

    name: str
    work: Work
    against: str = BASE

    @property
    def is_base(self) -> bool:
        """Whether this is the base, whose name is reserved."""
        return self.name == BASE


@dataclass(frozen=True)
class Metric:
    """The one figure that is judged: a metric, read on a split, of the curve or the end.

    `of` is "last", "best" (weights of the best validation loss), "area" (mean of the curve),
    "steps-to" (updates until the curve reaches `target`), "gap" (to the train split, oriented so
    that 0 is no gap) or "peak-epoch". `better` orients the judged figure, not the metric.
    `of_better` orients the metric itself (last, best and area share it; steps-to needs it). Fewer
    steps, a smaller gap and an earlier peak are better unless the study says otherwise.
    """

    name: str
    split: Split = "test"
    of: Of = "last"
    better: Better = "higher"
    of_better: Better = "higher"
    target: float | None = None

    @property
    def judged(self) -> str:
        """Return the judged figure in full: two metrics of one name in two files differ here."""
        return f"{self.split} {self.name} {self.of} {self.target} {self.better}"

    def __str__(self) -> str:
        """Return it in words: `test accuracy`, `steps to 0.9 validation accuracy`."""
        plain = f"{self.split} {self.name.rpartition(':')[2]}"
        return {
            "last": plain,
            "best": f"best-epoch {plain}",
            "area": f"mean {plain}",
            "steps-to": f"steps to {self.target} {plain}",
            "gap": f"gap in {plain}",
            "peak-epoch": f"peak epoch of {plain}",
        }[self.of]


@dataclass(frozen=True)
class Published:
    """A figure that a source gives for the base, to be shown beside ours; never part of identity.

    `values` are one final figure, or one per epoch for the readings "curve" and "running".
    """

    reading: Reading
    split: Split
    metric: str
    values: tuple[float, ...]


ClaimKind = Literal["difference", "equality", "gap", "speed", "order", "threshold", "peak", "level"]


@dataclass(frozen=True)
class Claim:
    """What a source says of some arms, judged from the study's own trials; part of no identity.

    It is said of `arms`, each compared with the one of `against` in its place, where there are
    any. `figure` is what is measured of each arm; `reading` is how the source read it, or its
    train side. `expect` is a word of its kind (`study.claims`). Differences within ± `worth` are
    none. `value` is a threshold, or the epoch of a peak, which may be off by `worth`. `published`
    gives the figures of the source's one run by arm: one, or one an epoch. `source` is what the
    source says in its own words, "ours" where it makes no such claim. `moved` says that the
    command has changed what is trained, so that figures compare with nothing.
    """

    text: str
    kind: ClaimKind
    figure: Metric
    expect: str
    arms: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    reading: Reading = "last"
    worth: float = 0.0
    value: float | None = None
    published: tuple[tuple[str, tuple[float, ...]], ...] = ()
    source: str = ""
    moved: bool = False


@dataclass(frozen=True)
class Keep:
    """Which weights stay when a trial has been trained; part of no key, for it changes no result.

    `weights` are those of the "best" evaluation by `monitor` ("validation loss": a split and a
    metric, better as `mode` says), the "last" ones, "all" evaluations, one file each, or "none".
    Every k-th epoch counts with `every` = k (every k-th evaluation, where these are counted in
    updates), and the end. `seeds`: of each arm the "best" trial's file stays, or those of "all".
    `what` "model" puts the user's source files beside the weights. Where the study `asks` for it,
    a trial that was trained before is trained again if its weights are not there.
    """

    weights: Literal["best", "last", "all", "none"] = "best"
    seeds: Literal["best", "all"] = "best"
    monitor: str = "validation loss"
    mode: Literal["min", "max"] = "min"
    every: int = 1
    what: Literal["weights", "model"] = "weights"
    asks: bool = False


@dataclass(frozen=True)
class Budget:
    """What a study may cost over all its runs; None is no limit.

    `seeds` is where automatic seeds end. Beyond `HORIZON` that must stand there before the first
    verdict is shown, for a part of the error is kept back for the seeds past it.
    """

    minutes: float | None = None
    trials: int | None = None
    seeds: int | None = None


@dataclass(frozen=True)
class Study:
    """A whole experiment; `name` and `folder` (where file references start) are not identity.

    `seeds` are in the order in which they are used. With `auto` they are the most that may be
    used: each comparison takes them in turn until it is decided. Without, all are used, and
    there is one look. `counted` says that the study gives a number of seeds and not which.
    `equal` says what every arm is given as much of as base. The arms of a `design` stand before the
    variants that were written one by one.
    """

    name: str
    question: str
    metric: Metric
    worth: float
    seeds: tuple[int, ...]
    base: Work
    variants: tuple[Arm, ...] = ()
    folder: str = "."
    published: tuple[Published, ...] = ()
    device: Device = "auto"
    keep: Keep = Keep()
    auto: bool = False
    counted: bool = True
    budget: Budget = Budget()
    equal: Equal = "epochs"
    claims: tuple[Claim, ...] = ()
    design: Design | None = None

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Return the base, then the variants in the order they were written."""
        return (Arm(BASE, self.base, ""), *self.variants)

    @property
    def compared(self) -> tuple[Arm, ...]:
        """Return the variants that are compared with an arm: a finding each."""
        return tuple(arm for arm in self.variants if arm.against)

    @property
    def outside(self) -> bool:
        """Whether a function or command of the user's trains, and not hikaku."""
        return isinstance(self.base, Outside)
