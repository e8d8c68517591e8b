"""A variant that base's arithmetic cannot compute is compared with base trained once more in its.

The arithmetics here are handed in; they differ in their text alone, so all are trained alike.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hikaku.execution.arithmetic import Arithmetic, Kernels
from hikaku.execution.job import Job
from hikaku.present.as_json import as_json
from hikaku.present.watcher import Watcher
from hikaku.read.results import known
from hikaku.run import identify as identified
from hikaku.run.choose import Chooser
from hikaku.run.identify import Identified, identify
from hikaku.run.plan import explain
from hikaku.run.study import Ran, run
from hikaku.run.twins import twinned
from hikaku.store.store import Store
from hikaku.study.decode import from_mapping
from hikaku.study.recipe import Dtype
from hikaku.study.study import BASE, Study
from hikaku.study.twin import twin_arithmetic

OWN = Arithmetic()
OTHER = replace(OWN, device=f"{OWN.device} (other)")
TWIN = "base (plain)"
ADAM: dict[str, Any] = {"name": "adam", "optimizer": "adam"}
FAST: dict[str, Any] = {"name": "fast", "optimizer": {"use": "sgd", "lr": 0.3}}

TABLES: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "seeds": 2,
    "model": {"use": "mlp", "hidden": [8]},
    "data": {"use": "digits", "train": 60, "validation": 30},
    "recipe": {"epochs": 1, "batch_size": 20, "optimizer": {"use": "sgd", "lr": 0.1}},
}


class Quiet(Watcher):
    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        if step == 0:
            self.begun.append((arm, seed))


def study(folder: Path, *variants: dict[str, Any], **changes: Any) -> Study:
    return from_mapping(TABLES | {"variant": list(variants)} | changes, name="tiny", folder=folder)


def by_rule(asked: Study) -> Mapping[str, Arithmetic]:
    """Return that whatever is named adam needs the other arithmetic."""
    return {arm.name: OTHER if arm.name.startswith("adam") else OWN for arm in asked.arms}


@pytest.fixture(autouse=True)
def rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identified, "plainly", lambda asked, device, arms: by_rule(asked))
    monkeypatch.setattr(Chooser, "__call__", lambda self, asked, device, arms: by_rule(asked))


def ran(asked: Study, watch: Quiet | None = None, store: str = "store.db") -> Ran:
    return run(asked, f"{asked.folder}/{store}", watch or Quiet(), workers=1)


def keys(found: Identified, arm: str) -> list[str]:
    return [key for key in found.trials if found.names(key)[0] == arm]


def test_only_the_dtype_may_differ_without_a_twin(tmp_path: Path) -> None:
    asked = study(tmp_path, ADAM, FAST)
    half = replace(OTHER, dtype="bf16")
    assert twinned(asked, {BASE: OTHER, "adam": half, "fast": OTHER}).of == {}
    found = twinned(asked, {BASE: OWN, "adam": half, "fast": OWN})
    assert found.bases == {"adam": TWIN, "fast": BASE}
    assert found.arithmetics[TWIN] == OTHER
    assert str(found.arithmetics[TWIN]) == twin_arithmetic(str(OWN), str(half))
    assert found.arithmetics["adam"] == half


@pytest.mark.parametrize("base", ["torch", "fused", "amx"])
@pytest.mark.parametrize("variant", ["torch", "fused", "amx"])
@pytest.mark.parametrize("dtypes", [("fp32", "bf16"), ("bf16", "fp32"), ("bf16", "bf16")])
def test_both_wings_say_alike_how_a_twin_is_computed(
    base: Kernels, variant: Kernels, dtypes: tuple[Dtype, Dtype]
) -> None:
    one = Arithmetic(dtype=dtypes[0], kernels=base)
    other = Arithmetic(dtype=dtypes[1], kernels=variant)
    assert str(other.twin(one)) == twin_arithmetic(str(one), str(other))


def test_a_precision_brings_its_units_along_and_needs_no_twin(tmp_path: Path) -> None:
    asked = study(tmp_path, ADAM, FAST)
    own, half = Arithmetic(kernels="fused"), Arithmetic(dtype="bf16", kernels="amx")
    assert twinned(asked, {BASE: own, "adam": half, "fast": own}).of == {}
    assert twinned(asked, {BASE: half, "adam": own, "fast": half}).of == {}
    # An arm that only serves for comparisons takes the arithmetic of these, in its own precision.
    found = twinned(asked, {BASE: Arithmetic(), "adam": half, "fast": half})
    assert found.arithmetics[BASE] == own


def test_a_twin_is_trained_as_base_by_the_variants_arithmetic(tmp_path: Path) -> None:
    found = identify(study(tmp_path, ADAM, FAST, keep={"weights": "last"}))
    order = [(BASE, 0), (TWIN, 0), ("adam", 0), ("fast", 0)]
    assert [found.names(key) for key in found.trials][:4] == order
    jobs = {found.names(key)[0]: found.job(key, "kept") for key in found.trials}
    assert all(isinstance(job, Job) for job in jobs.values())
    assert {name: job.arithmetic for name, job in jobs.items()} == {
        BASE: OWN, "fast": OWN, TWIN: OTHER, "adam": OTHER,
    }  # fmt: skip
    assert jobs[TWIN].work == jobs[BASE].work
    kept = {name for name, job in jobs.items() if isinstance(job, Job) and job.keep_in}
    assert kept == {BASE, "adam", "fast"}


def test_a_twins_trials_are_those_of_base_in_a_study_that_is_computed_so(tmp_path: Path) -> None:
    other = identify(
        study(tmp_path, FAST), choose=lambda asked, *looked: dict.fromkeys(_names(asked), OTHER)
    )
    assert keys(identify(study(tmp_path, ADAM, FAST)), TWIN) == keys(other, BASE)


def _names(asked: Study) -> list[str]:
    return [arm.name for arm in asked.arms]


def test_base_is_not_trained_in_an_arithmetic_that_no_variant_has(tmp_path: Path) -> None:
    found = identify(study(tmp_path, ADAM))
    assert found.bases == {"adam": BASE}
    assert set(found.arithmetics.values()) == {OTHER}
    assert len(found.trials) == 4


@pytest.mark.slow
def test_the_verdict_pairs_with_the_twin_and_says_so_to_every_reader(tmp_path: Path) -> None:
    asked = study(tmp_path, ADAM, FAST)
    first = ran(asked)
    assert (first.trained, first.reused) == (8, 0)
    assert [one.base for one in first.findings] == [TWIN, BASE]
    results = first.results
    assert {results.trials[arm, 0].outcome.arithmetic for arm in (TWIN, "adam")} == {str(OTHER)}
    values = {arm: results.values(arm, "accuracy", "test", "last") for arm in (TWIN, BASE, "adam")}
    differences = values["adam"] - values[TWIN]
    assert first.findings[0].differences == pytest.approx(tuple(differences))
    assert values[TWIN].tolist() == values[BASE].tolist()  # trained alike, see above
    (note, *_) = first.findings[0].notes
    assert str(note).startswith("base was trained a second time for this comparison")
    again = known(asked, f"{tmp_path}/store.db")
    assert again.findings == first.findings
    assert again.results.bases == results.bases
    assert again.results.trials.keys() == results.trials.keys()
    told = as_json(asked, again.results, again.findings, 0, 0)["findings"][0]
    assert (told["base"], str(note) in told["notes"]) == (TWIN, True)


@pytest.mark.slow
def test_a_second_run_trains_nothing_and_pruning_keeps_the_twin(tmp_path: Path) -> None:
    asked = study(tmp_path, ADAM, FAST)
    first = ran(asked)
    with Store.writing(tmp_path / "store.db") as kept:
        assert kept.prune().trials == 0
    second = ran(asked)
    assert (second.trained, second.reused) == (0, 8)
    assert second.findings == first.findings
    with Store.writing(tmp_path / "store.db") as kept:
        assert kept.forget("tiny").trials == 8


@pytest.mark.slow
def test_a_later_variant_of_another_arithmetic_leaves_bases_trials_as_they_are(
    tmp_path: Path,
) -> None:
    before = ran(study(tmp_path, FAST))
    watch = Quiet()
    after = ran(study(tmp_path, FAST, ADAM), watch)
    assert (after.trained, after.reused) == (4, 4)
    assert {arm for arm, _ in watch.begun} == {TWIN, "adam"}
    assert after.results.outcome(BASE, 0) == before.results.outcome(BASE, 0)
    # Alone, adam's base is the twin: those very trials.
    assert ran(study(tmp_path, ADAM)).trained == 0


@pytest.mark.slow
def test_a_plan_says_why_base_is_trained_once_more(tmp_path: Path) -> None:
    told = [str(line) for line in explain(study(tmp_path, ADAM, FAST), f"{tmp_path}/none.db")]
    assert any(line.startswith(f"  {TWIN}: ") for line in told)
    assert any(line.startswith("base is trained once more for adam") for line in told)
    assert "arms: 3; seeds: 2; trials: 8, 8 to train, 0 in the store" in told
    free = study(tmp_path, ADAM, FAST, seeds="auto", budget={"seeds": 12})
    told = [str(line) for line in explain(free, f"{tmp_path}/none.db")]
    assert any(line.startswith("20 – 48 trials; ") for line in told)


@pytest.mark.slow
def test_automatic_seeds_train_a_twin_for_its_variants_alone(tmp_path: Path) -> None:
    still = {"name": "adam that stands still", "optimizer": {"use": "adam", "lr": 1e-9}}
    recipe = TABLES["recipe"] | {"epochs": 12, "optimizer": {"use": "sgd", "lr": 0.31}}
    free: dict[str, Any] = {"seeds": "auto", "worth": 1e-6, "budget": {"seeds": 12}}
    asked = study(tmp_path, still, FAST, recipe=recipe, **free)
    watch = Quiet()
    found = ran(asked, watch)
    used = {arm: {seed for name, seed in watch.begun if name == arm} for arm, _ in watch.begun}
    adam, fast = found.findings
    assert len(adam.planned) < len(fast.planned)
    assert used[TWIN] == used[adam.variant] == set(adam.planned)
    assert used[BASE] == used["fast"] == set(fast.planned)
    for arm, seed in watch.begun:
        base = {adam.variant: TWIN, "fast": BASE}.get(arm)
        assert base is None or watch.begun.index((base, seed)) < watch.begun.index((arm, seed))
    assert ran(asked).trained == 0
