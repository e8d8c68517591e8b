"""Which trials a study consists of: their keys, and what a worker needs to train them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hikaku.execution.arithmetic import Arithmetic, OutsideArithmetic
from hikaku.execution.job import NOTHING, AnyJob, Job, OutsideJob
from hikaku.study.recipe import Use
from hikaku.study.sources import evaluation_fingerprint, files_of, fingerprints
from hikaku.study.study import Outside, Study, Work, trained
from hikaku.study.trial import Trial, trial_key, trials

if TYPE_CHECKING:
    from hikaku.data.split import Sizes
    from hikaku.run.gather_data import Notes


@dataclass(frozen=True)
class Identified:
    """A study's trials under their keys, and what a worker needs to know of each.

    Outside arms have no data that hikaku knows of: `tasks`, `sizes` and `data` are empty.
    """

    study: Study
    fingerprints: Mapping[str, str]
    trials: Mapping[str, Trial]
    files: Mapping[str, dict[str, str]]
    arithmetic: Arithmetic | OutsideArithmetic
    tasks: Mapping[Use, str] = field(default_factory=dict)
    sizes: Mapping[str, Sizes] = field(default_factory=dict)
    data: Mapping[Use, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()

    @property
    def sources(self) -> dict[str, dict[str, str]]:
        """Return what each arm's results depend on beyond the study's text, by arm name."""
        return {arm.name: self._data(arm.work) | self.files[arm.name] for arm in self.study.arms}

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

        What the study keeps of the weights goes into a folder under `keep_in`, where one is given.
        """
        trial, (arm, _) = self.trials[key], self.names(key)
        files = tuple(sorted(self.files[arm].items()))
        if isinstance(trial.work, Outside):
            study = self.study
            return OutsideJob(key, trial.work, trial.seed, study.metric, study.folder, files)
        assert isinstance(self.arithmetic, Arithmetic)
        return Job(
            key=key,
            work=trial.work,
            seed=trial.seed,
            task=self.tasks[trial.work.data.use],
            folder=self.study.folder,
            extra=self.extra,
            files=files,
            arithmetic=self.arithmetic,
            keep=self.study.keep if keep_in else NOTHING,
            keep_in=keep_in,
        )

    def _data(self, work: Work) -> dict[str, str]:
        if isinstance(work, Outside):
            return {}
        return {work.data.use.name: self.data[work.data.use]}


def identify(study: Study, watch: Notes | None = None) -> Identified:
    """Return the study's trials under their keys; fetches and decodes data where that is to do.

    `watch` hears how a download goes on. Raises `DataError`, with the faults of every arm, where
    data cannot be had or a split does not add up.
    """
    if isinstance(study.base, Outside):
        return _outside(study, study.base)
    # Readers of data are many, and a study of outside arms needs none of them.
    from hikaku.execution.choice import choose
    from hikaku.run.gather_data import gather

    gathered = gather(study, watch)
    arithmetic = choose(study.device)
    marks, evaluation = fingerprints(study), evaluation_fingerprint(study)
    return Identified(
        study=study,
        fingerprints=marks,
        trials={
            trial_key(
                trial,
                gathered.fingerprints[trained(trial.work).data.use],
                evaluation,
                str(arithmetic),
            ): trial
            for trial in trials(study, marks)
        },
        tasks=gathered.tasks,
        sizes=gathered.sizes,
        data=gathered.fingerprints,
        files={arm.name: files_of(arm.work, study.folder, study.metric.name) for arm in study.arms},
        extra=(study.metric.name,) if evaluation else (),
        arithmetic=arithmetic,
    )


def _outside(study: Study, base: Outside) -> Identified:
    arithmetic = OutsideArithmetic(base.resources.cpus, base.resources.gpus)
    marks = fingerprints(study)
    return Identified(
        study=study,
        fingerprints=marks,
        trials={trial_key(trial, "", "", str(arithmetic)): trial for trial in trials(study, marks)},
        files={arm.name: files_of(arm.work, study.folder) for arm in study.arms},
        arithmetic=arithmetic,
    )
