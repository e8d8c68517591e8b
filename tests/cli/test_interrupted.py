"""A run that is interrupted in the middle of its trials: what it saves, and how it goes on."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

LONG = """
format = 1
metric = "accuracy"
worth = 0.01
seeds = 2
model = { use = "mlp", hidden = [8] }
data = { use = "digits", train = 60, validation = 30 }
recipe = { epochs = EPOCHS, batch_size = 16, optimizer = { use = "adam", lr = 0.001 } }
variant = [{ name = "dropout", layers = [{ use = "dropout", p = 0.2 }] }]
"""
TOO_LONG, EPOCHS = 100_000, 80
PLAIN = ("run", "study.toml", "--engine", "plain", "--quiet", "--json")
STACKED = ("run", "study.toml", "--engine", "dense", "--quiet", "--json")


def start(folder: Path, *words: str, epochs: int = TOO_LONG) -> subprocess.Popen[str]:
    (folder / "study.toml").write_text(LONG.replace("EPOCHS", str(epochs)))
    return subprocess.Popen(
        [sys.executable, "-m", "hikaku", *words],
        cwd=folder,
        env={**os.environ, "HIKAKU_CHECKPOINT_SECONDS": "0.05"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=heeding,
    )


def heeding() -> None:
    """Where the tests run in the background, these two are ignored from birth."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What the store holds; nothing where it is not there yet."""
    path = folder / ".hikaku" / "store.db"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
            return store.execute(query).fetchall()
    except sqlite3.Error:
        return []


def saved(folder: Path) -> dict[object, object]:
    """The newest state of each trial on its way, by key."""
    return dict(rows(folder, "SELECT key, max(step) FROM hikaku_checkpoint GROUP BY key"))  # type: ignore[arg-type]  # pairs


def results(folder: Path) -> list[tuple[object, ...]]:
    """Every number that was measured, bit for bit."""
    found = rows(
        folder,
        "SELECT t.key, position, reading, r.step, split, metric, hex(CAST(value AS BLOB)), t.state"
        " FROM hikaku_record r JOIN hikaku_trial t ON t.id = r.trial_id ORDER BY 1, 2",
    )
    return found + rows(
        folder,
        "SELECT t.key, name, hex(bytes) FROM hikaku_sheet s"
        " JOIN hikaku_trial t ON t.id = s.trial_id ORDER BY 1, 2",
    )


def until(condition: Callable[[], object], seconds: float = 120) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came so far"
        time.sleep(0.05)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    run = start(tmp_path, *PLAIN)
    try:
        until(lambda: len(saved(tmp_path)) == 2)
        yield run
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
@pytest.mark.fault("A8", "A10")
def test_a_signal_lets_the_workers_save_where_they_are(
    number: signal.Signals, code: int, running: subprocess.Popen[str], tmp_path: Path
) -> None:
    before = saved(tmp_path)
    os.killpg(running.pid, number)
    _, told = running.communicate(timeout=60)
    assert running.returncode == code, told
    assert "to go on:\nhikaku run study.toml" in told and "Traceback" not in told
    after = saved(tmp_path)
    assert all(after[key] > step for key, step in before.items())  # type: ignore[operator]  # steps are numbers
    assert not list(tmp_path.glob(".hikaku/store.db-wal")), "it was closed"


@pytest.mark.fault("A9")
def test_a_second_signal_ends_it_at_once_and_the_store_is_sound(
    running: subprocess.Popen[str], tmp_path: Path
) -> None:
    os.kill(running.pid, signal.SIGINT)
    time.sleep(0.1)
    os.kill(running.pid, signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130 and "Traceback" not in told
    assert rows(tmp_path, "PRAGMA integrity_check") == [("ok",)]
    assert len(saved(tmp_path)) == 2


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    """What the study measures where nothing interrupts it, by engine."""
    found = {}
    for words in (PLAIN, STACKED):
        folder = tmp_path_factory.mktemp("undisturbed")
        _, told = start(folder, *words, epochs=EPOCHS).communicate(timeout=300)
        found[words[3]] = results(folder)
        assert found[words[3]], told
    return found


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder where the study was killed in the middle of its trials, by engine."""
    found = {}
    for words in (PLAIN, STACKED):
        folder = found[words[3]] = tmp_path_factory.mktemp("killed")
        run = start(folder, *words, epochs=EPOCHS)
        until(lambda folder=folder: len(saved(folder)) >= 2)  # type: ignore[misc]  # mypy sees no default
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
    return found


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


HARMS: dict[str, Callable[[list[Path]], object]] = {
    "nothing": lambda files: None,
    "the newest has a flipped bit": lambda files: damage(files[-1]),
    "the newest is cut": lambda files: os.truncate(files[-1], 100),
    "the newest is gone": lambda files: files[-1].unlink(),
    "all are gone": lambda files: [file.unlink() for file in files],
    "there is a newer one that nobody committed": lambda files: (
        files[-1].with_name("900000000-00000000.safetensors").write_bytes(files[0].read_bytes())
    ),
}


HARMLESS = ("nothing", "there is a newer one that nobody committed")
TRIED = [
    (HARMLESS, PLAIN),
    (("the newest has a flipped bit", "the newest is cut"), PLAIN),
    (("the newest is gone", "all are gone"), PLAIN),
    (("nothing",), STACKED),
    (("the newest has a flipped bit",), STACKED),
]
"""What becomes of a state has nothing to do with the engine; what stands in it has."""


@pytest.mark.parametrize(("harms", "words"), TRIED, ids=str)
@pytest.mark.fault("A3", "A7", "G1", "G4")
def test_killed_and_run_again_it_measures_the_same_bits(
    harms: tuple[str, ...],
    words: tuple[str, ...],
    undisturbed: dict[str, list[tuple[object, ...]]],
    killed: dict[str, Path],
    tmp_path: Path,
) -> None:
    shutil.copytree(killed[words[3]], tmp_path, dirs_exist_ok=True)
    parts = [
        sorted(part.glob("0*.safetensors")) for part in tmp_path.glob(".hikaku/*.files/*.part")
    ]
    files = [states for states in parts if states]
    assert len(files) >= 2
    for harm, states in zip(cycle(harms), files, strict=False):
        HARMS[harm](states)
    _, told = start(tmp_path, *words, epochs=EPOCHS).communicate(timeout=300)
    assert results(tmp_path) == undisturbed[words[3]], told
    events = {kind for (kind,) in rows(tmp_path, "SELECT kind FROM hikaku_event")}
    assert ("damaged-checkpoint" in events) == (not set(harms) <= set(HARMLESS)), told
    assert not list(tmp_path.glob(".hikaku/*.files/*.part")), "nothing of it is left"
