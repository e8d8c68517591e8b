"""The notebooks of `docs/` run from top to bottom, and show what they promise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "learn"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
FIRST = FOLDER / "first-verdict.ipynb"


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Return the outputs of each cell of code, run in a folder that holds nothing."""
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIKAKU_LANG", "en")
        patch.setenv("HIKAKU_CACHE", str(folder / "cache"))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        where = {"metadata": {"path": str(folder)}}
        client = nbclient.NotebookClient(
            read(FIRST), timeout=300, kernel_name="python3", resources=where
        )
        return [cell.outputs for cell in client.execute().cells if cell.cell_type == "code"]


def plain(outputs: Any) -> str:
    return "\n".join(output.data["text/plain"] for output in outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.mark.slow
def test_each_run_is_one_progress_and_one_answer(ran: list[Any]) -> None:
    for place in (3, 5):
        progress, answer = ran[place]
        assert progress.output_type == "display_data"
        assert re.search(r"\d+ trials trained of at most \d+", progress.data["text/plain"])
        assert 'class="hikaku"' in answer.data["text/html"]
        assert len(answer.data["text/html"]) < 60_000


@pytest.mark.slow
def test_the_verdicts_are_those_that_the_text_speaks_of(ran: list[Any]) -> None:
    assert plain(ran[3]).endswith("helps 1, hurts 1>")
    assert plain(ran[4]).startswith("('helps', 0.")


@pytest.mark.slow
def test_the_second_study_finds_the_base_of_the_first(ran: list[Any]) -> None:
    counted = r"(\d+) trials trained of at most (\d+), in \S+, (\d+) reused"
    first, second = (re.search(counted, plain(ran[place])) for place in (3, 5))
    assert first and int(first[3]) == 0
    assert second and int(second[3]) >= 5
    assert int(second[2]) + int(second[3]) == 2 * 20


@pytest.mark.slow
def test_a_class_of_a_cell_is_called_by_its_name(ran: list[Any]) -> None:
    assert "cannot travel" not in plain(ran[3])
    assert ".hikaku/code" not in ran[5][1].data["text/html"]
