"""The Python door: `hk.Study(...)`, `hk.run(study)`, and the `Answer` that it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from typing import Any

from hikaku.analysis.finding import Finding
from hikaku.record import Results
from hikaku.study import study as values
from hikaku.study.decode import from_mapping
from hikaku.study.decode import load as load_file
from hikaku.study.gallery import resolve
from hikaku.study.places import DEFAULT_STORE


@dataclass(frozen=True)
class Answer:
    """What a study came to: the study, its results, and one finding per variant.

    `trained` and `reused` count the trials of the run that gave this answer; `store` is where its
    numbers lie, and `command` makes them again, where that is known.
    """

    study: values.Study
    results: Results = field(repr=False)
    findings: tuple[Finding, ...]
    trained: int = 0
    reused: int = 0
    store: str = ""
    command: str = ""

    def table(self) -> str:
        """Return the results, the verdicts and the treatments as plain text, 80 columns wide."""
        from hikaku.present.build import tables
        from hikaku.present.terminal import text

        return text(tables(self.study, self.results, self.findings))

    def report(self, path: str | Path) -> Path:
        """Write the report, one HTML file that needs no network, and return its path."""
        from hikaku.present.build import Origin, report
        from hikaku.present.html import write

        origin = Origin(self.store, self.command)
        return write(report(self.study, self.results, self.findings, origin), Path(path))

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON form, as `hikaku results --json` prints it."""
        from hikaku.present.as_json import as_json

        return as_json(self.study, self.results, self.findings, self.trained, self.reused)


def Study(
    *,
    metric: str | Mapping[str, Any],
    worth: float,
    model: str | Mapping[str, Any],
    data: str | Mapping[str, Any],
    recipe: Mapping[str, Any],
    variants: Sequence[Mapping[str, Any]] = (),
    seeds: int | Sequence[int] = 5,
    question: str = "",
    name: str = "study",
    folder: str | Path = ".",
) -> values.Study:
    """Return the study, checked and complete; the arguments are the keys of a study file.

    A technique is written as in the file, `{"use": "adam", "lr": 1e-3}`, or as an instance,
    `Adam(lr=1e-3)`. Raises `StudyError` with every mistake at once.
    """
    mapping = {
        "format": 1,
        "question": question,
        "metric": metric,
        "worth": worth,
        "model": model,
        "data": data,
        "recipe": recipe,
        "variant": list(variants),
        "seeds": seeds,
    }
    return from_mapping(_plain(mapping), name=name, folder=str(folder))


def load(study: str | Path) -> values.Study:
    """Return the study in this file, or the ready-made study of this name."""
    return load_file(resolve(str(study)))


def run(
    study: values.Study | str | Path,
    *,
    store: str | Path = DEFAULT_STORE,
    workers: int | None = None,
    quiet: bool = False,
    wait: bool = True,
) -> Answer:
    """Train what the store does not hold of the study, and return the answer.

    Shows its progress on standard error unless `quiet`. Trials that were trained before, for this
    study or another, are taken from the store. Interrupting it loses only the trials in flight.
    """
    from hikaku.present.live import watcher
    from hikaku.run.study import run as run_study

    asked = load(study) if isinstance(study, (str, Path)) else study
    with watcher(quiet=quiet) as watch:
        ran = run_study(asked, str(store), watch, workers=workers, wait=wait)
    return Answer(
        asked, ran.results, ran.findings, ran.trained, ran.reused, str(store), redo(study)
    )


def results(study: values.Study | str | Path, *, store: str | Path = DEFAULT_STORE) -> Answer:
    """Return what the store says of the study; trains nothing."""
    from hikaku.read.results import known

    asked = load(study) if isinstance(study, (str, Path)) else study
    found = known(asked, str(store))
    return Answer(asked, found.results, found.findings, store=str(store), command=redo(study))


def redo(study: values.Study | str | Path) -> str:
    """Return the command that does a study in a file, or a ready-made one, again."""
    return "" if isinstance(study, values.Study) else f"hikaku run {study}"


def _plain(value: Any) -> Any:
    """Return the value with technique instances written out as tables."""
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__module__.rpartition(".")[2].replace("_", "-")
        return {"use": name} | {key: _plain(item) for key, item in vars(value).items()}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
