"""A named set may lie under HIKAKU_DATA in other files than those that are fetched."""

from dataclasses import replace
from pathlib import Path

import pytest

from hikaku.data.builtin import CIFAR10
from hikaku.data.fetch import locate
from hikaku.errors import DataError


def test_another_folder_is_taken_where_the_own_one_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIKAKU_DATA", str(tmp_path))
    monkeypatch.setenv("HIKAKU_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "cifar10-jpeg"
    folder.mkdir()
    with pytest.raises(DataError, match=r"cifar10-jpeg: missing: train\.parquet, test\.parquet"):
        locate(CIFAR10)
    for name in ("train.parquet", "test.parquet"):
        (folder / name).touch()
    assert [path.name for path in locate(CIFAR10)] == ["train.parquet", "test.parquet"]
    (tmp_path / "cifar10").mkdir()
    with pytest.raises(DataError, match=r"missing: cifar-10-binary\.tar\.gz"):
        locate(CIFAR10)
    (tmp_path / "cifar10").rmdir()
    with pytest.raises(DataError, match="cannot reach"):
        monkeypatch.setenv("HIKAKU_DATA", str(tmp_path / "elsewhere"))
        locate(replace(CIFAR10, source="http://127.0.0.1:9/"))
