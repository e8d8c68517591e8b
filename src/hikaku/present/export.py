"""A study in the form that somebody else's program reads: rows, a table, a page, a figure.

Eats a `Study`, its `Results` and `Finding`s, and what is `Wanted`. Makes the bytes of a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from hikaku.analysis.finding import Finding
from hikaku.errors import Fault, StudyError
from hikaku.present import tidy
from hikaku.record import Results
from hikaku.study.study import Study
from hikaku.words import message

Form = Literal["csv", "parquet", "json", "latex", "markdown", "html", "svg", "png", "pdf"]
FORMS: tuple[Form, ...] = get_args(Form)
ROWS: tuple[Form, ...] = ("csv", "parquet")
TABLES: tuple[Form, ...] = ("latex", "markdown")
FIGURES: tuple[Form, ...] = ("html", "svg", "png", "pdf")
STILL: tuple[Form, ...] = ("svg", "png", "pdf")
"""Forms of rows, of tables, of figures, and of figures with a width."""

SUFFIXES: dict[str, Form] = {f".{form}": form for form in FORMS} | {
    ".tex": "latex", ".md": "markdown", ".htm": "html"
}  # fmt: skip  # three short pairs
DEFAULT_FIGURE = "forest"
OF_CURVES = ("curves", "differences")
COLUMN_MM = 85.0
"""The width of one column of a two-column page; 175 is that of both."""


@dataclass(frozen=True)
class Wanted:
    """What is exported, as what: `what` of rows, `figure` of pictures, `width_mm` of still ones.

    As HTML, no figure means the whole report. `metric` is that of curves; "" the judged.
    """

    form: Form
    what: tidy.What = "trials"
    figure: str = ""
    metric: str = ""
    width_mm: float = COLUMN_MM

    @property
    def needs_curves(self) -> bool:
        """Whether it takes more than each trial's end, which takes longer to read."""
        if self.form in FIGURES:
            return self.figure in OF_CURVES or (self.form == "html" and not self.figure)
        return self.form in ROWS and self.what == "curves"


def form_of(given: str | None, output: Path | None) -> Form:
    """Return the form by its name, or else by the end of the file's name.

    Raises `StudyError` where neither tells.
    """
    ending = output.suffix.lower() if output else ""
    found = next((form for form in FORMS if form == given), SUFFIXES.get(ending))
    if found is None:
        raise StudyError.of(
            message("it is not said as what to export"),
            mend=message("give --to: {names}", names=", ".join(FORMS)),
        )
    return found


def check_options(form: Form, **given: object) -> None:
    """Raise `StudyError` for each of `given`, options that are not None, that `form` knows not."""
    known = {"what": ROWS, "figure": FIGURES, "metric": FIGURES, "width": STILL}
    StudyError.gather(
        Fault(message("--{name} says nothing of {form}", name=name, form=form))
        for name, value in given.items()
        if value is not None and form not in known[name]
    )


def exported(
    study: Study,
    results: Results,
    findings: Sequence[Finding],
    wanted: Wanted,
    language: str,
) -> bytes:
    """Return the whole file; text in UTF-8. Raises `StudyError` for a figure that there is not."""
    if wanted.form in ROWS:
        return _rows(study, results, findings, wanted)
    if wanted.form in TABLES:
        return _table(study, results, findings, wanted, language)
    if wanted.form == "json":
        return _json(study, results, findings)
    if wanted.form == "html":
        return _page(study, results, findings, wanted, language)
    return _figure(study, results, findings, wanted, language)


def _rows(study: Study, results: Results, findings: Sequence[Finding], wanted: Wanted) -> bytes:
    write = tidy.as_csv if wanted.form == "csv" else tidy.as_parquet
    if wanted.what == "findings":
        return write(tidy.effects(study, results, findings), tidy.Effect)
    rows = tidy.trials if wanted.what == "trials" else tidy.curves
    return write(rows(study, results), tidy.Figure)


def _json(study: Study, results: Results, findings: Sequence[Finding]) -> bytes:
    from hikaku.present.as_json import as_json
    from hikaku.present.json_text import json_text

    return f"{json_text(as_json(study, results, findings, 0, 0))}\n".encode()


def _table(
    study: Study, results: Results, findings: Sequence[Finding], wanted: Wanted, language: str
) -> bytes:
    from hikaku.present.ablation import ablation
    from hikaku.present.latex import latex
    from hikaku.present.markdown import markdown

    write = latex if wanted.form == "latex" else markdown
    return write(ablation(study, results, findings), language).encode()


def _page(
    study: Study, results: Results, findings: Sequence[Finding], wanted: Wanted, language: str
) -> bytes:
    from hikaku.present.build import report
    from hikaku.present.figures import figure
    from hikaku.present.html import page
    from hikaku.present.report import Report

    if not wanted.figure:
        return page(report(study, results, findings), language).encode()
    chart = figure(wanted.figure, study, results, findings, wanted.metric)
    return page(Report((chart,)), language).encode()


def _figure(
    study: Study, results: Results, findings: Sequence[Finding], wanted: Wanted, language: str
) -> bytes:
    from hikaku.present import printed
    from hikaku.present.figures import figure

    name = wanted.figure or DEFAULT_FIGURE
    chart = figure(name, study, results, findings, wanted.metric)
    write = {"svg": printed.svg, "png": printed.png, "pdf": printed.pdf}[wanted.form]
    return write(chart.picture, wanted.width_mm, language)
