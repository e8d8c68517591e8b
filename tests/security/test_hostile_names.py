"""40 names that would act if anything believed them stay text, wherever they are written."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from fake_study import results, study, whole
from hostile import NAMES

from hikaku.cli import speak
from hikaku.cli.models import write_csv
from hikaku.errors import HikakuError, StoreError, StudyError
from hikaku.present import html, live, terminal
from hikaku.present.as_json import as_json
from hikaku.present.csv_text import as_text
from hikaku.store.kept import Kept
from hikaku.store.store import Store
from hikaku.study.decode import from_mapping
from hikaku.words import ACTING, message

pytestmark = pytest.mark.fault("E7")

SHORT = tuple(name for name in NAMES if len(name) < 1000)


def test_there_are_40_names_that_differ() -> None:
    assert len(set(NAMES)) == 40


@pytest.mark.parametrize("name", NAMES, ids=range(40))
def test_on_a_terminal_no_sign_of_a_name_acts(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    speak.echo(message("{name}: nothing is wrong", name=name))
    speak.columns([(name, "a question"), ("b", name)])
    speak.show_path(message("Report:"), Path(f"reports/{name}.html".replace("\0", "")))
    said = capsys.readouterr().out
    assert not ACTING.search(said.replace("\n", ""))
    assert "nothing is wrong" in said


@pytest.mark.parametrize("name", SHORT, ids=range(39))
def test_json_keeps_a_name_whole_and_holds_no_sign_that_acts(name: str) -> None:
    found = replace(study(("a",)), name=name, question=name)
    told = whole(found, results(found, ()))
    written = speak.dumped(as_json(found, told.results, told.findings, 1, 0) | {"path": name})
    assert not ACTING.search(written.replace("\n", ""))
    assert json.loads(written)["study"] == json.loads(written)["path"] == name


@pytest.mark.parametrize("name", NAMES, ids=range(40))
def test_tables_of_a_report_show_a_name_as_text(name: str) -> None:
    found = replace(study(("a", f"{name}x")), name=name, question=f"{name}?")
    written = terminal.text(whole(found, results(found, ())).tables(), "en")
    assert not ACTING.search(written.replace("\n", ""))


@pytest.mark.parametrize("name", NAMES, ids=range(40))
def test_in_csv_no_name_is_a_formula_and_each_is_one_cell(name: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [("file", "class"), (name, "-0.5")])
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as read:
        rows = list(csv.reader(read))
    assert rows[1][0].removeprefix("'") == name.removeprefix("'")
    assert rows[1][0][:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")
    assert rows[1][1] == as_text("-0.5") == "-0.5"


@pytest.mark.parametrize("name", NAMES, ids=range(40))
def test_a_line_of_a_log_stays_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with live.watcher(language="en") as watch:
        watch.note(message("{arm}, seed 0 failed: {error}", arm=name, error=name))
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and not ACTING.search(said[:-1])


@pytest.mark.parametrize("name", NAMES, ids=range(40))
def test_an_error_about_a_name_is_said_in_words(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    @click.command()
    def fail() -> None:
        speak.echo(StudyError.of(message("no '{name}'", name=name), where=name).text("en"))

    said = CliRunner().invoke(fail).output
    assert not ACTING.search(said.replace("\n", ""))


@pytest.mark.parametrize("name", NAMES, ids=range(40))
def test_a_variant_of_such_a_name_is_taken_as_text_or_refused_in_words(
    name: str, tmp_path: Path
) -> None:
    tables = {
        "format": 1, "metric": "accuracy", "worth": 0.1, "model": "mlp", "data": "digits",
        "recipe": {"optimizer": "sgd", "epochs": 1},
        "variant": [{"name": name, "optimizer": "adam"}],
    }  # fmt: skip  # a study in few lines
    try:
        made = from_mapping(tables, name="plain", folder=tmp_path)
    except StudyError as error:
        assert error.exit_code == 2
    else:
        assert made.variants[0].name.strip() and not ACTING.search(made.variants[0].name)


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../../x", "/etc", "a\0b"])
def test_a_store_of_somebody_else_names_no_folder_but_its_own(name: str, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "store.files")
    (tmp_path / "x").mkdir()
    with pytest.raises(StoreError, match="none of its own files"):
        kept.remove([name])
    with pytest.raises(StoreError):
        kept.files(name)
    with pytest.raises(StoreError):
        kept.part(name)
    assert (tmp_path / "x").is_dir()


def test_a_link_in_a_stores_folder_is_removed_and_never_what_it_leads_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "best.safetensors").write_text("precious")
    with Store.writing(tmp_path / "store.db") as store:
        files = store.make_room().folder
        (files / "key").symlink_to(outside)
        (files / "other.part").symlink_to(outside)
        assert store.kept.files("key") == {}
        store.kept.remove(["key"])
        store.make_room()
    assert list(files.iterdir()) == []
    assert (outside / "best.safetensors").read_text() == "precious"


def test_what_a_store_makes_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        with Store.writing(tmp_path / "new" / "store.db") as store:
            store.make_room()
            made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    finally:
        os.umask(before)
    assert made.pop("new") == made.pop("store.files") == 0o700
    assert {"store.db", "store.lock"} <= made.keys()
    assert set(made.values()) == {0o600}


def test_a_report_takes_the_name_of_the_studys_file_and_no_path_of_its_text(tmp_path: Path) -> None:
    path = tmp_path / "a b\x1b[31m.toml"
    shutil.copy(Path(html.__file__).parents[1] / "gallery" / "01-digits.toml", path)
    asked = speak.read_study(str(path), ("question='../../x'",), None)
    place = speak.default_report(str(tmp_path / "store.db"), asked)
    assert place == tmp_path / "reports" / "a b\x1b[31m.html"


def test_no_error_of_ours_is_written_with_what_acts(capsys: pytest.CaptureFixture[str]) -> None:
    error = HikakuError.of(message("a {x}", x="\x1b]0;t\x07"), where="\x9b", mend=message("mend"))
    speak.echo(error.text("en"))
    assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f]+", capsys.readouterr().out)


@pytest.mark.parametrize("file", ["/etc/passwd", "../../x", ".."])
def test_a_checkpoint_of_somebody_elses_store_leads_to_no_file_but_its_own(
    file: str, tmp_path: Path
) -> None:
    path = tmp_path / "store.db"
    Store.writing(path).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(
            "insert into hikaku_checkpoint (key, number, step, file, digest, records, written)"
            " values ('a', 1, 1, ?, '', '[]', '')",
            (file,),
        )
    with Store.reading(path) as store, pytest.raises(StoreError, match="none of its own files"):
        store.checkpoints(["a"])
