"""Whole networks of the book's library: their gradients, what they learn, their first weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn import functional as F

from hikaku.reference import functions, inits, losses
from hikaku.reference.arrays import Array
from hikaku.reference.convolution import Convolution, Pooling
from hikaku.reference.functions import ACTIVATIONS
from hikaku.reference.gradcheck import numerical_gradient, relative_error
from hikaku.reference.layers import Affine, Sigmoid, SoftmaxWithLoss, SquaredError
from hikaku.reference.network import Network, he, multi_layer, simple_convolutional
from hikaku.reference.noise import Dropout
from hikaku.reference.norms import BatchNormalization
from hikaku.reference.optimizers import SGD, Adam
from hikaku.reference.patches import im2col
from hikaku.reference.train import Trainer, batches, batches_with_replacement

RNG = np.random.default_rng(0)


def checked(network: Network, x: Array, t: Array) -> None:
    """Hold every gradient of a network against its difference quotient."""
    _, grads = network.gradient(x, t)
    for name, value in network.params.items():

        def loss(moved: Array, name: str = name) -> float:
            network.set({name: moved})
            return network.loss(x, t)

        wanted = numerical_gradient(loss, value)
        network.set({name: value})
        assert relative_error(grads[name], wanted) < 1e-6, name


def test_backpropagation_through_a_deep_network_is_right() -> None:
    network = multi_layer((6, 5, 4, 3), he(RNG), Sigmoid, batch_norm=True)
    checked(network, RNG.normal(size=(7, 6)), losses.one_hot(RNG.integers(0, 3, 7), 3))


def test_backpropagation_through_a_convolutional_network_is_right() -> None:
    network = simple_convolutional((2, 8, 8), 3, 5, 4, he(RNG), filter_size=3)
    checked(network, RNG.normal(size=(3, 2, 8, 8)), losses.one_hot(RNG.integers(0, 4, 3), 4))


def test_a_network_may_end_in_a_squared_error() -> None:
    network = multi_layer((6, 5, 1), he(RNG), last=SquaredError())
    checked(network, RNG.normal(size=(7, 6)), RNG.normal(size=7))


@pytest.mark.parametrize("kind", ["plain", "batch-norm", "dropout"])
def test_a_network_learns_digits(kind: str) -> None:
    digits = load_digits()
    x, t = digits.data / 16.0, losses.one_hot(digits.target, 10)
    draws = np.random.default_rng(0)
    dropout = (lambda: Dropout(0.2, draws)) if kind == "dropout" else None
    network = multi_layer((64, 30, 10), he(draws), batch_norm=kind == "batch-norm", dropout=dropout)
    trainer = Trainer(network, Adam(0.01), x[:1000], t[:1000])
    looks = list(trainer.run(batches(1000, 50, draws), 121, x[1000:], t[1000:], every=60))
    assert [look.update for look in looks] == [1, 61, 121]
    assert looks[0].test < 0.5 and looks[-1].test > 0.85 and looks[-1].train > 0.95
    assert looks[-1].loss < looks[0].loss


def test_units_that_start_equal_stay_equal() -> None:
    network = multi_layer((6, 4, 3), inits.zeros, Sigmoid)
    x, t = RNG.normal(size=(20, 6)), losses.one_hot(RNG.integers(0, 3, 20), 3)
    trainer = Trainer(network, SGD(0.5), x, t)
    for _ in range(5):
        trainer.step(np.arange(20))
    W = network.params["affine1.W"]
    assert np.abs(W).max() > 0 and np.ptp(W, axis=1).max() == 0


def test_batches_bring_every_sample_once_an_epoch_or_any_at_any_time() -> None:
    order = batches(10, 4, np.random.default_rng(0))
    epoch = [next(order) for _ in range(3)]
    assert [len(one) for one in epoch] == [4, 4, 2]
    assert sorted(np.concatenate(epoch).tolist()) == list(range(10))
    drawn = next(batches_with_replacement(3, 50, np.random.default_rng(0)))
    assert len(drawn) == 50 and set(drawn.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_slope_is_the_difference_quotient_of_its_function(name: str) -> None:
    function, slope = ACTIVATIONS[name]
    x = np.linspace(-6, 6, 120)
    np.testing.assert_allclose(
        slope(x), (function(x + 1e-6) - function(x - 1e-6)) / 2e-6, atol=1e-8
    )


def test_a_difference_quotient_of_whole_numbers_is_no_zero() -> None:
    found = numerical_gradient(lambda x: float((x**2).sum()), np.array([3, 4]))  # type: ignore[arg-type]  # as learners write them
    np.testing.assert_allclose(found, [6.0, 8.0], atol=1e-8)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: losses.cross_entropy(np.ones((3, 3)), np.array([0, 1, 2])), "by `one_hot`"),
        (lambda: losses.mean_squared_error(np.ones((5, 1)), np.ones(5)), "targets \\(5,\\)"),
        (lambda: losses.one_hot(np.array([-1, 0]), 3), "there are 3 classes"),
        (lambda: Affine(np.ones((4, 3))).forward(np.ones((2, 5))), "takes 4 inputs"),
        (lambda: Convolution(np.ones((2, 3, 2, 2))).forward(np.ones((1, 1, 4, 4))), "3, H, W"),
        (lambda: im2col(np.ones((4, 4)), 2, 2), "N, C, H, W"),
        (lambda: multi_layer((4, 3), he(RNG)).set({"affine1.W": np.ones((9, 9))}), "affine1.W is"),
    ],
)
def test_shapes_that_do_not_fit_are_told_before_anything_is_broadcast(wrong, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        wrong()


def test_a_backward_pass_without_a_forward_pass_says_so() -> None:
    with pytest.raises(AssertionError, match="forward"):
        Affine(np.ones((4, 3))).backward(np.ones((2, 3)))


def test_padding_that_a_whole_filter_would_see_is_refused() -> None:
    with pytest.raises(ValueError, match="padding alone"):
        Pooling(2, 2, pad=2)


def test_the_steepest_slope_of_the_sigmoid_is_a_quarter() -> None:
    x = np.linspace(-5, 5, 1001)
    slopes = functions.sigmoid_slope(x)
    assert slopes.max() == pytest.approx(0.25, abs=1e-12) and x[slopes.argmax()] == pytest.approx(0)


def test_no_function_overflows() -> None:
    x = np.array([[-1e4, -1.0, 0.0, 1.0, 1e4]])
    for function in (functions.sigmoid, functions.softmax, functions.log_softmax, functions.gelu):
        assert np.isfinite(function(x)).all()


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_losses_and_their_gradients_are_torchs(smoothing: float) -> None:
    x, t = RNG.normal(size=(5, 4)), losses.one_hot(RNG.integers(0, 4, 5), 4)
    there = torch.from_numpy(x).requires_grad_()
    wanted = F.cross_entropy(there, torch.from_numpy(t), label_smoothing=smoothing)
    wanted.backward()
    last = SoftmaxWithLoss(smoothing)
    assert last.forward(x, t) == pytest.approx(wanted.item(), rel=1e-12)
    assert there.grad is not None
    np.testing.assert_allclose(last.backward(), there.grad.numpy(), atol=1e-12)


def test_soft_targets_that_sum_to_something_else_still_have_the_right_gradient() -> None:
    x, t = RNG.normal(size=(3, 4)), RNG.random((3, 4))
    wanted = numerical_gradient(lambda moved: losses.cross_entropy(moved, t), x)
    assert relative_error(losses.cross_entropy_gradient(x, t), wanted) < 1e-8


@pytest.mark.parametrize(
    ("init", "variance"),
    [
        (lambda d: inits.normal((256, 400), d, 0.01), 1e-4),
        (lambda d: inits.xavier_normal((256, 400), d), 2 / 656),
        (lambda d: inits.xavier_normal((256, 400), d, "in"), 1 / 256),
        (lambda d: inits.xavier_uniform((256, 400), d), 2 / 656),
        (lambda d: inits.he_normal((256, 400), d), 2 / 256),
        (lambda d: inits.he_normal((40, 6, 5, 5), d), 2 / 150),
        (lambda d: inits.he_normal((40, 6, 5, 5), d, "out"), 2 / 1000),
    ],
)
def test_first_weights_have_the_variance_that_they_promise(init: object, variance: float) -> None:
    found = init(np.random.default_rng(1))  # type: ignore[operator]  # a lambda of the list
    assert found.var() == pytest.approx(variance, rel=0.05) and abs(found.mean()) < 0.01


def test_running_figures_are_the_books_or_torchs() -> None:
    x = RNG.normal(2.0, 3.0, size=(50, 4))
    book = BatchNormalization(np.ones(4), np.zeros(4))
    book.forward(x)
    np.testing.assert_allclose(book.running_mean, 0.1 * x.mean(0))
    np.testing.assert_allclose(book.running_var, 0.1 * x.var(0))
    ours = BatchNormalization(np.ones(4), np.zeros(4), 0.9, 1e-5, None, np.ones(4), correction=1)
    theirs = torch.nn.BatchNorm1d(4).double()
    ours.forward(x)
    theirs(torch.from_numpy(x))
    np.testing.assert_allclose(ours.running_var, theirs.running_var.numpy())
    theirs.eval()
    np.testing.assert_allclose(
        ours.predict(x), theirs(torch.from_numpy(x)).detach().numpy(), rtol=1e-12
    )
