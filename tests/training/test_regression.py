"""Values instead of classes: the same loop, squared error, no confusion matrix."""

import torch
from tiny import recipe, use

from hikaku.draws import Draws
from hikaku.study.recipe import Use
from hikaku.study.study import Data, Training
from hikaku.training import metrics
from hikaku.training.alone import train_alone
from hikaku.training.evaluate import Part, Reader
from hikaku.training.program import build
from hikaku.training.sample import Sample
from hikaku.training.size import size
from hikaku.training.stack import Material, Start


def part(name: str, count: int) -> Part:
    x = torch.from_numpy(Draws(0).normal(name, 0, (count, 3)))
    return Part(x, 2 * x[:, 0] - x[:, 1] + 0.5)


def test_a_network_learns_a_linear_function() -> None:
    plan = recipe(loss=use("mse"), epochs=30, optimizer=use("sgd", lr=0.05))
    reader = Reader(0, metrics.REGRESSION, metrics.REGRESSION)
    material = Material(part("a", 200), part("a", 200), part("b", 50), part("c", 50), reader)
    work = Training(Data(Use("made")), Use("mlp", (("hidden", ()),)), plan)
    program, state = build(work, Sample((3,), 0, (), material.train.x[:2]), size(plan, 200), 0, ".")
    done = train_alone(Start(program, state, plan, material, 0), lambda seen: None)
    last = {r.metric: r.value for r in done.records if r.reading == "last" and r.split == "test"}
    assert done.status == "done" and not done.sheets
    assert last["loss"] < 0.01 and last["r2"] > 0.99
    running = [r.metric for r in done.records if r.reading == "running"]
    assert set(running) == {"loss", "objective"}
