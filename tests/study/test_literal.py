from __future__ import annotations

from pathlib import Path

import pytest
from small_house import technique_source

from hikaku.errors import StudyError
from hikaku.study.literal import read_datasets, read_models, read_technique

GOOD = technique_source("dropout")


def read(folder: Path, text: str) -> object:
    path = folder / "dropout.py"
    path.write_text(text)
    return read_technique(path, "dropout")


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(StudyError) as caught:
        read(folder, text)
    return [
        f"{fault.where.rpartition('dropout.py:')[2]} {fault.what}" for fault in caught.value.faults
    ]


def test_card_docstring_and_settings_are_read_without_running_the_file(tmp_path: Path) -> None:
    entry = read(tmp_path, GOOD + "\nraise RuntimeError('the file was run')\n")
    assert entry.name == "dropout"
    assert entry.slot == "layers"
    assert entry.summary == "dropout: what it does, in a line."
    assert entry.card.paper == "A. Author, 2001"
    assert entry.symbol == "Technique"
    assert [(s.name, s.kind, s.default, s.allowed) for s in entry.settings] == [
        ("p", "Share", 0.5, ">= 0 and < 1"),
        ("at", "Patterns", (), "a list of texts"),
        ("place", "Literal['before', 'after']", "before", "one of: before, after"),
    ]


def test_a_use_is_complete_and_in_declared_order(tmp_path: Path) -> None:
    use = read(tmp_path, GOOD).use({"place": "after"})
    assert use.settings == (("p", 0.5), ("at", ()), ("place", "after"))


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ('"""dropout: what it does, in a line."""', "", "1: a technique's file begins with a do"),
        ("CARD = Card(", "CARD = Cart(", "1: a technique's file holds one literal `CARD ="),
        ('formula="x", ', "", "9: the card lacks 'formula'"),
        ('paper="A. Author, 2001"', 'paper=""', "9: the card's 'paper' is empty"),
        ("year=2001", "year=now()", "11: the card's 'year' is no literal"),
        ("year=2001", 'year="2001"', "11: the card's 'year' must be a whole number"),
        ('slot="layers"', 'slot="layer"', "10: the card's 'slot' must be one of: init, layers"),
        ("year=", "yaer=", "11: a card has no field 'yaer'. Did you mean 'year'?"),
        ("frozen=True", "order=True", "16: a technique is @dataclass(frozen=True)"),
        ("class Technique", "class _Technique", "1: a technique's file holds one public dataclass"),
        ("p: Share", "p: float", "19: the kind of 'p' must be a Literal or one of: Real, Positive"),
        ("p: Share = 0.5", "p: Share", "19: 'p' needs a default"),
        ("p: Share = 0.5", "p: Share = 1.5", "19: the default of 'p' must be >= 0 and < 1"),
        ("p: Share = 0.5", "p: Share = 1 / 2", "19: the default of 'p' is no literal"),
        ("p: Share = 0.5", "use: Share = 0.5", "19: no setting can be called 'use'"),
        ("conflicts=()", 'off={"q": 0}', "16: the card's 'off' sets 'q' to what it cannot be"),
        ("conflicts=()", 'off={"p": 2}', "16: the card's 'off' sets 'p' to what it cannot be"),
        ("class Technique:", "class Technique(:", "16: this file cannot be read as Python"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(
    tmp_path: Path, before: str, after: str, what: str
) -> None:
    assert before in GOOD
    found = faults(tmp_path, GOOD.replace(before, after))
    assert any(fault.startswith(what) for fault in found), found


def test_everything_wrong_with_a_file_is_said_at_once(tmp_path: Path) -> None:
    broken = GOOD.replace("p: Share", "p: float").replace("year=", "yaer=")
    assert len(faults(tmp_path, broken)) == 3  # the wrong field, the lacking one, the kind


@pytest.mark.parametrize(
    "data", [b"\0", b"\xff\xfe", b"(" * 10_000, b"x = " + b"-" * 100_000 + b"1", b"\n" * 10]
)
def test_whatever_a_file_holds_the_answer_is_a_study_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "strange.py"
    path.write_bytes(data)
    with pytest.raises(StudyError):
        read_technique(path, "strange")


def test_models_are_the_public_functions(tmp_path: Path) -> None:
    path = tmp_path / "zoo.py"
    path.write_text(
        "def two_words(inputs, classes, a: Flag = True, *, b: PositiveCount = 2):\n    'Claim.'\n"
        "def _private(x): pass\nclass Net: pass\n"
    )
    (entry,) = read_models(path).values()
    assert (entry.name, entry.slot, entry.summary) == ("two-words", "model", "Claim.")
    assert [(s.name, s.default) for s in entry.settings] == [("a", True), ("b", 2)]


def test_a_models_settings_keep_the_rules_too(tmp_path: Path) -> None:
    path = tmp_path / "zoo.py"
    path.write_text("def net(inputs, classes, a: int = 1, *, b: PositiveCount, **rest): pass")
    with pytest.raises(StudyError) as caught:
        read_models(path)
    assert "the kind of 'a'" in str(caught.value)
    assert "'b' needs a default" in str(caught.value)
    assert "names each of its settings" in str(caught.value)


def test_data_sets_are_literal_calls_and_their_readers_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "builtin.py"
    path.write_text(
        "X: Builtin = Builtin(name='x', kind='regression', official_test=True, read=_read(3))\n"
        "Y = Builtin(name='y', kind='classification', classes=10, official_test=100)\n"
    )
    found = read_datasets(path)
    assert (found["x"].kind, bool(found["x"].official_test)) == ("regression", True)
    assert (found["y"].classes, found["y"].official_test) == (10, 100)


def test_a_data_set_without_a_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "builtin.py"
    path.write_text("X = Builtin(name='x')\nY = Builtin(name=make(), kind='other')\n")
    with pytest.raises(StudyError) as caught:
        read_datasets(path)
    assert "the data set lacks 'kind'" in str(caught.value)
    assert "'name' must be a literal" in str(caught.value)
    assert "one of: classification, regression" in str(caught.value)
