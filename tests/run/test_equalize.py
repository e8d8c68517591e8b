"""Every variant gets as many updates as cost what base's cost, and that is settled once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hikaku.errors import StudyError
from hikaku.present.watcher import Watcher
from hikaku.read.results import known
from hikaku.run import equalize as room
from hikaku.run.equalize import equalize
from hikaku.run.load_model import load as load_model
from hikaku.run.plan import explain
from hikaku.run.study import run
from hikaku.store.store import Store
from hikaku.study.decode import from_mapping
from hikaku.study.equal import OWN
from hikaku.study.sources import fingerprints
from hikaku.study.study import BASE, Study, Training
from hikaku.words import Message

pytestmark = pytest.mark.slow

TABLES: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "seeds": 2,
    "equal": "flops",
    "model": {"use": "mlp", "hidden": [8]},
    "data": {"use": "digits", "train": 64, "validation": 30},
    "recipe": {"epochs": 3, "batch_size": 16, "optimizer": {"use": "sgd", "lr": 0.1}},
    "variant": [
        {"name": "adam", "optimizer": "adam"},
        {"name": "wide", "model": {"use": "mlp", "hidden": [24]}},
        {"name": "large batches", "batch_size": 32},
    ],
}


class Quiet(Watcher):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, what: Message) -> None:
        self.notes.append(str(what))


def study(**changes: Any) -> Study:
    return from_mapping(TABLES | changes, name="tiny", folder=".")


def works(asked: Study) -> dict[str, tuple[int | None, int | None]]:
    recipes = {arm.name: arm.work for arm in asked.arms}
    return {
        name: (work.recipe.epochs, work.recipe.steps)
        for name, work in recipes.items()
        if isinstance(work, Training)
    }


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "store.db")


def unmeasurable(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(*_: object) -> None:
        raise AssertionError("measured again")

    monkeypatch.setattr(room, "measure", measure)


def test_variants_cost_what_base_costs_to_half_an_update(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Quiet()
    asked = equalize(study(), store, watch)
    # Per sample 2 * (2 * 64 * h + 3 * h * 10) operations: 24 units cost three times what 8 do.
    # Large batches cost twice as much, and in as many epochs are half as many.
    assert works(asked) == {
        "base": (3, None),
        "adam": (3, None),
        "wide": (None, 4),
        "large batches": (3, None),
    }
    assert any("wide: 4 updates cost as many flops as base's 12" in note for note in watch.notes)
    unmeasurable(monkeypatch)
    again = Quiet()
    assert equalize(study(), store, again) == asked
    assert not again.notes
    results = run(study(), store, Quiet(), workers=2).results
    for arm in asked.variants:
        for seed in asked.seeds:
            base, own = results.outcome(BASE, seed), results.outcome(arm.name, seed)
            assert base and own and base.status == own.status == "done"
            half = own.cost["flops"] / own.step / 2
            assert abs(own.cost["flops"] - base.cost["flops"]) <= half
    # Who reads the study as it is written finds what was trained for it.
    read = known(study(), store)
    assert read.study == asked
    assert read.results.trials.keys() == results.trials.keys()
    assert "trials: 8, 0 to train" in str(next(explain(study(), store)))
    assert load_model(study(), "wide", None, None, store).arm == "wide"


def test_arms_that_cost_the_same_share_their_trials_with_the_study_by_epochs(store: str) -> None:
    by_epochs = run(study(equal="epochs"), store, Quiet(), workers=2)
    assert by_epochs.trained == 8
    # Nothing of theirs is shown before it is settled, though trials of the same arms are there.
    assert {arm for arm, _ in known(study(), store).results.trials} == {BASE}
    equalize(study(), store, Quiet())
    assert run(study(), store, Quiet(), workers=2).trained == 2  # the wide one's two seeds


def test_what_stands_in_the_store_is_not_measured_again(store: str) -> None:
    marks = fingerprints(study())
    with Store.writing(store) as kept:
        kept.allow(marks[BASE], marks["wide"], "flops", 7)
    asked = equalize(study(), store, Quiet())
    assert works(asked)["wide"] == (None, 7)
    with Store.reading(store) as kept:
        found = kept.allowances(marks[BASE], "flops")
        assert kept.allowances(marks[BASE], "seconds") == {}
    assert found == {
        marks[BASE]: 12,
        marks["adam"]: OWN,
        marks["wide"]: 7,
        marks["large batches"]: OWN,
    }


def test_a_new_variant_is_measured_beside_base_and_the_others_stay(store: str) -> None:
    few = study(variant=TABLES["variant"][:1])
    first = equalize(few, store, Quiet())
    watch = Quiet()
    more = equalize(study(), store, watch)
    assert works(more).items() >= works(first).items()
    assert not any(note.startswith("adam") for note in watch.notes)


def test_seconds_are_settled_too(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    large = {"name": "large", "model": {"use": "mlp", "hidden": [1000, 1000]}}
    asked = study(equal="seconds", variant=[large])
    found = equalize(asked, store, Quiet())
    epochs, steps = works(found)["large"]
    assert epochs is None and steps is not None and 1 <= steps < 12
    unmeasurable(monkeypatch)
    assert equalize(asked, store, Quiet()) == found


def test_epochs_measure_nothing(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unmeasurable(monkeypatch)
    asked = study(equal="epochs")
    assert equalize(asked, store, Quiet()) is asked
    assert not Path(store).exists()


def test_base_that_makes_other_updates_since_is_refused(store: str) -> None:
    """As when a table of the user's has grown since: the same epochs are more updates."""
    mark = fingerprints(study())[BASE]
    with Store.writing(store) as kept:
        kept.allow(mark, mark, "flops", 10)
    with pytest.raises(StudyError, match="was settled for 10 updates of base") as caught:
        equalize(study(), store, Quiet())
    assert "recipe.steps = 12" in str(caught.value)


def test_an_arm_that_cannot_be_measured_is_named(store: str) -> None:
    narrow = {"name": "nowhere", "layers": [{"use": "dropout", "at": ["nowhere"]}]}
    with pytest.raises(StudyError, match=r"tiny \(nowhere\): .*finds no place"):
        equalize(study(variant=[narrow]), store, Quiet())
    with Store.reading(store) as kept:
        assert kept.allowances(fingerprints(study())[BASE], "flops") == {}
