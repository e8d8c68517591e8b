"""The user's code beyond the study's folder, and plug-ins, are part of an arm's fingerprint."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from small_house import STUDY, technique_source

from hikaku.study import catalogue
from hikaku.study.catalogue import Catalogue, techniques
from hikaku.study.sources import fingerprints, local_sources
from hikaku.study.study import Study

FILES = {
    "study/my_model.py": "import mylib.net, alone, torch, os, hikaku, bought\nfrom data import x\n",
    "study/data/x.py": "",
    "lib/mylib/__init__.py": "from .deep import y",
    "lib/mylib/net.py": "from ..outside import a\nimport mylib.deep.leaf, numpy",
    "lib/mylib/deep/__init__.py": "y = 1",
    "lib/mylib/deep/leaf.py": "raise RuntimeError('imported')",
    "lib/mylib/untouched.py": "",
    "lib/alone.py": "import beside",
    "lib/beside.py": "",
    "lib/unrelated.py": "",
    "outside.py": "",
    "target/bought/__init__.py": "",
    "target/bought-1.0.dist-info/METADATA": "",
}
REACHED = ("mylib/__init__", "mylib/net", "mylib/deep/__init__", "mylib/deep/leaf", "alone")
KEYS = {"my_model.py", "data/x.py", *(f"../lib/{name}.py" for name in (*REACHED, "beside"))}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in ("target", "lib"):
        monkeypatch.syspath_prepend(str(tmp_path / name))
    return tmp_path / "study"


def test_what_a_file_imports_from_pythons_path_is_hashed_and_installed_packages_are_not(
    folder: Path,
) -> None:
    assert set(local_sources(["my_model.py"], folder)) == KEYS
    assert "mylib" not in sys.modules


def test_each_name_leads_from_the_study_to_the_file_that_was_hashed(folder: Path) -> None:
    for top in (folder, folder.parent / "far" / "link"):
        top.parent.mkdir(exist_ok=True)
        if top != folder:
            top.symlink_to(folder, target_is_directory=True)
        found = local_sources(["my_model.py"], top)
        assert set(found) == KEYS
        for name, digest in found.items():
            assert sha256((top / name).read_bytes()).hexdigest() == digest


def test_an_edit_on_pythons_path_changes_the_digests(folder: Path) -> None:
    before = local_sources(["my_model.py"], folder)
    (folder.parent / "lib" / "unrelated.py").write_text("1")
    assert local_sources(["my_model.py"], folder) == before
    (folder.parent / "lib" / "mylib" / "deep" / "__init__.py").write_text("y = 2")
    after = local_sources(["my_model.py"], folder)
    assert [name for name in after if after[name] != before[name]] == [
        "../lib/mylib/deep/__init__.py"
    ]


def test_a_module_beside_the_study_goes_before_one_on_pythons_path(folder: Path) -> None:
    (folder / "alone.py").write_text("")
    found = local_sources(["my_model.py"], folder)
    assert "alone.py" in found and "../lib/alone.py" not in found


def test_a_folder_of_the_study_without_init_hides_no_package_on_pythons_path(
    folder: Path,
) -> None:
    (folder.parent / "lib" / "data").mkdir()
    for name in ("__init__", "x"):
        (folder.parent / "lib" / "data" / f"{name}.py").write_text("")
    assert {"../lib/data/__init__.py", "../lib/data/x.py"} < set(
        local_sources(["my_model.py"], folder)
    )


def test_a_broken_finder_of_somebodys_harms_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        @staticmethod
        def find_spec(*asked: object) -> None:
            raise RuntimeError("broken")

    monkeypatch.setattr(sys, "meta_path", [Broken, *sys.meta_path])
    assert set(local_sources(["my_model.py"], folder)) == KEYS


def test_a_file_of_ours_says_in_a_comment_what_it_imports_from_elsewhere(folder: Path) -> None:
    (folder / ".hikaku" / "code").mkdir(parents=True)
    (folder / ".hikaku" / "code" / "Net.py").write_text("from alone import Net\nimport my_model\n")
    found = local_sources([".hikaku/code/Net.py"], folder)
    assert set(found) == KEYS | {".hikaku/code/Net.py"}, "what my_model imports is hashed"
    (folder / "my_model.py").write_text("")
    assert set(local_sources([".hikaku/code/Net.py"], folder)) == {
        ".hikaku/code/Net.py",
        "my_model.py",
    }


def test_editing_a_plug_in_changes_the_arms_that_use_it_and_no_other(
    decoded: Callable[..., Study],
    house: Catalogue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = tmp_path / "shop-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[hikaku.techniques]\nbought = shop_noise:Technique\n")
    plug_in = tmp_path / "shop_noise.py"
    plug_in.write_text(technique_source("dropout"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(catalogue, "_shelf", catalogue.Shelf)
    study = decoded(STUDY + '\n[[variant]]\nname = "plugged"\nlayers = ["bought"]\n')
    assert techniques(house.techniques_folder)["bought"].path == plug_in
    before = fingerprints(study, house)
    plug_in.write_text(technique_source("dropout") + "\n# edited\n")
    after = fingerprints(study, house)
    assert {name for name in before if before[name] != after[name]} == {"plugged"}


def test_the_digests_are_the_same_in_a_process_that_has_imported_the_module(folder: Path) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]; import alone; sys.path.remove(sys.argv[1])\n"
        "from hikaku.study.sources import local_sources\n"
        "print('../lib/alone.py' in local_sources(['my_model.py'], sys.argv[3]))"
    )
    places = [str(folder.parent / "lib"), str(catalogue.PACKAGE.parent), str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", code, *places], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False", "what was imported before is on the path no more"
