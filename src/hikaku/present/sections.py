"""The sections of a report that show charts: each with its title, its words and how to read it.

Eats a `Study`, its `Results` and `Finding`s. Makes blocks; none where there is nothing to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hikaku.analysis.cost import overhead
from hikaku.analysis.finding import Finding
from hikaku.analysis.summary import ArmSummary
from hikaku.present import compared, designs, pictures
from hikaku.present.cost_table import cost_table
from hikaku.present.interval_bar import ends
from hikaku.present.report import Block, Chart, Heading, Text, short
from hikaku.present.span import leaving
from hikaku.present.tables import shown_metrics
from hikaku.record import Results
from hikaku.study.metric_words import judged_words, metric_words
from hikaku.study.study import Study
from hikaku.words import Message, message


def forest(study: Study, findings: Sequence[Finding]) -> Iterator[Block]:
    """Yield the chart of all effects, and who is not in it."""
    if picture := pictures.forest(study, findings):
        missing = [found.variant for found in findings if found not in picture.findings]
        astray = leaving([ends(found) for found in picture.findings], study.worth)
        cut = [found.variant for found, far in zip(picture.findings, astray, strict=True) if far]
        yield Chart(
            picture,
            message("Effect of each variant"),
            message(
                "Effect of each variant on {metric} with its interval; the table of verdicts "
                "holds the same numbers.",
                metric=judged_words(study.metric),
            ),
            _beyond(
                _without(
                    message(
                        "Thin line: the interval that decides helps or hurts, by leaving 0 out. "
                        "Thick line: the one that decides no practical difference, by lying inside "
                        "the shaded band of ±{worth}.",
                        worth=f"{study.worth:g}",
                    ),
                    missing,
                ),
                cut,
            ),
        )


def _without(how: Message, arms: Sequence[str]) -> Message:
    """Return how a chart is read, and of which arms there is nothing to draw."""
    if not arms:
        return how
    return message("{how} Nothing to draw yet of: {arms}.", how=how, arms=_names(arms))


def _beyond(how: Message, arms: Sequence[str]) -> Message:
    """Return how a chart is read, and which arms leave the view."""
    if not arms:
        return how
    return message(
        "{how} Far beyond the view, and drawn at its rim: {arms}.", how=how, arms=_names(arms)
    )


def _names(arms: Sequence[str]) -> str:
    return ", ".join(map(short, arms))


def design(study: Study, results: Results) -> Iterator[Block]:
    """Yield the chart of a design over its axes, where it has one or two."""
    metric = judged_words(study.metric)
    if swept := designs.sweep(study, results):
        yield Chart(
            swept,
            message("{metric} over {path}", metric=metric, path=swept.axis.path),
            message("Mean {metric} of each arm over {path}.", metric=metric, path=swept.axis.path),
            message(
                "Mean over seeds with its 95 % interval, each arm by itself: whether two arms "
                "differ is said by the verdicts."
            ),
        )
    if over := designs.heat(study, results):
        paths = {"one": over.axes[0].path, "other": over.axes[1].path}
        yield Chart(
            over,
            message("{metric} over {one} and {other}", metric=metric, **paths),
            message("Mean {metric} of each arm over {one} and {other}.", metric=metric, **paths),
            how_heat_is_read(over),
        )


def how_heat_is_read(picture: designs.Heat) -> Message:
    """Return the note of a heat map, which says of empty cells what they are, where there are."""
    if picture.is_whole:
        return message("Mean over seeds; the darker, the higher.")
    return message(
        "Mean over seeds; the darker, the higher. Dashed frame: no seed has a figure there."
    )


def stops(findings: Sequence[Finding]) -> Iterator[Block]:
    """Yield the section about where automatic seeds ended, and why."""
    if picture := pictures.stops(findings):
        yield Heading(message("Why seeds ended here"))
        yield Chart(
            picture,
            message("Effect on {metric}, seed by seed", metric=findings[0].figure),
            message(
                "For each variant, the interval of its effect after each seed, up to the seed "
                "that decided; the sentences of the verdicts say the same."
            ),
            message(
                "Outer band: the interval that decides helps or hurts, by leaving 0 out. Inner "
                "band: the one that decides no practical difference, by lying between the dashed "
                "lines of ± worth. Both hold at all seeds together, so one may look after every "
                "seed; the first ones are cut where they leave the view. Line: the mean. Dots: "
                "the single seeds. An axis ends where seeds would have ended."
            ),
        )


def lottery(study: Study, results: Results, findings: Sequence[Finding]) -> Iterator[Block]:
    """Yield the section about what people would have said who trained once."""
    if picture := compared.lots(study, results, findings):
        yield Heading(message("The one-seed lottery"))
        yield Chart(
            picture,
            message("What one run of each arm would have shown"),
            message(
                "For each variant, the differences in {metric} between one run of it and one run "
                "of what it is compared with, of two seeds; the notes of the verdicts say how many "
                "are against all seeds.",
                metric=judged_words(study.metric),
            ),
            message(
                "Each sign is one of {n} equally likely pairs of single runs with different seeds, "
                "+ is better. Against all seeds is one against their mean effect (one without a "
                "difference counts half) or, where there is no practical difference, one beyond "
                "the dashed lines of ± worth.",
                n=compared.LOTS,
            ),
        )


def cost(study: Study, results: Results, findings: Sequence[Finding]) -> Iterator[Block]:
    """Yield the section about what each variant costs."""
    if not findings:
        return
    costs = [overhead(results, found.variant, found.base) for found in findings]
    yield Heading(message("Cost"))
    yield cost_table(study, costs)
    if picture := pictures.gains(study, findings, costs):
        yield Chart(
            picture,
            message("Gain against cost"),
            message(
                "Effect of each variant on {metric} against what its training costs; the tables "
                "hold the same numbers.",
                metric=judged_words(study.metric),
            ),
            _how_read(picture),
        )


def _how_read(picture: pictures.Gains) -> Message:
    worth = f"{picture.worth:g}"
    if picture.unit == "flops":
        return message(
            "Up is better, left is cheaper. Line: the interval that decides helps or hurts. "
            "Shaded: the band of ±{worth}.",
            worth=worth,
        )
    return message(
        "Up is better, left is cheaper. Line: the interval that decides helps or hurts. Thin line "
        "across: from the shortest to the longest time at one seed; where it crosses 1, no "
        "saving is sure. Shaded: the band of ±{worth}.",
        worth=worth,
    )


def pairs(study: Study, results: Results) -> Iterator[Block]:
    """Yield the chart of the paired seeds."""
    if picture := pictures.pairs(study, results):
        yield Chart(
            picture,
            message("Seed by seed"),
            message(
                "For each variant and seed, {metric} of base and of the variant, joined by a line.",
                metric=judged_words(study.metric),
            ),
            message(
                "Each line is one seed, under which base and variant saw the same samples in the "
                "same order: lines that all lean one way make a clear difference, however far "
                "apart they start."
            ),
        )


def curves(
    study: Study, results: Results, arms: Sequence[ArmSummary], metrics: Sequence[str] = ()
) -> Iterator[Block]:
    """Yield the learning curves, a chart a metric: of `metrics`, or else of those worth a row."""
    for metric in metrics or shown_metrics(study, arms):
        if picture := pictures.curves(study, results, metric):
            yield Chart(
                picture,
                message("Learning curves: {metric}", metric=metric_words(metric)),
                message(
                    "Mean {metric} of base and of each variant while training, on train and "
                    "validation.",
                    metric=metric_words(metric),
                ),
                _without(_how_curves_are_read(picture), _without_line(study, picture)),
            )
        if apart := compared.differences(study, results, metric):
            yield _differences(apart)
    if ends := compared.gaps(study, results, shown_metrics(study, arms)):
        yield Chart(
            ends,
            message("Gap between train and validation"),
            message("Where each arm ends on train and on validation, and how far they lie apart."),
            message(
                "Means over {n} seeds at the end of training, on all of both splits. The number is "
                "the gap with its 95 % interval: by how much train is better, trial by trial.",
                n=ends.seeds,
            ),
        )


def _without_line(study: Study, picture: pictures.Curves) -> list[str]:
    drawn = {line.arm for line in picture.lines}
    return [arm.name for arm in study.variants if arm.name not in drawn]


def _how_curves_are_read(picture: pictures.Curves) -> Message:
    if not picture.loses_seeds:
        return message(
            "Mean over the seeds that both arms of a view have, with a 95 % band at each epoch; "
            "what lies outside the view, as the first epochs may, is cut. Train is a fixed sample "
            "of it, in evaluation mode. Diamond: the epoch of the best validation loss (median "
            "over seeds)."
        )
    return message(
        "Mean over the seeds that both arms of a view have, with a 95 % band at each epoch; what "
        "lies outside the view, as the first epochs may, is cut. Train is a fixed sample of it, in "
        "evaluation mode. Stroke across a line: the first of its seeds stops there. The thin line "
        "beyond is the mean over those still training, which may rise or fall by that alone; it "
        "ends where one is left. Diamond: the epoch of the best validation loss (median over "
        "seeds)."
    )


def _differences(picture: compared.Differences) -> Chart:
    metric = metric_words(picture.metric)
    return Chart(
        picture,
        message("Paired differences: {metric}", metric=metric),
        message(
            "For each variant, its {metric} on validation minus that of the arm it is compared "
            "with, seed by seed while training.",
            metric=metric,
        ),
        message(
            "Thin lines: the single seeds, each with the same samples in the same order in both "
            "arms. Thick line: their mean, with a 95 % band at each epoch by itself: verdicts come "
            "from the judged figure alone."
        ),
    )


def confusions(study: Study, results: Results) -> Iterator[Block]:
    """Yield the confusion matrices, and which arms they leave out."""
    picture = pictures.confusions(study, results)
    if picture is None:
        return
    yield Chart(
        picture,
        message("Confusion on the test split"),
        message("How often each true class was answered by each class, for every arm."),
        message(
            "In percent of each true class, over all seeds of an arm, so that arms with unlike "
            "numbers of seeds compare; shaded by it (by its square root, so that the few mistakes "
            "show)."
        ),
    )
    if picture.left_out:
        yield Text(
            message("Left out, to keep the page small: {arms}", arms=", ".join(picture.left_out))
        )
