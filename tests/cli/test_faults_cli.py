"""Faults from outside, met by the whole command: streams, locks, names, a full /dev/shm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hikaku.store.store import Store

pytestmark = pytest.mark.slow

STUDY = """
format = 1
metric = "accuracy"
worth = 0.01
seeds = 1
model = { use = "my_model.py:Net" }
data = { use = "digits", train = 60, validation = 30 }
[recipe]
epochs = 2
batch_size = 16
optimizer = { use = "sgd", lr = 0.1 }
"""
MODEL = """
import os, random, sys
from torch import nn

print("what the model prints")


class Net(nn.Sequential):
    def __init__(self, inputs, classes):
        super().__init__(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, classes))
"""
OUTSIDE = """
format = 1
metric = "accuracy"
worth = 0.1
seeds = 2
train = "train.py:train"
settings = { how = "well" }
[[variant]]
name = "badly"
settings = { how = "badly" }
"""
TRAIN = """
import random, sys

def train(settings, seed, report):
    print("what the function prints", seed)
    if settings["how"] == "badly":
        raise ValueError("never again")
    report(metric="accuracy", value=random.random() / 100 + seed / 10)
"""


def laid_out(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    files = {"study.toml": STUDY, "my_model.py": MODEL, "outside.toml": OUTSIDE, "train.py": TRAIN}
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return laid_out(tmp_path)


def words(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "hikaku", *arguments]


def ran(folder: Path, command: Sequence[str] | str) -> subprocess.CompletedProcess[str]:
    """Return how a command ended: words, or a line for the shell in which `hikaku` stands."""
    if isinstance(command, str):
        line = command.replace("hikaku", f'"{sys.executable}" -m hikaku')
        command = ["bash", "-c", line]
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
        check=False,
    )


def measured(folder: Path, *arguments: str) -> object:
    """Return what the store says was measured, bit for bit."""
    asked = words("results", *(arguments or ("study.toml",)), "--json")
    told = json.loads(ran(folder, asked).stdout)
    return [arm["measured"] for arm in told["arms"]]


@pytest.mark.fault("A20", "A12")
def test_what_a_trial_prints_is_kept_and_where_is_told_when_it_fails(folder: Path) -> None:
    done = ran(folder, words("run", "outside.toml"))
    assert done.returncode == 5
    assert "what the function prints" not in done.stdout + done.stderr
    logs = [Path(line.rpartition(": ")[2]) for line in done.stderr.splitlines() if ".log" in line]
    assert len(logs) == 2
    for log in logs:
        kept = log.read_text()
        assert kept.startswith("what the function prints") and "Traceback" in kept
    assert len(list((folder / ".hikaku" / "store.logs").iterdir())) == 4


@pytest.mark.fault("A19")
@pytest.mark.parametrize(
    "streams", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "| true", "2>&1 | head -1", "2> >(true)"]
)
def test_streams_that_are_closed_or_break_stop_no_study(folder: Path, streams: str) -> None:
    (folder / "well.toml").write_text(OUTSIDE.partition("[[")[0])
    line = f"hikaku run well.toml {streams}"
    done = ran(folder, f'{line}; echo "ended: ${{PIPESTATUS[0]}}" >ended')
    assert (folder / "ended").read_text() == "ended: 0\n", done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    with Store.reading(folder / ".hikaku" / "store.db") as store:
        assert store.size().counts.trials == 2
    assert (folder / ".hikaku" / "reports" / "well.html").exists()


@pytest.mark.fault("A16")
def test_a_lock_file_that_a_dead_run_left_is_no_lock(tmp_path: Path) -> None:
    left = {"pid": os.getpid(), "host": "here", "started": "2001-01-01", "command": "hikaku run"}
    (tmp_path / "store.lock").write_text(json.dumps(left))
    Store.writing(tmp_path / "store.db", wait=False).close()
    assert (tmp_path / "store.lock").read_text() == ""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Return what is measured where nothing is in the way."""
    folder = laid_out(tmp_path_factory.mktemp("undisturbed"))
    assert ran(folder, words("run", "study.toml", "--json")).returncode == 0
    return measured(folder)


@pytest.mark.fault("C14")
def test_files_named_like_installed_modules_break_neither_hikaku_nor_the_study(
    folder: Path, undisturbed: object
) -> None:
    work = laid_out(folder / "work")
    for name in ("random", "numbers", "socket", "torch", "numpy", "click", "multiprocessing"):
        for place in (folder, work):
            (place / f"{name}.py").write_text(f"raise RuntimeError('{name} of {place}')\n")
    done = ran(folder, words("run", "work/study.toml", "--json", "--store", "work/store.db"))
    assert done.returncode == 0, done.stderr
    assert measured(work, "study.toml", "--store", "store.db") == undisturbed


needs_mounts = pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0,
    reason="mounts of one's own are not allowed here",
)


@needs_mounts
@pytest.mark.fault("C16")
def test_shared_memory_of_one_page_changes_no_bit(folder: Path, undisturbed: object) -> None:
    run = " ".join(words("run", "study.toml", "--json"))
    line = f"mount -t tmpfs -o size=4k none /dev/shm && {run}"
    done = ran(folder, ["unshare", "-m", "sh", "-c", line])
    assert done.returncode == 0, done.stderr
    assert measured(folder) == undisturbed
