"""The tables load rich and nothing heavy; charts are paid for by those who want them."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["build", "terminal", "live", "as_json"])
def test_a_terminal_never_loads_what_draws_charts(module: str) -> None:
    assert not loaded(module) & {"altair", "vl_convert", "jinja2", "torch", "sqlalchemy"}


def test_the_dashboard_s_pages_load_templates_and_nothing_that_draws_charts() -> None:
    found = loaded("dashboard")
    assert "jinja2" in found
    assert not found & {"altair", "vl_convert", "torch", "sqlalchemy"}


def loaded(module: str) -> set[str]:
    code = f"import sys, hikaku.present.{module}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}
