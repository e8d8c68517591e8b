"""`recipe.precision`: how it is written, what it changes, and when that makes another trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from small_house import SMALLEST

from hikaku.study.study import Study, Training, trained
from hikaku.study.trial import fingerprint, plain, training

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]

VARIANT = '\n[[variant]]\nname = "v"\nprecision = "bf16"\n'


def written(precision: str) -> str:
    return SMALLEST + f'precision = "{precision}"\n'


def marked(work: Training) -> str:
    return fingerprint(work, {"sgd": 1}, {})


def test_numbers_are_fp32_unless_asked_otherwise(decoded: Decode) -> None:
    assert trained(decoded(SMALLEST).base).recipe.precision == "fp32"
    for precision in ("fp32", "bf16", "fp64", "auto"):
        assert trained(decoded(written(precision)).base).recipe.precision == precision


def test_the_command_line_may_set_it(decoded: Decode) -> None:
    set_there = decoded(SMALLEST, overrides=["recipe.precision=bf16"])
    assert set_there == decoded(written("bf16"))


def test_in_a_variant_it_is_the_treatment(decoded: Decode) -> None:
    study = decoded(SMALLEST + VARIANT)
    (change,) = trained(study.variants[0].work).diff(trained(study.base))
    assert str(change) == "precision: fp32 -> bf16"


def test_variants_share_what_base_says(decoded: Decode) -> None:
    study = decoded(written("fp64") + '\n[[variant]]\nname = "v"\nbatch_size = 8\n')
    assert trained(study.variants[0].work).recipe.precision == "fp64"


@pytest.mark.parametrize("wrong", ['"bf61"', "16", '"float32"', '["fp32"]'])
def test_nothing_else_is_a_precision(mistakes: Mistakes, wrong: str) -> None:
    (found,) = mistakes(SMALLEST + f"precision = {wrong}\n")
    assert "recipe.precision: must be one of: fp32, bf16, fp64, auto, not" in found


def test_a_slip_in_its_name_is_understood(mistakes: Mistakes) -> None:
    (found,) = mistakes(SMALLEST + 'precison = "bf16"\n')
    assert found.endswith("[recipe] has no key 'precison'. Did you mean 'precision'?")


def test_it_belongs_into_the_recipe(mistakes: Mistakes) -> None:
    assert mistakes('precision = "bf16"\n' + SMALLEST) == [
        "1 precision: this belongs into [recipe]."
    ]


@pytest.mark.parametrize(("base", "variant"), [("auto", "bf16"), ("fp32", "auto")])
def test_the_machine_never_chooses_a_treatment(mistakes: Mistakes, base: str, variant: str) -> None:
    (found,) = mistakes(written(base) + VARIANT.replace("bf16", variant))
    assert found.endswith('"auto" leaves the treatment to the machine that trains it.')


def test_studies_of_before_keep_their_fingerprints(decoded: Decode) -> None:
    work = trained(decoded(SMALLEST).base)
    assert "precision" not in plain(work)["recipe"]  # type: ignore[index]  # plain tables
    others = {marked(trained(decoded(written(name)).base)) for name in ("bf16", "fp64", "auto")}
    assert len(others | {marked(work)}) == 4
    assert marked(trained(decoded(written("fp32")).base)) == marked(work)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_what_was_taken_apart_comes_back(decoded: Decode, precision: str) -> None:
    work = trained(decoded(SMALLEST).base)
    work = replace(work, recipe=replace(work.recipe, precision=precision))
    taken = plain(work)
    assert isinstance(taken, dict)
    assert training(taken) == work
