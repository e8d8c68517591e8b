from __future__ import annotations

from collections.abc import Callable

import pytest
from small_house import STUDY

from hikaku.study.study import Study, Training

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]

BASE = STUDY[: STUDY.index("[[variant]]")]


def variant(decoded: Decode, lines: str, *changes: tuple[str, str]) -> Training:
    (arm,) = decoded(BASE + f'[[variant]]\nname = "v"\n{lines}\n', *changes).variants
    return arm.work


@pytest.mark.parametrize(
    ("lines", "treatment"),
    [
        ('optimizer = { use = "sgd", lr = 0.1 }', ["optimizer: adam(lr=0.01, beta1=0.9) -> sgd(l"]),
        ('loss = "label-smoothing"', ["loss: cross-entropy -> label-smoothing(amount=0.1)"]),
        ('layers = ["batch-norm"]', ["layers + batch-norm(eps=1e-05, affine=true)"]),
        ('penalty = [{ use = "l2" }]', ["penalty + l2(amount=0.0001)"]),
        ('remove = ["dropout"]', ["layers - dropout(p=0.2, at=[], place=before)"]),
        ("steps = 100", ["epochs: 60 -> none", "steps: none -> 100"]),
        ("epochs = 30", ["epochs: 60 -> 30"]),
        ("batch_size = 8", ["batch_size: 32 -> 8"]),
        ('order = "with-replacement"', ["order: shuffle -> with-replacement"]),
        ('evaluate_every = "2 epochs"', ["evaluate_every: epoch -> 2 epochs"]),
        (
            'model = { use = "mlp", hidden = [9] }',
            ["model: small-cnn(channels=[32, 64, 128], dens"],
        ),
        ("data.train = 240", ["data.train: 480 -> 240"]),
        ("data = { train = 240 }", ["data.train: 480 -> 240"]),
        ('data.train = "all"', ["data.train: 480 -> all"]),
    ],
)
def test_a_variant_is_the_base_with_something_changed(
    decoded: Decode, lines: str, treatment: list[str]
) -> None:
    base = decoded(BASE).base
    changes = [str(change) for change in variant(decoded, lines).diff(base)]
    assert len(changes) == len(treatment)
    assert all(
        change.startswith(words) for change, words in zip(changes, treatment, strict=True)
    ), changes


def test_a_technique_taken_out_can_be_put_back_with_other_settings(decoded: Decode) -> None:
    work = variant(decoded, 'remove = ["dropout"]\nlayers = [{ use = "dropout", p = 0.1 }]')
    assert [dict(use.settings)["p"] for use in work.recipe.layers] == [0.1]


def test_taking_out_a_one_value_slots_technique_empties_it_or_restores_the_default(
    decoded: Decode,
) -> None:
    filled = ("batch_size", 'stopping = "early-stopping"\nloss = "label-smoothing"\nbatch_size')
    work = variant(decoded, 'remove = ["early-stopping", "label-smoothing"]', filled)
    assert work.recipe.stopping is None
    assert work.recipe.loss.name == "cross-entropy"


def test_a_variant_with_fewer_samples_keeps_the_bases_test_set(decoded: Decode) -> None:
    work = variant(decoded, "data.train = 240")
    assert (work.data.test, work.data.beside) == ("rest", 600)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("layers = []", "19 variant[0]: 'v' is equal to base: it changes nothing."),
        ("", "19 variant[0]: 'v' is equal to base: it changes nothing."),
        ('optimizer = { use = "adam", lr = 1e-2 }', "19 variant[0]: 'v' is equal to base"),
        ("data.train = 480", "19 variant[0]: 'v' is equal to base"),
        ("epochs = 3\nsteps = 3", "22 variant[0].steps: the work is counted in epochs or in steps"),
        ('remove = ["adam"]', "21 variant[0].remove: there must be an optimizer"),
        (
            'remove = ["droput"]',
            "21 variant[0].remove[0]: base has no technique 'droput' to take out. Did",
        ),
        ('remove = "dropout"', "21 variant[0].remove: must be a list of techniques' names, not"),
        ("remove = [3]", "21 variant[0].remove[0]: must be text, not 3."),
        ('data = "mnist"', "21 variant[0].data: must be a table, not 'mnist'."),
        ('data.use = "mnist"', "21 variant[0].data.use: every arm of one seed is val"),
        ("data.test = 100", "21 variant[0].data.test: every arm of one seed is"),
        ("data.validation = 60", "21 variant[0].data.validation: every arm of one seed is"),
        ('data.take = "first"', "21 variant[0].data.take: every arm of one seed is val"),
        (
            "data.tain = 100",
            "21 variant[0].data.tain: data has no key 'tain'. Did you mean 'train'",
        ),
        (
            "data.train = 500",
            "21 variant[0].data.train: train and validation take 620 samples",
        ),
        ("train = 240", "21 variant[0].train: this belongs into [variant.data]"),
        ("validation = 60", "21 variant[0].validation: this belongs into [data]."),
        ("worth = 3", "21 variant[0].worth: this belongs into the top of the file"),
        (
            "optimiser = 3",
            "21 variant[0].optimiser: a variant has no key 'optimiser'. Did you mean",
        ),
        ("loss.amonut = 3", "21 variant[0].loss.use: must be written."),
    ],
)
def test_a_wrong_variant_is_answered_with_what_is_allowed(
    mistakes: Mistakes, lines: str, fault: str
) -> None:
    (found,) = mistakes(BASE + f'[[variant]]\nname = "v"\n{lines}\n')
    assert found.startswith(fault)


@pytest.mark.fault("E4")
def test_two_equal_variants_are_named_both(mistakes: Mistakes) -> None:
    one = '[[variant]]\nname = "one"\nepochs = 3\n'
    (found,) = mistakes(BASE + one + one.replace("one", "two"))
    assert found == "22 variant[1]: 'two' is equal to 'one'."


def test_a_stand_in_for_what_is_wrong_in_base_equals_nothing(mistakes: Mistakes) -> None:
    found = mistakes(
        BASE + '[[variant]]\nname = "v"\nloss = "cross-entropy"\n',
        ("batch_size", 'loss = "crossentropi"\nbatch_size'),
    )
    assert len(found) == 1


def test_equality_with_base_is_found_beside_other_mistakes(mistakes: Mistakes) -> None:
    found = mistakes(BASE + '[[variant]]\nname = "v"\nepochs = 60\n', ("batch_size", "batchsize"))
    assert [line.split()[1] for line in found] == ["recipe.batchsize:", "variant[0]:"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ('"base"', "'base' is the name of the base."),
        ('" BASE "', "'base' is the name of the base."),
        ('""', "must not be empty"),
        ('" "', "must not be empty"),
        ('"a\\u0007"', "no control characters"),
        ('"a\\u202e"', "no control characters"),
        ('"a\\nb"', "no control characters"),
        (f'"{"x" * 81}"', "at most 80 letters"),
        ("3", "must be text, not 3."),
    ],
)
def test_a_name_is_short_visible_and_not_base(mistakes: Mistakes, name: str, fault: str) -> None:
    (found,) = mistakes(BASE + f"[[variant]]\nname = {name}\nepochs = 3\n")
    assert found.startswith("20 variant[0].name: ")
    assert fault in found


@pytest.mark.parametrize(
    ("one", "two"), [("Dropout", "dropout"), ("é", "e\u0301"), ("straße", "STRASSE"), ("a", " a")]
)
@pytest.mark.fault("C17")
def test_names_that_look_alike_are_one_name(mistakes: Mistakes, one: str, two: str) -> None:
    text = f'[[variant]]\nname = "{one}"\nepochs = 3\n[[variant]]\nname = "{two}"\nepochs = 4\n'
    (found,) = mistakes(BASE + text)
    assert found.startswith("23 variant[1].name: there is another variant '")


def test_a_variant_needs_a_name_and_is_a_table(mistakes: Mistakes) -> None:
    assert mistakes(BASE + "[[variant]]\nepochs = 3\n") == ["19 variant[0].name: must be written."]
    (found,) = mistakes(BASE + '[variant]\nname = "v"\nepochs = 3\n')
    assert found == "19 variant: variants are written as [[variant]], each with its name."
    (found,) = mistakes("variant = [3]\n" + BASE)
    assert found == "1 variant[0]: must be a table, not 3."


@pytest.mark.fault("C11")
def test_a_clash_with_base_is_the_variants_mistake_and_said_once(mistakes: Mistakes) -> None:
    text = BASE.replace('{ use = "dropout", p = 0.2 }', '"relu"')
    first = '[[variant]]\nname = "v"\nlayers = ["tanh"]\n'
    second = '[[variant]]\nname = "w"\nepochs = 3\n'
    (found,) = mistakes(text + first + second)
    assert found.startswith("21 variant[0].layers[0]: 'relu' and 'tanh' both write the activation")


def test_a_bases_clash_is_not_said_again_for_each_variant(mistakes: Mistakes) -> None:
    text = BASE.replace('{ use = "dropout", p = 0.2 }', '"relu", "tanh"')
    (found,) = mistakes(text + '[[variant]]\nname = "v"\nepochs = 3\n')
    assert found.startswith("17 recipe.layers[1]:")
