"""What automatic seeds have saved is counted in trials, base's once per seed."""

from __future__ import annotations

from dataclasses import replace

import fake_study
import pytest
from fake_study import Whole

from hikaku.present import build, html, notebook
from hikaku.present.report import Point, Points, spoken
from hikaku.present.savings import savings
from hikaku.present.terminal import text
from hikaku.record import Results
from hikaku.words import message


@pytest.fixture(scope="module")
def automatic() -> Whole:
    """Return a study with a comparison that all its seeds could not decide."""
    return fake_study.automatic()


@pytest.fixture(scope="module")
def decided() -> Whole:
    return fake_study.automatic(("dropout", "l2", "batch-norm"))


def told(whole: Whole) -> str | None:
    found = savings(whole.study, whole.results, whole.findings)
    return spoken(found, "en") if found else None


def trained(whole: Whole) -> int:
    used = [len(found.planned) for found in whole.findings]
    return max(used) + sum(used)


def test_it_counts_what_was_trained_beside_what_fixed_seeds_take(decided: Whole) -> None:
    count = trained(decided)
    assert len(decided.results.trials) == count
    share = round(100 * (1 - count / 80))
    assert told(decided) == (
        f"{count} trials were enough for these verdicts; "
        f"20 fixed seeds would have taken 80 ({share} % saved)."
    )


def test_trials_that_left_a_comparison_undecided_were_not_enough(automatic: Whole) -> None:
    assert "undecided" in {found.verdict for found in automatic.findings}
    count = trained(automatic)
    assert told(automatic) == f"{count} trials; 20 fixed seeds would have taken 120."


def test_it_stands_in_the_terminal_the_notebook_and_the_report(automatic: Whole) -> None:
    line = told(automatic)
    assert line
    assert line in " ".join(text(automatic.tables(), "en").split())
    assert line in {spoken(getattr(b, "text", ""), "en") for b in automatic.report().blocks}


def test_a_trial_that_was_trained_and_not_judged_was_paid_for(automatic: Whole) -> None:
    extra = automatic.results.trials["base", 0]
    trials = {**automatic.results.trials, ("dropout", 19): extra}
    more = Whole(automatic.study, Results(automatic.study.seeds, trials), automatic.findings)
    assert told(more) == str(told(automatic)).replace(
        f"{len(trials) - 1} trials", f"{len(trials)} trials"
    )


def test_while_a_comparison_is_open_nothing_is_called_saved(automatic: Whole) -> None:
    trials = {key: trial for key, trial in automatic.results.trials.items() if key[1] < 8}
    early = fake_study.whole(automatic.study, Results(automatic.study.seeds, trials))
    assert told(early) == f"{len(trials)} trials so far; 20 fixed seeds would take 120."


def test_trials_at_seeds_of_an_earlier_study_do_not_count(decided: Whole) -> None:
    extra = decided.results.trials["base", 0]
    trials = {**decided.results.trials, ("base", 101): extra, ("base", 102): extra}
    fresh = Whole(decided.study, Results(decided.study.seeds, trials), decided.findings)
    assert told(fresh) == told(decided)


def test_nothing_is_said_where_some_comparisons_are_held_to_other_seeds(automatic: Whole) -> None:
    first, *others = automatic.findings
    for held in (
        replace(first.rule, auto=False, seeds=(0, 1, 2), horizon=3),
        replace(first.rule, seeds=tuple(range(20, 40))),
    ):
        findings = (replace(first, rule=held), *others)
        assert told(replace(automatic, findings=findings)) is None


def test_an_arm_of_two_comparisons_is_trained_once(decided: Whole) -> None:
    first, second, *others = decided.findings
    chained = replace(second, base=first.variant, against=first.variant)
    whole = replace(decided, findings=(first, chained, *others))
    assert "20 fixed seeds would have taken 80" in str(told(whole))


def test_where_nothing_is_saved_nothing_is_said(digits: Whole) -> None:
    assert told(digits) is None
    alone = fake_study.automatic(("early-stopping",), worth=1e-9)
    if len(alone.findings[0].planned) == 20:
        assert told(alone) is None
    nothing = Results(alone.study.seeds, {})
    assert told(fake_study.whole(alone.study, nothing)) is None


def test_past_the_horizon_it_is_still_compared_with_the_horizon() -> None:
    whole = fake_study.automatic(("dropout",), most=30)
    assert whole.findings[0].rule.horizon == 20
    assert "20 fixed seeds would have taken 40" in str(told(whole))


def test_notes_stand_between_the_sentence_and_its_cautions(automatic: Whole) -> None:
    first = replace(
        automatic.findings[0], notes=(message("a note"),), cautions=(message("a doubt"),), cost={}
    )
    whole = replace(automatic, findings=(first,))
    points = next(block for block in whole.report().blocks if isinstance(block, Points)).points
    assert points == (Point(first.sentence, first.verdict, first.cautions, first.notes),)
    written = " ".join(text(whole.tables(), "en").split())
    sentence, note = written.index("dropout helps: "), written.index("a note")
    assert sentence < note < written.index("caution: a doubt")


def test_an_open_comparison_says_how_many_minutes_it_will_take(automatic: Whole) -> None:
    open_one = replace(automatic.findings[0], cost={"minutes_more": 12.34})
    points = next(
        block
        for block in replace(automatic, findings=(open_one,)).report().blocks
        if isinstance(block, Points)
    ).points
    assert spoken(points[0].notes[-1], "en") == "about 12:20 of training more, one trial at a time"


def test_a_finding_in_a_notebook_has_its_notes_too(automatic: Whole) -> None:
    finding = replace(automatic.findings[0], notes=(message("a note"),))
    told = finding._repr_html_()
    assert told.index("helps") < told.index("<p>a note</p>") < told.index("caution: ")


CAUTION, NOTE = message("a doubt about all"), message("a note on all")


def sentences(whole: Whole) -> list[tuple[Point, ...]]:
    return [block.points for block in whole.report().blocks if isinstance(block, Points)]


def test_what_all_findings_share_is_said_once_below_them(automatic: Whole) -> None:
    own = [message("a doubt about {v}", v=found.variant) for found in automatic.findings]
    findings = tuple(
        replace(found, cautions=(CAUTION, doubt), notes=(NOTE,), cost={"minutes_more": 3})
        for found, doubt in zip(automatic.findings, own, strict=True)
    )
    whole = replace(automatic, findings=findings)
    points, shared = sentences(whole)
    assert [point.cautions for point in points] == [(doubt,) for doubt in own]
    assert {len(point.notes) for point in points} == {1}, "its own minutes stay beside each"
    assert shared == (Point(message("for all variants:"), "plain", (CAUTION,), (NOTE,)),)
    assert all(found.cautions[0] == CAUTION for found in findings)
    for written in (
        text(whole.tables(), "en"),
        html.page(whole.report()),
        notebook.fragment(build.brief(whole.study, whole.results, whole.findings), "en"),
    ):
        assert written.count("a doubt about all") == written.count("a note on all") == 1
        assert written.index("for all variants:") < written.index("a doubt about all")


def test_what_one_finding_lacks_is_not_said_of_all(automatic: Whole) -> None:
    first, *others = (replace(one, cautions=(CAUTION,), notes=()) for one in automatic.findings)
    (points,) = sentences(replace(automatic, findings=(replace(first, cautions=()), *others)))
    assert [point.cautions for point in points] == [(), *[(CAUTION,)] * 4]


def test_a_single_finding_keeps_its_cautions(automatic: Whole) -> None:
    alone = replace(automatic.findings[0], cautions=(CAUTION,))
    ((point,),) = sentences(replace(automatic, findings=(alone,)))
    assert point.cautions == (CAUTION,)
