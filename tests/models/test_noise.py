from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.func import (
    functional_call,
    grad,
    vmap,  # noqa: TID251  # a test lifts the layer to prove that it can be
)
from torch.nn import functional as F

from hikaku.errors import HikakuError
from hikaku.models.noise import Dropout, like_own


def draws(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def dropped(layer: Dropout, x: Tensor, noise: Tensor) -> Tensor:
    found: Tensor = functional_call(layer, {"noise": noise}, (x,))
    return found


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_units_below_p_are_zero_and_the_rest_are_scaled_up(p: float, dtype: torch.dtype) -> None:
    noise, x = draws(50, 40), torch.ones(50, 40, dtype=dtype)
    found = dropped(Dropout(p, (40,)), x, noise)
    assert found.dtype == dtype
    torch.testing.assert_close(found, torch.where(noise < p, 0.0, 1 / (1 - p)).to(dtype))
    assert abs(float((found == 0).double().mean()) - p) < 0.05


def test_with_p_zero_the_batch_comes_back_bit_for_bit() -> None:
    noise = draws(3, 4) * (draws(3, 4) > 0.5)
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(1))
    assert torch.equal(dropped(Dropout(0.0, (4,)), x, noise), x)
    loss = grad(lambda x: dropped(Dropout(0.0, (4,)), x, noise).square().sum())
    assert torch.equal(loss(x), 2 * x)


def test_in_evaluation_it_is_the_identity_and_needs_no_noise() -> None:
    x = draws(3, 4)
    assert Dropout(0.5, (4,)).eval()(x) is x


@pytest.mark.parametrize("noise", [None, draws(2, 4), draws(3, 5)])
def test_in_training_it_wants_the_noise_of_its_own_batch(noise: Tensor | None) -> None:
    layer = Dropout(0.5, (4,))
    with pytest.raises(HikakuError, match="noise"):
        layer(draws(3, 4)) if noise is None else dropped(layer, draws(3, 4), noise)
    with pytest.raises(HikakuError, match="noise"):
        layer(draws(1, 4))


def test_noise_of_one_number_a_channel_drops_whole_channels() -> None:
    found = dropped(Dropout(0.5, (8, 1, 1)), torch.ones(4, 8, 3, 3), draws(4, 8, 1, 1))
    means = found.mean((2, 3))
    assert set(means.unique().tolist()) == {0.0, 2.0}


def test_neither_noise_nor_setting_is_saved_with_the_model() -> None:
    layer = Dropout(0.5, (4,))
    assert not layer.state_dict()
    assert {name: value.dtype for name, value in layer.named_buffers()} == {
        "noise": torch.float32,
        "p": torch.float64,
    }


def test_a_stack_of_probabilities_gives_what_each_gives_alone() -> None:
    noise, x = draws(6, 4), draws(6, 4) + 1
    values = torch.tensor([0.0, 0.25, 0.5, 0.3], dtype=torch.float64)
    layer = Dropout(0.5, (4,))
    stacked = vmap(lambda p: functional_call(layer, {"noise": noise, "p": p}, (x,)))(values)
    for place, p in enumerate(values.tolist()):
        assert torch.equal(stacked[place], dropped(Dropout(p, (4,)), x, noise))


SHAPES = [
    *(("dropout", (4, 5)), ("dropout", (4, 5, 6)), ("alpha-dropout", (4, 5, 6))),
    *(("dropout1d", (4, 5)), ("dropout1d", (4, 5, 6)), ("dropout2d", (4, 5, 6, 7))),
    *(("dropout2d", (4, 5)), ("dropout2d", (4, 5, 6)), ("dropout3d", (4, 5, 6, 7))),
    *(("dropout3d", (4, 5, 6, 7, 3)), ("feature-alpha-dropout", (4, 5, 6, 7))),
    ("feature-alpha-dropout", (4, 5)),
]


@pytest.mark.filterwarnings("ignore:dropout.d. Received")
@pytest.mark.parametrize(("op", "shape"), SHAPES)
def test_a_models_own_dropout_drops_together_what_torch_drops_together(
    op: str, shape: tuple[int, ...]
) -> None:
    torchs = [getattr(F, op.replace("-", "_"))(torch.ones(shape), 0.5, True) for _ in range(40)]
    layer = like_own(op, 0.5, shape[1:])
    wanted = layer.wanted(shape)
    ours = functional_call(layer, {"noise": draws(*wanted)}, (torch.ones(shape),))
    # Torch's own draws are not ours to seed, and one of them may drop alike by chance.
    for draw in (torchs, [ours]):
        together = [
            all(bool((found == found.select(dim, 0).unsqueeze(dim)).all()) for found in draw)
            for dim in range(len(shape))
        ]
        assert together == [size == 1 for size in wanted]
    torch.testing.assert_close(ours.unique(), torch.stack(torchs).unique())


@pytest.mark.parametrize("op", ["dropout", "dropout1d", "alpha-dropout"])
@pytest.mark.parametrize("p", [0.0, 1.0])
def test_nothing_or_everything_is_dropped_exactly_and_gradients_are_finite(
    op: str, p: float
) -> None:
    layer, x = like_own(op, p, (4, 3)), draws(5, 4, 3).requires_grad_()
    noise = {"noise": draws(*layer.wanted(tuple(x.shape)))}
    found = functional_call(layer, noise, (x,))
    (gradient,) = torch.autograd.grad(found.sum(), x)
    assert torch.equal(found, x * (1 - p))
    assert torch.equal(gradient, torch.full_like(x, 1 - p))


def test_noise_follows_the_input_where_the_batch_is_not_the_first_dimension() -> None:
    assert Dropout(0.5, (2, 6)).wanted((9, 16, 6)) == (9, 16, 6)
    assert Dropout(0.5, (2, 1)).wanted((9, 16, 6)) == (9, 16, 1)
