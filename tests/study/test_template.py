from __future__ import annotations

from pathlib import Path

import pytest

from hikaku.study.catalogue import PACKAGE
from hikaku.study.decode import load
from hikaku.study.template import new_study


def test_the_new_study_decodes_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(new_study(), encoding="utf-8")
    study = load(path)
    assert [arm.name for arm in study.variants] == ["dropout", "l2", "label-smoothing"]
    assert study.base.data.use.name == "digits"


def test_what_the_new_study_leaves_commented_decodes_too(tmp_path: Path) -> None:
    text = "\n".join(
        line.removeprefix("# ")
        if line.startswith("# ") and ("=" in line or line.startswith("# ["))
        else line
        for line in new_study().splitlines()
    ).replace("layers         = []", 'layers = ["dropout"]')
    path = tmp_path / "new.toml"
    path.write_text(text, encoding="utf-8")
    study = load(path)
    assert study.variants[-1].name == "fewer samples"
    assert study.variants[-1].work.data.train == 240
    assert study.variants[-1].work.recipe.layers == ()


@pytest.mark.parametrize("path", sorted((PACKAGE / "gallery").glob("[0-9]*.toml")), ids=str)
def test_every_study_of_the_gallery_decodes(path: Path) -> None:
    assert load(path).variants
