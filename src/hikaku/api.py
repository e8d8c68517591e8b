"""The Python door: `hk.Study(...)`, `hk.run(study)`, and the `Answer` that it gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from hikaku.analysis.finding import WORDS, Finding
from hikaku.errors import EnvironmentFault, StudyError
from hikaku.record import Results
from hikaku.study import study as values
from hikaku.study.data import ARRAYS
from hikaku.study.decode import from_mapping
from hikaku.study.decode import load as load_file
from hikaku.study.gallery import resolve
from hikaku.study.handed import data_table, plain_tables
from hikaku.study.nearest import suggest
from hikaku.study.places import DEFAULT_STORE
from hikaku.words import message, preferred_language

if TYPE_CHECKING:
    from torch import nn


AnyStudy = values.Study | str | Path


@dataclass(frozen=True, repr=False)
class Answer:
    """What a study came to: the study, its results, and one finding per variant.

    `answer["dropout"]` is the finding of that variant. `trained` and `reused` count the trials of
    the run that gave this answer; `store` is where its numbers lie, and `command` makes them
    again, where that is known.
    """

    study: values.Study
    results: Results
    findings: tuple[Finding, ...]
    trained: int = 0
    reused: int = 0
    store: str = ""
    command: str = ""

    def __repr__(self) -> str:
        """Return it in one line: `<Answer digits: 6 arms, 5 seeds; helps 2, undecided 3>`."""
        arms, seeds = _count(self.study.arms, "arm"), _count(self.study.seeds, "seed")
        seeds = f"up to {seeds}" if self.study.auto else seeds
        verdicts = Counter(finding.verdict for finding in self.findings)
        told = ", ".join(f"{WORDS[verdict]} {verdicts[verdict]}" for verdict in verdicts)
        return f"<Answer {self.study.name}: {arms}, {seeds}; {told or 'no variant'}>"

    def _repr_html_(self) -> str:
        """Return it for a notebook: verdicts, the chart of effects, cautions; all inside."""
        from hikaku.present.build import brief
        from hikaku.present.notebook import fragment

        return fragment(brief(self.study, self.results, self.findings))

    def __getitem__(self, variant: str) -> Finding:
        """Return the finding of this variant. Raises `StudyError` where there is none."""
        found = {finding.variant: finding for finding in self.findings}
        if variant not in found:
            what = message("there is no variant '{name}'.", name=str(variant)[:60])
            raise StudyError.of(
                suggest(what, str(variant), found),
                mend=message("one of: {names}", names=", ".join(found) or "-"),
            )
        return found[variant]

    def table(self) -> str:
        """Return the results, the verdicts and the treatments as plain text, 80 columns wide."""
        from hikaku.present.terminal import text
        from hikaku.present.worded import tables

        return text(tables(self.study, self.results, self.findings))

    def report(self, path: str | Path, known: str | Path | None = None) -> Path:
        """Write the report, one HTML file that needs no network, and return its path.

        A report that is there and says the same already is left as it is. So is the one at
        `known`, which is copied where it says the same: to draw one takes seconds.
        """
        from hikaku.present.build import report
        from hikaku.present.redo import Origin
        from hikaku.present.same import copied, says_the_same

        origin, place = Origin(self.store, self.command), Path(path)
        made = report(self.study, self.results, self.findings, origin)
        if says_the_same(place, made, preferred_language()):
            return place
        if known and copied(Path(known), place, made, preferred_language()):
            return place
        # Loading what draws takes longer than all else here.
        from hikaku.present.html import write

        return write(made, place)

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON form, as `hikaku results --json` prints it."""
        from hikaku.present.as_json import as_json

        return as_json(self.study, self.results, self.findings, self.trained, self.reused)

    def to_pandas(self) -> Any:
        """Return a data frame with a row per trial: arm, seed, how it ended, its final figures.

        Raises `EnvironmentFault` where pandas is not installed: hikaku does not bring it along.
        """
        from hikaku.present.as_json import trial_rows

        try:
            pandas = import_module("pandas")
        except ImportError as error:
            raise EnvironmentFault.of(
                message("pandas is not installed"), mend=message("pip install pandas")
            ) from error
        return pandas.DataFrame(trial_rows(self.results))


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}{'s' * (len(things) != 1)}"


def Study(
    *,
    metric: Any,
    worth: float,
    model: Any = None,
    data: Any = None,
    recipe: Mapping[str, Any] | None = None,
    train: Any = None,
    command: str | None = None,
    settings: Mapping[str, Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    variants: Sequence[Mapping[str, Any]] = (),
    design: Mapping[str, Any] | None = None,
    seeds: int | Sequence[int] | str = 5,
    budget: Mapping[str, Any] | None = None,
    equal: str | None = None,
    resample: str | None = None,
    device: str | None = None,
    keep: Mapping[str, Any] | None = None,
    question: str = "",
    name: str = "study",
    folder: str | Path = ".",
) -> values.Study:
    """Return the study, checked and complete; the arguments are the keys of a study file.

    Beside what a file can say, `model` takes a class or a function that returns a network, also
    with settings: `{"use": Net, "width": 64}`. `data` takes `(x, y)`, a Dataset, a dict of them
    by set, or a function that returns one of these; `{"use": (x, y), "test": 0.3}` adds sizes.
    A technique may be written as an instance, `Adam(lr=1e-3)`. What is written in a notebook
    travels as its source, into `.hikaku/code` below `folder`; arrays are kept in the cache.
    In place of model, data and recipe, `train` takes a function of settings, seed and report (or
    its name, "my_train.py:train"), or `command` what is typed; `settings` are the base's.
    Raises `StudyError` with every mistake at once, `DataError` where the data are wrong.
    """
    top = str(Path(folder).absolute())
    written, live = data_table(data, top) if data is not None else (None, None)
    given = {
        "model": model,
        "data": written,
        "recipe": recipe,
        "train": train,
        "command": command,
        "settings": settings,
        "design": design,
        "resources": resources,
        "budget": budget,
        "equal": equal,
        "resample": resample,
        "keep": keep,
        "device": device,
    }
    mapping = {
        "format": 1,
        "question": question,
        "metric": metric,
        "worth": worth,
        "variant": list(variants),
        "seeds": seeds,
    } | {key: value for key, value in given.items() if value is not None}
    decoded = partial(from_mapping, name=name, folder=top)
    tables = plain_tables(mapping, top)
    if live is None:
        return decoded(tables)
    # What is wrong with the text is told before the data are looked at.
    asked = decoded(_with_arrays(tables, "?"))
    chosen = dict(values.trained(asked.base).data.use.settings)
    return decoded(_with_arrays(tables, _kept(live(), chosen)))


def _with_arrays(tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {**tables, "data": {**tables["data"], "use": f"{ARRAYS}{name}"}}


def _kept(loaded: Any, settings: Mapping[str, Any]) -> str:
    """Return the fingerprint under which these samples now lie in the cache."""
    from hikaku.data import cache
    from hikaku.data.own import task_of

    standardize = bool(settings["standardize"])
    task = task_of(loaded, "data", settings["kind"], standardize=standardize)
    return cache.open_task(cache.keep(task)).fingerprint


def load(study: str | Path) -> values.Study:
    """Return the study in this file, or the ready-made study of this name."""
    if not isinstance(study, (str, Path)):
        return _asked(study)
    return load_file(resolve(str(study)))


def run(
    study: AnyStudy,
    *,
    store: str | Path = DEFAULT_STORE,
    workers: int | None = None,
    quiet: bool = False,
    wait: bool = True,
    fresh: bool = False,
    engine: values.Engine = "auto",
) -> Answer:
    """Train what the store does not hold of the study, and return the answer.

    Shows its progress on standard error unless `quiet`. Trials that were trained before, for this
    study or another, are taken from the store. Interrupting it loses only the trials in flight.
    With `fresh` it begins on seeds at which no verdict was ever shown, and stays there. `engine`
    "plain", "dense", "stacked" or "book" computes the trials; "auto" is found from base's shapes.
    Raises `StudyError` where it is another.
    """
    _check_engine(engine)
    from hikaku.execution.seats import warm

    asked = _asked(study)
    warm(asked)
    from hikaku.present.live import watcher
    from hikaku.run.study import run as run_study

    with watcher(quiet=quiet) as watch:
        ran = run_study(
            asked, str(store), watch, workers=workers, wait=wait, fresh=fresh, engine=engine
        )
    command = redo(study, ran.results)
    return Answer(
        ran.study, ran.results, ran.findings, ran.trained, ran.reused, str(store), command
    )


def _check_engine(engine: str) -> None:
    known = get_args(values.Engine)
    if engine in known:
        return
    what = message("engine: '{engine}' is none", engine=engine)
    raise StudyError.of(
        suggest(what, str(engine), known),
        mend=message("give one of: {names}", names=", ".join(known)),
    )


def results(study: AnyStudy, *, store: str | Path = DEFAULT_STORE) -> Answer:
    """Return what the store says of the study; trains nothing."""
    from hikaku.read.results import known

    asked = _asked(study)
    found = known(asked, str(store))
    command = redo(study, found.results)
    return Answer(found.study, found.results, found.findings, store=str(store), command=command)


def load_model(
    study: AnyStudy,
    arm: str = "base",
    seed: int | None = None,
    *,
    which: str | int | None = None,
    store: str | Path = DEFAULT_STORE,
) -> nn.Module:
    """Return the trained model of an arm, a plain `nn.Module` in evaluation mode.

    It holds every layer that the arm's techniques have put in, and the weights that were kept:
    those of `seed`, by default of the best one. `which` is "best", "last", or an epoch where all
    were kept. Its input is what training saw: `hikaku predict` prepares files so. Raises
    `StudyError` or `StoreError` where there is no such trial or nothing was kept of it.
    """
    asked = _asked(study)
    values.trained(asked.base)  # says that there is none before torch is loaded
    from hikaku.run.load_model import load as load_kept

    return load_kept(asked, arm, seed, which, str(store)).restored.model


def redo(study: AnyStudy, results: Results) -> str:
    """Return the command that makes these results of a study in a file, or a ready-made one, again.

    Empty for a study that stands in no file.
    """
    from hikaku.present.again import again

    return "" if isinstance(study, values.Study) else again([str(study)], results)


def _asked(study: AnyStudy) -> values.Study:
    if isinstance(study, values.Study):
        return study
    if isinstance(study, (str, Path)):
        return load(study)
    raise StudyError.of(
        message("a {kind} is no study", kind=type(study).__name__),
        mend=message("give hk.Study(…), a study file, or the name of a ready-made study"),
    )
