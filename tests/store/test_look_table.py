from dataclasses import replace
from pathlib import Path

from store_samples import ACCURACY, bound, digests, every, marks, plan, read, study, train

from hikaku.store.store import Store
from hikaku.study.study import Metric, Study

COMPARISON = ("mark-base", "mark-dropout", ACCURACY.judged)
Told = list[tuple[str, tuple[int, ...], bool]]


def earlier(store: Store, asked: Study, version: str = "") -> Told:
    """Return what the study is told of its other pairs: the pair, its seeds, and the same base."""
    found = store.results(asked, marks(asked, version)).earlier
    return [(one.pair, one.spent.seeds, one.same_base) for one in found]


def test_a_variant_that_was_edited_or_taken_out_is_remembered_oldest_first(store: Store) -> None:
    plan(store, study(arms=("dropout", "l2")))
    judged = ACCURACY.judged
    store.spend("mark-base", "mark-l2", judged, bound(3))
    store.spend("mark-base", "mark-dropout", judged, bound(0, 1))
    store.spend("mark-base", "mark-dropout", judged, bound(2, worth=0.5))
    now = study(arms=("mixup",))
    plan(store, now)
    store.spend("mark-base", "mark-mixup", judged, bound(9))
    assert earlier(store, now) == [
        ("mark-base mark-l2", (3,), True),
        ("mark-base mark-dropout", (0, 1), True),
        ("mark-base mark-dropout", (2,), True),
    ]
    found = store.results(now, marks(now))
    assert found.earlier[2].spent == bound(2, worth=0.5)
    assert found.earlier[2].spent.shown > "2020"
    assert [one.seeds for one in found.spent["mixup"]] == [(9,)]


def test_edited_code_of_all_arms_makes_every_comparison_an_earlier_one(store: Store) -> None:
    asked = study(arms=("dropout", "l2"))
    plan(store, asked)
    for variant in ("mark-dropout", "mark-l2"):
        store.spend("mark-base", variant, ACCURACY.judged, bound(0))
    assert earlier(store, asked) == []
    want = [("mark-base mark-dropout", (0,), False), ("mark-base mark-l2", (0,), False)]
    assert earlier(store, asked, "-v2") == want
    plan(store, asked, "-v2")
    assert earlier(store, asked, "-v2") == want
    assert store.results(asked, marks(asked, "-v2")).spent == {}
    assert earlier(store, asked) == []


def test_base_and_variant_swapped_are_an_earlier_comparison(store: Store) -> None:
    asked = study()
    plan(store, asked)
    store.spend("mark-dropout", "mark-base", ACCURACY.judged, bound(4, 2))
    assert earlier(store, asked) == [("mark-dropout mark-base", (4, 2), False)]
    assert store.results(asked, marks(asked)).spent == {}


def test_a_comparison_between_two_variants_of_now_is_an_earlier_one(store: Store) -> None:
    asked = study(arms=("dropout", "l2"))
    store.spend("mark-dropout", "mark-l2", ACCURACY.judged, bound(0))
    want = [("mark-dropout mark-l2", (0,), False)]
    assert earlier(store, asked) == want  # and the same once it is planned
    plan(store, asked)
    assert earlier(store, asked) == want


def test_strange_arms_and_other_figures_are_no_earlier_comparison(
    store: Store, tmp_path: Path
) -> None:
    asked, elsewhere = study(), study(arms=("l2",), folder=tmp_path / "elsewhere")
    plan(store, study(arms=("mixup",)))
    plan(store, asked)
    plan(store, elsewhere)
    store.spend("mark-base", "mark-l2", ACCURACY.judged, bound(0))
    store.spend("mark-l2", "mark-base", ACCURACY.judged, bound(0))
    store.spend("mark-base", "mark-mixup", "loss", bound(0))
    assert earlier(store, asked) == []


def test_a_study_of_any_number_of_arms_is_told_in_the_order_of_the_looks(store: Store) -> None:
    plan(store, study(arms=[f"arm {number}" for number in range(1200)], seeds=()))
    for number in (999, 0, 500):
        store.spend(f"mark-arm {number}", "mark-base", ACCURACY.judged, bound(number))
    found = earlier(store, study(arms=()))
    assert [seeds for _, seeds, _ in found] == [(999,), (0,), (500,)]


def test_pruning_removes_trials_and_no_memory_of_what_was_looked_at(store: Store) -> None:
    asked = study()
    train(store, asked, sources=digests(asked, own_py="1"))
    store.spend(*COMPARISON, bound(0, 1))
    plan(store, asked, "-v2", sources=digests(asked, own_py="2"))
    assert store.prune().trials == 6
    assert earlier(store, asked, "-v2") == [("mark-base mark-dropout", (0, 1), False)]
    assert store.unused_seed(asked, marks(asked, "-v2")) == 2
    assert store.prune().trials == 0
    # Back to the old files: planned and trained as if they were new.
    train(store, asked, sources=digests(asked, own_py="1"))
    assert read(store, asked).keys() == every(asked)
    assert earlier(store, asked) == []


def test_other_figures_are_counted_once_each_where_they_share_a_seed(store: Store) -> None:
    asked = study(arms=("dropout", "l2"), seeds=(3, 4))
    judged, pair = ACCURACY.judged, ("mark-base", "mark-dropout")
    store.spend(*pair, judged, bound(3))
    for metric, seeds in (("loss", (1, 3)), ("loss", (4,)), ("f1", (4, 9)), ("auc", (0, 1))):
        store.spend(*pair, metric, bound(*seeds))
    store.spend("mark-dropout", "mark-base", "kappa", bound(3))
    store.spend("mark-base", "mark-mixup", "kappa", bound(3))
    store.spend("mark-base", "mark-l2", judged, bound(3))
    assert store.results(asked, marks(asked)).other_figures == {"dropout": 2}
    plan(store, asked)
    assert store.results(asked, marks(asked)).other_figures == {"dropout": 2}
    assert store.results(asked, marks(asked, "-v2")).other_figures == {}


def test_unused_seeds_lie_past_all_looks_at_any_arm_that_the_study_ever_had(store: Store) -> None:
    asked = study()
    assert store.unused_seed(asked, marks(asked)) == 0
    plan(store, asked)
    assert store.unused_seed(asked, marks(asked)) == 0
    looks = [
        (COMPARISON, (4, 6, 1), 7),
        (("mark-base", "mark-dropout", "loss"), (8,), 9),  # by another figure
        (("mark-base", "mark-of-another", "loss"), (10,), 11),  # at base alone
        (("mark-of-another", "mark-dropout", "loss"), (12,), 13),  # at a variant alone
        (("mark-of-another", "mark-of-a-third", "loss"), (99,), 13),
        (COMPARISON, (2,), 13),
    ]
    for comparison, seeds, first in looks:
        store.spend(*comparison, bound(*seeds))
        assert store.unused_seed(asked, marks(asked)) == first
    assert store.unused_seed(asked, marks(asked, "-v2")) == 13
    assert store.unused_seed(replace(asked, metric=Metric("f1")), marks(asked)) == 13


def test_unused_seeds_of_a_study_that_was_never_planned_are_those_of_its_arms(
    store: Store, tmp_path: Path
) -> None:
    store.spend(*COMPARISON, bound(0, 1))
    elsewhere = study("other", folder=tmp_path / "elsewhere")
    assert store.unused_seed(elsewhere, marks(elsewhere)) == 2
    assert store.unused_seed(elsewhere, marks(elsewhere, "-v2")) == 0


def test_unused_seeds_are_never_before_those_with_which_the_study_begins(store: Store) -> None:
    asked = study()
    store.plan(asked, marks(asked), {}, first_seed=20)
    assert store.unused_seed(asked, marks(asked)) == 20
    store.spend(*COMPARISON, bound(3))
    assert store.unused_seed(asked, marks(asked)) == 20
    store.spend(*COMPARISON, bound(20, 24))
    assert store.unused_seed(asked, marks(asked)) == 25
