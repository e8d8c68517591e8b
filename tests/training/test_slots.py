"""Every slot acts where the anatomy says, also those that no technique of ours fills yet."""

from dataclasses import dataclass, replace

import pytest
import torch
from tiny import use, work
from torch import Tensor

from hikaku.draws import Draws
from hikaku.errors import StudyError
from hikaku.techniques.slots import History
from hikaku.training.program import Program, build, moment_at
from hikaku.training.sample import Sample
from hikaku.training.size import Size
from hikaku.training.state import TrainState
from hikaku.training.step import backward, step

X = torch.from_numpy(Draws(5).normal("x", 0, (6, 1, 8, 8)))
Y = torch.eye(10)[torch.arange(6)]


def begun(**slots: object) -> tuple[Program, TrainState]:
    sample = Sample((1, 8, 8), 10, (4,) * 10, X)
    return build(work(**slots), sample, Size(10, 5), 0, ".")


def once(program: Program, state: TrainState, number: int = 0) -> TrainState:
    moment = moment_at(program, number, X, Draws(0))
    model = program.forward(program.draw_noise(Draws(0), number, len(X)))
    return step(program.slots, model, state, (X, Y), moment, History(), backward)[0]


@dataclass(frozen=True)
class Flip:
    def change(self, x: Tensor, y: Tensor, moment: object) -> tuple[Tensor, Tensor]:
        return x.flip(-1), y


@dataclass(frozen=True)
class Sharpness:
    rho: float = 0.05

    def gradient(self, value_and_grad, params):
        _, grads = value_and_grad(params)
        norm = torch.sqrt(sum(value.square().sum() for value in grads.values()))
        return value_and_grad(
            {name: value + self.rho * grads[name] / norm for name, value in params.items()}
        )


@dataclass(frozen=True)
class Ema:
    decay: float = 0.9

    def init(self, params):
        return dict(params)

    def fold(self, average, params, moment):
        return {n: self.decay * average[n] + (1 - self.decay) * params[n] for n in params}, params

    def finish(self, average, params):
        return average


def with_slot(program: Program, **slots: object) -> Program:
    return replace(program, slots=replace(program.slots, **slots))


def test_augment_changes_the_batch_before_the_model_sees_it() -> None:
    program, state = begun()
    flipped = once(with_slot(program, augment=(Flip(),)), state)
    moment = moment_at(program, 0, X, Draws(0))
    by_hand = step(
        program.slots, program.forward({}), state, (X.flip(-1), Y), moment, History(), backward
    )[0]
    assert all(torch.equal(flipped.params[n], by_hand.params[n]) for n in state.params)


def test_a_gradient_rule_that_looks_twice_leaves_the_statistics_of_the_first_look() -> None:
    program, state = begun(layers=(use("batch-norm"),))
    sam, plain = once(with_slot(program, gradient=Sharpness()), state), once(program, state)
    assert any(not torch.equal(sam.params[n], plain.params[n]) for n in state.params)
    assert plain.buffers and all(
        torch.equal(sam.buffers[n], plain.buffers[n]) for n in plain.buffers
    )


def test_averaging_follows_the_weights_and_does_not_disturb_them() -> None:
    program, state = begun()
    averaged = with_slot(program, averaging=Ema())
    state = replace(state, average=Ema().init(state.params))
    after, plain = once(averaged, state), once(program, state)
    for name, value in plain.params.items():
        assert torch.equal(after.params[name], value)
        assert torch.allclose(after.average[name], 0.9 * state.params[name] + 0.1 * value)


def test_init_fills_weights_and_biases_of_layers_and_leaves_norms_alone() -> None:
    _, plain = begun(layers=(use("batch-norm"),))
    _, filled = begun(layers=(use("batch-norm"),), init=use("he-normal"))
    for name, value in plain.params.items():
        same = torch.equal(value, filled.params[name])
        assert same == ("batch-norm" in name), name
    assert all(bool((v == 0).all()) for n, v in filled.params.items() if n.endswith("fc1.bias"))


def test_arms_of_one_seed_start_from_the_same_weights_whatever_is_inserted() -> None:
    _, plain = begun()
    _, edited = begun(layers=(use("batch-norm"), use("dropout")), optimizer=use("adam"))
    assert all(torch.equal(value, edited.params[name]) for name, value in plain.params.items())


@pytest.mark.parametrize("norm", ["batch-norm", "layer-norm", "rms-norm"])
def test_decay_leaves_norms_and_biases_alone(norm: str) -> None:
    program, state = begun(layers=(use(norm),))
    assert {n for n in state.params if n not in program.facts.decays} == {
        n for n in state.params if n.endswith("bias") or norm in n
    }


def test_a_technique_without_a_site_is_refused() -> None:
    with pytest.raises(StudyError, match="finds no place"):
        begun(layers=(use("dropout", at=("nowhere",)),))
