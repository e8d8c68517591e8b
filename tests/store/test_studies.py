from pathlib import Path

from store_samples import digests, every, keys, marks, measured, plan, read, study, train

from hikaku.store.store import Store
from hikaku.study.study import Metric


def test_planning_tells_what_is_finished_already(store: Store) -> None:
    train(store, study())
    planned = plan(store, study(arms=("dropout", "l2")))
    assert planned.finished == set(keys(study()).values())
    assert planned.again == ()


def test_base_is_shared_between_studies(store: Store) -> None:
    train(store, study())
    other = study("other", arms=("l2",))
    assert plan(store, other).finished == {f"mark-base-{seed}" for seed in range(3)}
    assert store.results(other, marks(other)).trials.keys() == {("base", s) for s in range(3)}


def test_a_study_that_was_never_planned_reads_as_nothing_trained(store: Store) -> None:
    train(store, study("a", arms=("dropout",)), data=" A")
    train(store, study("b", arms=("l2",)), data=" B")
    other = study("other", arms=("dropout", "l2"))
    assert read(store, other) == {}


def test_fewer_seeds_in_between_hide_and_delete_nothing(store: Store) -> None:
    six = study(seeds=range(6))
    train(store, six)
    train(store, study(seeds=range(2)))
    assert read(store, six).keys() == every(six)
    assert store.prune().trials == 0
    assert read(store, six).keys() == every(six)


def test_other_settings_in_between_hide_and_delete_nothing(store: Store) -> None:
    sources = digests(study(), digits="a")
    short, usual = study(epochs=5), study()
    train(store, usual, sources=sources)
    train(store, short, sources=sources)
    plan(store, study(arms=("l2",)), sources=digests(study(arms=("l2",)), digits="a"))
    for again in range(2):
        assert read(store, usual).keys() == every(usual), again
        assert read(store, short).keys() == every(short), again
        assert store.prune().trials == 0


def test_two_studies_of_one_name_in_two_folders_never_meet(store: Store, tmp_path: Path) -> None:
    one = study(folder=tmp_path / "a")
    two = study(folder=tmp_path / "b", arms=("l2",))
    train(store, one, "-v1", sources=digests(one, own_py="1"))
    train(store, two, "-v2", sources=digests(two, own_py="2"))
    assert store.prune().trials == 0
    assert read(store, one, "-v1").keys() == every(one)
    assert read(store, two, "-v2").keys() == every(two)
    assert read(store, study(folder=tmp_path / "c"), "-v1") == {}
    rows = {(row.name, row.folder, row.trials, row.done) for row in store.studies()}
    assert rows == {("one", str(tmp_path / place), 6, 6) for place in "ab"}


def test_a_store_moves_together_with_its_studies(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "elsewhere" / "there"
    with Store.writing(here / ".hikaku" / "store.db") as store:
        train(store, study(folder=here / "studies"))
    there.parent.mkdir()
    here.rename(there)
    with Store.reading(there / ".hikaku" / "store.db") as store:
        assert len(read(store, study(folder=there / "studies"))) == 6
        assert [row.folder for row in store.studies()] == [str(there / "studies")]


def test_trials_on_other_data_are_never_paired(store: Store) -> None:
    before, after = study(arms=("dropout",)), study(arms=("l2",))
    train(store, before, data=" A", sources=digests(before, digits="A"))
    train(store, after, data=" B", sources=digests(after, digits="B"))
    found = read(store, study(arms=("dropout", "l2")))
    assert found.keys() == every(after)
    assert all(key.endswith(" B") for key in found.values())
    assert read(store, study(arms=("dropout",), seeds=(0,))) == {("base", 0): "mark-base-0 B"}


def test_seeds_on_other_data_are_never_mixed(store: Store) -> None:
    six, two = study(seeds=range(6)), study(seeds=range(2))
    train(store, six, data=" A", sources=digests(six, digits="A"))
    train(store, two, data=" B", sources=digests(two, digits="B"))
    found = read(store, six)
    assert found.keys() == every(two)
    assert all(key.endswith(" B") for key in found.values())
    train(store, two, data=" A", sources=digests(two, digits="A"))
    assert read(store, six).keys() == every(six)


def test_another_metric_in_between_hides_and_deletes_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def cost(answers, targets): return 0.0\n")
    usual = study(folder=tmp_path)
    own = study(folder=tmp_path, metric=Metric("own.py:cost"))
    train(store, usual, sources=digests(usual, digits="a"))
    plan(store, own, data=" own", sources=digests(own, digits="a", own_py="1"))
    store.add(measured("mark-base-0 own"))
    assert read(store, usual).keys() == every(usual)
    assert read(store, own) == {("base", 0): "mark-base-0 own"}
    assert store.prune().trials == 0
    (tmp_path / "own.py").write_text("def cost(answers, targets): return 1.0\n")
    assert read(store, own) == {}


def test_a_key_that_was_planned_again_is_replaced_and_its_trial_pruned(store: Store) -> None:
    train(store, study())
    train(store, study(seeds=(0,)), data=" in other arithmetic")
    found = read(store, study())
    assert {key for (_, seed), key in found.items() if seed == 0} == {
        "mark-base-0 in other arithmetic", "mark-dropout-0 in other arithmetic",
    }  # fmt: skip
    assert store.prune().trials == 2
    assert read(store, study()) == found


def test_a_study_tells_how_much_of_its_current_plan_is_done(store: Store) -> None:
    plan(store, study(seeds=range(9)))
    plan(store, study())
    store.add(measured("mark-base-0"))
    store.add(measured("mark-base-1", "diverged"))
    store.add(measured("mark-base-2", "failed"))
    store.add(measured("mark-base-8"))
    (row,) = store.studies()
    assert (row.name, row.question, row.arms, row.trials, row.done) == ("one", "Which?", 2, 6, 2)
