"""Models that switch modes, write, and look in between: as without the fast kernels, or refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.errors import StudyError
from hikaku.training import fused
from hikaku.training.fused import Fusing
from hikaku.training.kernels import compiled, convolution

LAST = torch.channels_last
Model = Callable[[nn.Conv2d, nn.BatchNorm2d, Tensor], Tensor]


@pytest.fixture(autouse=True)
def _any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "FEWEST", 1)


def images(*size: int, seed: int = 0) -> Tensor:
    drawn = torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return drawn.contiguous(memory_format=LAST)


def both(model: Model) -> list[list[Tensor | None]]:
    """Return a model's value and its gradients, with the fast kernels and without."""
    found, stem = [], nn.Conv2d(3, 8, 3).to(torch.float64, memory_format=LAST)
    for fuses in (True, False):
        conv, norm = deepcopy(stem), nn.BatchNorm2d(8).double()
        x = images(4, 3, 10, 10).requires_grad_()
        leaves = [x, *conv.parameters(), *norm.parameters()]
        with Fusing() if fuses else nullcontext():
            y = model(conv, norm, x)
        slopes: tuple[Tensor | None, ...] = ()
        if y.requires_grad:
            slopes = torch.autograd.grad(y.double().square().sum(), leaves, allow_unused=True)
        found.append([y, *slopes])
    return found


def pooled(z: Tensor) -> Tensor:
    return F.max_pool2d(F.relu(z), 2)


def frozen_stem(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    with torch.no_grad():
        h = conv(x)
    return pooled(h)


def frozen_stem_then_norm(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    with torch.no_grad():
        h = conv(x)
    return pooled(norm(h))


def frozen_norm(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    h = conv(x)
    with torch.no_grad():
        g = norm(h)
    return pooled(g) + h.mean()


def frozen_pooling(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    h = conv(x)
    with torch.no_grad():
        g = F.max_pool2d(h, 2)
    return g + h.mean()


def learning_inside(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    with torch.no_grad():
        h = F.relu(x)
        with torch.enable_grad():
            return pooled(conv(h))


def in_place_behind_pooling(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    y = F.max_pool2d(conv(x), 2)
    return F.relu_(y) + 1


def in_place_behind_a_pooled_norm(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    return F.relu_(F.max_pool2d(norm(conv(x)), 2))


def a_transform_inside(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    h = conv(x)
    slope = torch.func.grad(lambda v: v.square().sum())(torch.ones(3, dtype=torch.float64))
    return pooled(h) + slope.sum()


def seen_below_then_in_place(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    h = conv(x)
    scaled = Doubled.apply(h)
    return F.max_pool2d(F.relu_(h), 2).sum() + scaled.sum()


def a_view_of_the_same_array(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    array = np.random.default_rng(0).normal(size=(4, 6, 6, 3))
    kept = torch.from_numpy(array).permute(0, 3, 1, 2)
    h = F.relu(kept)
    torch.from_numpy(array[1:]).zero_()
    return h


def memory_handed_out(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    kept = images(4, 3, 6, 6)
    h = F.relu(kept)
    kept.numpy()[:] = 0
    return h


def a_hook_before(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    h = conv(x)
    h.register_hook(lambda g: g * 0.5)
    return pooled(h)


def a_numpy_padding(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    return pooled(F.conv2d(x, conv.weight, conv.bias, padding=np.int64(1)))  # type: ignore[arg-type]  # it works


class Doubled(torch.autograd.Function):
    """Looks at what it is given below torch's functions."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        with torch._C.DisableTorchFunction():
            return x * 2

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        return g * 2


MODELS = (
    frozen_stem, frozen_stem_then_norm, frozen_norm, frozen_pooling, learning_inside,
    in_place_behind_pooling, in_place_behind_a_pooled_norm, a_transform_inside,
    seen_below_then_in_place, a_view_of_the_same_array, memory_handed_out, a_hook_before,
    a_numpy_padding,
)  # fmt: skip  # a list of names


@pytest.mark.parametrize("model", MODELS)
def test_it_is_as_without(model: Model) -> None:
    ours, torchs = both(model)
    assert ours[0] is not None
    assert torchs[0] is not None
    assert ours[0].requires_grad == torchs[0].requires_grad
    for one, other in zip(ours, torchs, strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_a_layer_in_float32_stays_so_under_autocast() -> None:
    conv = nn.Conv2d(3, 8, 3).to(memory_format=LAST)
    norm = nn.BatchNorm2d(8)
    x = images(4, 3, 10, 10).float()
    found = []
    for fuses in (True, False):
        with torch.autocast("cpu", torch.bfloat16), Fusing() if fuses else nullcontext():
            with torch.autocast("cpu", enabled=False):
                h = conv(x)
            found.append([norm(h), h])
    for one, other in zip(*found, strict=True):
        assert one.dtype == other.dtype
        torch.testing.assert_close(one, other)


class Dirty(torch.autograd.Function):
    """Writes into what it is given."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        return g * 2


def test_a_function_that_writes_into_what_waits_is_refused() -> None:
    conv = nn.Conv2d(3, 8, 3).to(memory_format=LAST)
    with pytest.raises(StudyError, match="writes into what a convolution"), Fusing():
        pooled(Dirty.apply(conv(images(4, 3, 10, 10).float())))


def in_place(x: Tensor) -> Tensor:
    return torch.relu_(x)


def out_of_place(x: Tensor) -> Tensor:
    return torch.relu(x) * 2


@pytest.mark.filterwarnings("ignore:.*torch.jit.script")
def test_a_script_that_writes_into_what_waits_is_refused() -> None:
    conv = nn.Conv2d(3, 8, 3).to(memory_format=LAST)
    x = images(4, 3, 10, 10).float()
    scripted_in_place, scripted = torch.jit.script(in_place), torch.jit.script(out_of_place)
    # Its interpreter keeps the words to itself.
    with pytest.raises(RuntimeError, match="TorchScript"), Fusing():
        scripted_in_place(conv(x))
    with Fusing():
        found = scripted(conv(x))
    torch.testing.assert_close(found, scripted(conv(x)))


@pytest.mark.parametrize("taken", [F.relu, pooled])
def test_a_hook_after_the_next_layer_is_refused(taken: Callable[[Tensor], Tensor]) -> None:
    conv = nn.Conv2d(3, 8, 3).to(memory_format=LAST)
    with pytest.raises(StudyError, match="after the next layer took"), Fusing():
        h = conv(images(4, 3, 10, 10).float())
        y = taken(h)
        h.register_hook(lambda g: g)
        y.sum()


@pytest.mark.parametrize(
    "wrong", [{"padding": -1}, {"bias": torch.zeros(1, dtype=torch.float64)}], ids=str
)
def test_what_torch_refuses_is_refused(wrong: dict[str, Any]) -> None:
    x, weight = images(4, 3, 10, 10), images(8, 3, 3, 3)
    with pytest.raises(RuntimeError), Fusing():
        pooled(F.conv2d(x, weight, **wrong))


def test_a_weight_made_in_inference_mode_is_left_to_torch() -> None:
    with torch.inference_mode():
        weight = images(8, 3, 3, 3)
    with Fusing(), torch.no_grad():
        found = pooled(F.conv2d(images(4, 3, 10, 10), weight))
    assert found.shape == (4, 8, 4, 4)


def test_before_a_norm_that_torch_computes_it_is_convolved_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fused, "FEWEST", 1 << 11)
    calls, original = [], F.conv2d
    monkeypatch.setattr(F, "conv2d", lambda *a, **k: calls.append(1) or original(*a, **k))
    conv, norm = nn.Conv2d(3, 8, 3).to(memory_format=LAST), nn.BatchNorm2d(8)
    with Fusing():
        norm(F.conv2d(images(4, 3, 10, 10).float(), conv.weight))
    assert len(calls) == 2  # ours, and what it computes by


def test_machine_codes_of_unlike_loops_are_kept_apart() -> None:
    names = {
        loop.__qualname__
        for loop in (convolution.patches.gradients(3, 1), convolution.patches.gradients(3, 2))
    }
    assert len(names) == 2
    assert all(str(compiled.MADE) in name for name in names)


def test_what_loops_are_made_of_is_every_file_of_theirs() -> None:
    names = {file.name for file in compiled.FILES}
    assert {"vector.py", "padded.py", "norm.py", "patches.py"} <= names
