"""`browser_at`: the dashboard's link in a browser window, while the dashboard answers.

Some browsers are waited for until they end. A text browser would have the terminal, too, in which
the link stands; it is never opened.
"""

from __future__ import annotations

import os
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CONSOLE = {"www-browser", "w3m", "lynx", "links", "links2", "elinks", "browsh", "carbonyl"}
"""Programs that show pages in a terminal."""
ASK_SECONDS = 0.05


@contextmanager
def browser_at(link: str, is_ready: Callable[[], bool]) -> Iterator[None]:
    """Open the link once somebody answers it; nobody waits for the browser.

    The link stands in a file, for lists of processes show arguments. The file is there for as long
    as the block lasts. Where there is no room for it, there is the link that was told.
    """
    ended = threading.Event()
    try:
        name = _file(link)
    except OSError:
        yield
        return

    def opened() -> None:
        while not is_ready():
            if ended.wait(ASK_SECONDS):
                return
        # Where there is no browser, or it does not start, there is the link that was told.
        with suppress(webbrowser.Error, OSError):
            found = webbrowser.get()
            if not is_console(found):
                found.open(name.as_uri())

    try:
        threading.Thread(target=opened, daemon=True).start()
        yield
    finally:
        ended.set()
        name.unlink(missing_ok=True)


def _file(link: str) -> Path:
    handle, name = tempfile.mkstemp(prefix="hikaku-", suffix=".html")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as page:
            page.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={link}">')
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def is_console(browser: webbrowser.BaseBrowser) -> bool:
    """Return whether a browser would show the page in this terminal."""
    return Path(browser.name).name in CONSOLE
