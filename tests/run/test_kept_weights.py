"""A run keeps the weights that its study asks for, and throws no other ones away."""

from pathlib import Path
from typing import Any

import pytest

from hikaku.execution.plan import Plan
from hikaku.present.watcher import Watcher
from hikaku.read.studies import store_size
from hikaku.record import Measured, Outcome, Results
from hikaku.records import Record
from hikaku.run.keeping import Pruner, best_seed, cost
from hikaku.run.study import Ran, run
from hikaku.run.tidy import forget, prune
from hikaku.store.kept import Kept
from hikaku.store.store import Store
from hikaku.study.decode import from_mapping
from hikaku.study.study import Keep, Study
from hikaku.words import Message

BASE: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "seeds": 3,
    "model": {"use": "mlp", "hidden": [8]},
    "data": {"use": "digits", "train": 60, "validation": 30},
    "recipe": {"epochs": 2, "batch_size": 16, "optimizer": {"use": "sgd", "lr": 0.1}},
}


TRYING = "trying every arm on two batches ..."
"""What every run that trains says first."""


class Notes(Watcher):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.trials: list[int] = []

    def planned(self, study: Study, plan: Plan, workers: int, there: Results) -> None:
        self.trials.append(len(plan.trials))

    def note(self, what: Message) -> None:
        if what.id != TRYING:
            self.notes.append(str(what))


def study(name: str = "tiny", folder: Path | str = ".", **changes: Any) -> Study:
    return from_mapping(BASE | changes, name=name, folder=folder)


def ran(asked: Study, store: Path, watch: Notes | None = None) -> Ran:
    return run(asked, str(store), watch or Notes(), workers=2)


def kept(store: Path) -> dict[str, list[str]]:
    """Return the names of the files of every trial that has some."""
    files = Kept(store.with_suffix(".files"))
    return {key: list(files.files(key)) for key in files.trials()}


def key(found: Ran, arm: str, seed: int) -> str:
    return found.results.trials[arm, seed].outcome.key


def best(found: Ran, arm: str) -> int:
    """Return the seed of the lowest validation loss at any evaluation."""
    losses = {
        seed: min(found.results.curve(arm, seed, "loss", "validation")[1])
        for seed in found.study.seeds
    }
    return min(losses, key=lambda seed: losses[seed])


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.mark.slow
def test_of_each_arm_the_best_seeds_file_stays_and_later_runs_add_to_it(store: Path) -> None:
    adam = [{"name": "adam", "optimizer": "adam"}]
    first = ran(study(variant=adam), store)
    expected = {key(first, arm, best(first, arm)) for arm in ("base", "adam")}
    assert kept(store) == {one: ["best.safetensors"] for one in expected}

    # Another study shares base, whose weights are then shared too, and trains only its own arm.
    watch = Notes()
    other = ran(study("other", variant=[{"name": "tanh", "layers": ["tanh"]}]), store, watch)
    expected |= {key(other, "tanh", best(other, "tanh"))}
    assert kept(store) == {one: ["best.safetensors"] for one in expected}
    assert watch.trials == [3] and watch.notes == []

    # With more seeds: what this run did not write stays, though it may no longer be the best.
    more = ran(study(variant=adam, seeds=5), store)
    new = {key(more, arm, best(more, arm)) for arm in ("base", "adam")}
    assert set(kept(store)) == expected | new

    said = [str(line) for line in store_size(str(store))]
    assert said[-1].startswith(f"{len(expected | new)} files of weights")
    assert str(forget("other", str(store))).endswith("and 1 files of weights")
    assert key(other, "tanh", best(other, "tanh")) not in kept(store)
    assert str(forget("tiny", str(store))).endswith(f"{len(expected | new) - 1} files of weights")
    assert kept(store) == {}


@pytest.mark.slow
def test_weights_that_were_not_kept_are_trained_for_where_the_study_asks(store: Path) -> None:
    none = ran(study(keep={"weights": "none"}), store)
    # The folder is there for the states of trials on their way; nothing stays in it.
    assert kept(store) == {} and not any(store.with_suffix(".files").iterdir())
    # The default asks for nothing.
    watch = Notes()
    assert ran(study(), store, watch).trained == 0
    assert kept(store) == {} and watch.notes == []

    for keep, trials, name in (
        ({"weights": "best"}, 1, "best.safetensors"),
        ({"weights": "last", "seeds": "all"}, 3, "last.safetensors"),
        ({"weights": "last", "seeds": "all", "what": "model"}, 0, "last.safetensors"),
    ):
        watch = Notes()
        again = ran(study(keep=keep), store, watch)
        assert sum(watch.trials) == trials
        assert watch.notes == [f"{trials} trials again: their weights were not kept"][:trials]
        assert [name in names for names in kept(store).values()].count(True) == (trials or 3)
        for place, trial in none.results.trials.items():
            assert again.results.trials[place].records == trial.records
        assert ran(study(keep=keep), store).trained == 0
    assert kept(store)[key(none, "base", best(none, "base"))] == [
        "best.safetensors",
        "last.safetensors",
    ]


@pytest.mark.slow
def test_a_best_seed_that_was_trained_before_is_trained_again_at_the_end(store: Path) -> None:
    none = ran(study(seeds=[0, 1, 2], keep={"weights": "none"}), store)
    trials = {seed: none.results.trials["base", seed] for seed in (0, 1, 2)}
    winner = best_seed(trials, Keep(), none.study.base.recipe)
    seeds = [winner, *range(3, 5)]
    watch = Notes()
    found = ran(study(seeds=seeds, keep={"weights": "best"}), store, watch)
    late = best(found, "base") == winner
    assert watch.trials == ([2, 1] if late else [2])
    assert watch.notes == ["1 trials again: their weights were not kept"][:late]
    assert list(kept(store)) == [key(found, "base", best(found, "base"))]


@pytest.mark.slow
@pytest.mark.fault("G4")
def test_trials_that_were_killed_are_swept_and_pruned(store: Path) -> None:
    found = ran(study(keep={"weights": "last", "seeds": "all"}), store)
    folder = store.with_suffix(".files")
    for name in ("dead.part", "never-stored"):
        (folder / name).mkdir()
        (folder / name / "last.safetensors").write_bytes(b"half")
    ran(study(seeds=4), store)
    assert not (folder / "dead.part").exists() and (folder / "never-stored").exists()
    assert str(prune(str(store))).endswith("and 1 files of weights")
    assert {key(found, "base", seed) for seed in range(3)} <= set(kept(store))


def measured(key: str, losses: list[float], status: Any = "done", split: str = "validation") -> Any:
    records = [
        Record("curve", 4 * epoch, split, "loss", loss) for epoch, loss in enumerate(losses, 1)
    ]
    outcome = Outcome(key, status, 4 * len(losses), len(losses), 4, 1, "plain", "torch")
    return Measured(outcome, tuple(records))


def test_the_best_seed_is_judged_at_the_weights_that_are_kept() -> None:
    recipe = study().base.recipe
    trials = {
        3: measured("a", [0.5, 0.2, 0.9]),
        1: measured("b", [0.4, 0.3, 0.3]),
        2: measured("c", [0.1, 0.1, 0.1], status="diverged"),
    }
    assert best_seed(trials, Keep(), recipe) == 3
    assert best_seed(trials, Keep(every=3), recipe) == 1
    assert best_seed(trials, Keep(monitor="train loss"), recipe) == 3
    assert best_seed({2: trials[2]}, Keep(), recipe) is None
    assert cost(trials[3], Keep(mode="max"), recipe) == -0.9
    assert cost(measured("d", [float("nan")]), Keep(), recipe) == float("inf")


def test_only_files_of_its_own_run_are_pruned(tmp_path: Path) -> None:
    asked, files = study(), Kept(tmp_path)
    for one in ("old", "new", "newer", "best"):
        (tmp_path / one).mkdir()
        (tmp_path / one / "best.safetensors").write_bytes(b"")
    (tmp_path / "new" / "last.safetensors").write_bytes(b"of another study")
    pruner = Pruner(asked, files)
    pruner.ended("base", 1, measured("new", [0.5]))
    pruner.ended("base", 2, measured("newer", [0.4]))
    assert not files.files("new").get("best.safetensors") and files.files("newer")
    assert list(files.files("new")) == ["last.safetensors"]
    pruner.ended("base", 3, measured("best", [0.3]))
    assert not (tmp_path / "newer").exists()
    with Store.reading(tmp_path / "store.db") as empty:
        results = empty.results(asked, {"base": "mark"})
    results.trials["base", 0] = measured("old", [0.1])
    results.trials["base", 3] = measured("best", [0.3])
    pruner.concluded(results)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["new", "old"]
