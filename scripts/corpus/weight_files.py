"""Files of weights that are cut, that lie, or that fit another model."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from corpus.case import STUDY, Case, Content, flipped, written
from hikaku.models.weights import start_from

NAME = "w.safetensors"


def cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    whole = save(good())
    for cut in (0, 1, 7, 8, 9, 40, len(whole) // 2, len(whole) - 1):
        yield _case(f"cut at {cut}", whole[:cut], "cannot be read")
    for at in (*range(8), 8, 9, 20):
        yield _case(f"byte {at} flipped", flipped(whole, at), "cannot be read")
    yield _case("a byte more", whole + b"\0", "cannot be read")
    for name, content, word in _heads():
        yield _case(name, content, word)
    for name, tensors, word in _misfits():
        yield _case(name, save(dict(tensors)), word)
    for name, content in _OTHERS.items():
        yield _case(name, content, "cannot be read")
    for ending in (".pt", ".pth", ".bin", ".pkl", ".ckpt", ".h5", ".npz"):
        yield _named(f"a {ending} file", f"w{ending}", whole)
    for name, make in (("a folder", _folder), ("a pipe", _pipe), ("nowhere", _nowhere)):
        yield Case("weights", name, make, laid, STUDY, "cannot be read", ("G3",))


def good() -> dict[str, Tensor]:
    """Return the weights that fit."""
    return {name: value.clone() for name, value in nn.Linear(3, 2).state_dict().items()}


def laid(path: Path) -> object:
    """Lay a file into a model of two tensors."""
    model = nn.Linear(3, 2)
    start_from(model, path.name, (), str(path.parent))
    return model


def _case(name: str, content: Content, word: str) -> Case:
    return Case("weights", name, written(NAME, content), laid, STUDY, word, ("G3",))


def _named(name: str, file: str, content: bytes) -> Case:
    return Case("weights", name, written(file, content), laid, STUDY, "weights_only", ("G2",))


def with_head(head: bytes, data: bytes = bytes(32)) -> bytes:
    """Return a file with this head, whatever it says."""
    return len(head).to_bytes(8, "little") + head + data


def _entry(dtype: str = "F32", shape: Any = (2, 3), offsets: Any = (0, 24)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def _heads() -> Iterator[tuple[str, Content, str]]:
    def head(weight: Any, **more: Any) -> bytes:
        found = {"weight": weight, "bias": _entry("F32", [2], [24, 32]), **more}
        return with_head(json.dumps(found).encode())

    bad = "cannot be read"
    entry = json.dumps(_entry()).encode()
    twice = b'{"weight":' + entry + b',"weight":' + entry + b"}"
    yield "a name twice", with_head(twice, bytes(24)), "twice"
    yield "a key twice", with_head(b'{"weight":{"dtype":"F32","dtype":"F16"}}'), "twice"
    yield "a head of 99 MB", lambda: with_head(b" " * 99_000_000, b""), "8,388,608 are allowed"
    yield "a head of 2^63 bytes", (2**63).to_bytes(8, "little") + b"{}", "head would take"
    yield "a head larger than the file", (100).to_bytes(8, "little") + b"{}", "head would take"
    yield "60,000 tensors", lambda: _crowd("t", 60_000), "60,000 tensors"
    yield "120,000 tensors", lambda: _crowd("tensor", 120_000), "are allowed"
    yield "a head that is no JSON", with_head(b"{'weight': 1}"), bad
    yield "a head that is no text", with_head(b"\xff\xfe{}"), bad
    yield "a head that is a list", with_head(b"[]"), bad
    yield "100,000 brackets", with_head(b"[" * 100_000), bad
    yield "100,000 tables", with_head(b'{"a":' * 100_000), bad
    yield "no offsets", head({"dtype": "F32", "shape": [2, 3]}), bad
    yield "offsets beyond the file", head(_entry(offsets=[0, 10**9])), bad
    yield "offsets turned round", head(_entry(offsets=[24, 0])), bad
    yield "offsets below 0", head(_entry(offsets=[-24, 0])), bad
    yield "offsets that overlap", head(_entry(offsets=[8, 32])), bad
    yield "a hole", with_head(json.dumps({"weight": _entry(offsets=[8, 32])}).encode()), bad
    yield "a shape that does not fit", head(_entry(shape=[3, 3])), bad
    yield "a shape that overflows", head(_entry(shape=[2**32, 2**32])), bad
    yield "a shape below 0", head(_entry(shape=[-2, -3])), bad
    yield "a shape of texts", head(_entry(shape=["2", "3"])), bad
    yield "a type that is none", head(_entry(dtype="X99")), bad
    yield "metadata that are no texts", head(_entry(), __metadata__={"a": 1}), bad


def _crowd(name: str, number: int) -> bytes:
    empty = _entry("F32", [0], [0, 0])
    return with_head(json.dumps({f"{name}{n}": empty for n in range(number)}).encode(), b"")


def _misfits() -> Iterator[tuple[str, Mapping[str, Tensor], str]]:
    fit = good()
    yield "no tensor", {}, "missing: weight, bias"
    yield "one tensor missing", {"weight": fit["weight"]}, "missing: bias"
    yield "one tensor more", {**fit, "more": torch.zeros(1)}, "not in the model: more"
    yield "other names", {f"net.{name}": value for name, value in fit.items()}, "not in the model"
    yield "turned round", {**fit, "weight": torch.zeros(3, 2)}, "(3, 2) → (2, 3)"
    yield "one dimension less", {**fit, "weight": torch.zeros(6)}, "(6,) → (2, 3)"
    yield "a number for a tensor", {**fit, "bias": torch.tensor(0.0)}, "() → (2,)"
    whole = torch.zeros(2, dtype=torch.int64)
    yield "whole numbers", {**fit, "bias": whole}, "another kind of number"
    yield "truth values", {**fit, "bias": whole.bool()}, "another kind of number"
    yield "names with an escape sequence", {**fit, "\x1b[31m": torch.zeros(1)}, "not in the model"
    yield "a name of 10 kB", {**fit, "n" * 10_000: torch.zeros(1)}, "not in the model"
    yield "1,000 names more", {**fit, **_many()}, "and 800 more"


def _many() -> dict[str, Tensor]:
    return {f"t{n}": torch.zeros(1) for n in range(1000)}


_OTHERS = {
    "HTML": b"<!DOCTYPE html><html>404</html>",
    "a pointer of git-lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(60),
    "NumPy": b"\x93NUMPY\x01\x00" + bytes(60),
    "GGUF": b"GGUF\x03\x00\x00\x00" + bytes(60),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(60),
}


def _folder(folder: Path) -> Path:
    (folder / NAME).mkdir()
    return folder / NAME


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / NAME)
    return folder / NAME


def _nowhere(folder: Path) -> Path:
    return folder / NAME
