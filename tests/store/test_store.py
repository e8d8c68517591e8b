import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from store_samples import bound, keys, marks, measured, plan, study, train

from hikaku.errors import HikakuError, StoreError
from hikaku.record import Measured, Sheet
from hikaku.records import Record
from hikaku.store.store import Store


def test_what_was_added_is_read_as_it_was(store: Store) -> None:
    asked = study()
    train(store, asked)
    results = store.results(asked, marks(asked))
    assert results.seeds == (0, 1, 2)
    assert results.trials.keys() == {(arm, s) for arm in ("base", "dropout") for s in asked.seeds}
    for (arm, seed), found in results.trials.items():
        want = measured(f"mark-{arm}-{seed}")
        assert found.outcome == want.outcome
        assert found.records == want.records
        assert found.sheets[0].name == "confusion"
        assert np.array_equal(found.sheets[0].array, want.sheets[0].array)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=9)
RECORDS = st.builds(
    Record,
    reading=st.sampled_from(("curve", "running", "last", "best")),
    step=st.integers(0, 2**60),
    split=st.sampled_from(("train", "validation", "test")),
    metric=NAMES,
    value=st.floats(),
)
SHEETS = arrays.arrays(
    st.sampled_from([np.dtype(kind) for kind in ("?", "u1", "<i8", "<f4", "<f8", ">i2")]),
    arrays.array_shapes(min_dims=0, min_side=0, max_side=4),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory):
    with Store.writing(tmp_path_factory.mktemp("shared") / "store.db") as opened:
        yield opened


def same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


@pytest.mark.fault("B14")
@settings(max_examples=40, deadline=None)
@given(records=st.lists(RECORDS, max_size=8), sheets=st.lists(SHEETS, max_size=3))
@pytest.mark.fault("B14")
def test_every_number_and_every_array_survives_bit_for_bit(shared: Store, records, sheets) -> None:
    asked = study("floats", arms=(), seeds=[0])
    plan(shared, asked)
    named = tuple(Sheet(f"sheet {place}", array) for place, array in enumerate(sheets))
    given_ = measured("mark-base-0", sheets=named)
    assert shared.add(Measured(given_.outcome, tuple(records), named))
    found = shared.results(asked, marks(asked)).trials["base", 0]
    assert len(found.records) == len(records)
    for got, want in zip(found.records, records, strict=True):
        assert (got.reading, got.step, got.split, got.metric) == (
            want.reading, want.step, want.split, want.metric,
        )  # fmt: skip
        assert same(got.value, want.value)
    for got_sheet, want_sheet in zip(found.sheets, named, strict=True):
        assert got_sheet.array.dtype == want_sheet.array.dtype
        assert got_sheet.array.shape == want_sheet.array.shape
        assert got_sheet.array.tobytes() == want_sheet.array.tobytes()
    shared.forget("floats")


def test_a_store_opened_again_holds_what_was_added(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as first:
        train(first, study())
    with Store.reading(tmp_path / "store.db") as again:
        assert len(again.results(study(), marks(study())).trials) == 6


@pytest.mark.fault("B15")
def test_a_finished_trial_is_never_changed(store: Store) -> None:
    plan(store, study())
    assert store.add(measured("mark-base-0", records=3))
    assert not store.add(measured("mark-base-0", records=5))
    assert not store.add(measured("mark-base-0", "diverged"))
    found = store.results(study(), marks(study())).trials["base", 0]
    assert found.outcome.status == "done"
    assert len(found.records) == 3


def test_done_and_diverged_trials_are_finished_and_failed_ones_are_not(store: Store) -> None:
    plan(store, study())
    for seed, status in enumerate(("done", "diverged", "failed")):
        store.add(measured(f"mark-base-{seed}", status))
    assert store.finished(keys(study()).values()) == {"mark-base-0", "mark-base-1"}


def test_a_failed_trial_is_shown_and_replaced_when_it_ends_well(store: Store) -> None:
    plan(store, study())
    store.add(measured("mark-base-0", "failed", records=2))
    found = store.results(study(), marks(study())).trials["base", 0]
    assert (found.outcome.status, found.outcome.error) == ("failed", "ValueError: no")
    assert store.add(measured("mark-base-0", "failed", records=0))
    assert store.add(measured("mark-base-0", "done", records=4))
    found = store.results(study(), marks(study())).trials["base", 0]
    assert (found.outcome.status, found.outcome.error) == ("done", "")
    assert len(found.records) == 4
    assert store.size().counts.records == 4


def test_a_trial_that_nobody_planned_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="never planned"):
        store.add(measured("unheard-of"))
    assert store.size().counts.trials == 0


def test_a_trial_is_added_whole_or_not_at_all(store: Store) -> None:
    plan(store, study())
    broken = Sheet("broken", np.zeros(2)), Sheet("broken", np.zeros(3))
    with pytest.raises(StoreError):
        store.add(measured("mark-base-0", sheets=broken))
    counts = store.size().counts
    assert (counts.trials, counts.records, counts.sheets) == (0, 0, 0)
    assert store.add(measured("mark-base-0"))


def test_an_arm_that_is_another_arms_equal_is_trained_once_and_shown_twice(store: Store) -> None:
    asked = study(arms=("twin",))
    same_marks = {"base": "mark-base", "twin": "mark-base"}
    store.plan(asked, same_marks, {("mark-base", 0): "mark-base-0"})
    store.add(measured("mark-base-0"))
    assert store.results(asked, same_marks).trials.keys() == {("base", 0), ("twin", 0)}


def test_more_trials_than_one_query_takes_are_all_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hikaku.store.rows.TOGETHER", 7)
    asked = study(arms=[f"arm {number}" for number in range(9)], seeds=range(5))
    train(store, asked)
    results = store.results(asked, marks(asked))
    assert len(results.trials) == 50
    assert all(len(found.records) == 3 for found in results.trials.values())
    assert len(store.finished(keys(asked).values())) == 50


def test_a_store_opened_for_reading_refuses_to_be_written_to(tmp_path: Path) -> None:
    for exists in (False, True):
        if exists:
            Store.writing(tmp_path / "store.db").close()
        with Store.reading(tmp_path / "store.db") as store:
            for change in (
                lambda: plan(store, study()),
                lambda: store.add(measured("mark-base-0")),
                lambda: store.spend("a", "b", "c", bound(1)),
                lambda: store.charge(study(), 1.0, 1),
                lambda: store.allow("a", "b", "flops", 9),
                store.prune,
            ):
                with pytest.raises(HikakuError, match="for reading"):
                    change()
