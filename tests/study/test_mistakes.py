from __future__ import annotations

from collections.abc import Callable
from copy import copy

import pytest
from small_house import STUDY

from hikaku.errors import StudyError
from hikaku.study.decode import KEYS, NOT_YET, from_mapping
from hikaku.study.node import MOST

Mistakes = Callable[..., list[str]]

WRONG = """\
formt    = 1
metric   = "acuracy"
seeds    = 0
model    = "smal-cnn"
data     = { use = "digit", train = -1 }

[recipe]
epochs = 0
optimizer = [{ use = "adam" }, { use = "sgd" }]
loss = { use = "label-smoothing", amonut = 0.1 }

[[variant]]
name = "base"
layers = [{ use = "dropout", p = 2 }]

[[variant]]
name = "ok"
loss = "dropout"
"""


@pytest.mark.fault("E1")
def test_all_mistakes_come_at_once_in_the_order_of_the_lines(mistakes: Mistakes) -> None:
    found = mistakes(WRONG)
    assert [line.partition(": ")[0] for line in found] == [
        "1 formt",
        "1 format",
        "1 worth",
        "2 metric.name",
        "3 seeds",
        "4 model",
        "5 data.use",
        "5 data.train",
        "8 recipe.epochs",
        "9 recipe.optimizer",
        "10 recipe.loss.amonut",
        "13 variant[0].name",
        "14 variant[0].layers[0].p",
        "18 variant[1].loss",
    ]


@pytest.mark.fault("C12")
def test_a_mistake_names_file_line_key_fault_and_nearest_name(
    decoded: Callable[..., object], tmp_path: object
) -> None:
    with pytest.raises(StudyError) as caught:
        decoded(WRONG)
    text = str(caught.value)
    assert (
        f"{tmp_path}/study.toml:10:35 recipe.loss.amonut: "
        "label-smoothing has no setting 'amonut'. "
        "Did you mean 'amount'?\n  mend: allowed here: use, amount" in text
    )
    assert caught.value.exit_code == 2
    assert copy(caught.value).faults == caught.value.faults


@pytest.mark.parametrize("key", ["format", "metric", "worth", "model"])
@pytest.mark.fault("E2")
def test_what_must_be_written_is_missed(mistakes: Mistakes, key: str) -> None:
    lines = [line for line in STUDY.splitlines() if not line.startswith(key)]
    assert mistakes("\n".join(lines)) == [f"1 {key}: must be written."]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (('use = "digits"',), "8 data.use: must be written."),
        (('optimizer = { use = "adam", lr = 1e-2 }',), "13 recipe.optimizer: must be written."),
        (("epochs = 60",), "13 recipe.epochs: must be written, or 'steps' instead."),
    ],
)
def test_what_must_be_written_in_a_table_is_missed_there(
    mistakes: Mistakes, lines: tuple[str, ...], fault: str
) -> None:
    kept = "\n".join(line for line in STUDY.splitlines() if line not in lines)
    assert [line for line in mistakes(kept) if fault.split()[1] in line] == [fault]


@pytest.mark.fault("C12")
def test_what_base_got_wrong_is_not_blamed_on_a_variant(mistakes: Mistakes) -> None:
    (found,) = mistakes(STUDY, ('layers = [{ use = "dropout"', 'layers = [{ use = "droput"'))
    assert found.startswith("17 recipe.layers[0].use: there is no technique 'droput'.")


def test_an_empty_study_misses_everything_at_once(mistakes: Mistakes) -> None:
    assert mistakes("") == [
        f"1 {key}: must be written."
        for key in ("format", "data", "model", "recipe", "metric", "worth")
    ]


@pytest.mark.parametrize("key", NOT_YET)
def test_a_key_of_a_later_version_is_answered_with_not_yet(mistakes: Mistakes, key: str) -> None:
    assert mistakes(f"{key} = 3\n" + STUDY) == [
        f"1 {key}: not yet: '{key}' comes with a later version."
    ]


@pytest.mark.parametrize(
    ("key", "table"), [("epochs", "[recipe]"), ("optimizer", "[recipe]"), ("take", "[data]")]
)
def test_a_key_at_the_wrong_level_is_sent_home(mistakes: Mistakes, key: str, table: str) -> None:
    assert mistakes(f"{key} = 3\n" + STUDY) == [f"1 {key}: this belongs into {table}."]


def test_an_unknown_key_far_from_all_others_gets_no_suggestion(mistakes: Mistakes) -> None:
    assert mistakes("zzz = 3\n" + STUDY) == ["1 zzz: a study has no key 'zzz'."]


def test_a_file_full_of_mistakes_is_given_up_early(mistakes: Mistakes) -> None:
    assert len(mistakes("".join(f"x{number} = 1\n" for number in range(20_000)))) == MOST


def test_in_python_the_key_alone_is_named(house: object) -> None:
    with pytest.raises(StudyError) as caught:
        from_mapping({"format": 1, 3: 4}, name="s", folder=".", catalogue=house)
    faults = [f"{fault.where} {fault.what}".strip() for fault in caught.value.faults]
    assert "worth: must be written." in faults
    assert "the key 3 is no text." in faults


def test_endless_nesting_in_python_ends(house: object) -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(StudyError, match="nested too deeply"):
        from_mapping({"format": endless}, name="s", folder=".", catalogue=house)


def test_reserved_and_known_keys_never_overlap() -> None:
    assert not set(KEYS) & set(NOT_YET)
