from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import digests, every, measured, plan, read, study, train

from hikaku.store.store import Store
from hikaku.study.study import Arm, Metric


@pytest.mark.fault("B16")
def test_a_changed_file_brings_trials_again_and_is_named(store: Store) -> None:
    sources = {"base": {"my_model.py": "a"}, "dropout": {"my_model.py": "a", "mine.py": "x"}}
    train(store, study(), sources=sources)
    sources = {"base": {"my_model.py": "b"}, "dropout": {"my_model.py": "b", "mine.py": "y"}}
    for _ in range(2):  # the second time, a plan of which nothing was trained lies between
        planned = plan(store, study(), version="-v2", sources=sources)
        assert planned.finished == frozenset()
        assert [(again.trials, again.changed) for again in planned.again] == [
            (3, ("mine.py", "my_model.py")),
            (3, ("my_model.py",)),
        ]
        assert str(planned.again[1].sentence) == "3 trials again: my_model.py changed"


def test_an_arm_that_was_renamed_is_the_same_arm(store: Store) -> None:
    asked = study()
    train(store, asked, sources=digests(asked, own_py="a"))
    (variant,) = asked.variants
    renamed = replace(asked, variants=(Arm("other name", variant.work),))
    again = store.plan(
        renamed,
        {"base": "mark-base", "other name": "mark-dropout-v2"},
        {("mark-base", 0): "mark-base-0", ("mark-dropout-v2", 0): "new"},
        {"base": {"own.py": "a"}, "other name": {"own.py": "b"}},
    ).again
    assert [(found.trials, found.changed) for found in again] == [(1, ("own.py",))]


@pytest.mark.fault("B16")
def test_changed_data_bring_all_finished_trials_again(store: Store) -> None:
    asked = study()
    plan(store, asked, sources={arm.name: {"data digits": "a"} for arm in asked.arms})
    store.add(measured("mark-base-0"))
    store.add(measured("mark-base-1", "failed"))
    changed = {arm.name: {"data digits": "b"} for arm in asked.arms}
    (again,) = plan(store, asked, data=" new", sources=changed).again
    assert (again.trials, again.changed) == (1, ("data digits",))


def test_other_settings_are_no_change_even_where_a_file_changed_too(store: Store) -> None:
    asked, other = study(), study(epochs=5)
    train(store, asked, "-v1", sources=digests(asked, own_py="1"))
    assert plan(store, other, "-v2", sources=digests(other, own_py="2")).again == ()


def test_what_is_behind_a_text_without_a_source_is_no_news(store: Store) -> None:
    train(store, study(), sources=digests(study(), own_py="1"))
    assert plan(store, study(), "-next-hikaku", sources=digests(study(), own_py="1")).again == ()


def test_another_metric_is_told_as_such_and_its_own_file_as_its_own(
    store: Store, tmp_path: Path
) -> None:
    for name in ("own.py", "other.py"):
        (tmp_path / name).write_text("def cost(answers, targets): return 0.0\n")
    usual = study(folder=tmp_path)
    own = study(folder=tmp_path, metric=Metric("own.py:cost"))
    other = study(folder=tmp_path, metric=Metric("other.py:cost"))
    train(store, usual, sources=digests(usual, digits="a"))
    (again,) = plan(store, own, data=" own", sources=digests(own, digits="a", own_py="1")).again
    assert str(again.sentence) == "6 trials again: the metric changed"
    train(store, own, data=" own", sources=digests(own, digits="a", own_py="1"))
    sources = digests(other, digits="a", other_py="1")
    (again,) = plan(store, other, data=" other", sources=sources).again
    assert (again.trials, again.changed) == (6, ())
    (tmp_path / "own.py").write_text("def cost(answers, targets): return 1.0\n")
    sources = digests(own, digits="a", own_py="2")
    (again,) = plan(store, own, data=" own, edited", sources=sources).again
    assert str(again.sentence) == "6 trials again: own.py changed"
    loss = study(folder=tmp_path, metric=Metric("loss"))
    assert plan(store, loss, sources=digests(loss, digits="a")).again == ()


def test_a_change_back_costs_nothing(store: Store) -> None:
    first, second = digests(study(), own_py="1"), digests(study(), own_py="2")
    train(store, study(), sources=first)
    train(store, study(), version="-v2", sources=second)
    assert len(read(store, study())) == 6
    back = plan(store, study(), sources=first)
    assert back.again == ()
    assert len(back.finished) == 6
    assert store.prune().trials == 6
    assert read(store, study()).keys() == every(study())
    assert read(store, study(), "-v2") == {}
