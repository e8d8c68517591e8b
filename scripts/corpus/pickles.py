"""Pickles that would run a command, under every name that might tempt somebody to load one."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.arrays import Y, magic, npy, npz, to_predict, zipped
from corpus.case import DATA, STUDY, Case, Make, reading
from corpus.pictures_of import with_image
from hikaku.models.weights import read as read_weights
from hikaku.study.decode import load

MARKER = "code-was-run"
"""The file that every payload would make beside itself."""


@dataclass(frozen=True)
class _Reduced:
    """What is pickled as a call."""

    function: Callable[..., object]
    arguments: tuple[object, ...]

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.function, self.arguments


def payloads(folder: Path) -> Mapping[str, bytes]:
    """Return hostile pickles by name; each that is loaded makes `MARKER` in the folder."""
    command = f"touch {folder / MARKER}"
    text = command.encode()
    code = f"open({str(folder / MARKER)!r}, 'w').close()".encode()
    short = b"\x8c" + bytes([len(text)]) + text
    coded = b"\x8c" + bytes([len(code)]) + code
    return {
        **{
            f"os.system, protocol {protocol}": pickle.dumps(
                _Reduced(os.system, (command,)), protocol
            )
            for protocol in range(6)
        },
        "eval": b"cbuiltins\neval\n(S'" + code.replace(b"'", b'"') + b"'\ntR.",
        "exec": b"\x80\x04\x8c\x08builtins\x8c\x04exec\x93" + coded + b"\x85R.",
        "compile and exec": b"ctimeit\ntimeit\n(S'pass'\nS'" + code.replace(b"'", b'"') + b"'\ntR.",
        "subprocess": b"csubprocess\ngetoutput\n(S'" + text + b"'\ntR.",
        "a class by INST": b"(S'" + text + b"'\nios\nsystem\n.",
        "a class by OBJ": b"(cos\nsystem\nS'" + text + b"'\no.",
        "a dotted name": b"\x80\x04\x8c\x06shutil\x8c\x09os.system\x93" + short + b"\x85R.",
        "attrgetter": b"coperator\nattrgetter\n(S'system'\ntR(cbuiltins\n__import__\n(S'os'\ntRtR"
        b"(S'" + text + b"'\ntR.",
        "methodcaller": b"coperator\nmethodcaller\n(S'system'\nS'" + text + b"'\ntR"
        b"(cbuiltins\n__import__\n(S'os'\ntRtR.",
        "numpy's runstring": b"cnumpy.testing._private.utils\nrunstring\n(S'"
        + code.replace(b"'", b'"')
        + b"'\n}tR.",
        "runpy": b"crunpy\n_run_code\n(S'" + code.replace(b"'", b'"') + b"'\n}tR.",
        "a number of 2 GB": b"\x80\x02\x8b\xff\xff\xff\x7f.",
        "a text of 2^60 bytes": b"\x80\x04\x8d" + (2**60).to_bytes(8, "little") + b".",
        "bytes of 2^60 bytes": b"\x80\x05\x96" + (2**60).to_bytes(8, "little") + b".",
        "an extension": b"\x80\x02\x82\x01.",
        "a persistent id": b"\x80\x02X\x02\x00\x00\x00osQ.",
        "a memo of 2^31": b"\x80\x02Nr\xff\xff\xff\x7f.",
        "lists doubled 60 times": b"\x80\x02]q\x00" + b"(h\x00h\x00l" * 60 + b".",
        "state laid over a function": b"cos\nsystem\n}S'a'\nS'" + text + b"'\nsb.",
    }


def cases() -> Iterator[Case]:
    """Yield every payload under every name."""
    for payload in payloads(Path("/")):
        for name, make, read, code in DISGUISES:
            written = _laid(payload, make)
            yield Case("pickle", f"{payload} as {name}", written, read, code, "", ("D4", "G2"))


Lay = Callable[[Path, bytes], Path]


def _laid(payload: str, lay: Lay) -> Make:
    return lambda folder: lay(folder, payloads(folder)[payload])


def _as(name: str) -> Lay:
    def lay(folder: Path, content: bytes) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return lay


def _batches(ending: str) -> Lay:
    """CIFAR's Python version: a folder of pickles."""

    def lay(folder: Path, content: bytes) -> Path:
        batches = folder / "cifar-10-batches-py"
        batches.mkdir()
        for name in ("data_batch_1", "data_batch_2", "test_batch"):
            (batches / f"{name}{ending}").write_bytes(content)
        return batches

    return lay


def _objects(folder: Path, content: bytes) -> Path:
    header = magic("{'descr': '|O', 'fortran_order': False, 'shape': (8,), }")
    (folder / "data.npz").write_bytes(npz(x=header + content, y=npy(Y)))
    return folder / "data.npz"


def _object(folder: Path, content: bytes) -> Path:
    header = magic("{'descr': '|O', 'fortran_order': False, 'shape': (8,), }")
    (folder / "x.npy").write_bytes(header + content)
    return folder / "x.npy"


def _zip(name: str) -> Lay:
    """What `torch.save` writes: an archive with the pickle in it."""

    def lay(folder: Path, content: bytes) -> Path:
        members = {"w/data.pkl": content, "w/version": b"3\n", "w/byteorder": b"little"}
        (folder / name).write_bytes(zipped(members, zipfile.ZIP_STORED))
        return folder / name

    return lay


def _image(folder: Path, content: bytes) -> Path:
    return with_image(content, "cat/bad.png")(folder)


DISGUISES: tuple[tuple[str, Lay, Callable[[Path], object], int], ...] = (
    ("CIFAR's Python version", _batches(""), reading(), DATA),
    ("data_batch_1.bin", _batches(".bin"), reading(), DATA),
    ("data.npz", _as("data.npz"), reading(), DATA),
    ("an array of objects", _objects, reading(), DATA),
    ("x.npy to predict on", _object, to_predict, DATA),
    ("data.parquet", _as("data.parquet"), reading(), DATA),
    ("data.csv", _as("data.csv"), reading(target="y"), DATA),
    ("data.pkl", _as("data.pkl"), reading(), DATA),
    ("an image", _image, reading(), DATA),
    ("w.pt", _as("w.pt"), read_weights, STUDY),
    ("w.pt of torch", _zip("w.pt"), read_weights, STUDY),
    ("w.safetensors", _as("w.safetensors"), read_weights, STUDY),
    ("w.safetensors of torch", _zip("w.safetensors"), read_weights, STUDY),
    ("study.toml", _as("study.toml"), load, STUDY),
)
