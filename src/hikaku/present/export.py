"""A study in the form that somebody else's program reads: rows, a table, a page, a figure.

Eats a `Study`, its `Results` and `Finding`s, and what is `Wanted`. Makes the bytes of a file, and
what to say beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from hikaku.analysis.finding import Finding
from hikaku.errors import Fault, StudyError
from hikaku.present import tidy
from hikaku.present.report import Words
from hikaku.record import Results
from hikaku.study.study import Study
from hikaku.words import Message, message

Form = Literal["csv", "parquet", "json", "latex", "markdown", "html", "svg", "png", "pdf"]
FORMS: tuple[Form, ...] = get_args(Form)
ROWS: tuple[Form, ...] = ("csv", "parquet")
TABLES: tuple[Form, ...] = ("latex", "markdown")
FIGURES: tuple[Form, ...] = ("html", "svg", "png", "pdf")
STILL: tuple[Form, ...] = ("svg", "png", "pdf")
"""Forms of rows, of tables, of figures, and of figures with a width."""

SUFFIXES: dict[str, Form] = {
    ".tex": "latex", ".md": "markdown", **{f".{form}": form for form in FORMS}, ".htm": "html"
}  # fmt: skip  # the usual ending of a form stands first
DEFAULT_FIGURE = "forest"
OF_CURVES = ("curves", "differences")
OF_DESIGNS = ("sweep", "grid")
"""Figures of one metric, whichever is asked for; and those that show all arms of a design."""
COLUMN_MM = 85.0
"""The width of one column of a two-column page; 175 is that of both."""


@dataclass(frozen=True)
class Wanted:
    """What is exported, as what: `what` of rows, `figure` of pictures, `width_mm` of still ones.

    As HTML, no figure means the whole report. `metric` is that of curves; "" the judged. `arms` are
    those that a figure shows beside base; all where there is none. `asked` is what stands behind
    `hikaku run` to make it all again, for the report; nothing where that is not known.
    """

    form: Form
    what: tidy.What = "trials"
    figure: str = ""
    metric: str = ""
    width_mm: float = COLUMN_MM
    arms: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def needs_curves(self) -> bool:
        """Whether it takes more than each trial's end, which takes longer to read."""
        if self.form in FIGURES:
            return self.figure in OF_CURVES or (self.form == "html" and not self.figure)
        return self.form in ROWS and self.what == "curves"


@dataclass(frozen=True)
class Exported:
    """The bytes of a file; a figure's `caption`, and what to know before it is printed."""

    content: bytes
    caption: tuple[Words, ...] = ()
    cautions: tuple[Message, ...] = ()


def form_of(given: str | None, output: Path | None, figure: str | None = None) -> Form:
    """Return the form by its name, or else by the end of the file's name.

    A `figure` is asked for in the forms of figures alone.

    Raises `StudyError` where neither tells, or one contradicts the other.
    """
    named = next((form for form in FORMS if form == given), None)
    ending = SUFFIXES.get(output.suffix.lower()) if output else None
    if output and named and ending and named != ending:
        raise StudyError.of(
            message("--to says {form}, and the file's name {other}", form=named, other=ending),
            where=f"-o {output.name}:",
            why=message("whoever opens the file goes by its name"),
            mend=message("leave out --to, or write -o {file}", file=_named(output, named).name),
        )
    if found := named or ending:
        return found
    forms = FIGURES if figure else FORMS
    if output is None:
        raise StudyError.of(
            message("it is not said as what to export"),
            where="--to:",
            mend=message("give --to: {names}", names=", ".join(forms)),
        )
    endings = (end for end, form in SUFFIXES.items() if form in forms)
    raise StudyError.of(
        message("the file's name does not say as what to export"),
        where=f"-o {output.name}:",
        why=message("it ends in none of: {names}", names=", ".join(endings)),
        mend=message("end it in one of these, or give --to: {names}", names=", ".join(forms)),
    )


def _named(output: Path, form: Form) -> Path:
    """Return the path with the usual ending of this form."""
    return output.with_suffix(next(end for end, other in SUFFIXES.items() if other == form))


def check_options(form: Form, figure: str | None = None, **given: object) -> None:
    """Raise `StudyError` for each option that is given, not None, and that `form` knows not.

    Only curves are of a metric, and figures of a whole design show all its arms.
    """
    StudyError.gather(_misplaced(form, {"figure": figure, **given}))
    StudyError.gather(_of_another_figure(form, figure or "", given))


def _misplaced(form: Form, given: dict[str, object]) -> Iterator[Fault]:
    known = {"what": ROWS, "width": STILL}
    for name, value in given.items():
        forms = known.get(name, FIGURES)
        if value is not None and form not in forms:
            yield Fault(
                message("--{name} says nothing of {form}", name=name, form=form),
                mend=message("leave it out, or give --to: {names}", names=", ".join(forms)),
            )


def _of_another_figure(form: Form, figure: str, given: dict[str, object]) -> Iterator[Fault]:
    shown = figure or (DEFAULT_FIGURE if form in STILL else form)
    if given.get("metric") is not None and figure not in OF_CURVES:
        yield Fault(
            message("--{name} says nothing of {form}", name="metric", form=shown),
            why=message("it shows what the study judges"),
            mend=message("leave it out, or give --figure: {names}", names=", ".join(OF_CURVES)),
        )
    if given.get("arm") is not None and (figure in OF_DESIGNS or shown == "html"):
        yield Fault(
            message("--{name} says nothing of {form}", name="arm", form=shown),
            why=message("it shows all arms"),
            mend=message("leave it out, or give another --figure"),
        )


def exported(
    study: Study,
    results: Results,
    findings: Sequence[Finding],
    wanted: Wanted,
    language: str,
    store: str = "",
) -> Exported:
    """Return the whole file; text in UTF-8. Raises `StudyError` for a figure that there is not.

    `store` is where the numbers lie, for the report.
    """
    if wanted.form in ROWS:
        return Exported(_rows(study, results, findings, wanted))
    if wanted.form in TABLES:
        return _table(study, results, findings, wanted, language)
    if wanted.form == "json":
        return Exported(_json(study, results, findings))
    if wanted.form == "html" and not wanted.figure:
        return Exported(_report(study, results, findings, wanted.asked, store, language))
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
) -> Exported:
    from hikaku.present.ablation import ablation
    from hikaku.present.latex import latex
    from hikaku.present.markdown import markdown

    write = latex if wanted.form == "latex" else markdown
    text = write(ablation(study, results, findings), language)
    return Exported(text.encode(), cautions=tuple(_of_letters(text)) if write is latex else ())


def _of_letters(table: str) -> Iterator[Message]:
    if table.splitlines()[1].startswith("%"):
        yield message("not every LaTeX has its letters: the file's first lines say what they need")


def _report(
    study: Study,
    results: Results,
    findings: Sequence[Finding],
    asked: Sequence[str],
    store: str,
    language: str,
) -> bytes:
    from hikaku.present.again import again
    from hikaku.present.build import report
    from hikaku.present.html import page
    from hikaku.present.redo import Origin

    origin = Origin(store, again(asked, results) if asked else "")
    return page(report(study, results, findings, origin), language).encode()


def _figure(
    study: Study, results: Results, findings: Sequence[Finding], wanted: Wanted, language: str
) -> Exported:
    from hikaku.present.figures import Told, figure

    told = Told(study, results, findings)
    shown = told.only(wanted.arms) if wanted.arms else told
    chart = figure(wanted.figure or DEFAULT_FIGURE, shown, wanted.metric)
    if wanted.form == "html":
        from hikaku.present.html import page
        from hikaku.present.report import Report

        return Exported(page(Report((chart,)), language).encode())
    from hikaku.present import caption, printed

    paper = printed.laid_out(chart.picture, wanted.width_mm, language)
    write = {"svg": paper.svg, "png": paper.png, "pdf": paper.pdf}[wanted.form]
    content = write()
    if wanted.form == "svg":
        content = caption.described(content, chart, language)
    said = caption.caption(chart, shown.study, results, shown.findings)
    return Exported(content, said, tuple(paper.cautions(wanted.form)))
