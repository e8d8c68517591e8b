from pathlib import Path

import pytest

from hikaku.errors import StoreError
from hikaku.store import place
from hikaku.store.store import Store

LINE = "36 35 98:0 / {at} rw,noatime shared:1 - {kind} server:/share rw\n"


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that mounts file systems, in the table that the kernel shows."""
    monkeypatch.setattr(place, "MOUNTS", tmp_path / "mountinfo")

    def mount(*lines: tuple[str, Path]) -> None:
        text = "".join(
            LINE.format(kind=kind, at=str(at).replace(" ", r"\040")) for kind, at in lines
        )
        place.MOUNTS.write_text(text)

    return mount


@pytest.mark.fault("B10")
@pytest.mark.parametrize("kind", sorted(place.NETWORK))
def test_a_store_on_a_network_file_system_is_not_written_to(
    tmp_path: Path, mounted, kind: str
) -> None:
    share = tmp_path / "a share"
    mounted(("ext4", Path("/")), (kind, share), ("tmpfs", tmp_path / "other"))
    with pytest.raises(StoreError, match="network file system") as caught:
        Store.writing(share / "deep" / "store.db")
    assert caught.value.exit_code == 4
    (fault,) = caught.value.faults
    assert kind in str(fault.what)
    assert "--store" in str(fault.mend)
    assert not share.exists()


@pytest.mark.fault("B10")
def test_a_store_on_a_network_file_system_can_be_read(tmp_path: Path, mounted) -> None:
    mounted(("ext4", Path("/")))
    Store.writing(tmp_path / "store.db").close()
    mounted(("ext4", Path("/")), ("nfs4", tmp_path))
    with Store.reading(tmp_path / "store.db") as store:
        assert store.studies() == ()


def test_the_innermost_and_the_latest_mount_is_the_one_that_counts(tmp_path: Path, mounted) -> None:
    mounted(("nfs", Path("/")), ("nfs", tmp_path), ("ext4", tmp_path))
    Store.writing(tmp_path / "store.db").close()
    assert place.file_system(tmp_path / "not" / "there") == "ext4"


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "fuseblk"])
def test_a_disk_of_this_machine_is_a_place(tmp_path: Path, mounted, kind: str) -> None:
    mounted((kind, Path("/")))
    Store.writing(tmp_path / "store.db").close()


def test_where_no_table_of_mounts_is_kept_nothing_is_refused(tmp_path: Path, mounted) -> None:
    Store.writing(tmp_path / "store.db").close()
    assert place.file_system(tmp_path) == ""
