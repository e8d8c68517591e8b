"""Nothing that hikaku reads is ever unpickled, whatever it is called, and nothing in src could."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path

import pytest

import hikaku
from bad_inputs import cases
from corpus.pickles import DISGUISES, MARKER, payloads
from corpus.studies import study
from hikaku.errors import HikakuError, StudyError
from hikaku.study.decode import load

PICKLES = [case for case in cases() if case.group == "pickle"]
RUN_NOTHING = (
    "a number of 2 GB",
    "a text of 2^60 bytes",
    "bytes of 2^60 bytes",
    "an extension",
    "a persistent id",
    "a memo of 2^31",
    "lists doubled 60 times",
    "state laid over a function",
    "numpy's runstring",  # later versions of NumPy have it no more
)
"""Payloads that fill memory, or reach parts of an unpickler that are seldom used."""
SOURCE = Path(hikaku.__file__).parent


def test_there_are_at_least_twenty_payloads_under_each_name() -> None:
    assert len(PICKLES) == len(DISGUISES) * len(payloads(Path("/")))
    assert len(payloads(Path("/"))) >= 20


@pytest.mark.parametrize("name", [name for name in payloads(Path("/")) if name not in RUN_NOTHING])
def test_a_payload_does_run_code_where_it_is_unpickled(name: str, tmp_path: Path) -> None:
    pickle.loads(payloads(tmp_path)[name])  # noqa: TID251 - so that being refused means something
    assert (tmp_path / MARKER).exists()


@pytest.mark.fault("D4", "D17", "G2")
@pytest.mark.parametrize("disguise", [name for name, *_ in DISGUISES])
def test_under_no_name_does_a_payload_run(disguise: str, tmp_path: Path) -> None:
    tried = [case for case in PICKLES if case.name.endswith(f" as {disguise}")]
    for number, case in enumerate(tried):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(HikakuError) as caught:
            case.read(case.make(folder))
        assert caught.value.exit_code == case.exit_code, case
        assert all(fault.mend for fault in caught.value.faults), case
        assert not (folder / MARKER).exists(), case
    assert len(tried) >= 20


@pytest.mark.fault("G2")
def test_a_study_that_starts_from_a_pickle_is_refused_before_anything_is_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "net.py").write_text("class Net:\n    def __init__(self, classes): ...\n")
    (tmp_path / "w.pt").write_bytes(payloads(tmp_path)["os.system, protocol 2"])
    path = tmp_path / "study.toml"
    path.write_text(study({"model": '{ use = "net.py:Net", weights = "w.pt" }'}))
    with pytest.raises(StudyError, match=r"weights come from a \.safetensors file") as caught:
        load(path)
    assert "model.weights" in str(caught.value) and "weights_only=True" in str(caught.value)
    assert not (tmp_path / MARKER).exists()


RUNNING = {"load", "loads", "Unpickler", "extractall", "extract", "read_pickle", "full_load"}
"""What runs or unpacks what it reads, by the last word of its name …"""
OF = ("pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "torch", "yaml", "tar")
"""… and by what it is called of."""
ALLOWED = {"checks/contract.py": {"pickle.loads"}}
"""A technique is pickled and read back at once: the bytes are those that were just written."""


def calls(tree: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def is_running(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    owner, _, last = name.rpartition(".")
    if name in ("eval", "exec", "__import__"):
        return True
    if any(k.arg == "allow_pickle" and ast.unparse(k.value) != "False" for k in call.keywords):
        return True
    return last in RUNNING and owner.split(".")[-1].removesuffix("file") in OF


@pytest.mark.fault("D4", "G2")
def test_no_source_file_calls_what_runs_or_unpacks_what_it_reads() -> None:
    found = {
        f"{file.relative_to(SOURCE).as_posix()}:{call.lineno} {ast.unparse(call.func)}"
        for file in SOURCE.rglob("*.py")
        for call in calls(ast.parse(file.read_text(encoding="utf-8")))
        if is_running(call)
        and ast.unparse(call.func) not in ALLOWED.get(file.relative_to(SOURCE).as_posix(), set())
    }
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        "pickle.load(f)",
        "torch.load(p, weights_only=True)",
        "np.load(p, allow_pickle=True)",
        "tar.extractall(d)",
        "eval(x)",
        "yaml.load(x)",
        "marshal.loads(x)",
    ],
)
def test_the_search_finds_what_it_searches(text: str) -> None:
    assert [is_running(call) for call in calls(ast.parse(text))] == [True]
