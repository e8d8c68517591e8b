"""What holds for every test: the fast ones come first, so that a plain mistake shows at once."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(autouse=True)
def imports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A user's files stay imported in their process; the next test is another process to them."""
    finders, known = list(sys.meta_path), set(sys.modules)
    yield
    sys.meta_path[:] = finders
    folder = str(tmp_path_factory.getbasetemp())
    for name in set(sys.modules) - known:
        if _lies_in(folder, sys.modules[name]):
            del sys.modules[name]


def _lies_in(folder: str, module: ModuleType) -> bool:
    spec = getattr(module, "__spec__", None)
    inside = getattr(spec, "submodule_search_locations", None) or ()
    places = (getattr(module, "__file__", None), *inside)
    return any(isinstance(place, str) and place.startswith(folder) for place in places)
