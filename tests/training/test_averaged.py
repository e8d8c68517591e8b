"""SWA: a mean of epochs, evaluated with figures of batch norms that are its own."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from tiny import job, use
from torch import Tensor, nn
from torch.func import functional_call
from torch.optim.swa_utils import AveragedModel, update_bn

from hikaku.execution.lifted import Lifted
from hikaku.execution.plain import Prepared, prepared
from hikaku.techniques.slots import History
from hikaku.techniques.swa import SWA
from hikaku.training.alone import Alone
from hikaku.training.averaged import renewed

NORMED = {"layers": (use("batch-norm"),), "averaging": use("swa", start=0.3)}


def trained(trial: Prepared, updates: int) -> tuple[Alone, list[dict[str, Tensor]]]:
    """Return the trial after so many updates, and the weights after each."""
    alone, seen = Alone(trial.start), []
    for update in range(updates):
        alone.update(update, [History()])
        seen.append(alone.now.weights)
    return alone, seen


def test_what_is_evaluated_is_torchs_mean_of_the_last_epochs() -> None:
    trial = prepared(job(**NORMED))
    facts = trial.program.facts
    alone, seen = trained(trial, facts.steps)
    model = trial.program.eval_model
    swa = AveragedModel(model)
    for update in range(facts.steps_per_epoch - 1, facts.steps, facts.steps_per_epoch):
        if (update + 1) / facts.steps > 0.3:
            model.load_state_dict(seen[update], strict=False)
            swa.update_parameters(model)
    found = alone.weights(0)
    for name, value in swa.module.named_parameters():
        torch.testing.assert_close(found[name], value.detach(), rtol=1e-5, atol=1e-6, msg=name)


def test_norm_figures_are_taken_as_torch_takes_them() -> None:
    model = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 10))
    trial = prepared(job())
    program = replace(trial.program, eval_model=deepcopy(model).eval(), constants={})
    x = 2 + torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    weights = dict(model.named_parameters()) | dict(model.named_buffers())
    given = {name: value.detach().clone() for name, value in weights.items()}
    found = renewed(program, given, (x, torch.zeros(40)), 16)
    update_bn(x.split(16), model)
    for name, value in found.items():
        torch.testing.assert_close(value, model.state_dict()[name])


def test_norm_figures_of_ghosts_are_those_of_their_whole_batches() -> None:
    def found(norm: str, **settings: int) -> list[Tensor]:
        program = prepared(job(layers=(use(norm, at=("fc1",), **settings),))).program
        weights = dict(program.eval_model.state_dict())
        x = 2 + torch.randn(40, 1, 8, 8, generator=torch.Generator().manual_seed(0))
        return list(renewed(program, weights, (x, torch.zeros(40)), 16).values())

    for one, other in zip(found("ghost-batch-norm", size=4), found("batch-norm"), strict=True):
        torch.testing.assert_close(one, other)


def test_before_it_begins_the_weights_of_training_are_evaluated() -> None:
    trial = prepared(job(averaging=use("swa", start=0.5)))
    alone, seen = trained(trial, 2)
    for name, value in alone.weights(0).items():
        assert torch.equal(value, seen[-1][name])


def test_training_goes_on_as_if_nobody_averaged() -> None:
    plain = prepared(job(layers=NORMED["layers"]))
    _, seen = trained(plain, plain.program.facts.steps)
    alone, averaged = trained(prepared(job(**NORMED)), plain.program.facts.steps)
    alone.weights(0)
    for name, value in seen[-1].items():
        assert torch.equal(value, averaged[-1][name])


def test_in_a_stack_the_same_is_evaluated() -> None:
    trials = [prepared(job(seed=seed, **NORMED)) for seed in (0, 1)]
    steps = trials[0].program.facts.steps
    stack = Lifted([trial.start for trial in trials])
    for update in range(steps):
        stack.update(update, [History(), History()])
    alone, _ = trained(trials[1], steps)
    for name, value in alone.weights(0).items():
        torch.testing.assert_close(stack.weights(1)[name], value, rtol=1e-3, atol=1e-4)


def test_figures_are_taken_with_noise_off_and_leave_a_lone_last_sample_out() -> None:
    layers = (use("batch-norm", at=("fc1",)), use("dropout"))
    trial = prepared(job(layers=layers, averaging=use("swa", start=0.0)))
    batch_size = 39  # of 40 samples
    start = replace(trial.start, recipe=replace(trial.start.recipe, batch_size=batch_size))
    alone = Alone(start)
    alone.now = replace(alone.now, average=SWA(0.0).init(alone.now.params))
    found = alone.weights(0)
    name = next(name for name in found if name.endswith("running_mean"))
    seen = []
    model: nn.Module = trial.program.eval_model
    norm = model.get_submodule(name.rpartition(".")[0])
    hook = norm.register_forward_pre_hook(lambda module, args: seen.append(args[0].mean(0)))
    x = trial.material.data[0]
    assert isinstance(x, Tensor)
    functional_call(model, {**trial.program.constants, **found}, (x[:batch_size],))
    hook.remove()
    torch.testing.assert_close(found[name], seen[0].detach(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("start", [0.0, 0.5])
def test_a_mean_of_no_epochs_is_what_the_weights_are(start: float) -> None:
    params = {"w": torch.arange(3.0), "t": torch.tensor(2.0)}
    rule = SWA(start)
    found = rule.finish(rule.init(params), params)
    assert all(torch.equal(found[name], params[name]) for name in params)
