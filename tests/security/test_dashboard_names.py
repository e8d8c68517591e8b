"""Names under which a dashboard may be asked are names that browsers ask for."""

from __future__ import annotations

import re

import pytest

from hikaku.errors import StudyError
from hikaku.read.serve import server
from hikaku.read.serve.server import Place


@pytest.mark.parametrize(
    "name",
    ["a/b", "", " ", "http://box", "box.example/", "a b", "*", "-box", "box..example", "box:",
     "box:0", "box:99999", "box:x", "me@box", "fd00::1", "[fd00::1", "[:::]", "bücher", "box\n"],
)  # fmt: skip
def test_what_no_browser_can_ask_for_is_no_further_name(name: str):
    with pytest.raises(StudyError, match=f'--allow-host: "{re.escape(name)}" is'):
        server.serve("nowhere.db", Place(port=0, names=(name,)), "en", print, browser=False)


def test_names_and_addresses_may_be_asked_for_with_and_without_a_port():
    for name in ("box", "Box.example.", "a_b.local", "10.0.0.2:80", "[fd00::1]", "[fd00::1]:8642"):
        server.check_name(name)
