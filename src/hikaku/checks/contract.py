"""The contract every technique meets, runnable on anybody's own: `hikaku check-technique FILE`.

Each check trains a tiny network for a few steps, in the technique's slot and out of it, alone and
lifted. A check passes, fails with a reason, or does not apply and says why.
"""

from __future__ import annotations

import copy
import inspect
import pickle
import tomllib
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Literal, get_origin, get_type_hints

from hikaku.checks.bench import STEPS, Checked, CheckFailed, DoesNotApply, Subject, alone, images
from hikaku.checks.compare import (
    close,
    double,
    double_lane,
    doubled,
    equal_trees,
    require,
    same,
    scaled,
    scores,
    stopping_stacked,
    toml,
)
from hikaku.checks.oracle import it_agrees_with_its_twin
from hikaku.checks.resume import killed_and_resumed_it_ends_the_same
from hikaku.errors import HikakuError
from hikaku.execution.stacked import Lane, lift
from hikaku.study import card as kinds
from hikaku.study.entry import Entry
from hikaku.techniques import registry, slots
from hikaku.techniques.slots import History
from hikaku.training.outside_random import generators
from hikaku.training.program import Program
from hikaku.training.state import TrainState
from hikaku.user_code import line_of, said


def card_and_docstring_are_complete(subject: Subject) -> None:
    """The card says what, why, where from; file, class and settings agree with what was read."""
    entry = subject.entry
    for name in ("family", "claim", "formula", "paper"):
        require(bool(getattr(entry.card, name)), f"the card's `{name}` is empty")
    found = registry.find(entry.name, subject.folder)
    # A dataclass without one is given its signature as a docstring.
    is_written = not (found.__doc__ or "").startswith(f"{found.__name__}(")
    require(bool(found.__doc__) and is_written, "the class has no docstring")
    own = {item.name: item.default for item in fields(found)}
    read = {setting.name: setting.default for setting in entry.settings}
    require(own == read, f"the class has the settings {own}, its text {read}")


def it_fills_its_slot(subject: Subject) -> None:
    """It has the methods of its slot, and they take what the step gives them."""
    protocol = getattr(slots, subject.card.slot.capitalize())
    found = registry.find(subject.entry.name, subject.folder)
    for name in (name for name in vars(protocol) if not name.startswith("_")):
        wanted = inspect.signature(getattr(protocol, name))
        shown = f"{name}({', '.join([*wanted.parameters][1:])})"
        require(
            callable(getattr(found, name, None)),
            f"the slot {subject.card.slot} calls {shown}, and {found.__name__} has no {name}",
        )
        own = inspect.signature(getattr(found, name))
        try:
            own.bind(*wanted.parameters)
        except TypeError as error:
            raise CheckFailed(
                f"the slot {subject.card.slot} calls {shown}, and {name}{own} cannot take it"
            ) from error


def each_setting_has_a_range(subject: Subject) -> None:
    """Each setting is annotated by a kind of `hikaku.study.card` or a `Literal`."""
    hints = get_type_hints(registry.find(subject.entry.name, subject.folder), include_extras=True)
    known = [getattr(kinds, name) for name in dir(kinds)]
    for setting in subject.entry.settings:
        hint = hints[setting.name]
        is_literal = get_origin(hint) is Literal
        require(is_literal or hint in known, f"`{setting.name}` has no range: {hint}")
        require(bool(setting.allowed), f"`{setting.name}` does not say its range")


def settings_survive_toml_and_pickle(subject: Subject) -> None:
    """The settings come back equal from a study file, and an instance from a pickle."""
    use = subject.use()
    technique = registry.build(use, subject.folder)
    again = pickle.loads(pickle.dumps(technique))  # noqa: TID251 - bytes that we have just written
    require(again == technique, f"{again} came back from a pickle for {technique}")
    lines = [f"{name} = {toml(value)}" for name, value in use.settings if value is not None]
    read = subject.entry.use(
        {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in tomllib.loads("\n".join(lines)).items()
        }
    )
    require(read == use, f"{read} came back from TOML for {use}")


def same_draws_give_the_same_result(subject: Subject) -> None:
    """Two trainings of one seed are equal bit for bit."""
    recipe = subject.recipe(subject.use())
    before = generators()
    first, second = subject.trained(recipe)[0], subject.trained(recipe)[0]
    require(
        generators() == before,
        "it draws from a global generator; random numbers come from `draws` or `moment.draws`",
    )
    same(first, second, "the second training differs")


def it_changes_none_of_its_inputs(subject: Subject) -> None:
    """A step leaves the state and the batch that it was given as they were."""
    program, state = subject.program(subject.recipe(subject.use()), 0)
    state, _ = subject.further(program, state, 0, range(1))
    lane = subject.lane(program, state, 0, 1)
    before = copy.deepcopy((state, lane.batch, lane.noise))
    alone(lane)
    after = (state, lane.batch, lane.noise)
    same(before[0], after[0], "a step wrote into the state")
    old, new = (dict(zip("xy", batch, strict=True)) for batch in (before[1], after[1]))
    equal_trees(old, new, "a step wrote into the batch")
    if program.slots.stopping is not None:
        weights = state.weights
        kept = copy.deepcopy((state.stopper, weights))
        program.slots.stopping.fold(state.stopper, scores(1.0), weights)
        equal_trees(kept[0], state.stopper, "fold wrote into its state")
        equal_trees(dict(kept[1]), dict(weights), "fold wrote into the weights")


def switched_off_it_changes_nothing(subject: Subject) -> None:
    """With the settings of the card's `off`, training is the same bit for bit as without it."""
    off = subject.card.off
    if not off:
        raise DoesNotApply("the card names no settings that switch it off")
    settings: dict[str, Any] = dict(off)
    with_it = subject.trained(subject.recipe(subject.use(**settings)))[0]
    without = subject.trained(subject.recipe())[0]
    equal_trees(
        dict(without.params),
        {name: with_it.params[name] for name in without.params},
        "switched off, it changes the weights",
    )


ALONE = "it says that it is trained alone"


def alone_equals_stacked(subject: Subject) -> None:
    """Three seeds, each mere number of another size, train alike alone and as one program.

    In float64, where rounding cannot hide a difference: loss and outputs to 1e-10.
    """
    if getattr(registry.find(subject.entry.name, subject.folder), "trains_alone", False):
        raise DoesNotApply(ALONE)
    built = [
        subject.program(scaled(subject, factor), seed)
        for seed, factor in enumerate((1.0, 0.5, 0.8))
    ]
    programs = [doubled(program) for program, _ in built]
    singly = [double(state) for _, state in built]
    stacked = list(singly)
    for number in range(STEPS):
        ones = [alone(lane) for lane in lanes_at(subject, programs, singly, number)]
        many = lift(lanes_at(subject, programs, stacked, number), History())
        for (_, read), (_, other) in zip(ones, many, strict=True):
            close(read.objective, other.objective, f"the losses part at step {number + 1}")
        singly, stacked = [state for state, _ in ones], [state for state, _ in many]
    x = images(9, 9).double()
    for program, state, twin in zip(programs, singly, stacked, strict=True):
        answers = (program.predict(state.weights, x), program.predict(twin.weights, x))
        close(*answers, "the outputs differ after training")
    stopping_stacked(programs, singly)


def lanes_at(
    subject: Subject, programs: list[Program], states: list[TrainState], number: int
) -> list[Lane]:
    """Return what each trial is given at the step number `number`, in float64."""
    return [
        double_lane(subject.lane(program, state, seed, number))
        for seed, (program, state) in enumerate(zip(programs, states, strict=True))
    ]


CHECKS: tuple[Callable[[Subject], None], ...] = (
    card_and_docstring_are_complete,
    it_fills_its_slot,
    each_setting_has_a_range,
    settings_survive_toml_and_pickle,
    same_draws_give_the_same_result,
    it_changes_none_of_its_inputs,
    switched_off_it_changes_nothing,
    alone_equals_stacked,
    killed_and_resumed_it_ends_the_same,
    it_agrees_with_its_twin,
)


def check_technique(entry: Entry, folder: str = ".") -> tuple[Checked, ...]:
    """Return the outcome of every check of the contract for this technique.

    Where it does not fill its slot, nothing else can be tried, and the last outcome says so.
    """
    outcomes: list[Checked] = []
    for check in CHECKS:
        outcomes.append(_checked(check, Subject(entry, folder)))
        if check is it_fills_its_slot and outcomes[-1].passed is False:
            break
    return tuple(outcomes)


def _checked(check: Callable[[Subject], None], subject: Subject) -> Checked:
    name = check.__name__.replace("_", " ")
    try:
        check(subject)
    except DoesNotApply as reason:
        return Checked(name, None, str(reason))
    except Exception as error:  # whatever somebody's technique raises is its failure
        if isinstance(error, CheckFailed):
            return Checked(name, False, str(error))
        if isinstance(error, HikakuError):
            return Checked(name, False, error.text())
        where = line_of(error)
        return Checked(name, False, f"{where}: {said(error)}" if where else said(error))
    return Checked(name, True)
