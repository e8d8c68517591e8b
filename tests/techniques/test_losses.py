from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from stage import copied, identical, moment, same_three_ways
from torch import Tensor
from torch.nn import functional as F

from hikaku.techniques.confidence_penalty import ConfidencePenalty
from hikaku.techniques.cross_entropy import CrossEntropy
from hikaku.techniques.focal import Focal
from hikaku.techniques.huber import Huber
from hikaku.techniques.label_smoothing import LabelSmoothing
from hikaku.techniques.mae import MeanAbsoluteError
from hikaku.techniques.mse import MeanSquaredError
from hikaku.techniques.poly import Poly

CLASSES = torch.tensor([0, 3, 2, 2, 1, 0, 3])


def logits(dtype: torch.dtype = torch.float64) -> Tensor:
    return 3 * torch.randn(7, 4, generator=torch.Generator().manual_seed(0), dtype=dtype)


def one_hot(dtype: torch.dtype = torch.float64) -> Tensor:
    return F.one_hot(CLASSES, 4).to(dtype)


def shares() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(7, 4, generator=generator, dtype=torch.float64).softmax(1)


def test_cross_entropy_of_class_numbers_is_that_of_torch() -> None:
    ours = CrossEntropy().loss(logits(), one_hot(), moment())
    torch.testing.assert_close(ours, F.cross_entropy(logits(), CLASSES))


def test_cross_entropy_of_shares_is_that_of_torch() -> None:
    ours = CrossEntropy().loss(logits(), shares(), moment())
    torch.testing.assert_close(ours, F.cross_entropy(logits(), shares()))


def test_the_gradient_of_cross_entropy_is_probability_minus_target() -> None:
    scores = logits().requires_grad_()
    (found,) = torch.autograd.grad(CrossEntropy().loss(scores, shares(), moment()), scores)
    torch.testing.assert_close(found, (scores.softmax(1) - shares()) / 7)


def test_who_knows_nothing_loses_the_log_of_the_number_of_classes() -> None:
    loss = CrossEntropy().loss(torch.zeros(7, 4), one_hot(torch.float32), moment())
    assert math.isclose(float(loss), math.log(4), rel_tol=1e-6)


def test_a_hopeless_logit_gives_a_large_but_finite_loss() -> None:
    sure = torch.tensor([[0.0, 1e4, 0.0, 0.0]])
    assert float(CrossEntropy().loss(sure, one_hot(torch.float32)[:1], moment())) == 1e4


@pytest.mark.parametrize("amount", [0.1, 0.5, 1.0])
def test_label_smoothing_is_that_of_torch(amount: float) -> None:
    by_class = F.cross_entropy(logits(), CLASSES, label_smoothing=amount)
    torch.testing.assert_close(LabelSmoothing(amount).loss(logits(), one_hot(), moment()), by_class)
    by_share = F.cross_entropy(logits(), shares(), label_smoothing=amount)
    torch.testing.assert_close(LabelSmoothing(amount).loss(logits(), shares(), moment()), by_share)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_switched_off_label_smoothing_is_cross_entropy_bit_for_bit(dtype: torch.dtype) -> None:
    for target in (one_hot(dtype), shares().to(dtype)):
        one, other = (logits(dtype).requires_grad_() for _ in range(2))
        smoothed = LabelSmoothing(0.0).loss(one, target, moment())
        plain = CrossEntropy().loss(other, target, moment())
        assert identical(smoothed, plain)
        assert identical(torch.autograd.grad(smoothed, one), torch.autograd.grad(plain, other))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_amount_may_be_a_number_a_tensor_or_one_of_a_stack(dtype: torch.dtype) -> None:
    def loss(amount: float) -> Tensor:
        found = LabelSmoothing(amount).loss(logits(dtype), one_hot(dtype), moment())
        assert found.dtype == dtype
        return found

    assert same_three_ways(loss, 0.0, 0.1, 0.37)


@pytest.mark.parametrize("outputs", [1, 3])
def test_squared_error_is_that_of_torch(outputs: int) -> None:
    values, target = torch.randn(2, 5, outputs, generator=torch.Generator().manual_seed(2))
    ours = MeanSquaredError().loss(values, target, moment())
    torch.testing.assert_close(ours, F.mse_loss(values, target))


def test_one_output_meets_a_flat_target_sample_by_sample() -> None:
    values, target = torch.randn(2, 5, generator=torch.Generator().manual_seed(2))
    flat = MeanSquaredError().loss(values, target, moment())
    column = MeanSquaredError().loss(values[:, None], target, moment())
    assert torch.equal(flat, column)
    torch.testing.assert_close(column, F.mse_loss(values, target))


def test_outputs_that_do_not_fit_the_targets_are_an_error() -> None:
    with pytest.raises(RuntimeError):
        MeanSquaredError().loss(torch.zeros(5, 2), torch.zeros(5), moment())


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_is_its_paper_s_formula(gamma: float) -> None:
    p = logits().softmax(1)[torch.arange(7), CLASSES]
    wanted = (-((1 - p) ** gamma) * p.log()).mean()
    torch.testing.assert_close(Focal(gamma).loss(logits(), one_hot(), moment()), wanted)


def test_poly_is_its_paper_s_formula() -> None:
    p = logits().softmax(1)[torch.arange(7), CLASSES]
    wanted = (-p.log() + 1.5 * (1 - p)).mean()
    torch.testing.assert_close(Poly(1.5).loss(logits(), one_hot(), moment()), wanted)


def test_the_confidence_penalty_is_cross_entropy_less_some_entropy() -> None:
    entropy = torch.distributions.Categorical(logits=logits()).entropy().mean()
    wanted = F.cross_entropy(logits(), CLASSES) - 0.3 * entropy
    torch.testing.assert_close(ConfidencePenalty(0.3).loss(logits(), one_hot(), moment()), wanted)


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize(
    ("technique", "theirs"),
    [
        (MeanAbsoluteError(), F.l1_loss),
        (Huber(0.5), lambda values, target: F.huber_loss(values, target, delta=0.5)),
    ],
)
def test_absolute_and_huber_s_error_are_those_of_torch(
    technique: Any, theirs: Any, outputs: int
) -> None:
    values, target = 2 * torch.randn(2, 9, outputs, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(technique.loss(values, target, moment()), theirs(values, target))


EVERY = [
    CrossEntropy(), LabelSmoothing(), MeanSquaredError(), Focal(), Poly(), ConfidencePenalty(),
    MeanAbsoluteError(), Huber(),
]  # fmt: skip


@pytest.mark.parametrize("technique", EVERY, ids=lambda one: type(one).__name__)
def test_a_loss_is_one_number_and_changes_nothing_it_was_given(technique: Any) -> None:
    given = (logits(torch.float32), one_hot(torch.float32))
    before = copied(given)
    loss = technique.loss(*given, moment())
    assert loss.shape == ()
    assert loss.dtype == torch.float32
    assert identical(before, given)
