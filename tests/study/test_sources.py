from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from small_house import STUDY, technique_source

from hikaku.errors import StudyError
from hikaku.study.catalogue import Catalogue
from hikaku.study.sources import evaluation_fingerprint, fingerprints, local_sources
from hikaku.study.study import Metric, Study

FILES = {
    "main.py": (
        "import os, torch, plain\nimport pack.deep.leaf as leaf\nfrom pack import member\n"
        "from . import beside\nfrom .pack.other import thing\nfrom .. import outside\n"
        "def late():\n    from lazy import x\n"
    ),
    "plain.py": "import circle",
    "circle.py": "import plain, main",
    "beside.py": "",
    "lazy.py": "x = 1",
    "pack/__init__.py": "from .inner import y",
    "pack/inner.py": "",
    "pack/member.py": "",
    "pack/other.py": "from .deep.leaf import z\nfrom ..up import w",
    "pack/deep/leaf.py": "",
    "up.py": "",
    "untouched.py": "",
    "os.py.txt": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "study"
    for name, text in FILES.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "outside.py").write_text("")
    return top


def test_every_local_file_that_an_import_reaches_is_hashed(folder: Path) -> None:
    found = local_sources(["main.py"], folder)
    assert set(found) == set(FILES) - {"untouched.py", "os.py.txt"}
    assert found["lazy.py"] == sha256(b"x = 1").hexdigest()


def test_order_and_repetition_of_the_files_change_nothing(folder: Path) -> None:
    one = local_sources(["plain.py", "up.py"], folder)
    assert list(local_sources(["up.py", "./plain.py", "plain.py"], folder).items()) == list(
        one.items()
    )


def test_a_program_in_a_subfolder_imports_from_there_and_from_the_top(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "own.py").write_text("import helper, up")
    (folder / "sub" / "helper.py").write_text("")
    assert set(local_sources(["sub/own.py"], folder)) == {"sub/own.py", "sub/helper.py", "up.py"}


def test_what_lies_beside_a_file_outside_the_folder_is_hashed_with_it(folder: Path) -> None:
    library = folder.parent / "lib"
    (library / "inner").mkdir(parents=True)
    (library / "smooth.py").write_text("import helper, inner.deep, up, outside")
    (library / "helper.py").write_text("from . import lower")
    for name in ("lower", "inner/deep", "unrelated"):
        (library / f"{name}.py").write_text("")
    found = local_sources(["../lib/smooth.py"], folder)
    own = {f"../lib/{name}.py" for name in ("smooth", "helper", "lower", "inner/deep")}
    assert set(found) == own | {"up.py"}, "../outside.py lies neither there nor here"
    (library / "helper.py").write_text("from . import lower\n\n")
    assert local_sources(["../lib/smooth.py"], folder) != found


def test_a_module_that_two_programs_share_leads_each_to_the_files_beside_it(folder: Path) -> None:
    (folder / "shared.py").write_text("import helper")
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "main.py").write_text("import shared")
        (folder / name / "helper.py").write_text("")
    found = local_sources(["one/main.py", "two/main.py"], folder)
    assert {"one/helper.py", "two/helper.py"} < set(found)


def test_an_imported_file_that_is_no_python_still_counts(folder: Path) -> None:
    (folder / "plain.py").write_text("import circle (")
    assert set(local_sources(["circle.py"], folder)) >= {"plain.py", "circle.py", "main.py"}


@pytest.mark.parametrize("file", ["none.py", "broken.py"])
def test_a_file_that_cannot_be_read_is_an_error(folder: Path, file: str) -> None:
    (folder / "broken.py").write_text("(")
    with pytest.raises(StudyError, match=file):
        local_sources([file], folder)


OWN = STUDY + '\n[[variant]]\nname = "own"\nlayers = ["own.py:Technique"]\n'


def test_editing_ones_code_changes_the_arm_that_uses_it_and_no_other(
    decoded: Callable[..., Study], house: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "helper.py").write_text("a = 1")
    (tmp_path / "own.py").write_text(technique_source("dropout") + "\nimport helper\n")
    study = decoded(OWN)
    before = fingerprints(study, house)
    (tmp_path / "unrelated.py").write_text("a = 1")
    assert fingerprints(study, house) == before
    (tmp_path / "helper.py").write_text("a = 2")
    after = fingerprints(study, house)
    assert {name for name in before if before[name] != after[name]} == {"own"}


def test_a_cards_version_is_part_of_the_arms_that_use_it(
    decoded: Callable[..., Study], tmp_path: Path, house: Catalogue
) -> None:
    study = decoded()
    newer = tmp_path / "newer"
    newer.mkdir()
    for path in house.techniques_folder.glob("*.py"):
        text = path.read_text()
        if path.stem == "dropout":
            text = text.replace("year=2001", "year=2001, version=2")
        (newer / path.name).write_text(text)
    before = fingerprints(study, house)
    after = fingerprints(study, replace(house, techniques_folder=newer))
    assert {name for name in before if before[name] != after[name]} == {"base", "sgd"}


def test_only_what_is_measured_beyond_the_standing_metrics_is_named(
    decoded: Callable[..., Study], tmp_path: Path
) -> None:
    study = decoded()

    def named(metric: Metric) -> str:
        return evaluation_fingerprint(replace(study, metric=metric))

    assert named(study.metric) == ""
    assert named(Metric("auroc")) == ""
    assert named(Metric("loss", "train", "area")) == ""
    assert named(Metric("auroc", "validation", "area")) == "auroc"
    assert named(Metric("auroc", "train", "steps-to", target=0.9)) == "auroc"
    assert named(Metric("auroc", "train", "peak-epoch")) == "auroc"
    (tmp_path / "own.py").write_text("def cost(a, b): return 1")
    one = named(Metric("own.py:cost"))
    (tmp_path / "own.py").write_text("def cost(a, b): return 2")
    two = named(Metric("own.py:cost"))
    assert one.startswith("own.py:cost ")
    assert one != two
    assert "cost" not in "".join(fingerprints(replace(study, metric=Metric("own.py:cost"))))
