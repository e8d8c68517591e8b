from pathlib import Path

import pytest

from hikaku.study.kinds import Misfit, fit
from hikaku.study.own_data import OPTIONS, REQUIRED, SHAPES, format_of


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.csv", "csv"),
        ("dir/A.CSV", "csv"),
        ("a.tsv", "csv"),
        ("a.csv.gz", "csv"),
        ("a.tsv.gz", "csv"),
        ("a.npz", "npz"),
        ("a.parquet", "parquet"),
        ("a.txt", None),
        ("mnist", None),
        ("a.gz", None),
    ],
)
def test_a_file_is_known_by_its_name_whether_it_is_there_or_not(
    tmp_path: Path, name: str, format: str | None
) -> None:
    assert format_of(name, tmp_path) == format
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"")
    assert format_of(name, tmp_path) == format


@pytest.mark.parametrize(
    ("inside", "format"),
    [
        (["data_batch_1.bin", "test_batch.bin"], "cifar-binary"),
        (["train.bin", "readme.txt"], "cifar-binary"),
        (["train.parquet"], "parquet"),
        (["train-00000-of-00001.parquet", "cache/"], "parquet"),
        (["cat/", "dog/"], "images"),
        (["train/", "test/", "readme.txt"], "images"),
        ([".git/"], None),
        (["a.png"], None),
        ([], None),
    ],
)
def test_a_folder_is_known_by_what_lies_in_it(
    tmp_path: Path, inside: list[str], format: str | None
) -> None:
    (tmp_path / "data").mkdir()
    for name in inside:
        path = tmp_path / "data" / name
        path.mkdir() if name.endswith("/") else path.write_bytes(b"")
    assert format_of("data", tmp_path) == format


def test_a_folder_with_the_name_of_a_file_is_still_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.csv" / "cat").mkdir(parents=True)
    assert format_of("a.csv", tmp_path) == "images"


def test_every_default_is_of_its_kind() -> None:
    for format, settings in OPTIONS.items():
        for setting in settings:
            assert fit(setting.annotation, setting.default) == setting.default, format


def test_every_format_takes_names_of_classes_and_says_whether_it_standardizes() -> None:
    for format, settings in OPTIONS.items():
        defaults = {setting.name: setting.default for setting in settings}
        assert {"standardize", "classes"} <= defaults.keys()
        assert (defaults["standardize"] is True) == (format == "csv")
        assert SHAPES[format](**defaults) == SHAPES[format]()


def test_what_must_be_written_is_a_setting() -> None:
    for format, names in REQUIRED.items():
        assert set(names) <= {setting.name for setting in OPTIONS[format]}


@pytest.mark.parametrize(("name", "value"), [("size", -1), ("size", 2.5), ("channels", "blue")])
def test_a_setting_out_of_its_range_is_refused(name: str, value: object) -> None:
    (setting,) = (setting for setting in OPTIONS["images"] if setting.name == name)
    with pytest.raises(Misfit):
        fit(setting.annotation, value)


@pytest.mark.fault("E6")
def test_a_folder_in_ones_home_is_known_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "home" / "imgs" / "cat").mkdir(parents=True)
    assert format_of("~/imgs", tmp_path) == "images"
    assert format_of("~draft.csv", tmp_path) == "csv", "a file, and nobody's home"
