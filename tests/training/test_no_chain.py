"""A model that does more than a chain of dense layers is never taken for one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from chains import START, found, mlp_trial, own_trial, words
from kinds import Kind
from own_models import job as own_job
from own_models import prepared_as_in_a_worker
from tiny import job, use

from hikaku.execution.plain import prepared
from hikaku.models.noise import Dropout
from hikaku.training.chain import (
    NoChain,
)
from hikaku.training.program import Habits
from hikaku.training.recognise import chain_of

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)


REFUSED = {
    "a residual": ("h = self.fc1(x)\nreturn self.fc3(h + F.relu(self.fc2(h)))", "fc2|add"),
    "a residual in place": ("h = self.fc1(x)\nh += x\nreturn self.fc3(self.fc2(h))", "add"),
    "an earlier tensor": ("h = self.fc2(self.fc1(x))\nreturn self.fc3(self.fc1(x))", "linear"),
    "a skip": ("return self.fc3(self.fc2((torch.cat([x[:, :3], self.fc1(x)[:, 3:]], 1))))", "."),
    "a layer used twice": ("return self.fc3(self.fc2(F.relu(self.fc2(self.fc1(x)))))", "once"),
    "a clamp": ("return self.fc3(self.fc2(self.fc1(x)).clamp(-1, 1))", "clamp"),
    "a where": ("h = self.fc2(self.fc1(x))\nreturn self.fc3(torch.where(h > 0, h, 0))", "."),
    "a factor": ("return self.fc3(self.fc2(self.fc1(x) * 2))", "mul"),
    "a factor in place": ("return self.fc3(self.fc2(self.fc1(x)).mul_(2))", "mul_"),
    "an item that is set": ("h = self.fc2(self.fc1(x))\nh[0] = 0\nreturn self.fc3(h)", "setitem"),
    "a factor on the logits": ("return self.fc3(self.fc2(self.fc1(x))) / 2", "div"),
    "a softmax": ("return self.fc3(self.fc2(self.fc1(x))).softmax(1)", "softmax"),
    "a log-softmax": ("return F.log_softmax(self.fc3(self.fc2(self.fc1(x))), 1)", "log_softmax"),
    "an activation at the end": ("return F.relu(self.fc3(self.fc2(self.fc1(x))))", "end"),
    "an unknown activation": ("return self.fc3(F.softplus(self.fc2(self.fc1(x))))", "softplus"),
    "a layer norm": ("return self.fc3(self.fc2(F.layer_norm(self.fc1(x), (6,))))", "layer_norm"),
    "a branch on numbers": (
        "h = self.fc2(self.fc1(x))\nreturn self.fc3(F.relu(h) if x.sum() > 0 else h)",
        "sum",
    ),
    "a branch on one number": (
        "h = self.fc2(self.fc1(x))\nreturn self.fc3(F.relu(h) if x[0, 0] > 9 else h)",
        "getitem",
    ),
    "a branch on a weight": (
        "h = self.fc2(self.fc1(x))\nreturn self.fc3(F.relu(h) if self.fc1.bias[0] > 9 else h)",
        "getitem",
    ),
    "numbers that leave": (
        "h = self.fc2(self.fc1(x))\nreturn self.fc3(F.relu(h) if h.tolist()[0] else h)",
        "tolist",
    ),
    "other things in training": (
        "h = self.fc2(self.fc1(x))\nreturn self.fc3(F.relu(h) if self.training else h)",
        "evaluation",
    ),
    "a count of calls": ("self.calls += 1\nreturn self.fc3(self.fc2(self.fc1(x)))", "keeps"),
    "a list of calls": ("self.seen.append(1)\nreturn self.fc3(self.fc2(self.fc1(x)))", "keeps"),
    "a tensor kept": (
        "h = getattr(self, 'h', None)\nself.h = self.fc2(self.fc1(x))\n"
        "return self.fc3(self.h if h is None or len(h) != len(x) else h.detach())",
        "detach|keeps",
    ),
    "a part without gradients": (
        "with torch.no_grad():\n    h = self.fc1(x)\nreturn self.fc3(self.fc2(h))",
        ".",
    ),
    "a detached part": ("return self.fc3(self.fc2(self.fc1(x)).detach())", "detach"),
    "dropout that never rests": (
        "return self.fc3(F.dropout(self.fc2(self.fc1(x)), 0.5))",
        "dropout|random",
    ),
    "random numbers": (
        "h = self.fc2(self.fc1(x))\nreturn self.fc3(h + 0 * torch.rand(1))",
        "rand",
    ),
    "Python's random numbers": (
        "import random\nh = self.fc2(self.fc1(x))\n"
        "return self.fc3(F.relu(h) if random.random() < 2 else h)",
        "random",
    ),
    "a layer that is not run": ("return self.fc3(self.fc1(x))", "fc2.weight"),
    "a layer on time": (
        "h = self.fc1(x).unsqueeze(1)\nreturn self.fc3(self.fc2(h)).squeeze(1)",
        "unsqueeze",
    ),
    "another type inside": (
        "with torch.autocast('cpu', torch.bfloat16):\n    h = self.fc1(x)\n"
        "return self.fc3(self.fc2(h.float()))",
        "features|float",
    ),
    "a transposition": ("return self.fc3(self.fc2(self.fc1(x)).t().t())", " t$"),
    "a layer for large batches": (
        "h = self.fc2(self.fc1(x))\nreturn self.fc3(F.relu(h) if len(x) > 6 else h)",
        "numbers",
    ),
    "a hook on gradients": (
        "h = self.fc2(self.fc1(x))\nif h.requires_grad:\n    h.register_hook(lambda g: 2 * g)\n"
        "return self.fc3(h)",
        "requires_grad",
    ),
    "a refusal that is caught": (
        "h = self.fc2(self.fc1(x))\ntry:\n    h = h * 1\nexcept Exception:\n    pass\n"
        "return self.fc3(h)",
        "mul",
    ),
    "a write into the batch": ("return self.fc3(self.fc2(self.fc1(F.relu_(x))))", "."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_model_that_does_more_than_a_chain_is_none(tmp_path: Path, name: str) -> None:
    forward, why = REFUSED[name]
    body = START + "\ndef forward(self, x):\n" + "\n".join(f"    {o}" for o in forward.split("\n"))
    chain = found(own_trial(tmp_path, body))
    assert isinstance(chain, NoChain), chain
    assert re.search(why, str(chain.why)), chain.why


def test_the_same_layers_in_a_row_are_a_chain(tmp_path: Path) -> None:
    """What every refusal above differs from."""
    body = START + "\ndef forward(self, x):\n    return self.fc3(self.fc2(self.fc1(x)))"
    assert words(found(own_trial(tmp_path, body))) == "dense dense dense"


MADE = {
    "a shared weight": ("self.fc2.weight = self.fc1.weight", "once"),
    "a weight that is computed": (
        "self.fc2 = nn.utils.parametrizations.weight_norm(self.fc2)",
        "weight_norm|weight",
    ),
    "a frozen layer": ("self.fc2.requires_grad_(False)", "no trained weight"),
    "a frozen bias": ("self.fc2.bias.requires_grad_(False)", "no trained weight"),
    "a norm without running figures": (
        "self.fc2 = nn.Sequential(self.fc2, nn.BatchNorm1d(6, track_running_stats=False))",
        "running figures",
    ),
    "a norm that averages for ever": (
        "self.fc2 = nn.Sequential(self.fc2, nn.BatchNorm1d(6, momentum=None))",
        "float|number",
    ),
    "a norm that stays in evaluation": (
        "self.norm = nn.BatchNorm1d(6)\n"
        "self.norm.train = lambda mode=True: nn.Module.train(self.norm, False)\n"
        "self.fc2 = nn.Sequential(self.fc2, self.norm)",
        "mode",
    ),
    "an idle weight": ("self.idle = nn.Linear(2, 2)", "idle.weight"),
    "an idle buffer": ("self.register_buffer('idle', torch.ones(2))", "idle"),
    "an idle scalar": ("self.idle = nn.Parameter(torch.ones(()))", "weights that no"),
    "a layer norm": ("self.fc2 = nn.Sequential(self.fc2, nn.LayerNorm(6))", "layer_norm"),
    "a PReLU": ("self.fc2 = nn.Sequential(self.fc2, nn.PReLU())", "prelu"),
    "alpha dropout": ("self.fc2 = nn.Sequential(self.fc2, nn.AlphaDropout(0.3))", "."),
    "dropout of samples": ("self.fc2 = nn.Sequential(self.fc2, nn.Dropout1d(0.3))", "units"),
    "a hook on gradients": (
        "self.fc2.register_full_backward_hook(lambda m, i, o: (2 * i[0],))",
        "requires_grad",
    ),
    "a hook on outputs": ("self.fc2.register_forward_hook(lambda m, i, o: o * 1)", "mul"),
}


@pytest.mark.parametrize("name", MADE)
def test_a_model_made_of_more_than_a_chain_is_none(tmp_path: Path, name: str) -> None:
    made, why = MADE[name]
    size = "inputs[0] = 6"
    body = f"""
def __init__(self, inputs, classes):
    super().__init__()
    self.fc1, self.fc2 = nn.Linear(inputs[0], 6), nn.Linear(6, 6)  # {size}
    self.fc3 = nn.Linear(6, classes)
""" + "\n".join(f"    {line}" for line in made.split("\n"))
    body += "\n\ndef forward(self, x):\n    return self.fc3(torch.tanh(self.fc2(self.fc1(x))))"
    chain = found(own_trial(tmp_path, body))
    assert isinstance(chain, NoChain), chain
    assert re.search(why, str(chain.why)), chain.why


def test_a_buffer_that_forward_writes_is_no_chain(tmp_path: Path) -> None:
    body = """
def __init__(self, inputs, classes):
    super().__init__()
    self.fc = nn.Linear(inputs[0], classes)
    self.register_buffer("seen", torch.tensor(0))

def forward(self, x):
    if self.training:
        self.seen.add_(1)
    return self.fc(x)
"""
    assert isinstance(found(own_trial(tmp_path, body)), NoChain)


def test_an_activation_function_with_a_gradient_of_its_own_is_no_chain(tmp_path: Path) -> None:
    text = """
class Odd(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return F.relu(x)

    @staticmethod
    def backward(ctx, grad):
        return grad


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 6), nn.Linear(6, classes)

    def forward(self, x):
        return self.fc2(Odd.apply(self.fc1(x)))
"""
    assert "not its numbers" in words(found(prepared(own_job(Kind("", text), "base", tmp_path))))


def test_convolutions_whole_numbers_and_several_inputs_are_no_chains(tmp_path: Path) -> None:
    assert "weights that no" in words(found(prepared(job())))
    embedding = """
def __init__(self, classes):
    super().__init__()
    self.embed, self.fc = nn.Embedding(11, 6), nn.Linear(6, classes)

def forward(self, x):
    return self.fc(self.embed(x).mean(1))
"""
    assert "real numbers" in words(found(own_trial(tmp_path / "whole", embedding, "tokens")))
    two = """
def __init__(self, classes):
    super().__init__()
    self.fc = nn.Linear(5, classes)

def forward(self, words, mask):
    return self.fc(mask)
"""
    trial = own_trial(tmp_path / "two", two, "named")
    x = trial.material.data[0]
    assert "several inputs" in words(chain_of(trial.program, trial.state, x))  # type: ignore[arg-type]  # as the model sees it


@pytest.mark.parametrize(
    "habits",
    [
        Habits(draws_in_training=True),
        Habits(draws_in_evaluation=True),
        Habits(recomputes=True),
    ],
    ids=str,
)
def test_a_model_with_habits_is_no_chain(habits: Habits) -> None:
    trial = mlp_trial()
    trial = replace(trial, program=replace(trial.program, habits=habits))
    assert isinstance(found(trial), NoChain)


def test_a_model_that_writes_into_its_batch_is_no_chain() -> None:
    trial = mlp_trial()
    calling = replace(trial.program.calling, writes=True)
    assert isinstance(
        found(replace(trial, program=replace(trial.program, calling=calling))), NoChain
    )


def test_noise_that_is_not_dropout_is_no_chain() -> None:
    class Own(Dropout):
        """Not known to do what its parent does."""

    trial = mlp_trial(use("dropout"))
    for model in (trial.program.train_model, trial.program.eval_model):
        for layer in model.modules():
            if type(layer) is Dropout:
                layer.__class__ = Own
    assert isinstance(found(trial), NoChain)
