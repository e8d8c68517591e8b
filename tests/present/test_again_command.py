"""The command that makes results again, as a shell reads it."""

from __future__ import annotations

import shlex
from dataclasses import replace

import fake_study
import pytest

from hikaku.api import redo
from hikaku.present.again import again, words
from hikaku.record import Results


def _computed(arithmetic: str, others: str = "") -> Results:
    """Return results whose base was computed so; its variants as `others` were, or alike."""
    found = fake_study.results(fake_study.study(("dropout",)))
    return replace(
        found,
        trials={
            (arm, seed): replace(
                one,
                outcome=replace(one.outcome, arithmetic=(arm != "base" and others) or arithmetic),
            )
            for (arm, seed), one in found.trials.items()
        },
    )


@pytest.mark.parametrize(
    ("arithmetic", "engine"),
    [
        ("plain cpu x86_64 fp32, 1 thread", " --engine plain"),
        ("book cpu x86_64 fp64, 1 thread", " --engine book"),
        ("stacked cpu x86_64 fp32, 1 thread", " --engine stacked"),
        ("plain cuda NVIDIA H100 fp32, 1 thread", " --engine plain"),
        # What they are computed by without being told to.
        ("dense cpu x86_64 fp32, 1 thread", ""),
        ("stacked cuda NVIDIA H100 bf16, 1 thread, stacks of 32", ""),
        ("plain mps M1 fp32, 1 thread", ""),
        ("plain cpu x86_64 fp32, 1 thread, convolutions channels-last, joined with pooling", ""),
        ("outside cpu, 4 x86_64 cores", ""),
        ("", ""),
    ],
)
def test_the_engine_is_named_where_it_would_be_another(arithmetic: str, engine: str) -> None:
    assert again(("digits",), _computed(arithmetic)) == f"hikaku run digits{engine}"


def test_the_engine_is_that_of_base() -> None:
    # A variant that base's engine cannot take is computed plainly without being told to.
    found = _computed("dense cpu x86_64 fp32, 1 thread", "plain cpu x86_64 fp32, 1 thread")
    assert again(("digits",), found) == "hikaku run digits"


def test_of_base_in_two_ways_it_is_the_one_of_most_trials() -> None:
    found = _computed("dense cpu x86_64 fp32, 1 thread")
    plain = _computed("plain cpu x86_64 fp32, 1 thread").trials[("base", 0)]
    mixed = replace(found, trials={**found.trials, ("base", 0): plain})
    assert again(("digits",), mixed) == "hikaku run digits"


def test_a_shell_reads_the_words_that_were_typed() -> None:
    typed = words("my study; x.toml", ("base.recipe.epochs=3", "name=a b"), "0-4")
    line = again(typed, Results((), {}))
    assert shlex.split(line) == [
        "hikaku", "run", "my study; x.toml", "--set", "base.recipe.epochs=3", "--set", "name=a b",
        "--seeds", "0-4",
    ]  # fmt: skip  # a line of words


def test_the_python_door_gives_the_same_command() -> None:
    plain = _computed("plain cpu x86_64 fp32, 1 thread")
    asked = "my study; x.toml"
    assert redo(asked, plain) == "hikaku run 'my study; x.toml' --engine plain"
    assert redo(asked, plain) == again(words(asked), plain)
    assert redo(fake_study.study(), plain) == ""
