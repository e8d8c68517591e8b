"""The sections beside the figures: confusions that changed, examples, the data, how to redo it."""

from __future__ import annotations

from dataclasses import replace

import fake_study
import numpy as np
import pytest
from fake_study import Whole

from hikaku.analysis.summary import summarize
from hikaku.exhibits import Changed, DataCard, Example, Exhibits, Part, Shape
from hikaku.present import html, terminal
from hikaku.present.confusion_told import confused_otherwise
from hikaku.present.data_page import data_page
from hikaku.present.examples import examples
from hikaku.present.figures import Told, figure
from hikaku.present.redo import NOWHERE, Origin, redo
from hikaku.present.report import Block, Chart, Report, Table, Tiles, spoken
from hikaku.present.tables import arms_table
from hikaku.record import Measured, Results, Sheet
from hikaku.study.study import Budget, Study

CARD = DataCard(
    name="digits",
    kind="classification",
    classes=("cat", *fake_study.HOSTILE[:1]),
    parts=(Part("train", 30, (10, 20)), Part("test", 6, (3, 3))),
    shapes=(Shape("", (1, 4, 4), "uint8"),),
    fingerprint="f" * 32,
    scale=16.0,
    source="the zoo",
    licence="CC0",
)
GAINED, LOST = Example(12, 0, 5, 1, 5), Example(7, 1, 5, 4, 0)
IMAGES = np.zeros((2, 4, 4, 3), np.uint8)


def shown(images: np.ndarray = IMAGES) -> Results:
    changed = {"dropout": Changed(100, 8, 3, (GAINED, LOST), images)}
    return Results((0, 1), {}, exhibits=Exhibits(CARD, changed))


def text(*blocks: Block) -> str:
    return terminal.text(Report(blocks), "en")


def test_an_example_stands_in_the_page_as_an_image_that_says_what_it_is() -> None:
    page = html.page(Report(tuple(examples(fake_study.study(), shown()))))
    assert page.count('<img src="data:image/png;base64,') == 2
    assert 'alt="cat, sample 12: right in 1 of 5 seeds with base, 5 of 5 with dropout"' in page
    assert "<script>alert(1)</script>" not in page
    assert "img-src data:;" in page


def test_what_is_no_image_is_a_table_of_rows() -> None:
    blocks = tuple(examples(fake_study.study(), shown(np.zeros(0, np.uint8))))
    assert not [block for block in blocks if isinstance(block, Tiles)]
    last = blocks[-1]
    assert isinstance(last, Table)
    rows = [[spoken(cell.text, "en") for cell in row] for row in last.rows]
    assert rows[0] == ["12", "cat", "1/5", "5/5"]


def test_without_examples_there_is_no_section(digits: Whole) -> None:
    assert list(examples(digits.study, digits.results)) == []


def test_the_data_page_tells_source_sizes_and_classes(digits: Whole) -> None:
    results = replace(digits.results, exhibits=Exhibits(CARD))
    told = text(*data_page(digits.study, results))
    for words in ("the zoo", "CC0", "divided by 16", "1,197", "f" * 32):
        assert words in told
    assert "cat 10 3" in " ".join(told.split())
    assert "stratified" in text(*data_page(digits.study, digits.results))
    assert list(data_page(fake_study.outside().study, digits.results)) == []


def test_who_does_it_again_is_told_environment_arithmetic_and_seeds(digits: Whole) -> None:
    told = text(*redo(digits.study, digits.results, NOWHERE))
    for words in ("torch 2.13.0", "plain float32 1 thread", "0–4", "30 trials", "300 MiB"):
        assert words in told
    automatic = fake_study.automatic(("dropout",))
    assert "of at most 0–19" in text(*redo(automatic.study, automatic.results, NOWHERE))
    assert list(redo(digits.study, Results((), {}), NOWHERE))[1:]


def test_where_a_budget_ended_it_the_command_is_told_with_one(digits: Whole) -> None:
    def told(asked: Study, found: Results) -> str:
        return " ".join(text(*redo(asked, found, Origin(command="hikaku run digits"))).split())

    whole = fake_study.automatic(("dropout",))
    first = {place: one for place, one in whole.results.trials.items() if place[1] < 4}
    cut = replace(whole.results, trials=first)
    assert "the command ends there too with --set budget.trials=8" in told(whole.study, cut)
    # Whose study or command has that budget already need not be told.
    paid = replace(whole.study, budget=Budget(trials=8))
    assert "--set" not in told(paid, cut)
    assert "--set" in told(replace(whole.study, budget=Budget(trials=20)), cut)
    assert "--set" not in told(whole.study, whole.results)
    assert "--set" not in told(digits.study, digits.results)


def test_seeds_that_the_command_would_not_begin_with_are_told(digits: Whole) -> None:
    def told(*seeds: int, counted: bool) -> str:
        asked = replace(digits.study, seeds=seeds, counted=counted)
        origin = Origin(command="hikaku run digits")
        return " ".join(text(*redo(asked, digits.results, origin)).split())

    assert "Its seeds begin at 10" in told(10, 11, counted=True)
    assert "seeds begin" not in told(0, 1, counted=True) + told(10, 11, counted=False)


def test_whom_an_arm_is_compared_with_stands_beside_its_treatment(digits: Whole) -> None:
    arm, *others = digits.study.variants
    asked = replace(digits.study, variants=(replace(arm, against=others[0].name), *others))
    table = arms_table(asked, summarize(asked, digits.results))
    assert "compared with l2" in spoken(table.rows[1][1].text, "en")


def with_confusions(study: Study, moved: int) -> Results:
    """Base takes the first class for the second 20 times a seed, the variant `moved` less."""
    draws = np.random.default_rng(0)

    def trial(arm: str, seed: int) -> Measured:
        wrong = 20 + int(draws.integers(-2, 3)) - moved * (arm != "base")
        counts = np.array([[100 - wrong, wrong], [5, 95]])
        return replace(fake_study.measured(arm, seed, 0), sheets=(Sheet("confusion", counts),))

    return Results(
        study.seeds, {(arm.name, s): trial(arm.name, s) for arm in study.arms for s in study.seeds}
    )


@pytest.mark.parametrize("moved", [0, 15])
def test_the_cells_that_differ_beyond_noise_are_told(moved: int) -> None:
    asked = fake_study.study(names=("dropout",))
    chart, told = confused_otherwise(asked, with_confusions(asked, moved))
    assert isinstance(chart, Chart)
    words = " ".join(text(told).split())
    assert ("0 taken for 1" in words) == bool(moved)
    alone = "over 5 seeds, none of 4 cells by itself can be told from noise, though the mistakes"
    assert (alone in words and "may differ: dropout" in words) != bool(moved)
    assert 'role="img"' in html.page(Report((chart,)), "ja")
    assert (
        figure("confusion-changes", Told(asked, with_confusions(asked, moved), ())).title
        == chart.title
    )
