"""One fake study for the whole room, built once."""

import fake_study
import pytest

from hikaku.present import html


@pytest.fixture(scope="session")
def digits() -> fake_study.Whole:
    return fake_study.whole()


@pytest.fixture(scope="session")
def hostile() -> fake_study.Whole:
    return fake_study.whole(fake_study.study(fake_study.HOSTILE))


@pytest.fixture(scope="session")
def page(digits: fake_study.Whole) -> str:
    return html.page(digits.report())


@pytest.fixture(scope="session")
def hostile_page(hostile: fake_study.Whole) -> str:
    return html.page(hostile.report())
