"""An init technique may look at a batch of train samples: LSUV does."""

import torch
from tiny import job, use
from torch import nn

from hikaku.execution.plain import prepared
from hikaku.techniques.lsuv import LSUV
from hikaku.training.start import started


def deep() -> nn.Sequential:
    layers = [layer for _ in range(6) for layer in (nn.Linear(20, 20), nn.Tanh())]
    return nn.Sequential(*layers, nn.Linear(20, 3))


def variances(model: nn.Module, x: torch.Tensor) -> list[float]:
    found = []
    for layer in model:
        x = layer(x)
        if isinstance(layer, nn.Linear):
            found.append(float(x.detach().var(correction=0)))
    return found


def test_every_layer_gives_variance_one_on_the_batch_head_included() -> None:
    model, x = deep(), 3 * torch.randn(64, 20, generator=torch.Generator().manual_seed(0))
    assert max(variances(model, x)) < 4
    model[2].weight.requires_grad_(False)
    frozen = model[2].weight.clone()
    started(model, LSUV(tolerance=0.01), lambda model: model(x))
    ours = variances(model, x)
    assert torch.equal(model[2].weight, frozen)
    del ours[1]
    assert all(0.98 < variance < 1.02 for variance in ours)


def test_a_trial_starts_from_the_first_batch_of_its_train_split() -> None:
    trial = prepared(job(init=use("lsuv", tolerance=1e-4)))
    size = trial.job.work.recipe.batch_size
    outputs = trial.program.predict(trial.state.weights, trial.ground.batch(size))
    assert abs(float(outputs.var(correction=0)) - 1) < 1e-3
    assert len(trial.ground.batch(size)) == size > 2
