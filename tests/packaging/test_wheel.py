"""What is built is what works: the wheel holds all that a run needs, outside the checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def test_a_built_wheel_runs_the_demo_outside_the_checkout(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "hikaku/gallery/01-digits.toml" in names and "hikaku/py.typed" in names
    assert not [name for name in names if name.startswith("tests")]
    place = tmp_path / "installed"
    subprocess.run([*pip, "install", "--no-deps", "--target", str(place), str(wheel)], check=True)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "hikaku",
            "run",
            "digits",
            "--seeds",
            "1",
            "--quiet",
            "--json",
            "--set",
            "recipe.epochs=1",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["trials"] == {"trained": 6, "reused": 0}
    assert value["arms"][0]["name"] == "base"
