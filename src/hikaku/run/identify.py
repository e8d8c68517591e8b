"""Which trials a study consists of: their keys, and what a worker needs to train them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hikaku.execution.arithmetic import Arithmetic, OutsideArithmetic
from hikaku.execution.job import NOTHING, AnyJob, Job, OutsideJob
from hikaku.execution.plan import Group
from hikaku.execution.rule import widest
from hikaku.run.twins import Twins, marks_of, twinned, with_twins
from hikaku.study.recipe import Use
from hikaku.study.sources import evaluation_fingerprint, extras, files_of, fingerprints
from hikaku.study.study import BASE, Arm, Outside, Study, Work, trained
from hikaku.study.trial import Trial, trial_key, trials
from hikaku.training.size import size
from hikaku.training.survey import Survey

if TYPE_CHECKING:
    from hikaku.data.split import Sizes
    from hikaku.run.gather_data import Notes

Choose = Callable[[Study, str, Mapping[str, "Looked"]], Mapping[str, Arithmetic]]
"""How every arm is computed on a device, by its name; it may look at the arms."""


@dataclass(frozen=True)
class Looked:
    """What of an arm can be looked at: its fingerprint, that of its data, and a job of it."""

    mark: str
    data: str
    job: Job


@dataclass(frozen=True)
class Identified:
    """A study's trials under their keys, and what a worker needs to know of each.

    Where the arithmetic of an arm cannot compute one that is compared with it, the arm has a twin
    (`study.twin`), which stands beside the arms in everything here. Outside arms have no data that
    hikaku knows of: `tasks`, `sizes` and `data` are empty.
    """

    study: Study
    fingerprints: Mapping[str, str]
    trials: Mapping[str, Trial]
    files: Mapping[str, dict[str, str]]
    twins: Twins
    tasks: Mapping[Use, str] = field(default_factory=dict)
    sizes: Mapping[str, Sizes] = field(default_factory=dict)
    data: Mapping[Use, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    surveys: Mapping[str, Survey] = field(default_factory=dict)
    grouped: frozenset[Use] = frozenset()

    def group(self, key: str) -> tuple[Group, float]:
        """Return what decides with whom this trial may train, and its operations."""
        (arm, _), trial = self.names(key), self.trials[key]
        arithmetic = self.arithmetics[arm]
        if not isinstance(arithmetic, Arithmetic):
            return Group(str(arithmetic), "outside"), 0.0
        survey = self.surveys.get(self.twins.arm(arm))
        if survey is None:
            return Group(str(arithmetic), arithmetic.engine), 0.0
        marks = {"dense": survey.signature, "stacked": survey.program}
        widths = survey.widths if arithmetic.engine == "dense" else ()
        mark = marks.get(arithmetic.engine, "")
        if trained(trial.work).data.use in self.grouped:
            mark += f" seed {trial.seed}"  # whole groups: how many samples, hangs on the seed
        most = widest(arithmetic)
        group = Group(str(arithmetic), arithmetic.engine, mark, widths, most)
        return group, (survey.flops or 0.0) * self._updates(arm)

    def _updates(self, arm: str) -> int:
        work = next(one.work for one in self.arms if one.name == arm)
        return size(trained(work).recipe, self.sizes[arm].train).steps

    @property
    def arithmetics(self) -> Mapping[str, Arithmetic | OutsideArithmetic]:
        """How every arm and twin is computed, by its name."""
        return self.twins.arithmetics

    def engine(self, arm: str) -> str:
        """Return what computes an arm in a word, with its device where that is no processor."""
        arithmetic = self.arithmetics[arm]
        if not isinstance(arithmetic, Arithmetic):
            return "outside"
        device = "" if arithmetic.kind == "cpu" else f" {arithmetic.kind}"
        return f"{arithmetic.engine}{device}"

    @property
    def arithmetic(self) -> Arithmetic | OutsideArithmetic:
        """How base is computed."""
        return self.arithmetics[BASE]

    @property
    def bases(self) -> Mapping[str, str]:
        """The name under which the trials stand that each variant is compared with."""
        return self.twins.bases

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Base, the twins and the variants."""
        return with_twins(self.study, self.twins).arms

    @property
    def sources(self) -> dict[str, dict[str, str]]:
        """Return what each arm's results depend on beyond the study's text, by arm name."""
        return {arm.name: self._data(arm.work) | self.files[arm.name] for arm in self.arms}

    @property
    def keys(self) -> dict[tuple[str, int], str]:
        """Return the key of each (arm fingerprint, seed)."""
        return {(trial.fingerprint, trial.seed): key for key, trial in self.trials.items()}

    def names(self, key: str) -> tuple[str, int]:
        """Return the first arm, and the seed, that this trial stands for."""
        trial = self.trials[key]
        arm = next(n for n, given in self.fingerprints.items() if given == trial.fingerprint)
        return arm, trial.seed

    def job(self, key: str, keep_in: str = "") -> AnyJob:
        """Return what a worker needs to train this trial.

        What the study keeps of the weights goes into a folder under `keep_in`, where one is given;
        of a twin nothing is kept.
        """
        trial, (arm, _) = self.trials[key], self.names(key)
        files = tuple(sorted(self.files[arm].items()))
        if isinstance(trial.work, Outside):
            study = self.study
            return OutsideJob(key, trial.work, trial.seed, study.metric, study.folder, files)
        arithmetic = self.arithmetics[arm]
        assert isinstance(arithmetic, Arithmetic)
        survey = self.surveys.get(self.twins.arm(arm))
        keeps = keep_in and arm not in self.twins.of
        return Job(
            key=key,
            work=trial.work,
            seed=trial.seed,
            task=self.tasks[trial.work.data.use],
            folder=self.study.folder,
            extra=self.extra,
            files=files,
            arithmetic=arithmetic,
            keep=self.study.keep if keeps else NOTHING,
            keep_in=keep_in if keeps else "",
            kind=survey.program if survey else "",
        )

    def _data(self, work: Work) -> dict[str, str]:
        if isinstance(work, Outside):
            return {}
        return {work.data.use.name: self.data[work.data.use]}


def identify(study: Study, watch: Notes | None = None, choose: Choose | None = None) -> Identified:
    """Return the study's trials under their keys; fetches and decodes data where that is to do.

    `watch` hears how a download goes on; `choose` says how each arm is computed, by default
    each trial by itself. Raises `DataError`, with the faults of every arm, where data cannot be
    had or a split does not add up.
    """
    if isinstance(study.base, Outside):
        return _outside(study, study.base)
    # Readers of data are many, and a study of outside arms needs none of them.
    from hikaku.execution.choice import choose as on
    from hikaku.run.gather_data import gather

    gathered = gather(study, watch)
    files = {arm.name: files_of(arm.work, study.folder, study.metric.name) for arm in study.arms}
    evaluation = evaluation_fingerprint(study)
    extra = extras(study)
    device, own = on(study.device).device, fingerprints(study)

    def looked(arm: Arm) -> Looked:
        work, known = trained(arm.work), tuple(sorted(files[arm.name].items()))
        task = gathered.tasks[work.data.use]
        job = Job("", work, study.seeds[0], task, study.folder, extra, known)
        return Looked(own[arm.name], gathered.fingerprints[work.data.use], job)

    chosen = (choose or plainly)(study, device, {arm.name: looked(arm) for arm in study.arms})
    twins = twinned(study, chosen)
    marks = marks_of(study, twins)

    def key(trial: Trial, arithmetic: str) -> str:
        data = gathered.fingerprints[trained(trial.work).data.use]
        return trial_key(trial, data, evaluation, arithmetic)

    return Identified(
        study=study,
        fingerprints=marks,
        trials=_keyed(study, twins, marks, key),
        twins=twins,
        tasks=gathered.tasks,
        sizes={name: gathered.sizes[twins.arm(name)] for name in marks},
        data=gathered.fingerprints,
        files={name: files[twins.arm(name)] for name in marks},
        extra=extra,
        grouped=gathered.grouped,
    )


def plainly(study: Study, device: str, arms: Mapping[str, Looked]) -> Mapping[str, Arithmetic]:
    """Return how every arm is computed where nobody asks for more: one trial by itself."""
    return dict.fromkeys(arms, Arithmetic(device=device))


def _keyed(
    study: Study, twins: Twins, marks: Mapping[str, str], key: Callable[[Trial, str], str]
) -> dict[str, Trial]:
    """Return every trial under its key: a twin's is that of its arm in the twin's arithmetic."""
    names = {mark: name for name, mark in reversed(list(marks.items()))}
    found: dict[str, Trial] = {}
    for trial in trials(with_twins(study, twins), marks):
        name = names[trial.fingerprint]
        same = replace(trial, fingerprint=marks[twins.arm(name)])
        found[key(same, str(twins.arithmetics[name]))] = trial
    return found


def _outside(study: Study, base: Outside) -> Identified:
    arithmetic = OutsideArithmetic(base.resources.cpus, base.resources.gpus)
    marks, arms = fingerprints(study), [arm.name for arm in study.arms]
    return Identified(
        study=study,
        fingerprints=marks,
        trials={trial_key(trial, "", "", str(arithmetic)): trial for trial in trials(study, marks)},
        files={arm.name: files_of(arm.work, study.folder) for arm in study.arms},
        twins=Twins(
            dict.fromkeys(arms, arithmetic), {arm.name: arm.against for arm in study.compared}
        ),
    )
