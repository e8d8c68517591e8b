"""The tables of a report: what was trained and what each arm reached.

Eats a `Study`, its `Results` and summaries. Makes `Table`s. They fit in 80 columns as
long as the names in them are not longer than a line allows; then they are wrapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

import numpy as np

from hikaku.analysis.curves import Band, band
from hikaku.analysis.figures import judged
from hikaku.analysis.numbers import NOTHING, mean_texts, seeds_text
from hikaku.analysis.student import mean_interval
from hikaku.analysis.summary import ArmSummary
from hikaku.present.report import Cell, Column, Table, Words, cells, short
from hikaku.record import Results
from hikaku.study.keep import sentence
from hikaku.study.metric_words import SPLIT_WORDS, figure_words, judged_words, metric_words
from hikaku.study.recipe import LIST_SLOTS, ONE_SLOTS, Recipe, Use, shown, spoken_name
from hikaku.study.study import BASE, SPLITS, Arm, Outside, Published, Study, Training, treatment
from hikaku.words import Message, message

TOGETHER = message("seconds –: trained in one stack with other trials, time not told apart")
EMPTY_SLOTS = {
    "init": message("the model's own first weights"),
    "gradient": message("the plain backward pass"),
}
"""What an empty slot does, where it is not nothing."""


def shown_metrics(study: Study, arms: Sequence[ArmSummary]) -> tuple[str, ...]:
    """Return the metrics worth a row: the judged one, accuracy and loss, where they were read."""
    read = {name for arm in arms for metrics in arm.measured.values() for name in metrics}
    wanted = dict.fromkeys((study.metric.name, "accuracy", "loss"))
    return tuple(name for name in wanted if name in read)


def results_table(study: Study, results: Results, arms: Sequence[ArmSummary]) -> Table:
    """Return the tutorials' table: a row per arm and metric, a column per split."""
    metrics = shown_metrics(study, arms)
    rows = [row for arm in arms for row in _arm_rows(study, results, arm, metrics)]
    return Table(
        columns=(Column("", "name"), *(Column(SPLIT_WORDS[split], "number") for split in SPLITS)),
        rows=tuple(rows),
        caption=message("Results at the end of training"),
        notes=(
            *_over(study, arms),
            *(lost for arm in arms if (lost := _lost(arm, study))),
            message(
                "intervals of two arms may overlap although the paired difference is clear: "
                "read the verdicts"
            ),
        ),
    )


def _arm_rows(
    study: Study, results: Results, arm: ArmSummary, metrics: Sequence[str]
) -> Iterator[tuple[Cell, ...]]:
    for metric in metrics:
        found = (arm.measured[split].get(metric) for split in SPLITS)
        texts = (_mean(one.mean, one.ci_low, one.ci_high) if one else NOTHING for one in found)
        yield cells(_row_name(arm.name, metric_words(metric)), *texts)
    if study.metric.of != "last":
        figure = _mean(*mean_interval(judged(results, arm.name, study.metric)))
        texts = (figure if split == study.metric.split else NOTHING for split in SPLITS)
        yield cells(_row_name(arm.name, judged_words(study.metric)), *texts)


def _row_name(arm: str, metric: Words) -> Message:
    return message("{arm} {metric}", arm=short(arm), metric=metric)


def _mean(mean: float, low: float, high: float) -> str:
    middle, half = mean_texts(mean, low, high)
    return middle if half == NOTHING else f"{middle} ± {half}"


def _over(study: Study, arms: Sequence[ArmSummary]) -> Iterator[Message]:
    """Yield what ± means and over how many seeds; nothing where no trial has a result."""
    if not any(arm.outcomes["done"] for arm in arms):
        return
    counts = {_seeds(arm, study) for arm in arms}
    if len(counts) > 1:
        yield message(
            "mean ± half of the 95 % t interval, over the seeds of each arm: not all have the same"
        )
    else:
        seeds = seeds_text(counts.pop())
        yield message("mean ± half of the 95 % t interval, {seeds}", seeds=seeds)


def _seeds(arm: ArmSummary, study: Study) -> int:
    """Return how many seeds an arm has: with automatic seeds, those that were begun."""
    return sum(arm.outcomes.values()) if study.auto else len(arm.seeds)


def _lost(arm: ArmSummary, study: Study) -> Message | None:
    """Return what is missing of an arm, None where every seed of it has a result."""
    seeds = _seeds(arm, study)
    if arm.outcomes["done"] == seeds:
        return None
    return message(
        "{arm}: {done} of {seeds}; {diverged} diverged, {failed} failed",
        arm=short(arm.name),
        done=arm.outcomes["done"],
        seeds=seeds_text(seeds),
        diverged=arm.outcomes["diverged"],
        failed=arm.outcomes["failed"],
    )


def recipe_table(study: Study, results: Results) -> Table:
    """Return the base in full: data with its sizes as trained, model, every default that acts."""
    if isinstance(study.base, Outside):
        return _outside_table(study.base)
    recipe = study.base.recipe
    rows: tuple[tuple[Words, Words], ...] = (
        *_data_rows(study.base, results),
        ("model", str(study.base.model)),
        *_filled(recipe),
        *((slot, does) for slot, does in EMPTY_SLOTS.items() if getattr(recipe, slot) is None),
        (message("empty slots"), ", ".join(_empty(recipe)) or NOTHING),
        (message("weights kept"), sentence(study.keep)),
    )
    return Table(
        columns=(Column(message("slot"), "name"), Column(BASE)),
        rows=tuple(cells(name, text) for name, text in rows),
        caption=message("The base recipe, every default that acts"),
    )


def _outside_table(work: Outside) -> Table:
    takes, name = work.resources, "train" if work.train else "command"
    rows: list[tuple[Words, Words]] = [(name, spoken_name(work.train) or work.command)]
    rows += [(f"settings.{key}", shown(value)) for key, value in work.settings]
    rows += [("cpus", str(takes.cpus)), *([("gpus", str(takes.gpus))] if takes.gpus else [])]
    return Table(
        columns=(Column(message("setting"), "name"), Column(BASE)),
        rows=tuple(cells(key, text) for key, text in rows),
        caption=message("The base, trained outside hikaku"),
    )


def _data_rows(work: Training, results: Results) -> Iterator[tuple[Words, Words]]:
    data = work.data
    yield "data", str(data.use)
    sizes = samples(results, BASE) or (data.train, data.validation, data.test)
    for split, size in zip(SPLITS, sizes, strict=True):
        is_count = isinstance(size, int)
        yield split, message("{n} samples", n=f"{size:,}") if is_count else shown(size)
    yield "take", data.take


def samples(results: Results, arm: str) -> tuple[int, int, int] | None:
    """Return how many samples of train, validation and test an arm met; None before it trained."""
    ended = (results.outcome(arm, seed) for seed in results.seeds)
    return next((end.samples for end in ended if end and any(end.samples)), None)


def _filled(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        name = field.name.replace("_", " ")
        if value is None or value == ():
            continue
        if isinstance(value, tuple):
            yield name, ", ".join(str(use) for use in value)
        else:
            yield name, str(value) if isinstance(value, Use) else shown(value)


def _empty(recipe: Recipe) -> list[str]:
    slots = (*ONE_SLOTS, *LIST_SLOTS)
    return [slot for slot in slots if not getattr(recipe, slot) and slot not in EMPTY_SLOTS]


def arms_table(study: Study, arms: Sequence[ArmSummary], notes: Iterable[Message] = ()) -> Table:
    """Return a row per arm: its treatment in words, how its trials ended, size and time.

    What a trial took of a stack's time is not told apart and has no number.
    """
    return Table(
        columns=(
            Column(message("arm"), "name"),
            Column(message("treatment")),
            Column(message("done"), "number"),
            Column(message("parameters"), "number"),
            Column(message("seconds"), "number"),
        ),
        rows=tuple(
            cells(short(arm.name), _treatment(study, work), *_facts(arm))
            for work, arm in zip(study.arms, arms, strict=True)
        ),
        caption=message("The arms, and what each changes in base"),
        notes=(
            message("done: trials with a result; seconds: of one trial, on the mean"),
            *((TOGETHER,) if any(map(_in_a_stack, arms)) else ()),
            *notes,
        ),
    )


def _treatment(study: Study, arm: Arm) -> Words:
    """Return all that an arm changes in base, and with whom it is compared where not with base."""
    changes = [str(change) for change in treatment(arm.work, study.base)]
    base = message("the base settings") if study.outside else message("the base recipe")
    does: Words = "; ".join(changes) if changes else base
    if arm.is_base or arm.against == BASE:
        return does
    if not arm.against:
        return message("{changes}; compared with none", changes=does)
    return message("{changes}; compared with {arm}", changes=does, arm=short(arm.against))


def _facts(arm: ArmSummary) -> tuple[str, str, str]:
    ended = sum(arm.outcomes.values())
    known = ended and not _in_a_stack(arm)
    seconds = arm.cost.get("seconds", 0.0) / ended if known else 0.0
    return (
        f"{arm.outcomes['done']}/{len(arm.seeds)}",
        f"{arm.parameters:,}" if arm.parameters else NOTHING,
        f"{seconds:.2g}" if seconds > 0 else NOTHING,
    )


def _in_a_stack(arm: ArmSummary) -> bool:
    return arm.cost.get("stack", 1) > 1


def published_tables(results: Results, published: Sequence[Published]) -> Iterator[Table]:
    """Yield published figures of base beside ours: those of the end in one table, then curves."""
    ends = [one for one in published if one.reading not in CURVES]
    if ends:
        yield _beside(
            Column("", "name"),
            [(_figure(one), one.values[0], _at_end(results, one)) for one in ends],
            message("Published figures beside ours: base, at the end"),
        )
    for one in (one for one in published if one.reading in CURVES):
        ours = band(results, BASE, one.metric, one.split, one.reading)
        yield _beside(
            Column(message("epoch"), "number"),
            [(str(n), value, _at_epoch(ours, n)) for n, value in enumerate(one.values, start=1)],
            message(
                "Published figures beside ours: base, {reading} {figure}",
                reading=one.reading,
                figure=_figure(one),
            ),
        )


CURVES = ("curve", "running")


def _beside(first: Column, figures: Sequence[tuple[Words, float, str]], caption: Message) -> Table:
    return Table(
        columns=(first, Column(message("published"), "number"), Column(message("ours"), "number")),
        rows=tuple(cells(name, f"{value:g}", ours) for name, value, ours in figures),
        caption=caption,
    )


def _figure(one: Published) -> Message:
    return figure_words(one.split, one.metric)


def _at_end(results: Results, one: Published) -> str:
    return _mean(*mean_interval(results.values(BASE, one.metric, one.split, one.reading)))


def _at_epoch(ours: Band | None, epoch: int) -> str:
    if ours is None:
        return NOTHING
    at = np.flatnonzero(ours.steps == epoch * ours.steps_per_epoch)
    return _mean(ours.mean[at[0]], ours.low[at[0]], ours.high[at[0]]) if len(at) else NOTHING
