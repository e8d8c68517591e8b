"""What holds for every test: the fast ones come first, so that a plain mistake shows at once."""

import gc
import os
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import settings

# No test asserts a time: machines are noisy.
settings.register_profile("here", deadline=None)
settings.register_profile("soak", max_examples=8_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "here"))

# Loading makes objects that stay; to search them for garbage took a tenth of the time of tests.
gc.set_threshold(50_000)

# Shipped tests, which others import before the tests of the store do.
pytest.register_assert_rewrite("hikaku.checks.store_contract")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_when)
    # What is loaded by now stays: no search for garbage goes through it.
    gc.freeze()


def _when(item: pytest.Item) -> int:
    """The longest come before the other slow ones, so that no worker waits for them at the end."""
    if item.get_closest_marker("slow") is None:
        return 0
    return 1 if "soak" in item.path.parts else 2


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the totals of the kill harness."""
    reports = [one for some in terminalreporter.stats.values() for one in some]
    called = (one for one in reports if getattr(one, "when", "") == "call")
    found = [said for one in called for name, said in one.user_properties if name == "soak"]
    if found:
        terminalreporter.section("kill harness")
    for said in found:
        terminalreporter.write_line(said)


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
