"""What a fresh interpreter has to load: nobody waits for torch who does not train."""

from __future__ import annotations

import subprocess
import sys

import pytest

from source_tree import PACKAGE

HEAVY = {"torch", "numpy", "scipy", "sklearn", "sqlalchemy", "altair"}
READING_WING = ("read", "study", "record", "store", "analysis", "present")


def loaded_by(code: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter holds after running `code`."""
    report = "\nimport sys\nsys.stderr.write('\\nLOADED ' + ' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, check=False
    )
    assert "\nLOADED " in done.stderr, done.stderr
    return {name.partition(".")[0] for name in done.stderr.rpartition("\nLOADED ")[2].split()}


def command(*words: str) -> str:
    """Return the code that runs this command line and outlives its exit."""
    return (
        f"import sys\nsys.argv = {['hikaku', *words]!r}\n"
        "from hikaku.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code"
    )


def test_these_eyes_see_what_is_loaded() -> None:
    assert "numpy" in loaded_by("import numpy")


def test_importing_hikaku_loads_nothing_heavy() -> None:
    assert not loaded_by("import hikaku") & HEAVY


def test_asking_for_help_loads_nothing_heavy() -> None:
    assert not loaded_by(command("--help")) & HEAVY


@pytest.mark.parametrize(
    "words", [("techniques",), ("models",), ("datasets",), ("explain", "dropout"), ("gallery",)]
)
def test_reading_the_catalogue_never_loads_torch(words: tuple[str, ...]) -> None:
    assert "torch" not in loaded_by(command(*words))


def test_the_reading_wing_never_loads_torch() -> None:
    names = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).with_suffix("").parts[0] in READING_WING
    ]
    code = "\n".join(f"import {name.removesuffix('.__init__')}" for name in names)
    assert "torch" not in loaded_by(code)


TRAINED = """
import sys
sys.path.append("tests/support")
from tiny import job, run_trial
from hikaku.execution.survey import survey
from hikaku.training.metrics import auroc
run_trial(job())
survey(job(), lifts=False)
assert auroc
assert not {"torch._dynamo", "sympy", "scipy.stats"} & set(sys.modules)
"""


def test_a_training_loads_neither_torchs_compiler_nor_scipys_statistics() -> None:
    assert "torch" in loaded_by(TRAINED)
