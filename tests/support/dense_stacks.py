"""Real trials of dense chains: arms of many kinds on random data, alone and in dense stacks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from stacks import double
from tiny import recipe
from torch import Tensor

from hikaku.draws import Draws
from hikaku.execution.dense.engine import DenseStack
from hikaku.study.catalogue import models
from hikaku.study.recipe import Evaluation, Use
from hikaku.study.study import Data, Training
from hikaku.training import metrics
from hikaku.training.chain import Chain, NoChain
from hikaku.training.evaluate import Part, Reader
from hikaku.training.loop import train
from hikaku.training.program import build
from hikaku.training.recognise import chain_of
from hikaku.training.sample import Sample
from hikaku.training.size import size
from hikaku.training.stack import Material, Start, Trained
from hikaku.training.state import flat


def material(seed: int, inputs: int, classes: int, samples: int) -> Material:
    """Samples whose first numbers tell the class; the same arrays for equal seeds and sizes."""
    key = (seed, inputs, classes, samples)
    if key not in MADE:
        draws = Draws(seed)
        y = torch.from_numpy(draws.stream("y").integers(0, max(classes, 2), samples + 40))
        x = torch.from_numpy(draws.normal("x", 0, (samples + 40, inputs)))
        x = x + torch.nn.functional.one_hot(y % inputs, inputs)
        if not classes:
            y = x[:, :1].clone()  # type: ignore[assignment]  # values, not class numbers
        named = metrics.CLASSIFICATION if classes > 5 else metrics.CLASSIFICATION[:4]
        named = named if classes else metrics.REGRESSION
        rows = (slice(samples), slice(37), slice(samples, -17), slice(-17, None))
        MADE[key] = Material(*(Part(x[r], y[r]) for r in rows), Reader(classes, named, named))
    return MADE[key]


MADE: dict[tuple[int, int, int, int], Material] = {}


def start(
    seed: int = 0,
    *,
    model: Use | None = None,
    hidden: tuple[int, ...] = (16, 8),
    inputs: int = 12,
    classes: int = 4,
    samples: int = 90,
    folder: str | None = None,
    **slots: object,
) -> Start:
    """A trial of 90 samples in batches of 20, the last of an epoch of 10; 50 updates."""
    asked = recipe(
        **{"epochs": None, "steps": 50, "batch_size": 20, "evaluate_every": EVERY} | slots
    )
    data = material(seed, inputs, classes, samples)
    x = data.train.x
    assert isinstance(x, Tensor)
    sample = Sample((inputs,), classes, (samples // max(classes, 1),) * classes, x[:2])
    model = model or models()["mlp"].use({"hidden": hidden})
    work = Training(Data(Use("random")), model, asked)
    program, state = build(work, sample, size(asked, samples), seed, folder or str(Path.cwd()))
    return Start(program, state, asked, data, seed)


EVERY = Evaluation(10, "step", 1)


def looked_at(one: Start) -> Chain | NoChain:
    x = one.material.train.x
    assert isinstance(x, Tensor)
    return chain_of(one.program, one.state, x[: one.recipe.batch_size])


def emptied(starts: Sequence[Start]) -> list[Start]:
    """The trials on inputs three quarters of whose numbers are zero; shared data stays shared."""
    made: dict[int, Material] = {}

    def few(part: Part) -> Part:
        assert isinstance(part.x, Tensor)
        kept = torch.rand(part.x.shape, generator=torch.Generator().manual_seed(1)) < 0.25
        return Part(part.x * kept, part.y)

    for one in starts:
        was = one.material
        parts = (few(part) for part in (was.train, was.watched, was.validation, was.test))
        made.setdefault(id(was), Material(*parts, was.reader))
    return [replace(one, material=made[id(one.material)]) for one in starts]


def stack_of(starts: Sequence[Start], *, sparse: bool = False) -> DenseStack:
    """The stack of these, each of which must be a chain."""
    chains = [looked_at(one) for one in starts]
    assert all(isinstance(chain, Chain) for chain in chains), chains
    return DenseStack(starts, chains, sparse=sparse)  # type: ignore[arg-type]  # just seen


def together(
    starts: Sequence[Start], limit: int | None = None, *, sparse: bool = False
) -> list[Trained]:
    """What each of these leaves after training in one stack."""
    stack = stack_of(starts, sparse=sparse)
    ended = dict(train(stack, starts, lambda lane, seen: None, limit))
    return [ended[lane] for lane in range(len(starts))]


def doubles(starts: Sequence[Start]) -> list[Start]:
    """The trials in float64; those that share their data go on sharing it."""
    made: dict[int, Material] = {}
    found = []
    for one in starts:
        twice = double(one)
        shared = made.setdefault(id(one.material), twice.material)
        found.append(replace(twice, material=shared))
    return found


def bits(trained: Trained) -> Mapping[str, object]:
    """Everything that a trial left, so that equal means equal bit for bit, NaN included."""
    tensors = {name: value.numpy().tobytes() for name, value in flat(trained.state.tree()).items()}
    sheets = {sheet.name + str(n): sheet.array.tobytes() for n, sheet in enumerate(trained.sheets)}
    records = {"records": repr(trained.records), "end": (trained.status, trained.step)}
    return tensors | sheets | records
