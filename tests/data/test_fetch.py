import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from hikaku.data.builtin import Builtin
from hikaku.data.cache import open_task, prepare
from hikaku.data.fetch import cache_folder, locate
from hikaku.data.named import Samples
from hikaku.errors import DataError

CONTENT = bytes(range(256)) * 600


def read_bytes(files: tuple[Path, ...]):
    x = np.frombuffer(files[0].read_bytes(), dtype=np.uint8).reshape(-1, 4)
    return Samples(x, np.arange(len(x)) % 2)


def md5(content: bytes) -> str:
    return "md5:" + hashlib.md5(content).hexdigest()


ENTRY = Builtin(
    name="tiny", summary="", source="", licence="", kind="classification", classes=2,
    official_test=False, scale=255.0, read=read_bytes, files={"values.gz": md5(CONTENT)},
)  # fmt: skip


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIKAKU_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HIKAKU_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Builtin]:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "values.gz").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield replace(ENTRY, source=f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()


def fetched_names() -> list[str]:
    return sorted(path.name for path in (cache_folder() / "fetched").rglob("*") if path.is_file())


def test_a_file_is_fetched_once_with_progress_up_to_its_size(served: Builtin) -> None:
    seen: list[tuple[str, int, int]] = []
    (path,) = locate(served, lambda *news: seen.append(news))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == ("values.gz", len(CONTENT), len(CONTENT))
    assert [received for _, received, _ in seen] == sorted(received for _, received, _ in seen)
    gone = replace(served, source="http://127.0.0.1:9/")
    assert locate(gone) == (path,)


def test_what_follows_a_hash_in_an_address_names_the_file_and_is_asked_of_no_server(
    served: Builtin,
) -> None:
    numbered = replace(served, source=f"{served.source}values.gz#", files={"x": md5(CONTENT)})
    (path,) = locate(numbered)
    assert path.name == "x"
    assert path.read_bytes() == CONTENT


def test_a_file_with_another_checksum_is_refused_and_not_kept(served: Builtin) -> None:
    wrong = replace(served, files={"values.gz": md5(b"something else")})
    with pytest.raises(DataError, match="another checksum") as caught:
        locate(wrong)
    assert served.source in str(caught.value)
    assert fetched_names() == []


def test_a_file_that_the_server_lacks_is_refused_and_nothing_is_kept(served: Builtin) -> None:
    with pytest.raises(DataError, match=r"cannot reach .*other"):
        locate(replace(served, files={"other": md5(CONTENT)}))
    assert fetched_names() == []


def test_without_a_network_the_error_says_where_to_put_the_files(served: Builtin) -> None:
    with pytest.raises(DataError, match=r"cannot reach http://127\.0\.0\.1:9/values\.gz") as caught:
        prepare(replace(served, source="http://127.0.0.1:9/"))
    assert "HIKAKU_DATA/tiny: values.gz" in str(caught.value)
    assert fetched_names() == []
    assert not (cache_folder() / "decoded").exists()


def test_a_fetched_set_decodes_to_a_task(served: Builtin) -> None:
    task = open_task(prepare(served))
    assert task.inputs.tobytes() == CONTENT


@pytest.mark.parametrize("name", ["values.gz", "values"])
def test_own_files_are_taken_gzipped_or_not_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HIKAKU_DATA", str(tmp_path / "own"))
    (tmp_path / "own" / "tiny").mkdir(parents=True)
    (tmp_path / "own" / "tiny" / name).write_bytes(CONTENT[:400])
    assert len(open_task(prepare(ENTRY)).inputs) == 100


def test_an_own_folder_that_lacks_a_file_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIKAKU_DATA", str(tmp_path))
    (tmp_path / "tiny").mkdir()
    with pytest.raises(DataError, match=r"missing: values\.gz"):
        locate(ENTRY)
