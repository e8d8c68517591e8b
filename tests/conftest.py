"""What holds for every test: the fast ones come first, so that a plain mistake shows at once."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
