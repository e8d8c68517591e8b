from __future__ import annotations

from collections.abc import Callable

import pytest
from small_house import SMALLEST

from hikaku.study.recipe import Evaluation
from hikaku.study.study import Budget, Study

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("epoch", Evaluation(1, "epoch", 1)),
        ("3 epochs", Evaluation(3, "epoch", 3)),
        ("10 steps", Evaluation(10, "step", 10)),
        ("1 step", Evaluation(1, "step", 1)),
        ("10 steps from 1", Evaluation(10, "step", 1)),
    ],
)
def test_every_form_of_evaluate_every_is_understood_and_written_back(
    decoded: Decode, written: str, when: Evaluation
) -> None:
    recipe = decoded(SMALLEST + f'evaluate_every = "{written}"\n').base.recipe
    assert recipe.evaluate_every == when
    again = decoded(SMALLEST + f'evaluate_every = "{recipe.evaluate_every}"\n').base.recipe
    assert again.evaluate_every == when


@pytest.mark.parametrize(
    "written",
    [
        '"0 steps"',
        '"steps"s',
        '"10"',
        '"2 epochs from 1"',
        '"10 steps from 0"',
        "3",
        '"99999999999 steps"',
        '"１ steps"',
    ],
)
def test_any_other_evaluate_every_is_refused(mistakes: Mistakes, written: str) -> None:
    found = mistakes(SMALLEST + f"evaluate_every = {written}\n")
    assert len(found) == 1


@pytest.mark.parametrize(
    ("written", "seeds"),
    [("1", (0,)), ("[7]", (7,)), ("[4294967295, 0]", (4294967295, 0))],
)
def test_seeds_are_a_number_or_a_list(
    decoded: Decode, written: str, seeds: tuple[int, ...]
) -> None:
    assert decoded(f"seeds = {written}\n" + SMALLEST).seeds == seeds


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("0", '1 seeds: must be "auto", a whole number 1 to 10000, or a list'),
        ("true", "1 seeds: must be"),
        ("1.0", "1 seeds: must be"),
        ("10001", "1 seeds: must be"),
        ("[]", "1 seeds: there must be 1 to 10000 seeds."),
        ("[1, 1]", "1 seeds: seed 1 stands there twice."),
        ("[0, -1]", "1 seeds[1]: must be a whole number 0 to 4294967295, not -1."),
        ("[4294967296]", "1 seeds[0]: must be"),
        ("[true]", "1 seeds[0]: must be"),
        ('"many"', '1 seeds: must be "auto", a whole number'),
    ],
)
@pytest.mark.fault("C8")
def test_other_seeds_are_refused(mistakes: Mistakes, written: str, fault: str) -> None:
    (found,) = mistakes(f"seeds = {written}\n" + SMALLEST)
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("budget", "most"), [("", 20), ("[budget]\nseeds = 5\n", 5), ("[budget]\nseeds = 60\n", 60)]
)
def test_automatic_seeds_are_the_most_that_there_may_be(
    decoded: Decode, budget: str, most: int
) -> None:
    study = decoded('seeds = "auto"\n' + SMALLEST + budget)
    assert study.auto and study.seeds == tuple(range(most))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("seeds = 3\n{}[budget]\nseeds = 9\n", "budget.seeds: this ends automatic seeds"),
        (
            'seeds = "auto"\n{}[budget]\nseeds = 4\n',
            "budget.seeds: automatic seeds end at",
        ),
        ("{}[budget]\nminutes = 0\n", "budget.minutes: must be"),
        ("{}[budget]\ntrials = 1.5\n", "budget.trials: must be"),
        ("{}[budget]\nhours = 2\n", "budget.hours"),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(mistakes: Mistakes, text: str, fault: str) -> None:
    (found,) = mistakes(text.format(SMALLEST))
    assert fault in found


def test_a_budget_counts_what_it_counts(decoded: Decode) -> None:
    study = decoded(SMALLEST + "[budget]\nminutes = 2.5\ntrials = 30\n")
    assert study.budget == Budget(minutes=2.5, trials=30)
    assert not study.auto


@pytest.mark.fault("E5")
def test_more_trials_than_anybody_means_are_counted_and_refused_unless_a_budget_ends_them(
    decoded: Decode, mistakes: Mistakes
) -> None:
    many = SMALLEST + "\n".join(f'[[variant]]\nname = "v{n}"\nepochs = {n + 50}' for n in range(9))
    (found,) = mistakes("seeds = 2000\n" + many)
    assert "10 arms with 2,000 seeds each are 20,000 trials" in found
    assert decoded("seeds = 1000\n" + many).seeds == tuple(range(1000))
    ended = many + "\n[budget]\ntrials = 100\n"
    assert len(decoded("seeds = 2000\n" + ended).arms) == 10
