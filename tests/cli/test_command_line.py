"""The command line, used as people use it: in a folder of its own, by its own process."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

STUDY = """
format = 1
question = "Does Adam help?"
metric = "accuracy"
worth = 0.01
seeds = 5
model = { use = "mlp", hidden = [8] }
data = { use = "digits", train = 60, validation = 30 }
[recipe]
epochs = 2
batch_size = 16
optimizer = { use = "sgd", lr = 0.1 }
[[variant]]
name = "adam"
optimizer = "adam"
"""
ONE_BY_ONE = ("--engine", "plain")
LONG = STUDY.replace("epochs = 2", "epochs = 200").replace("seeds = 5", "seeds = 3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path


def words(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "hikaku", *arguments]


def hikaku(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words(*arguments),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"LC_ALL": "C.UTF-8"} | environment,
        check=False,
    )


def count(folder: Path, table: str) -> int:
    database = folder / ".hikaku" / "store.db"
    if not database.exists():
        return 0
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return int(connection.execute(f"select count(*) from {table}").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def started(folder: Path, trials: int, seeds: int = 3) -> subprocess.Popen[str]:
    """Start a long run and return it when this many of its trials are in the store.

    By the plain engine, whose trials end one by one.
    """
    (folder / "long.toml").write_text(LONG.replace("seeds = 3", f"seeds = {seeds}"))
    run = subprocess.Popen(
        words("run", "long.toml", "--workers", "1", *ONE_BY_ONE),
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    patience = time.monotonic() + 120
    while count(folder, "hikaku_trial") < trials and time.monotonic() < patience:
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    return run


def stripped(text: str) -> object:
    value = json.loads(text)
    del value["trials"]
    for arm in value["arms"]:
        del arm["cost"]
    return value


def test_run_twice_gives_the_same_table_and_the_same_json(folder: Path) -> None:
    first = hikaku(folder, "run", "study.toml")
    assert first.returncode == 0, first.stderr
    assert "Verdicts" in first.stdout and "adam" in first.stdout
    report = Path(first.stdout.splitlines()[-1])
    assert (folder / report).read_text(encoding="utf-8").startswith("<!doctype html>")
    second = hikaku(folder, "run", "study.toml", "--json")
    again = hikaku(folder, "results", "study.toml", "--json")
    assert json.loads(second.stdout)["trials"] == {"trained": 0, "reused": 10}
    assert stripped(second.stdout) == stripped(again.stdout)
    assert "\x1b" not in first.stdout + first.stderr
    assert max(len(line) for line in first.stdout.splitlines()[:-1]) <= 80


def test_json_is_all_that_standard_output_holds_even_while_training(folder: Path) -> None:
    done = hikaku(folder, "run", "study.toml", "--json", "--quiet")
    assert done.returncode == 0 and done.stderr == ""
    value = json.loads(done.stdout, parse_constant=pytest.fail)
    assert value["trials"] == {"trained": 10, "reused": 0}
    assert value["arms"][0]["measured"]["test"]["accuracy"]["by_seed"]
    assert value["findings"][0]["verdict"] in {
        "helps",
        "hurts",
        "no-practical-difference",
        "undecided",
        "unstable",
    }


def test_every_mistake_of_a_study_is_told_at_once_and_nothing_is_trained(folder: Path) -> None:
    (folder / "wrong.toml").write_text(
        STUDY.replace("lr = 0.1", "lr = -1")
        .replace("worth = 0.01\n", "")
        .replace('"accuracy"', '"acuracy"')
        .replace('optimizer = "adam"', 'optimiser = "adam"')
    )
    done = hikaku(folder, "run", "wrong.toml")
    assert done.returncode == 2
    for word in ("worth", "accuracy", "optimizer", "> 0", "wrong.toml:"):
        assert word in done.stderr
    assert "Traceback" not in done.stderr and not (folder / ".hikaku").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "nowhere.toml"), 2),
        (("run", "study.toml", "--set", "recipe.epoch=3"), 2),
        (("run", "study.toml", "--nonsense"), 2),
        (("explain", "dropuot"), 2),
        (("new", "study.toml"), 2),
        (("run", "study.toml", "--set", "data.train=5000"), 3),
        (("results", "study.toml", "--store", "study.toml"), 4),
        (("check", "study.toml"), 0),
        (("plan", "study.toml"), 0),
        (("results", "study.toml"), 0),
        (("gallery",), 0),
        (("techniques", "--json"), 0),
        (("explain", "dropout"), 0),
        (("studies", "--json"), 0),
        (("store", "size"), 0),
        (("new", "my.toml"), 0),
        (("check-technique", "dropout"), 0),
    ],
)
def test_a_command_ends_with_its_exit_code_and_never_with_a_traceback(
    folder: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = hikaku(folder, *arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code:
        assert done.stderr.strip()
    if "--json" in arguments:
        assert json.loads(done.stdout)["format"] == 1


@pytest.mark.fault("A8")
def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(folder: Path) -> None:
    run = started(folder, 1)
    os.kill(run.pid, signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "to go on" in told and "Traceback" not in told
    kept = count(folder, "hikaku_trial")
    assert 1 <= kept < 6
    goes_on = hikaku(folder, "run", "long.toml", "--json", "--quiet", *ONE_BY_ONE)
    assert json.loads(goes_on.stdout)["trials"] == {"trained": 6 - kept, "reused": kept}


@pytest.mark.fault("A10")
def test_sigterm_ends_like_ctrl_c_with_its_own_code(folder: Path) -> None:
    run = started(folder, 1)
    os.kill(run.pid, signal.SIGTERM)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 143 and "to go on" in told and "Traceback" not in told


def test_a_killed_run_loses_at_most_the_trials_in_flight(folder: Path) -> None:
    run = started(folder, 2)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate(timeout=60)
    kept = count(folder, "hikaku_trial")
    goes_on = hikaku(folder, "run", "long.toml", "--json", "--quiet", *ONE_BY_ONE)
    assert json.loads(goes_on.stdout)["trials"] == {"trained": 6 - kept, "reused": kept}


@pytest.mark.fault("A15")
def test_a_second_run_on_one_store_is_told_of_the_first(folder: Path) -> None:
    run = started(folder, 1, seeds=40)
    try:
        second = hikaku(folder, "run", "study.toml", "--no-wait")
        assert second.returncode == 4
        assert str(run.pid) in second.stderr
        reading = hikaku(folder, "results", "long.toml")
        assert reading.returncode == 0
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.communicate(timeout=60)


@pytest.mark.fault("A20")
def test_failed_trials_end_in_their_own_code_and_leave_the_others(folder: Path) -> None:
    (folder / "faulty.py").write_text('''
"""A clip that raises."""
from dataclasses import dataclass
from hikaku.study.card import Card

CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)
CALLS = [0]


@dataclass(frozen=True)
class Faulty:
    """Raise."""

    def clip(self, grads, params):
        CALLS[0] += 1
        if CALLS[0] == 6:  # not yet when the arm is tried: rehearsed and updated twice
            raise RuntimeError("never again")
        return grads
''')
    (folder / "faulty.toml").write_text(
        STUDY.replace('optimizer = "adam"', 'clip = ["faulty.py:Faulty"]')
    )
    done = hikaku(folder, "run", "faulty.toml", *ONE_BY_ONE)
    assert done.returncode == 5
    assert "never again" in done.stderr and "Traceback" not in done.stderr
    assert "undecided" in done.stdout


def test_it_speaks_japanese_where_it_is_asked_to(folder: Path) -> None:
    done = hikaku(folder, "run", "study.toml", HIKAKU_LANG="ja", LC_ALL="C.UTF-8")
    assert any(word in done.stdout for word in ("効果あり", "判定保留", "逆効果", "実用上の差なし"))
    assert (
        '"verdict": "' in hikaku(folder, "results", "study.toml", "--json", HIKAKU_LANG="ja").stdout
    )


def test_a_terminal_that_cannot_show_a_sign_gets_another_and_no_traceback(folder: Path) -> None:
    hikaku(folder, "run", "study.toml", "--json")
    done = hikaku(folder, "results", "study.toml", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert "Verdicts" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full")
def test_a_full_disk_behind_standard_output_is_told_as_such(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            words("gallery"),
            cwd=folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 75 and "No space" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("seconds", [1.5, 3.0])
def test_ctrl_c_while_workers_start_leaves_no_traceback(folder: Path, seconds: float) -> None:
    run = subprocess.Popen(
        words("run", "study.toml", "--set", "recipe.epochs=300"),
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(seconds)
    os.killpg(run.pid, signal.SIGINT)
    _, told = run.communicate(timeout=60)
    # On a slow machine Python itself may still be starting; then the signal ends it.
    assert run.returncode in (130, -signal.SIGINT), told
    assert "Traceback" not in told


def test_a_study_that_is_nowhere_gets_the_nearest_names(folder: Path) -> None:
    done = hikaku(folder, "run", "digit")
    assert done.returncode == 2 and "digits" in done.stderr
    assert hikaku(folder, "run", "x" * 5000).returncode == 2


def test_a_report_of_nothing_is_refused_and_leaves_the_page_that_is_there(folder: Path) -> None:
    page = folder / ".hikaku" / "reports" / "study.html"
    page.parent.mkdir(parents=True)
    page.write_text("of other settings", encoding="utf-8")
    done = hikaku(folder, "report", "study.toml")
    assert done.returncode == 4 and "holds nothing of this study yet" in done.stderr
    assert page.read_text(encoding="utf-8") == "of other settings"


def test_a_study_is_found_again_after_others_and_forgotten_without_its_file(folder: Path) -> None:
    hikaku(folder, "run", "study.toml", "--json")
    first = hikaku(folder, "results", "study.toml").stdout
    assert first.endswith("Further: `hikaku report study.toml`, `hikaku serve`\n")
    hikaku(folder, "run", "study.toml", "--json", "--seeds", "2")
    hikaku(folder, "run", "study.toml", "--json", "--set", "recipe.epochs=1", "--seeds", "1")
    assert hikaku(folder, "store", "prune").stdout.startswith("0 trials")
    assert hikaku(folder, "results", "study.toml").stdout == first
    (folder / "study.toml").unlink()
    forgotten = hikaku(folder, "forget", "study")
    assert forgotten.returncode == 0, forgotten.stderr
    assert forgotten.stdout.startswith("study is forgotten: 12 trials")


def test_forgetting_and_pruning_make_no_store(folder: Path) -> None:
    assert hikaku(folder, "forget", "study.toml").returncode == 2
    assert hikaku(folder, "store", "prune").returncode == 0
    assert not (folder / ".hikaku").exists()


@pytest.mark.parametrize("command", ["run study.toml", "results study.toml", "techniques"])
@pytest.mark.fault("A19")
def test_output_that_nobody_reads_on_is_no_fault_and_the_report_is_written(
    folder: Path, command: str
) -> None:
    line = f'"{sys.executable}" -m hikaku {command} | true; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and "Broken" not in done.stderr
    if command.startswith("run"):
        assert (folder / ".hikaku" / "reports" / "study.html").exists()
