"""The demo: real data, automatic seeds, twice, through the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
LESS = ("--set", "budget.trials=30", "--set", "recipe.epochs=40")
"""So many trials of so many epochs show what the test asserts."""


def run(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "hikaku", "run", "digits", "--json", *LESS],
        cwd=folder,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def test_the_demo_finds_what_helps_and_says_the_same_twice(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)
    trials = first.pop("trials")
    assert 30 <= trials["trained"] <= 30 and trials["reused"] == 0
    assert second.pop("trials") == {"trained": 0, "reused": trials["trained"]}
    base = first["arms"][0]
    by_seed = base["measured"]["train"]["accuracy"]["by_seed"]
    assert min(figure for figure in by_seed if figure is not None) >= 0.99
    found = {finding["variant"]: finding for finding in first["findings"]}
    # Another processor rounds otherwise and trains other networks: only what is far from its
    # border is asserted here.
    for name in ("batch-norm", "label-smoothing"):
        assert found[name]["effect"] > 0.01 and found[name]["verdict"] != "hurts"
    assert found["l2"]["verdict"] != "helps"
    for arm in (*first["arms"], *second["arms"]):
        assert arm.pop("cost")["seconds"] > 0
        assert arm["outcomes"]["done"] >= 5
        assert arm["outcomes"]["diverged"] == arm["outcomes"]["failed"] == 0
    for finding in (*first["findings"], *second["findings"]):
        assert finding.pop("cost")["seconds_per_seed"] > 0
    assert first == second
