"""The tables load rich and nothing heavy; charts are paid for by those who want them."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["build", "terminal", "live", "as_json"])
def test_a_terminal_never_loads_what_draws_charts(module: str) -> None:
    code = f"import sys, hikaku.present.{module}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"altair", "vl_convert", "jinja2", "torch", "sqlalchemy"}
