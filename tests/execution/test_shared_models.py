"""What trials of one stack share of their models changes nothing of what they compute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny import job, use

from hikaku.execution import together
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.job import Job
from hikaku.execution.plain import Prepared
from hikaku.execution.together import dense_stack, prepared_together
from hikaku.study.catalogue import models
from hikaku.study.recipe import Use
from hikaku.training.edited import is_of_the_house

ARMS: tuple[dict[str, object], ...] = (
    {},
    {"init": use("he-normal")},
    {"optimizer": use("adam", lr=0.01)},
    {"layers": (use("dropout", p=0.3),)},
    {"layers": (use("dropout", p=0.5),)},
    {"layers": (use("dropout", p=0.5),), "init": use("he-normal")},
    {"layers": (use("batch-norm"),)},
    {"layers": (use("batch-norm"),), "init": use("lsuv")},
    {"penalty": (use("activation-l2", amount=0.01),)},
    {"penalty": (use("activation-l2", amount=0.01),), "init": use("he-normal")},
)


def small(one: Job, hidden: tuple[int, ...] = (7, 7)) -> Job:
    work = replace(one.work, model=models()["mlp"].use({"hidden": hidden}))
    return replace(one, work=work, arithmetic=Arithmetic(engine="dense"))


def ended(trial: Prepared) -> dict[str, torch.Tensor]:
    plain = replace(trial, job=replace(trial.job, arithmetic=Arithmetic()))
    return plain.train(lambda seen: None, 3).state.weights


def test_trials_with_shared_models_are_those_of_trials_alone() -> None:
    jobs = [small(job(seed, **slots)) for seed in (0, 1) for slots in ARMS]
    shared = list(prepared_together(jobs))
    for asked, trial in zip(jobs, shared, strict=True):
        (alone,) = prepared_together([asked])
        assert trial.state.weights.keys() == alone.state.weights.keys()
        for name, value in alone.state.weights.items():
            assert torch.equal(trial.state.weights[name], value), (asked.work.recipe, name)
        assert trial.program.constants.keys() == alone.program.constants.keys()
        for name, value in alone.program.constants.items():
            assert torch.equal(trial.program.constants[name], value), (asked.work.recipe, name)
    # In the other order: what one does while it trains is nothing to those that wait.
    for asked, trial in reversed(list(zip(jobs, shared, strict=True))):
        (alone,) = prepared_together([asked])
        mine, its = ended(trial), ended(alone)
        assert all(torch.equal(mine[name], its[name]) for name in its), asked.work.recipe


def test_the_models_of_a_stack_share_no_memory() -> None:
    trials = list(prepared_together([small(job(0)), small(job(0, init=use("he-normal")))]))
    held = [
        value.data_ptr()
        for trial in trials
        for model in (trial.program.train_model, trial.program.eval_model)
        for value in model.parameters()
    ]
    assert len(held) == len(set(held))


@pytest.mark.parametrize(
    "change",
    [
        {"model": Use("nets.py:Net")},
        {"model": Use("mlp", (("weights", "before.safetensors"),))},
        {"layers": (Use("mine.py:Mine"),)},
        {"layers": (Use("of-a-plug-in"),)},
        {"penalty": (Use("mine.py:Mine"),)},
    ],
    ids=str,
)
def test_what_others_wrote_is_not_shared(change: dict[str, object]) -> None:
    work = small(job(0, layers=(use("batch-norm"),))).work
    assert is_of_the_house(work)
    model = change.pop("model", work.model)
    recipe = replace(work.recipe, **change)  # type: ignore[arg-type]  # of the right types
    other = replace(work, model=model, recipe=recipe)  # type: ignore[arg-type]  # as above
    assert not is_of_the_house(other)


def test_a_chain_of_ours_is_proven_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    proven = []

    def counted(*given: object) -> object:
        proven.append(1)
        return before(*given)  # type: ignore[arg-type]  # as it came

    before = together.chain_of
    monkeypatch.setattr(together, "chain_of", counted)
    monkeypatch.setattr(together, "_chains", {})

    def stacked(*jobs: Job) -> int:
        proven.clear()
        dense_stack(list(prepared_together(jobs)))
        return len(proven)

    assert stacked(small(job(0)), small(job(1))) == 1
    assert stacked(small(job(2)), small(job(3))) == 0
    assert stacked(small(job(2, init=use("he-normal")))) == 1, "a work of unknown kind is its own"
    assert stacked(small(job(2), hidden=(8,))) == 1
    assert stacked(small(job(2, batch_size=50))) == 1
    fp64 = replace(small(job(2)), arithmetic=Arithmetic(engine="dense", dtype="fp64"))
    assert stacked(fp64) == 1
    beside = replace(small(job(2)), files=(("mine.py", "0" * 64),))
    monkeypatch.setattr(together, "check_files", lambda job: None)
    assert stacked(beside) == stacked(beside) == 1, "code of the user's may change anything"
