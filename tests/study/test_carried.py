"""Live classes and functions become references: the file where they stand, or one of ours."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from cells import Notebook

from hikaku.errors import EnvironmentFault, StudyError
from hikaku.study.carried import carried_technique, kept_here, reference
from hikaku.study.catalogue import technique_from_file
from hikaku.study.held import held, whys
from hikaku.study.sources import local_sources
from hikaku.study.written import Untold
from hikaku.user_code import symbol_in
from hikaku.words import message

MODEL = "class Net:\n    def __init__(self, width=4):\n        self.width = width\n"


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    return Notebook(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a study's folder that can be imported from; what is imported is forgotten after."""
    study = tmp_path / "study"
    study.mkdir()
    monkeypatch.syspath_prepend(str(study))
    before = set(sys.modules)
    yield study
    for name in set(sys.modules) - before:
        if str(tmp_path) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def module(folder: Path, name: str, text: str) -> ModuleType:
    path = folder.joinpath(*name.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    importlib.invalidate_caches()
    sys.modules.pop(name, None)
    return importlib.import_module(name)


def text_of(found: str, folder: Path) -> str:
    return (folder / found.rpartition(":")[0]).read_text()


def test_a_class_of_a_file_is_named_there(folder: Path) -> None:
    assert reference(module(folder, "my_model", MODEL).Net, str(folder)) == "my_model.py:Net"
    deeper = module(folder, "parts.deep", "import math\n" + MODEL)
    assert reference(deeper.Net, str(folder)) == "parts/deep.py:Net"
    assert not (folder / ".hikaku").exists()


def test_a_file_beside_the_study_folder_is_named_from_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    found = reference(module(tmp_path / "lib", "beside", MODEL).Net, str(folder))
    assert found == "../lib/beside.py:Net"


def test_a_file_that_imports_from_its_own_package_is_imported_with_it(folder: Path) -> None:
    module(folder, "pack.base", MODEL)
    inner = module(folder, "pack.inner", "from .base import Net\nclass Inner(Net): pass\n")
    found = reference(inner.Inner, str(folder))
    assert found.startswith(".hikaku/code/Inner-")
    assert "from pack.inner import Inner\n" in text_of(found, folder)
    file = found.rpartition(":")[0]
    assert set(local_sources([file], folder)) == {file, "pack/base.py", "pack/inner.py"}
    assert symbol_in(found, str(folder))().width == 4


def test_a_package_from_elsewhere_leaves_a_digest_of_its_code(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "lib"
    monkeypatch.syspath_prepend(str(library))
    module(library, "elsewhere.size", "N = 1\n")
    net = module(library, "elsewhere.net", "from .size import N\n" + MODEL)
    before = reference(net.Net, str(folder))
    assert reference(net.Net, str(folder)) == before
    (library / "elsewhere" / "size.py").write_text("N = 2\n")
    assert reference(net.Net, str(folder)) != before


def test_a_class_of_an_installed_package_is_imported_with_its_version_beside(folder: Path) -> None:
    import jinja2

    text = text_of(reference(jinja2.Template, str(folder)), folder)
    assert f"# Jinja2 {jinja2.__version__}" in text.replace("jinja2", "Jinja2")
    assert text.endswith("from jinja2.environment import Template\n")


def test_a_class_of_a_cell_travels_into_a_file_named_after_its_text(
    notebook: Notebook, folder: Path
) -> None:
    Net = notebook.run(MODEL)["Net"]
    found = reference(Net, str(folder))
    assert reference(Net, str(folder)) == found
    assert symbol_in(found, str(folder))(8).width == 8
    other = reference(notebook.run(MODEL.replace("4", "5"))["Net"], str(folder))
    assert other != found
    assert len(list((folder / ".hikaku" / "code").iterdir())) == 2


def test_a_helper_in_the_study_folder_is_seen_by_the_key_and_one_elsewhere_by_a_comment(
    notebook: Notebook, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    module(folder, "near", "N = 1\ndef f():\n    return 1")
    module(tmp_path / "lib", "far", "def g():\n    return 1")
    notebook.run("import near\nfrom far import g")
    make = notebook.run("def make():\n    return near.f() + g()")["make"]
    found = reference(make, str(folder))
    file = found.rpartition(":")[0]
    assert set(local_sources([file], folder)) == {file, "near.py"}
    (tmp_path / "lib" / "far.py").write_text("def g():\n    return 2")
    assert reference(make, str(folder)) != found


def test_partials_and_methods_of_a_class_travel_too(notebook: Notebook, folder: Path) -> None:
    Net = module(folder, "my_model", MODEL + "    @classmethod\n    def wide(cls):\n        "
                 "return cls(64)\n").Net  # fmt: skip  # one text
    assert symbol_in(reference(Net.wide, str(folder)), str(folder))().width == 64
    partial = functools.partial(Net, width=notebook.run("def f(): pass")["f"])
    found = reference(partial, str(folder), "Net_f")
    assert found.endswith(":Net_f")
    assert symbol_in(found, str(folder))().width.__name__ == "f"


def test_a_class_that_its_module_no_longer_holds_is_refused(folder: Path) -> None:
    found = module(folder, "my_model", MODEL)
    old = found.Net
    importlib.reload(found)
    with pytest.raises(Untold, match="now holds another Net"):
        reference(old, str(folder))


TECHNIQUE = '''
"""Half the gradients."""
from dataclasses import dataclass
from hikaku.study.card import Card, Fraction

CARD = Card(slot="clip", family="mine", claim="Slower.", formula="g / 2", paper="I", year=2026)


@dataclass(frozen=True)
class Half:
    """Multiply every gradient by `factor`."""

    factor: Fraction = 0.5

    def clip(self, grads, params):
        return {name: value * self.factor for name, value in grads.items()}
'''


def test_a_technique_of_a_cell_travels_with_its_card(notebook: Notebook, folder: Path) -> None:
    found = carried_technique(notebook.run(TECHNIQUE)["Half"], str(folder))
    entry = technique_from_file(found, folder)
    assert (entry.slot, entry.summary, entry.symbol) == ("clip", "Half the gradients.", "Half")
    assert entry.settings[0].default == 0.5
    assert symbol_in(found, str(folder))(0.25).clip({"w": 4.0}, {}) == {"w": 1.0}


def test_a_technique_without_its_card_in_the_cell_is_refused(
    notebook: Notebook, folder: Path
) -> None:
    head, _, body = TECHNIQUE.partition("\n\n\n")
    notebook.run(head)
    with pytest.raises(Untold, match="holds no CARD"):
        carried_technique(notebook.run(body)["Half"], str(folder))


def test_what_cannot_travel_is_kept_for_this_process_under_a_mark_of_its_own(folder: Path) -> None:
    value, why = object(), message("it is alive")
    found = [kept_here(value, why, str(folder), "Net") for _ in range(2)]
    assert found[0] != found[1]
    assert symbol_in(found[0], str(folder)) is value
    (told,) = whys(["my_model.py:Net", *found])
    assert "Net cannot travel to worker processes: it is alive" in str(told)
    assert whys(["my_model.py:Net"]) == ()


def test_another_process_has_nothing_of_it() -> None:
    with pytest.raises(StudyError, match="only in the Python process that made it"):
        held("0123456789ab")


def test_a_folder_that_cannot_be_written_is_told(notebook: Notebook, folder: Path) -> None:
    (folder / ".hikaku").write_text("a file")
    with pytest.raises(EnvironmentFault, match="Net cannot be written"):
        reference(notebook.run(MODEL)["Net"], str(folder))
