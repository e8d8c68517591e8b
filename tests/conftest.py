"""What holds for every test: the fast ones come first, so that a plain mistake shows at once."""

import sys
from collections.abc import Iterator

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(autouse=True)
def finders() -> Iterator[None]:
    """A user's folder stays importable in its process; the next test is another process to it."""
    before = list(sys.meta_path)
    yield
    sys.meta_path[:] = before
