"""What every store must keep to, as tests: another backend inherits them and opens itself.

    class TestMine(StoreContract):
        def opened(self, place: Path) -> MyStore: ...
        def opened_to_read(self, place: Path) -> MyStore: ...

Run by pytest, each test in a folder of its own. Nothing in it knows of any database.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from hikaku.errors import HikakuError, StoreBusy, StoreError
from hikaku.record import Checkpoint, Measured, Outcome, Sheet, Spent, Status
from hikaku.records import Record
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import Arm, Data, Metric, Study, Training

Store = Any
"""Whatever has the methods of `hikaku.store.store.Store`; this room may not import it."""
EDGES = (math.nan, math.inf, -math.inf, 0.0, 5e-324, 1.7976931348623157e308, 0.1, -1 / 3)
"""Numbers that text, and databases, are known to lose."""
MARKS = {"base": "mark-base", "dropout": "mark-dropout"}


def asked(name: str = "one", seeds: tuple[int, ...] = (0, 1, 2)) -> Study:
    """Return a study of two arms."""
    recipe = Recipe(Use("adam"), Use("cross-entropy"), Use("constant"), epochs=1)
    base, variant = (
        Arm(arm, Training(Data(Use("digits")), Use(f"mlp {arm}"), recipe)) for arm in MARKS
    )
    return Study(name, "Which?", Metric("accuracy"), 0.01, seeds, base.work, (variant,))


def keys(study: Study) -> dict[tuple[str, int], str]:
    """Return the trial key of each arm and seed: `mark-base-0` and so on."""
    return {(mark, seed): f"{mark}-{seed}" for mark in MARKS.values() for seed in study.seeds}


def trial(key: str, status: Status = "done", shift: float = 0.0) -> Measured:
    """Return what a trial may have left; another `shift` is other numbers."""
    outcome = Outcome(
        key, status, step=8, epoch=2, steps_per_epoch=4, parameters=77, arithmetic="plain",
        environment="torch", error="no" if status == "failed" else "", samples=(3, 2, 1),
        cost={"seconds": 0.5},
    )  # fmt: skip
    rows = tuple(
        Record("curve", 4 * n, "validation", "loss", value + shift) for n, value in enumerate(EDGES)
    )
    return Measured(outcome, rows, (Sheet("confusion", np.arange(4).reshape(2, 2)),))


def point(key: str, step: int) -> Checkpoint:
    """Return a checkpoint after so many updates, with as many records."""
    rows = tuple(
        Record("curve", n, "train", "loss", EDGES[n % len(EDGES)]) for n in range(1, step + 1)
    )
    return Checkpoint(key, step, f"{step}-aa.safetensors", f"{step:064x}", rows)


class StoreContract:
    """The tests; `opened` and `opened_to_read` are what a backend adds."""

    def opened(self, place: Path) -> Store:
        """Return the store in this folder, open as its one writer; do not wait for another."""
        raise NotImplementedError

    def opened_to_read(self, place: Path) -> Store:
        """Return the store in this folder, open to read."""
        raise NotImplementedError

    def planned(self, place: Path, study: Study | None = None) -> Store:
        """Return the store, opened to write, with the study planned."""
        store, study = self.opened(place), study or asked()
        store.plan(study, MARKS, keys(study))
        return store

    def test_an_empty_store_knows_nothing(self, tmp_path: Path) -> None:
        """Reading where nothing was written is no error, and makes nothing."""
        with self.opened_to_read(tmp_path) as store:
            assert store.results(asked(), MARKS).trials == {}
            assert (store.studies(), store.finished(["any"])) == ((), frozenset())
            assert (store.checkpoints(["any"]), store.events(["any"])) == ({}, ())
        assert list(tmp_path.iterdir()) == []

    def test_what_was_added_is_read_again_by_another(self, tmp_path: Path) -> None:
        """Every number comes back bit for bit, not-a-numbers and infinities too."""
        with self.planned(tmp_path) as store:
            assert store.add(trial("mark-base-0"))
        with self.opened_to_read(tmp_path) as store:
            found = store.results(asked(), MARKS).trials["base", 0]
        want = trial("mark-base-0")
        assert found.outcome == want.outcome
        assert repr(found.records) == repr(want.records)
        assert np.array_equal(found.sheets[0].array, want.sheets[0].array)

    def test_planning_says_what_is_finished(self, tmp_path: Path) -> None:
        """Done and diverged trials are; failed ones are trained again."""
        with self.planned(tmp_path) as store:
            for seed, status in enumerate(get_args(Status)):
                store.add(trial(f"mark-base-{seed}", status))
            done = {"mark-base-0", "mark-base-1"}
            assert store.plan(asked(), MARKS, keys(asked())).finished == done
            assert store.finished(keys(asked()).values()) == done

    def test_a_finished_trial_is_never_changed(self, tmp_path: Path) -> None:
        """Whatever comes later, and however often."""
        with self.planned(tmp_path) as store:
            assert store.add(trial("mark-base-0"))
            assert not store.add(trial("mark-base-0"))
            assert not store.add(trial("mark-base-0", "diverged", shift=1.0))
            found = store.results(asked(), MARKS).trials["base", 0]
            assert repr(found.records) == repr(trial("mark-base-0").records)
            assert store.size().counts.trials == 1

    def test_other_numbers_for_a_finished_trial_are_told(self, tmp_path: Path) -> None:
        """The first result stands, and an event says that the second was another."""
        with self.planned(tmp_path) as store:
            store.add(trial("mark-base-0"))
            store.add(trial("mark-base-0"))
            assert store.events(["mark-base-0"]) == ()
            store.add(trial("mark-base-0", shift=1e-16))
            (told,) = store.events(["mark-base-0", "mark-base-1"])
            assert (told.key, told.kind) == ("mark-base-0", "nondeterministic")
            assert "loss 12: 0.0 ≠" in told.text

    def test_a_failed_trial_is_replaced(self, tmp_path: Path) -> None:
        """With all that it left."""
        with self.planned(tmp_path) as store:
            assert store.add(trial("mark-base-0", "failed"))
            assert store.add(trial("mark-base-0"))
            assert store.results(asked(), MARKS).trials["base", 0].outcome.error == ""
            assert store.size().counts.records == len(EDGES)

    def test_what_nobody_planned_is_refused(self, tmp_path: Path) -> None:
        """A trial as well as a checkpoint, and nothing of it stays."""
        with self.planned(tmp_path) as store:
            for change in (
                lambda: store.add(trial("unheard-of")),
                lambda: store.checkpoint(point("unheard-of", 1)),
            ):
                refused(change, StoreError, "never planned")
            assert store.size().counts.trials == 0
            assert store.checkpoints(["unheard-of"]) == {}

    def test_a_trial_is_added_whole_or_not_at_all(self, tmp_path: Path) -> None:
        """Where its last part cannot be written, nothing of it is, and it can be added later."""
        with self.planned(tmp_path) as store:
            store.checkpoint(point("mark-base-0", 2))
            twice = (Sheet("same", np.zeros(2)), Sheet("same", np.zeros(3)))
            broken = replace(trial("mark-base-0"), sheets=twice)
            refused(lambda: store.add(broken), StoreError)
            counts = store.size().counts
            assert (counts.trials, counts.records, counts.sheets) == (0, 0, 0)
            assert store.checkpoints(["mark-base-0"]).keys() == {"mark-base-0"}
            assert store.add(trial("mark-base-0"))

    def test_a_checkpoint_is_read_again_by_another(self, tmp_path: Path) -> None:
        """With every record until then, bit for bit."""
        with self.planned(tmp_path) as store:
            assert store.checkpoint(point("mark-base-0", 9)) == ()
        with self.opened_to_read(tmp_path) as store:
            found = store.checkpoints(["mark-base-0", "mark-base-1"])
        assert repr(found) == repr({"mark-base-0": (point("mark-base-0", 9),)})

    def test_the_last_two_checkpoints_stay(self, tmp_path: Path) -> None:
        """And the caller hears whose file nothing names any more."""
        with self.planned(tmp_path) as store:
            gone = [store.checkpoint(point("mark-base-0", step)) for step in range(1, 5)]
            store.checkpoint(point("mark-base-1", 7))
            assert gone == [(), (), ("1-aa.safetensors",), ("2-aa.safetensors",)]
            found = store.checkpoints(["mark-base-0"])["mark-base-0"]
            assert repr(found) == repr((point("mark-base-0", 4), point("mark-base-0", 3)))

    def test_a_trial_that_ends_leaves_no_checkpoint(self, tmp_path: Path) -> None:
        """However it ends; and one that is finished gets none any more."""
        with self.planned(tmp_path) as store:
            store.checkpoint(point("mark-base-0", 3))
            store.checkpoint(point("mark-base-1", 3))
            store.add(trial("mark-base-0", "done"))
            store.add(trial("mark-base-1", "failed"))
            assert store.checkpoints(keys(asked()).values()) == {}
            assert store.checkpoint(point("mark-base-0", 4)) == ("4-aa.safetensors",)
            assert store.checkpoint(point("mark-base-1", 4)) == ()
            assert store.checkpoints(keys(asked()).values()).keys() == {"mark-base-1"}

    def test_events_are_told_in_the_order_they_came(self, tmp_path: Path) -> None:
        """Of the trials that are asked for, and none is ever lost by the trial's end."""
        with self.planned(tmp_path) as store:
            for kind, text in (("killed", "signal 9"), ("damaged-checkpoint", "step 3")):
                store.event("mark-base-0", kind, text)
                store.event("mark-base-1", kind, text)
            store.add(trial("mark-base-0"))
            told = store.events(["mark-base-0"])
            assert [(one.kind, one.text) for one in told] == [
                ("killed", "signal 9"), ("damaged-checkpoint", "step 3"),
            ]  # fmt: skip
            assert all(one.key == "mark-base-0" and one.at for one in told)

    def test_forgetting_takes_what_only_that_study_used(self, tmp_path: Path) -> None:
        """Checkpoints and events too; what another study has planned stays."""
        with self.planned(tmp_path) as store:
            store.plan(asked("other", (0,)), MARKS, keys(asked("other", (0,))))
            for key in ("mark-base-0", "mark-base-1"):
                store.checkpoint(point(key, 1))
                store.event(key, "killed")
            store.forget("one")
            both = ["mark-base-0", "mark-base-1"]
            assert store.checkpoints(both).keys() == {"mark-base-0"}
            assert [one.key for one in store.events(both)] == ["mark-base-0"]

    def test_records_of_other_readings_can_be_left_unread(self, tmp_path: Path) -> None:
        """Curves are long, and a table needs none."""
        last = Record("last", 8, "test", "accuracy", 0.5)
        with self.planned(tmp_path) as store:
            whole = trial("mark-base-0")
            store.add(replace(whole, records=(*whole.records, last)))
            found = store.results(asked(), MARKS, {"last", "best"}).trials["base", 0]
            assert found.records == (last,)
            assert len(found.sheets) == 1

    def test_what_was_shown_stays_shown(self, tmp_path: Path) -> None:
        """The oldest look over a seed governs, through forgetting the study too."""
        first = Spent((0, 1), True, 20, 0.01, 2)
        with self.planned(tmp_path) as store:
            store.spend("mark-base", "mark-dropout", "test accuracy", first)
            store.spend("mark-base", "mark-dropout", "test accuracy", replace(first, worth=0.5))
            store.forget("one")
        with self.opened_to_read(tmp_path) as store:
            assert store.spent("mark-base", "mark-dropout", "test accuracy") == (first,)

    def test_one_writes_and_others_read_meanwhile(self, tmp_path: Path) -> None:
        """A second writer hears who is first; a reader sees what was committed."""
        with self.planned(tmp_path) as store:
            refused(lambda: self.opened(tmp_path), StoreBusy)
            with self.opened_to_read(tmp_path) as reader:
                assert reader.finished(["mark-base-0"]) == frozenset()
                store.add(trial("mark-base-0"))
                assert reader.finished(["mark-base-0"]) == {"mark-base-0"}
                refused(lambda: reader.add(trial("mark-base-1")), HikakuError, "for reading")
                refused(lambda: reader.checkpoint(point("mark-base-1", 1)), HikakuError)
        self.opened(tmp_path).close()


def refused(change: Any, kind: type[HikakuError], said: str = "") -> None:
    """Assert that this raises an error of this kind that says so."""
    try:
        change()
    except kind as error:
        assert said in str(error)
    else:
        raise AssertionError(f"{kind.__name__} was expected")
