from pathlib import Path

from hikaku.checks.store_contract import StoreContract
from hikaku.store.store import Store


class TestSqlite(StoreContract):
    def opened(self, place: Path) -> Store:
        return Store.writing(place / "store.db", wait=False)

    def opened_to_read(self, place: Path) -> Store:
        return Store.reading(place / "store.db")
