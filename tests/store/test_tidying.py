from pathlib import Path

import numpy as np
from store_samples import bound, digests, every, keys, marks, measured, plan, read, study, train

from hikaku.record import Sheet
from hikaku.store.store import Store
from hikaku.study.study import Metric


def test_forgetting_a_study_keeps_what_another_study_uses(store: Store) -> None:
    train(store, study())
    train(store, study("other", arms=("l2",)))
    removed = store.forget("one")
    assert (removed.trials, removed.records) == (3, 9)
    other = study("other", arms=("l2",))
    assert len(store.results(other, marks(other)).trials) == 6
    assert [row.name for row in store.studies()] == ["other"]
    assert store.finished(keys(study()).values()) == {f"mark-base-{seed}" for seed in range(3)}


def test_forgetting_forgets_earlier_plans_too_but_no_looks(store: Store) -> None:
    train(store, study())
    train(store, study(), version="-v2")
    store.spend("mark-base", "mark-dropout", "test accuracy", bound(0, 1))
    assert store.forget("one").trials == 12
    counts = store.size().counts
    assert (counts.studies, counts.trials, counts.records, counts.sheets) == (0, 0, 0, 0)
    (kept,) = store.spent("mark-base", "mark-dropout", "test accuracy")
    assert kept.seeds == (0, 1)


def test_forgetting_by_name_means_every_folder_unless_one_is_named(
    store: Store, tmp_path: Path
) -> None:
    for place in "abc":
        train(store, study(folder=tmp_path / place), version=f"-{place}")
    assert store.forget("one", str(tmp_path / "a")).trials == 6
    assert {row.folder for row in store.studies()} == {str(tmp_path / place) for place in "bc"}
    assert store.forget("one").trials == 12
    assert store.studies() == ()


def test_forgetting_what_is_not_there_deletes_nothing(store: Store, tmp_path: Path) -> None:
    train(store, study())
    assert store.forget("two").trials == 0
    assert store.forget("one", str(tmp_path)).trials == 0
    assert len(read(store, study())) == 6


def test_pruning_removes_what_changed_files_left_behind_and_frees_the_room(store: Store) -> None:
    big = (Sheet("scores", np.zeros(400_000)),)
    plan(store, study())
    store.add(measured("mark-base-0", sheets=big))
    plan(store, study("other", arms=()), version="-v2")
    store.add(measured("mark-base-v2-0"))
    plan(store, study(), version="-v3")
    before = store.size().bytes
    assert store.prune().trials == 1
    assert store.size().bytes < before - 3_000_000
    assert store.finished(["mark-base-0", "mark-base-v2-0"]) == {"mark-base-v2-0"}
    assert store.prune().trials == 0


def test_pruning_keeps_other_settings_whatever_files_they_were_trained_with(store: Store) -> None:
    long, short = study(epochs=5), study(seeds=(0,))
    train(store, long, "-v1", sources=digests(long, own_py="1"))
    train(store, study(), "-v1", sources=digests(study(), own_py="1"))
    plan(store, short, "-v2", sources=digests(short, own_py="2"))
    assert store.prune().trials == 6
    assert read(store, long, "-v1").keys() == every(long)


def test_pruning_forgets_the_old_code_of_a_metric_and_keeps_other_metrics(
    store: Store, tmp_path: Path
) -> None:
    usual = study(folder=tmp_path)
    own = study(folder=tmp_path, metric=Metric("own.py:cost"))
    train(store, usual, sources=digests(usual, digits="a"))
    for version in ("1", "2"):
        (tmp_path / "own.py").write_text(f"def cost(answers, targets): return {version}\n")
        sources = digests(own, digits="a", own_py=version)
        train(store, own, data=f" own {version}", sources=sources)
    train(store, usual, sources=digests(usual, digits="a"))
    assert store.prune().trials == 6
    assert read(store, usual).keys() == every(usual)
    assert set(read(store, own).values()) == set(keys(own, data=" own 2").values())
