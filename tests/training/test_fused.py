"""Values that wait for what comes next: whatever is done with one, torch's answer comes back."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.errors import StudyError
from hikaku.training import deferred, fused
from hikaku.training.fused import Fusing
from hikaku.training.kernels import autograd
from hikaku.training.pending import Pending

Use = Callable[[Tensor], Any]


def images(*size: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    drawn = torch.randn(size, generator=torch.Generator().manual_seed(seed))
    return drawn.to(dtype).contiguous(memory_format=torch.channels_last)


@pytest.fixture(autouse=True)
def small_images_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "FEWEST", 1)


class Straight(torch.autograd.Function):
    """Rounds, and lets gradients through: what a user may write."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.round()

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        return g


class Squared(torch.autograd.Function):
    """x², from what was saved."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        return 2 * g * ctx.saved_tensors[0]


def twice(y: Tensor) -> Tensor:
    return F.max_pool2d(y, 2).sum() * 2 + y.square().sum()


def pooled_first(y: Tensor) -> Tensor:
    pooled = F.max_pool2d(y, 2)
    return (y * 3).sum() + Straight.apply(y).sum() + pooled.square().sum()


def without_gradient_first(y: Tensor) -> Tensor:
    with torch.no_grad():
        scale = y.std()
    return F.max_pool2d(y, 2).sum() * scale + (y * y).sum()


def in_place(y: Tensor) -> Tensor:
    y = y.mul_(2)
    y += 1
    y[0] = 3
    return y.square().sum()


def relu_without_gradient(y: Tensor) -> Tensor:
    with torch.no_grad():
        y = y.relu_()
    return F.max_pool2d(y, 2) + 1


def hooked(y: Tensor) -> Tensor:
    y.register_hook(lambda g: g * 2)
    return F.max_pool2d(y, 2).square().sum()


def gradient_inside(y: Tensor) -> Tensor:
    energy = (y**3).sum()
    return torch.autograd.grad(energy, y, create_graph=True)[0].square().sum()


USES: dict[str, Use] = {
    "pooled": lambda y: F.max_pool2d(y, 2),
    "pooled by torch's name": lambda y: torch.max_pool2d(y, [2, 2], [2, 2]),
    "pooled by a layer": nn.MaxPool2d(2),
    "pooled by names": lambda y: F.max_pool2d(input=y, kernel_size=2),
    "pooled wider": lambda y: F.max_pool2d(y, 3, 2, padding=1),
    "pooled overlapping": lambda y: F.max_pool2d(y, 2, stride=1),
    "pooled to the ceiling": lambda y: F.max_pool2d(y, 2, ceil_mode=True),
    "pooled one way": lambda y: F.max_pool2d(y, (2, 1)),
    "pooled with places": lambda y: F.max_pool2d(y, 2, return_indices=True)[0],
    "pooled apart": lambda y: F.max_pool2d(y, 2, dilation=2),
    "averaged": lambda y: F.avg_pool2d(y, 2),
    "twice": twice,
    "pooled twice": lambda y: F.max_pool2d(y, 2) + F.max_pool2d(y, 2) * 2,
    "pooled first": pooled_first,
    "without gradient first": without_gradient_first,
    "in place": in_place,
    "relu in place without gradient": relu_without_gradient,
    "hooked": hooked,
    "gradient inside": gradient_inside,
    "sum": lambda y: y + 1,
    "second in a sum": lambda y: torch.ones(()) + y,
    "in a list": lambda y: torch.cat([y, y * 2], 1),
    "by a keyword": lambda y: torch.stack(tensors=[y, y]),
    "relu again": lambda y: F.max_pool2d(F.relu(y), 2),
    "relu in place": lambda y: F.max_pool2d(F.relu(y, inplace=True), 2),
    "another activation": lambda y: F.max_pool2d(torch.tanh(y), 2),
    "flattened": lambda y: y.flatten(1) @ y.new_ones(y[0].numel(), 1),
    "viewed by its shape": lambda y: y.permute(0, 2, 3, 1).reshape(len(y), -1, y.shape[1]),
    "converted": lambda y: y.double(),
    "a function of the user's": Straight.apply,
    "a function that saves": Squared.apply,
    "copied": lambda y: y.clone(),
    "another dtype in the pool": lambda y: F.max_pool2d(y.double(), 2),
    "detached": lambda y: y.detach() * 2 + y,
    "out": lambda y: torch.add(y.detach(), 1, out=torch.empty_like(y)) + y,
}
INEXACT = ("norm", "conv")
"""What sums up in another order than torch."""


def kernel(scale: Tensor) -> Tensor:
    """Return a weight of 3 × 3 convolutions, (channels, channels, 3, 3)."""
    drawn = images(len(scale), len(scale), 3, 3, dtype=scale.dtype, seed=2)
    return drawn * scale[:, None, None, None] * 0.3


BEFORE: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "relu": lambda x, w, b: F.relu(x),
    "torch.relu": lambda x, w, b: torch.relu(x),
    "x.relu": lambda x, w, b: x.relu(),
    "norm": lambda x, w, b: F.batch_norm(x, None, None, w, b, True),
    "norm, relu": lambda x, w, b: F.relu(F.batch_norm(x, None, None, w, b, True)),
    "conv": lambda x, w, b: F.conv2d(x, kernel(w), b, padding=1),
    "conv, relu": lambda x, w, b: F.relu(F.conv2d(x, kernel(w), b, padding=1)),
    "conv, norm": lambda x, w, b: F.batch_norm(
        F.conv2d(x, kernel(w), b, padding=1), None, None, w, b, True
    ),
    "conv, norm, relu": lambda x, w, b: F.relu(
        F.batch_norm(F.conv2d(x, kernel(w), padding=1), None, None, None, b, True)
    ),
    "norm without weights": lambda x, w, b: F.batch_norm(x, None, None, training=True).relu(),
}


def outcome(before: str, use: Use, fuses: bool, size: tuple[int, ...]) -> list[Tensor]:
    """Return the answer and all gradients."""
    given = [images(*size), *images(2, size[1], 1, 1, seed=1).flatten(1)]
    dtype = torch.float64 if before.startswith(INEXACT) else torch.float32
    leaves = [v.to(dtype, copy=True).requires_grad_() for v in given]
    x, weight, bias = (leaf * 1 for leaf in leaves)
    with Fusing() if fuses else torch.enable_grad():
        y = use(BEFORE[before](x, weight, bias))
    total = y.double().square().sum()
    try:
        grads = torch.autograd.grad(total, leaves, allow_unused=True)
    except RuntimeError as error:
        assert "modified by an inplace operation" in str(error)
        return [y]
    return [y, *(g for g in grads if g is not None)]


@pytest.mark.parametrize("size", [(3, 8, 6, 6), (2, 5, 7, 5)], ids=str)
@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("before", BEFORE)
def test_whatever_is_done_with_it_the_answer_is_torchs(
    before: str, use: Use, size: tuple[int, ...]
) -> None:
    ours, torchs = outcome(before, use, True, size), outcome(before, use, False, size)
    # What torch's ReLU needs for its gradient may not be overwritten, what our norm needs may.
    assert len(ours) >= len(torchs)
    for one, other in zip(ours, torchs, strict=False):
        assert type(one) is Tensor
        assert one.dtype == other.dtype
        # Of what is pooled first, three gradients are added in another order.
        if before.startswith(INEXACT) or use is pooled_first:
            near = 1e-9 if before.startswith(INEXACT) else 1e-5
            torch.testing.assert_close(one, other, rtol=near, atol=near)
        else:
            assert torch.equal(one, other)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_in_evaluation_too(use: Use) -> None:
    x = images(3, 8, 6, 6)
    if use is gradient_inside or use is hooked:
        pytest.skip("it asks for gradients")
    with torch.no_grad():
        expected = use(F.relu(x.clone()))
        with Fusing():
            found = use(F.relu(x.clone()))
    assert torch.equal(found, expected)


@pytest.fixture
def pooled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what was pooled by a fast kernel, as it happens."""
    seen: list[str] = []
    norm, pool = autograd.normalised, autograd.pooled

    def spied_norm(*args: Any, pools: bool) -> Tensor:
        seen.append(f"norm, {args[4]}" if pools else "norm alone")
        return norm(*args, pools=pools)

    def spied_pool(x: Tensor, rectifies: bool) -> Tensor:
        seen.append("relu" if rectifies else "nothing")
        return pool(x, rectifies=rectifies)

    monkeypatch.setattr(autograd, "normalised", spied_norm)
    monkeypatch.setattr(autograd, "pooled", spied_pool)
    return seen


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([nn.ReLU()], "relu"),
        ([nn.ReLU(inplace=True)], "nothing"),
        ([nn.Tanh()], "nothing"),
        ([], "nothing"),
        ([nn.BatchNorm2d(8), nn.ReLU()], "norm, 0.0"),
        ([nn.BatchNorm2d(8), nn.ReLU(inplace=True)], "norm, 0.0"),
        ([nn.ReLU(), nn.BatchNorm2d(8)], "norm, -inf"),
    ],
    ids=str,
)
def test_the_fast_kernels_are_used_where_they_fit(
    layers: list[nn.Module],
    expected: str,
    pooled: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(fused.SHORTCUTS, F.conv2d)  # it would be joined with its pooling
    net = nn.Sequential(nn.Conv2d(3, 8, 3), *layers, nn.MaxPool2d(2))
    with Fusing():
        net.to(memory_format=torch.channels_last)(images(4, 3, 8, 8))
    assert pooled == [expected]


@pytest.mark.parametrize(
    "x",
    [
        torch.randn(2, 3, 4, 4),
        images(2, 3, 4, 4).half(),
        images(2, 1, 4, 4),
        torch.randn(2, 3, 4),
        images(0, 3, 4, 4),
        images(2, 6, 4, 4)[:, ::2],
    ],
    ids=["channels first", "float16", "one channel", "three dimensions", "empty", "not dense"],
)
def test_what_the_kernels_cannot_take_is_left_to_torch(x: Tensor, pooled: list[str]) -> None:
    expected = F.max_pool2d(F.relu(x), 2)
    with Fusing():
        y = F.relu(x)
        found = F.max_pool2d(y, 2)
    assert type(y) is Tensor
    assert found.stride() == expected.stride()
    assert torch.equal(found, expected)
    assert "relu" not in pooled


def test_it_answers_for_its_shape_without_being_computed() -> None:
    x = images(2, 3, 4, 5).requires_grad_()
    with Fusing():
        y = F.relu(x)
        assert isinstance(y, Pending)
        assert (y.shape, y.size(1), y.dim(), len(y), y.numel()) == ((2, 3, 4, 5), 3, 4, 2, 120)
        assert (y.dtype, y.device.type, y.ndim) == (torch.float32, "cpu", 4)
        assert y.stride() == x.stride()
        assert y.is_contiguous(memory_format=torch.channels_last)
        assert y.requires_grad
        assert not y.is_leaf
        assert hash(y) == id(y)
        assert y.deferred.waits
        y.sum()
        assert not y.deferred.waits


def test_it_is_printed_copied_and_read_as_a_value() -> None:
    x = images(2, 3, 4, 4)
    expected = F.relu(x)
    with Fusing():
        y = F.relu(x)
        assert repr(y) == repr(expected)
        assert torch.equal(copy.deepcopy(y), expected)
        assert (y.numpy() == expected.numpy()).all()
        assert y.tolist() == expected.tolist()
        assert bool((y == expected).all())
        assert f"{y.sum():.3f}" == f"{expected.sum():.3f}"
    assert torch.equal(y, expected)


WRITES: dict[str, Callable[[Tensor], object]] = {
    "add_": lambda x: x.add_(1),
    "+=": lambda x: x.__iadd__(1),
    "[]": lambda x: x.__setitem__(0, 5.0),
    "data": lambda x: x.data.mul_(3),
    "set data": lambda x: setattr(x, "data", torch.ones_like(x)),
    "inplace": lambda x: F.hardtanh(x, inplace=True),
    "out": lambda x: torch.mul(torch.ones(2, 3, 4, 4), 2, out=x),
    "view": lambda x: x[1:].zero_(),
    "init": lambda x: nn.init.constant_(x, 2),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("pools_first", [False, True])
@pytest.mark.parametrize("before", ["relu", "norm, relu", "conv, relu", "conv", "conv, norm"])
def test_what_is_written_into_its_input_comes_too_late(
    write: Callable[[Tensor], object], pools_first: bool, before: str
) -> None:
    def run(x: Tensor) -> list[Tensor]:
        y = BEFORE[before](x, torch.ones(3), torch.zeros(3))
        first = F.max_pool2d(y, 2) if pools_first else None
        write(x)
        return [F.max_pool2d(y, 2) * 2, y + 1, *([] if first is None else [first])]

    expected = run(images(2, 3, 4, 4))
    with Fusing():
        found = run(images(2, 3, 4, 4))
    torch.testing.assert_close(found, expected)


def test_a_write_that_nobody_sees_is_an_error_not_another_answer() -> None:
    x = images(2, 3, 4, 4)
    with Fusing():
        y = F.relu(x)
        with torch._C.DisableTorchFunction():
            x.add_(1)
        with pytest.raises(StudyError, match="overwritten"):
            y.sum()
        del y


@pytest.mark.parametrize("before", ["relu", "norm", "conv", "conv, norm"])
@pytest.mark.parametrize("rectifies", [False, True])
def test_a_gradient_asked_for_after_pooling_is_refused(before: str, rectifies: bool) -> None:
    x = images(2, 3, 4, 4).requires_grad_()
    for ask in (lambda y, z: y.retain_grad(), lambda y, z: torch.autograd.grad(z.sum(), y)):
        with Fusing():
            y = BEFORE[before](x, torch.ones(3), torch.zeros(3))
            z = F.max_pool2d(F.relu(y) if rectifies and before != "relu" else y, 2)
            with pytest.raises(StudyError, match="after the next layer took"):
                ask(y, z)


def test_hooks_of_a_convolution_see_what_they_would_see() -> None:
    conv = nn.Conv2d(3, 4, 3, dtype=torch.float64)

    def seen(fuses: bool) -> list[Tensor]:
        found: list[Tensor] = []
        hooks = [
            conv.register_full_backward_hook(lambda m, i, o: found.extend([*i, *o])),
            conv.register_forward_hook(lambda m, i, o: found.append(o.detach().clone())),
        ]
        leaf = images(2, 3, 6, 6, dtype=torch.float64).requires_grad_()
        with Fusing() if fuses else torch.enable_grad():
            y = F.max_pool2d(F.relu(conv(leaf * 1)), 2)
        found.extend(torch.autograd.grad(y.square().sum(), [leaf, conv.weight]))
        for hook in hooks:
            hook.remove()
        return found

    ours, torchs = seen(True), seen(False)
    assert len(ours) == len(torchs) == 5
    for one, other in zip(ours, torchs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


def test_hooks_of_modules_see_what_they_would_see() -> None:
    def seen(fuses: bool) -> list[Tensor]:
        relu, found = nn.ReLU(), []
        relu.register_full_backward_hook(lambda m, i, o: found.extend([*i, *o]))
        relu.register_forward_hook(lambda m, i, o: found.append(o.detach().clone()))
        leaf = images(2, 3, 4, 4).requires_grad_()
        with Fusing() if fuses else torch.enable_grad():
            y = F.max_pool2d(relu(leaf * 1), 2)
        found.append(torch.autograd.grad(y.square().sum(), leaf)[0])
        return found

    ours, torchs = seen(True), seen(False)
    assert len(ours) == len(torchs) == 4
    assert all(map(torch.equal, ours, torchs))


def test_nothing_waits_beyond_the_forward_pass() -> None:
    x = images(2, 3, 4, 4)
    with Fusing():
        y = F.relu(x)
        z = F.max_pool2d(y, 2)
    x.fill_(-1)
    assert torch.equal(y, F.relu(images(2, 3, 4, 4)))
    assert torch.equal(z, F.max_pool2d(y, 2))


def test_what_nobody_asks_for_is_never_alone() -> None:
    seen: list[int] = []
    original = deferred.Rectified._alone
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deferred.Rectified, "_alone", lambda s: seen.append(1) or original(s))
        with Fusing():
            F.max_pool2d(F.relu(images(2, 3, 4, 4)), 2).sum()
    assert not seen


def test_inside_a_function_transform_torch_goes_alone(pooled: list[str]) -> None:
    def total(x: Tensor) -> Tensor:
        return F.max_pool2d(F.relu(x), 2).square().sum()

    x = images(2, 3, 4, 4)
    expected = torch.func.grad(total)(x)
    with Fusing():
        found = torch.func.grad(total)(x)
    assert torch.equal(found, expected)
    assert not pooled


@pytest.mark.parametrize("momentum", [0.1, 1.0, None])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_running_figures_move_once_as_torchs_do(dtype: torch.dtype, momentum: float | None) -> None:
    def moved(fuses: bool) -> nn.Module:
        norm = nn.BatchNorm2d(3, momentum=momentum).to(dtype)
        for seed in range(3):
            with Fusing() if fuses else torch.enable_grad():
                z = norm(images(4, 3, 5, 5, seed=seed).to(dtype) * 2 + 1)
                y = F.relu(z)
                F.max_pool2d(y, 2), y + z
        return norm

    for ours, torchs in zip(moved(True).buffers(), moved(False).buffers(), strict=True):
        torch.testing.assert_close(ours, torchs)


def test_running_figures_move_where_nobody_looks_at_the_result() -> None:
    norm = nn.BatchNorm2d(3)
    with Fusing():
        norm(images(4, 3, 5, 5) + 1)
        assert norm.running_mean is not None
        assert (norm.running_mean > 0.05).all()


@pytest.mark.parametrize(("size", "eps"), [((1, 3, 1, 1), 1e-5), ((2, 3, 2, 2), 0.0)])
def test_what_torch_refuses_to_normalise_is_refused(size: tuple[int, ...], eps: float) -> None:
    with Fusing(), pytest.raises(ValueError, match=r"Expected more than 1|eps must be"):
        F.batch_norm(images(*size), None, None, training=True, eps=eps)


def test_in_evaluation_batch_norm_is_torchs(pooled: list[str]) -> None:
    norm = nn.BatchNorm2d(3).eval()
    x = images(2, 3, 4, 4)
    expected = F.max_pool2d(F.relu(norm(x)), 2)
    with Fusing():
        assert torch.equal(F.max_pool2d(F.relu(norm(x)), 2), expected)
    assert pooled == ["relu"]


def test_bfloat16_under_autocast_is_torchs() -> None:
    conv = nn.Conv2d(3, 8, 3).to(memory_format=torch.channels_last)
    x = images(4, 3, 9, 9)

    def run(fuses: bool) -> list[Tensor]:
        conv.zero_grad()
        fusing = Fusing() if fuses else torch.enable_grad()
        with torch.autocast("cpu", torch.bfloat16), fusing:
            y = F.max_pool2d(F.relu(conv(x)), 2)
        y.float().square().sum().backward()
        assert conv.weight.grad is not None
        assert y.dtype == torch.bfloat16
        return [y, conv.weight.grad.clone()]

    assert all(map(torch.equal, run(True), run(False)))


@pytest.mark.parametrize(("elements", "expected"), [(191, ["relu"]), (193, [])])
def test_images_that_are_too_small_are_left_to_torch(
    elements: int, expected: list[str], pooled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fused, "FEWEST", elements)
    with Fusing():
        F.max_pool2d(F.relu(images(4, 3, 4, 4)), 2)
    assert pooled == expected


def test_kernels_stay_out_of_what_never_uses_them() -> None:
    import subprocess
    import sys

    code = "import hikaku.training.program, sys; assert 'numba' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
