import math
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import ACCURACY, bound, marks, plan, study, train

from hikaku.errors import StoreError
from hikaku.record import Spent
from hikaku.store.reader import Bill
from hikaku.store.store import Store
from hikaku.study.study import Metric

COMPARISON = ("mark-base", "mark-dropout", ACCURACY.judged)


def spent(store: Store) -> list[Spent]:
    """Return what the comparison is bound to, without the moments at which it was shown."""
    return [replace(one, shown="") for one in store.spent(*COMPARISON)]


@pytest.mark.parametrize(
    "first",
    [
        bound(0, 1, 2),
        bound(7, 3, 5, auto=False, horizon=3, worth=0.0, family=1),
        bound(2**62, auto=True, horizon=60, worth=1e-300, family=15),
    ],
    ids=["auto", "fixed", "large"],
)
def test_what_a_comparison_is_bound_to_is_read_as_it_was(store: Store, first: Spent) -> None:
    store.spend(*COMPARISON, first)
    assert spent(store) == [first]
    assert store.spent(*COMPARISON)[0].shown > "2020"


def test_results_tell_of_each_variant_what_it_is_bound_to(store: Store) -> None:
    asked = study(arms=("dropout", "l2"))
    train(store, asked)
    store.spend(*COMPARISON, bound(0, 1, 2))
    found = store.results(asked, marks(asked)).spent
    assert found == {"dropout": store.spent(*COMPARISON)}
    assert found["dropout"][0].seeds == (0, 1, 2)


def test_a_seed_shared_with_what_is_bound_changes_nothing_but_a_larger_family(store: Store) -> None:
    first = bound(0, 1, 2, worth=0.01, family=2)
    store.spend(*COMPARISON, first)
    store.spend(*COMPARISON, bound(2, 3, auto=False, horizon=2, worth=0.5, family=5))
    assert spent(store) == [replace(first, family=5)]
    store.spend(*COMPARISON, bound(0, 1, 2, family=3))
    assert spent(store) == [replace(first, family=5)]


def test_unused_seeds_are_bound_anew_and_the_oldest_of_two_goes_on_governing(store: Store) -> None:
    first, fresh = bound(0, 1), bound(3, 2, worth=0.5)
    store.spend(*COMPARISON, first)
    store.spend(*COMPARISON, fresh)
    assert spent(store) == [first, fresh]
    store.spend(*COMPARISON, bound(3, 1, family=9))
    assert spent(store) == [replace(first, family=9), fresh]


def test_an_unknown_worth_is_nan_until_a_worth_is_bound(store: Store) -> None:
    store.spend(*COMPARISON, bound(0, 1, worth=math.nan, family=0))
    store.spend(*COMPARISON, bound(1, worth=math.nan, family=0))
    (unknown,) = spent(store)
    assert math.isnan(unknown.worth)
    assert unknown.family == 0
    store.spend(*COMPARISON, bound(1, worth=0.02, family=3))
    store.spend(*COMPARISON, bound(1, worth=0.03, family=3))
    assert spent(store) == [bound(0, 1, worth=0.02, family=3)]


def test_another_arm_and_another_figure_are_another_comparison(store: Store) -> None:
    base, variant, metric = COMPARISON
    store.spend(*COMPARISON, bound(0))
    for other in (("b", variant, metric), (base, "v", metric), (base, variant, "loss")):
        assert store.spent(*other) == ()
        store.spend(*other, bound(0, family=7))
    assert spent(store) == [bound(0)]


def test_a_comparison_takes_the_full_words_of_any_figure(store: Store) -> None:
    long = Metric("a_folder/" * 50 + "own.py:cost").judged
    assert len(long) > 450
    metrics = [long, *(replace(ACCURACY, name=f"{file}.py:cost").judged for file in "ab")]
    for number, metric in enumerate(metrics):
        store.spend("mark-base", "mark-dropout", metric, bound(number))
    for number, metric in enumerate(metrics):
        (found,) = store.spent("mark-base", "mark-dropout", metric)
        assert found.seeds == (number,)


def test_the_first_differences_of_a_comparison_stay_those_of_its_first_look(store: Store) -> None:
    first = ((3, 0.1), (0, -0.0), (2**62, 1e-300), (1, math.inf))
    store.spend(*COMPARISON, replace(bound(0, 1, 3), differences=first))
    store.spend(*COMPARISON, replace(bound(1, 5), differences=((5, 9.0),)))
    store.spend(*COMPARISON, bound(1, 6))
    (found,) = store.spent(*COMPARISON)
    assert found.differences == first
    store.spend(*COMPARISON, replace(bound(8), differences=((8, math.nan),)))
    ((seed, value),) = store.spent(*COMPARISON)[1].differences
    assert seed == 8 and math.isnan(value)


def test_differences_that_were_not_remembered_are_filled_in_at_the_next_look(store: Store) -> None:
    store.spend(*COMPARISON, bound(0, 1))
    assert store.spent(*COMPARISON)[0].differences == ()
    store.spend(*COMPARISON, replace(bound(1, 2), differences=((1, 0.5),)))
    (found,) = store.spent(*COMPARISON)
    assert found.differences == ((1, 0.5),)


def test_automatic_seeds_begin_where_the_last_plan_that_said_so_began(
    store: Store, tmp_path: Path
) -> None:
    asked, elsewhere = study(), study(folder=tmp_path / "elsewhere")
    assert store.first_seed(asked) == 0
    plan(store, asked)
    assert store.first_seed(asked) == 0
    store.plan(asked, marks(asked), {}, first_seed=20)
    plan(store, asked)
    plan(store, elsewhere)
    assert store.first_seed(asked) == 20
    assert store.first_seed(elsewhere) == 0
    store.plan(asked, marks(asked), {}, first_seed=0)
    assert store.first_seed(asked) == 0


def test_the_first_plan_of_a_study_can_say_where_its_seeds_begin(store: Store) -> None:
    store.plan(study(), marks(study()), {}, first_seed=2**40)
    assert store.first_seed(study()) == 2**40


def test_a_bill_adds_up_over_all_runs_of_one_study(tmp_path: Path) -> None:
    asked, other = study(folder=tmp_path), study("other", folder=tmp_path)
    for _ in range(2):
        with Store.writing(tmp_path / "store.db") as store:
            plan(store, asked)
            plan(store, other)
            store.charge(asked, 1.5, 3)
            store.charge(asked, 0.25, 1)
    with Store.reading(tmp_path / "store.db") as store:
        assert store.bill(asked) == Bill(3.5, 8)
        assert store.bill(other) == Bill(0.0, 0)


def test_a_study_that_was_never_planned_costs_nothing_and_is_not_charged(store: Store) -> None:
    assert store.bill(study()) == Bill()
    with pytest.raises(StoreError, match="study one was never planned"):
        store.charge(study(), 1.0, 1)


def test_a_forgotten_study_starts_again_with_nothing_spent_but_its_looks(store: Store) -> None:
    asked = study()
    store.plan(asked, marks(asked), {}, first_seed=20)
    store.charge(asked, 1.5, 3)
    store.spend(*COMPARISON, bound(20))
    store.forget("one")
    plan(store, asked)
    assert store.first_seed(asked) == 0
    assert store.bill(asked) == Bill()
    assert spent(store) == [bound(20)]


def test_an_allowance_is_settled_once_per_pair_and_axis(store: Store) -> None:
    assert store.allow("base", "a", "seconds", 100) == 100
    assert store.allow("base", "a", "seconds", 200) == 100
    assert store.allow("base", "a", "flops", 300) == 300
    assert store.allow("base", "b", "seconds", 400) == 400
    assert store.allow("other", "a", "seconds", 500) == 500
    assert store.allowances("base", "seconds") == {"a": 100, "b": 400}
    assert store.allowances("base", "flops") == {"a": 300}
    assert store.allowances("nobody", "flops") == {}
