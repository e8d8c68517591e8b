from pathlib import Path

import pytest
from store_samples import keys, marks, measured, plan, study, train

from hikaku.errors import StoreError
from hikaku.record import Checkpoint
from hikaku.store.store import Store
from hikaku.study.keep import BEST, LAST

KEY = "mark-base-0"


def point(step: int, key: str = KEY) -> Checkpoint:
    return Checkpoint(key, step, f"{step}-ab.safetensors", "d" * 64)


def put(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def planned(store: Store) -> Store:
    plan(store, study())
    return store


@pytest.mark.fault("G4", "A4")
def test_room_is_made_of_what_no_checkpoint_names_and_of_nothing_else(planned: Store) -> None:
    for step in (4, 8, 12):
        planned.checkpoint(point(step))
    kept = planned.kept
    weights = {"epoch-0001.safetensors", "step-000004.safetensors", BEST, LAST}
    put(kept.part(KEY), *weights)
    put(kept.part(KEY), *(f"{step}-ab.safetensors" for step in (4, 8, 12, 16)), "8-cd.safetensors")
    put(kept.part(KEY), ".hikaku-0123.part", "12-ab.safetensors.part")
    put(kept.part("mark-base-1"), "4-ab.safetensors", BEST)
    put(kept.folder / KEY, BEST, "4-ab.safetensors")
    put(kept.folder, "stray.part")
    (kept.folder / "link.part").symlink_to(kept.folder / KEY)
    planned.make_room()
    assert names(kept.part(KEY)) == weights | {"8-ab.safetensors", "12-ab.safetensors"}
    assert names(kept.folder) == {KEY, f"{KEY}.part"}
    assert names(kept.folder / KEY) == {BEST, "4-ab.safetensors"}


@pytest.mark.fault("G4")
def test_what_a_finished_trial_left_unfinished_goes(planned: Store) -> None:
    planned.checkpoint(point(4))
    put(planned.kept.part(KEY), "4-ab.safetensors")
    planned.make_room()
    assert planned.kept.part(KEY).exists()
    planned.add(measured(KEY))
    planned.make_room()
    assert not planned.kept.part(KEY).exists()


@pytest.mark.fault("G4")
def test_pruning_keeps_the_states_of_trials_that_are_still_planned(planned: Store) -> None:
    planned.checkpoint(point(4))
    put(planned.kept.part(KEY), "4-ab.safetensors", "5-ab.safetensors")
    planned.prune()
    assert names(planned.kept.part(KEY)) == {"4-ab.safetensors"}
    planned.forget("one")
    assert not planned.kept.part(KEY).exists()
    assert planned.checkpoints([KEY]) == {}


@pytest.mark.fault("G1")
def test_the_checkpoint_before_the_last_comes_with_its_own_digest_and_records(
    planned: Store,
) -> None:
    rows = measured(KEY, records=9).records
    first = Checkpoint(KEY, 4, "4-ab.safetensors", "a" * 64, rows[:4])
    second = Checkpoint(KEY, 8, "8-ab.safetensors", "b" * 64, rows[:8])
    planned.checkpoint(first)
    planned.checkpoint(second)
    assert planned.checkpoints([KEY]) == {KEY: (second, first)}


@pytest.mark.fault("G5")
def test_a_file_that_two_checkpoints_name_is_still_wanted(planned: Store) -> None:
    for step in (4, 8):
        planned.checkpoint(point(step))
    assert planned.checkpoint(point(4)) == ()
    assert planned.checkpoint(point(12)) == ("8-ab.safetensors",)


@pytest.mark.parametrize("harm", ["records = '[1]'", "records = '{'", "records = 7"])
def test_a_checkpoint_whose_records_are_damaged_is_damage(planned: Store, harm: str) -> None:
    planned.checkpoint(point(4))
    with planned._change() as connection:
        connection.exec_driver_sql(f"UPDATE hikaku_checkpoint SET {harm}")
    with pytest.raises(StoreError, match="damaged"):
        planned.checkpoints([KEY])


@pytest.mark.fault("B15")
@pytest.mark.parametrize("again", [{"records": 4}, {"records": 2}, {"status": "diverged"}])
def test_a_trial_that_comes_out_otherwise_is_told_once_a_time_and_the_first_stands(
    store: Store, again
) -> None:
    train(store, study())
    before = store.results(study(), marks(study())).trials["base", 0]
    for times in (1, 2):
        assert not store.add(measured(KEY, **again))
        assert [one.kind for one in store.events([KEY])] == ["nondeterministic"] * times
    after = store.results(study(), marks(study())).trials["base", 0]
    assert (after.outcome, after.records) == (before.outcome, before.records)
    assert store.events(set(keys(study()).values()) - {KEY}) == ()


@pytest.mark.fault("B15")
def test_the_same_numbers_at_another_price_are_the_same(store: Store) -> None:
    train(store, study())
    again = measured(KEY)
    again.outcome.cost["seconds"] = 99.0
    assert not store.add(again)
    assert store.events([KEY]) == ()
