"""Whatever bytes or text a parser is given: a value, or a HikakuError that is whole.

HYPOTHESIS_PROFILE=soak tries 8,000 of each, and `make soak` does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save
from test_corpus import whole

from corpus import arrays, packed, studies, tables, weight_files
from corpus.case import reading
from hikaku.data.prepare import Preparation
from hikaku.data.unseen import Form, Wanted
from hikaku.data.unseen import read as read_unseen
from hikaku.errors import HikakuError
from hikaku.models.weights import read as read_weights
from hikaku.store.kept import head
from hikaku.study.decode import from_mapping, load
from hikaku.study.keep import MARK
from hikaku.study.study import Training
from hikaku.training import blueprint
from hikaku.training.blueprint import Blueprint

tried = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def changed(draw: st.DrawFn, valid: bytes) -> bytes:
    """Return valid bytes with some of them replaced, taken out or put in."""
    found = valid
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(found)))
        gone = draw(st.integers(0, 16) | st.integers(0, len(found)))
        found = found[:at] + draw(st.binary(max_size=16)) + found[at + gone :]
    return found


def answers(ask: Callable[[], object], *, exit_codes: tuple[int, ...]) -> None:
    """Ask, and fail on anything but an answer or an error of ours that is whole."""
    try:
        ask()
    except HikakuError as error:
        assert error.exit_code in exit_codes
        assert all(map(whole, error.faults)), error


WORDS = st.text(alphabet="[]{}=.,\"'#\n\\ \t0123456789ehlmnoprstuxad-_é", max_size=60)
PLAIN: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
STUDY = studies.study({})
VALID: Mapping[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 1,
    "model": "mlp",
    "data": {"use": "digits"},
    "recipe": {"epochs": 1, "optimizer": "sgd"},
    "variant": [{"name": "a", "optimizer": "adam"}],
}


@pytest.mark.fault("E2", "E3")
@tried
@given(changed(STUDY.encode()) | st.binary(max_size=80) | WORDS.map(str.encode))
def test_of_any_study_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(content)
    answers(lambda: load(path), exit_codes=(2,))


@pytest.mark.fault("E2")
@tried
@given(st.sampled_from([*studies.WRONG, "train", "command", "settings", "design"]), PLAIN)
def test_of_any_value_of_any_key(tmp_path: Path, key: str, value: object) -> None:
    table: dict[str, Any] = deepcopy(dict(VALID))
    place, _, last = key.rpartition(".")
    holder = table["variant"][0] if place == "variant" else table.get(place, table)
    if isinstance(holder, dict):
        holder[last] = value
    answers(lambda: from_mapping(table, name="s", folder=tmp_path), exit_codes=(2,))


@pytest.mark.fault("E2")
@tried
@given(WORDS | st.text(max_size=40), st.sampled_from(["", "metric=", "recipe.", "data.use="]))
def test_of_any_override(tmp_path: Path, text: str, start: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    answers(lambda: load(path, overrides=[start + text]), exit_codes=(2,))


@pytest.mark.fault("C8", "E2")
@tried
@given(st.text(max_size=40) | st.text(alphabet="0123456789,- .e", max_size=30))
def test_of_any_text_for_seeds(tmp_path: Path, text: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    answers(lambda: load(path, seeds=text), exit_codes=(2,))


@pytest.mark.fault("E2")
@tried
@given(
    st.lists(
        st.sampled_from(["test", "train", "validation", "loss", "accuracy", "auroc", "x", "m.py:f"])
    ).map(" ".join)
    | st.text(max_size=30)
    | st.fixed_dictionaries(
        {"name": st.sampled_from(["loss", "accuracy", "f.py:g"])},
        optional={
            "split": WORDS,
            "better": WORDS,
            "of": st.text(max_size=9).map("steps-to:".__add__),
        },
    )
)
def test_of_any_words_for_a_metric(tmp_path: Path, words: object) -> None:
    table = {**VALID, "metric": words}
    answers(lambda: from_mapping(table, name="s", folder=tmp_path), exit_codes=(2,))


@pytest.mark.fault("D1")
@tried
@given(changed(packed.IDX) | st.binary(max_size=40).map(packed.HEAD[:4].__add__))
def test_of_any_idx_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "images"
    path.write_bytes(content)
    answers(lambda: packed.images(path), exit_codes=(3,))


@pytest.mark.fault("D3")
@tried
@given(
    st.lists(st.integers(0, 255), max_size=12),
    st.integers(-2, 2),
    st.sampled_from(["data_batch_1.bin", "train.bin"]),
)
def test_of_any_records_of_cifar(tmp_path: Path, labels: list[int], more: int, name: str) -> None:
    for file in tmp_path.glob("*.bin"):
        file.unlink()
    content = b"".join(bytes([label]) + bytes(3072) for label in labels)
    (tmp_path / name).write_bytes(content[: len(content) + min(more, 0)] + bytes(max(more, 0)))
    answers(lambda: reading()(tmp_path), exit_codes=(3,))


@pytest.mark.fault("D16")
@tried
@given(
    changed(tables.GOOD.encode())
    | st.text(alphabet='aby,;\t|"\n\r0123.eE-+ NnAé\ufeff', max_size=80).map(
        lambda text: ("a,y\n" + text).encode()
    )
)
def test_of_any_table(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    answers(lambda: reading(target="y")(path), exit_codes=(3,))


HEADERS = st.text(alphabet="{}()[]:,'\"<>|fiuOUSVbcM0123456789 descrhaptony_LTruel", max_size=90)
LIKE_NUMPY = "{{'descr': {!r}, 'fortran_order': {}, 'shape': {}}}"
SHAPES = st.lists(st.integers(-9, 2**65) | st.integers(0, 9), max_size=5).map(tuple)
TYPES = st.sampled_from(["<f4", "|O", "<U3", "|V8", "<M8[ns]", "[('a','O')]", "|S0", "<c16", ">i8"])


@pytest.mark.fault("D17")
@tried
@given(
    HEADERS
    | st.builds(
        "{{'descr': {!r}, 'fortran_order': {}, 'shape': {}}}".format, TYPES, st.booleans(), SHAPES
    ),
    st.binary(max_size=96),
    st.booleans(),
)
def test_of_any_header_of_an_array(tmp_path: Path, header: str, data: bytes, alone: bool) -> None:
    content = arrays.magic(header.encode("ascii", "replace").decode()[:110]) + data
    path = tmp_path / ("x.npy" if alone else "data.npz")
    path.write_bytes(content if alone else arrays.npz(x=content, y=arrays.npy(arrays.Y)))
    wanted = Wanted({"": Form((3,), "float32")}, Preparation(1.0))
    answers(lambda: read_unseen([path], wanted) if alone else reading()(path), exit_codes=(3,))


@pytest.mark.fault("D17")
@tried
@given(changed(arrays.npz(x=arrays.npy(arrays.X), y=arrays.npy(arrays.Y))))
def test_of_any_npz_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    answers(lambda: reading()(path), exit_codes=(3,))


KEPT = save(weight_files.good(), {MARK: json.dumps({"format": 1, "scores": {}})})


@pytest.mark.fault("G3")
@tried
@given(changed(KEPT) | st.binary(max_size=200).map(weight_files.with_head))
def test_of_any_file_of_weights(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    assert isinstance(head(path), dict)
    answers(lambda: read_weights(path), exit_codes=(2,))


@pytest.mark.fault("G3")
@tried
@given(PLAIN)
def test_of_anything_in_the_head_of_kept_weights(tmp_path: Path, value: object) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(
        weight_files.with_head(json.dumps({"__metadata__": {MARK: json.dumps(value)}}).encode())
    )
    assert isinstance(head(path), dict)


def valid_blueprint() -> dict[str, Any]:
    recipe = {"epochs": 1, "optimizer": "sgd", "layers": ["dropout"]}
    study = from_mapping({**VALID, "recipe": recipe}, name="s", folder=".")
    assert isinstance(study.base, Training)
    found: dict[str, Any] = json.loads(
        Blueprint(
            key="k",
            work=study.base,
            seed=0,
            inputs={"": blueprint.Wanted((3,), "float32", (3,), 0.0, 1.0, whole=False)},
            kind="classification",
            classes=("a", "b"),
            outputs=2,
            preparation=Preparation(1.0),
        ).text()
    )
    return found


def places(value: object, way: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the way to everything inside a value of JSON."""
    inside = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inside = enumerate(value)
    return [way, *(place for key, item in inside for place in places(item, (*way, key)))]


GOOD = valid_blueprint()


@pytest.mark.fault("G3")
@tried
@given(st.sampled_from([place for place in places(GOOD) if place]), PLAIN, st.booleans())
def test_of_any_blueprint_beside_kept_weights(
    place: tuple[str | int, ...], value: object, gone: bool
) -> None:
    found = deepcopy(GOOD)
    *way, last = place
    holder: Any = reduce(getitem, way, found)
    if gone:
        del holder[last]
    else:
        holder[last] = value
    answers(lambda: blueprint.from_head(found, "w.safetensors:"), exit_codes=(4,))


def test_a_blueprint_that_nobody_changed_is_read() -> None:
    assert blueprint.from_head(GOOD, "w.safetensors:").classes == ("a", "b")
