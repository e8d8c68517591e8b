"""`show samples`: some samples of a data set, told and drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hikaku.present.picture_file import check_kind, write_picture
from hikaku.present.report import Chart, Report
from hikaku.present.shown import samples_report
from hikaku.run.data import opened
from hikaku.run.gather_data import Notes


@dataclass(frozen=True)
class ShownSamples:
    """What is told of the samples, and the file of their picture, None where there is none."""

    report: Report
    written: Path | None


def show_samples(
    reference: str,
    settings: Iterable[str],
    seed: int | None,
    output: Path | None,
    folder: Path,
    watch: Notes | None = None,
) -> ShownSamples:
    """Return some samples to train on, or as many drawn under `seed`; write their picture.

    They are the first, or spread evenly where those are of too few classes. Without `output`, a
    picture goes to `folder`; a table is only told. Raises `StudyError` for a file of another kind,
    or for a still picture of what has none.
    """
    if output is not None:
        check_kind(output)
    task = opened(reference, settings=settings, watch=watch)
    report = samples_report(task, seed)
    return ShownSamples(report, _written(report, task.name, output, folder))


def _written(report: Report, name: str, output: Path | None, folder: Path) -> Path | None:
    charts = [block for block in report.blocks if isinstance(block, Chart)]
    if output is None:
        if not charts:
            return None
        kind = "png" if len(charts) == 1 else "html"
        output = folder / f"{_plain(name)}-samples.{kind}"
    return write_picture(report, output)


def _plain(name: str) -> str:
    """Return a data set's name as a file's."""
    return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name)[:60]
