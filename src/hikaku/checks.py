"""The contract every technique meets, runnable on anybody's own: `hikaku check-technique FILE`.

Each check trains a tiny network for a few steps, in the technique's slot and out of it, alone and
lifted. A check passes, fails with a reason, or does not apply and says why.
"""

from __future__ import annotations

import copy
import pickle
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import torch
from torch import Tensor

from hikaku.draws import Draws
from hikaku.execution.stacked import Lane, lift, numbers, together
from hikaku.study import card as kinds
from hikaku.study.catalogue import Catalogue
from hikaku.study.entry import Entry
from hikaku.study.recipe import LIST_SLOTS, Recipe, Use, Value, shown
from hikaku.study.study import Data, Training
from hikaku.techniques import registry
from hikaku.techniques.slots import History
from hikaku.training.program import Program, Sample, Size, StepDraws, build, moment_at
from hikaku.training.state import TrainState, flat, load, save
from hikaku.training.step import Reading, backward, step

STEPS = 4
BATCH = 8
CLASSES = 3
SHAPE = (2, 8, 8)


class CheckFailed(AssertionError):
    """The technique breaks the contract; the text says how."""


class DoesNotApply(Exception):  # noqa: N818 - not an error
    """The check says nothing about this technique; the text says why."""


@dataclass(frozen=True)
class Checked:
    """One check of one technique: passed (True), failed (False) or does not apply (None)."""

    check: str
    passed: bool | None
    detail: str = ""


@dataclass(frozen=True)
class Subject:
    """The technique under the contract: its entry, read as text, and where its file lies."""

    entry: Entry
    folder: str = "."

    @property
    def slot(self) -> str:
        """The slot that it fills."""
        return self.entry.slot

    def use(self, **settings: Value) -> Use:
        """Return the technique with these settings and its defaults elsewhere."""
        known = dict(self.entry.use().settings) | settings
        return Use(self.entry.name, tuple(known.items()))

    def recipe(self, *uses: Use) -> Recipe:
        """Return the tiny recipe with `uses` in the technique's slot (none: without it)."""
        catalogue = Catalogue()
        bare = Recipe(
            optimizer=catalogue.techniques["sgd"].use({"lr": 0.1}),
            loss=catalogue.techniques["cross-entropy"].use(),
            schedule=catalogue.techniques["constant"].use(), steps=STEPS, batch_size=BATCH,
        )
        if not uses:
            return bare
        if self.slot in LIST_SLOTS:
            return replace(bare, **{self.slot: uses})  # type: ignore[arg-type]  # a slot's name
        return replace(bare, **{self.slot: uses[0]})  # type: ignore[arg-type]  # a slot's name

    def program(self, recipe: Recipe, seed: int) -> tuple[Program, TrainState]:
        """Return the tiny network under this recipe, ready to train."""
        sample = Sample(SHAPE, CLASSES, (BATCH,) * CLASSES, images(seed, 0))
        model = Use("small-cnn", (("channels", (4,)), ("dense", 6)))
        work = Training(Data(Use("tiny")), model, recipe)
        return build(work, sample, Size(STEPS, 2), seed, self.folder)

    def lane(self, program: Program, state: TrainState, seed: int, number: int) -> Lane:
        """Return what the step number `number` of this trial is given."""
        draws = Draws(seed)
        x = images(seed, number)
        moment = moment_at(program, number, x, draws)
        noise = program.draw_noise(draws, number, BATCH)
        return Lane(program, state, (x, targets(seed, number)), moment, noise)

    def trained(self, recipe: Recipe, seed: int = 0) -> tuple[TrainState, Reading]:
        """Return the state after all steps, and the last reading."""
        return self.further(*self.program(recipe, seed), seed, range(STEPS))

    def further(
        self, program: Program, state: TrainState, seed: int, steps: range
    ) -> tuple[TrainState, Reading]:
        """Return state and reading after these steps more."""
        for number in steps:
            state, read = alone(self.lane(program, state, seed, number))
        return state, read


def alone(lane: Lane) -> tuple[TrainState, Reading]:
    """Return one step of one lane, by the plain engine's arithmetic."""
    return step(
        lane.program.slots, lane.program.forward(lane.noise), lane.state, lane.batch,
        lane.moment, History(), backward,
    )


def images(seed: int, number: int) -> Tensor:
    """Return a batch of small random images, the same for the same numbers."""
    return torch.from_numpy(Draws(seed).normal("images", number, (BATCH, *SHAPE)))


def targets(seed: int, number: int) -> Tensor:
    """Return a batch of targets as shares, (batch, classes)."""
    chosen = Draws(seed).stream("targets", number).integers(0, CLASSES, BATCH)
    return torch.from_numpy(np.eye(CLASSES, dtype=np.float32)[chosen])


def card_and_docstring_are_complete(subject: Subject) -> None:
    """The card says what, why, where from; file, class and settings agree with what was read."""
    entry = subject.entry
    for name in ("family", "claim", "formula", "paper"):
        _require(bool(getattr(entry.card, name)), f"the card's `{name}` is empty")
    found = registry.find(entry.name, subject.folder)
    _require(bool(found.__doc__), "the class has no docstring")
    own = {item.name: item.default for item in fields(found)}
    read = {setting.name: setting.default for setting in entry.settings}
    _require(own == read, f"the class has the settings {own}, its text {read}")


def each_setting_has_a_range(subject: Subject) -> None:
    """Each setting is annotated by a kind of `hikaku.study.card` or a `Literal`."""
    hints = get_type_hints(registry.find(subject.entry.name, subject.folder), include_extras=True)
    known = [getattr(kinds, name) for name in dir(kinds)]
    for setting in subject.entry.settings:
        hint = hints[setting.name]
        is_literal = getattr(hint, "__origin__", None) is kinds.Literal
        _require(is_literal or hint in known, f"`{setting.name}` has no range: {hint}")
        _require(bool(setting.allowed), f"`{setting.name}` does not say its range")


def settings_survive_toml_and_pickle(subject: Subject) -> None:
    """The settings come back equal from a study file, and an instance from a pickle."""
    use = subject.use()
    technique = registry.build(use, subject.folder)
    again = pickle.loads(pickle.dumps(technique))  # noqa: TID251 - bytes that we have just written
    _require(again == technique, f"{again} came back from a pickle for {technique}")
    lines = [f"{name} = {_toml(value)}" for name, value in use.settings if value is not None]
    read = subject.entry.use({
        name: tuple(value) if isinstance(value, list) else value
        for name, value in tomllib.loads("\n".join(lines)).items()
    })
    _require(read == use, f"{read} came back from TOML for {use}")


def same_draws_give_the_same_result(subject: Subject) -> None:
    """Two trainings of one seed are equal bit for bit."""
    recipe = subject.recipe(subject.use())
    _same(subject.trained(recipe)[0], subject.trained(recipe)[0], "the second training differs")


def it_changes_none_of_its_inputs(subject: Subject) -> None:
    """A step leaves the state and the batch that it was given as they were."""
    program, state = subject.program(subject.recipe(subject.use()), 0)
    state, _ = subject.further(program, state, 0, range(1))
    lane = subject.lane(program, state, 0, 1)
    before = copy.deepcopy((state, lane.batch, lane.noise))
    alone(lane)
    after = (state, lane.batch, lane.noise)
    _same(before[0], after[0], "a step wrote into the state")
    for old, new in zip(before[1], after[1], strict=True):
        _require(torch.equal(old, new), "a step wrote into the batch")
    if program.slots.stopping is not None:
        weights = state.weights
        kept = copy.deepcopy((state.stopper, weights))
        program.slots.stopping.fold(state.stopper, _scores(1.0), weights)
        _equal_trees(kept[0], state.stopper, "fold wrote into its state")
        _equal_trees(dict(kept[1]), dict(weights), "fold wrote into the weights")


def switched_off_it_changes_nothing(subject: Subject) -> None:
    """With the settings of the card's `off`, training is the same bit for bit as without it."""
    off = subject.entry.card.off
    if not off:
        raise DoesNotApply("the card names no settings that switch it off")
    settings: dict[str, Any] = dict(off)
    with_it = subject.trained(subject.recipe(subject.use(**settings)))[0]
    without = subject.trained(subject.recipe())[0]
    _equal_trees(dict(without.params), {
        name: with_it.params[name] for name in without.params
    }, "switched off, it changes the weights")


def alone_equals_stacked(subject: Subject) -> None:
    """Three seeds, each mere number of another size, train alike alone and as one program.

    In float64, where rounding cannot hide a difference: loss and outputs to 1e-10.
    """
    lanes = [subject.program(_scaled(subject, factor), seed) for seed, factor in enumerate(
        (1.0, 0.5, 0.8)
    )]
    doubles = [(_doubled(program), _double(state)) for program, state in lanes]
    singly = [state for _, state in doubles]
    stacked = list(singly)
    for number in range(STEPS):
        both = []
        for states in (singly, stacked):
            both.append([
                _double_lane(subject.lane(program, state, seed, number))
                for seed, ((program, _), state) in enumerate(zip(doubles, states, strict=True))
            ])
        ones = [alone(lane) for lane in both[0]]
        many = lift(both[1], History())
        for (_, one), (_, other) in zip(ones, many, strict=True):
            _close(one.objective, other.objective, f"the losses part at step {number + 1}")
        singly, stacked = [state for state, _ in ones], [state for state, _ in many]
    for (program, _), one, other in zip(doubles, singly, stacked, strict=True):
        x = images(9, 9).double()
        _close(program.predict(one.weights, x), program.predict(other.weights, x),
               "the outputs differ after training")
    _stopping_stacked(subject, [program for program, _ in doubles], singly)


def state_survives_save_and_load(subject: Subject) -> None:
    """Saved after two steps, loaded and trained on, it ends bit for bit where it would have."""
    recipe = subject.recipe(subject.use())
    program, state = subject.program(recipe, 0)
    half, _ = subject.further(program, state, 0, range(STEPS // 2))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.safetensors"
        save(half, path)
        loaded = load(path)
    rest = range(STEPS // 2, STEPS)
    _same(
        subject.further(program, half, 0, rest)[0], subject.further(program, loaded, 0, rest)[0],
        "after save and load it goes on differently",
    )


CHECKS: tuple[Callable[[Subject], None], ...] = (
    card_and_docstring_are_complete, each_setting_has_a_range, settings_survive_toml_and_pickle,
    same_draws_give_the_same_result, it_changes_none_of_its_inputs,
    switched_off_it_changes_nothing, alone_equals_stacked, state_survives_save_and_load,
)


def check_technique(entry: Entry, folder: str = ".") -> tuple[Checked, ...]:
    """Return the outcome of every check of the contract for this technique."""
    return tuple(_checked(check, Subject(entry, folder)) for check in CHECKS)


def _checked(check: Callable[[Subject], None], subject: Subject) -> Checked:
    name = check.__name__.replace("_", " ")
    try:
        check(subject)
    except DoesNotApply as reason:
        return Checked(name, None, str(reason))
    except Exception as error:  # whatever somebody's technique raises is its failure
        kind = "" if isinstance(error, CheckFailed) else f"{type(error).__name__}: "
        return Checked(name, False, f"{kind}{error}")
    return Checked(name, True)


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise CheckFailed(otherwise)


def _same(one: TrainState, other: TrainState, otherwise: str) -> None:
    _equal_trees(one.tree(), other.tree(), otherwise)


def _equal_trees(one: Any, other: Any, otherwise: str) -> None:
    left, right = flat(one), flat(other)
    _require(left.keys() == right.keys(), f"{otherwise}: {set(left) ^ set(right)}")
    for name, value in left.items():
        _require(torch.equal(value, right[name]), f"{otherwise}: {name}")


def _close(one: Tensor, other: Tensor, otherwise: str) -> None:
    gap = float((one - other).abs().max())
    _require(gap <= 1e-10, f"{otherwise}, by {gap:.1e}")


def _toml(value: Value) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return repr(value) if isinstance(value, float) else shown(value)


def _scaled(subject: Subject, factor: float) -> Recipe:
    technique = registry.find(subject.entry.name, subject.folder)
    use = subject.use()
    mere = numbers(technique(**dict(use.settings)))
    return subject.recipe(Use(use.name, tuple(
        (name, value * factor if name in mere and isinstance(value, float) else value)
        for name, value in use.settings
    )))


def _double(state: TrainState) -> TrainState:
    return TrainState(**{name: _cast(tree) for name, tree in state.tree().items()})


def _cast(tree: Any) -> Any:
    if isinstance(tree, Tensor):
        return tree.double() if tree.is_floating_point() else tree
    return {name: _cast(value) for name, value in tree.items()}


def _doubled(program: Program) -> Program:
    return replace(
        program, train_model=program.train_model.double(),
        eval_model=program.eval_model.double(), constants=_cast(program.constants),
    )


def _double_lane(lane: Lane) -> Lane:
    x, y = lane.batch
    moment = replace(lane.moment, x=x.double())
    return replace(lane, batch=(x.double(), y.double()), noise=_cast(lane.noise), moment=moment)


def _scores(value: float) -> dict[str, Tensor]:
    names = (f"{split} {name}" for split in ("train", "validation") for name in ("loss", "accuracy"))
    return {name: torch.tensor(value, dtype=torch.float64) for name in names}


def _stopping_stacked(
    subject: Subject, programs: list[Program], states: list[TrainState]
) -> None:
    rules = [program.slots.stopping for program in programs]
    if rules[0] is None:
        return
    rule = rules[0]

    def fold(given: Any) -> Any:
        stopper, stop = rule.fold(given["state"], given["scores"], given["weights"])
        return {"stopper": stopper, "stop": stop, "weights": rule.finish(stopper, given["weights"])}

    lanes = [
        {"state": state.stopper, "scores": _scores(1.0 + n), "weights": state.weights}
        for n, state in enumerate(states)
    ]
    for one, other in zip([fold(lane) for lane in lanes], together(fold, lanes), strict=True):
        _equal_trees(one, other, "stopping differs in a stack")
