"""A dashboard that really listens, in a thread of the test's process, and a client of raw bytes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hikaku.read.serve.app import app_of
from hikaku.read.serve.gate import ENTER, Gate, Keys
from hikaku.read.serve.library import Library
from hikaku.read.serve.server import Place, listening, server_of


@dataclass(frozen=True)
class Answer:
    """What came back: status, heads by their names in small letters, and the text."""

    status: int
    heads: dict[str, str]
    text: str


@dataclass
class Door:
    """Where it listens, and how to come in."""

    port: int
    keys: Keys
    server: object
    library: Library
    links: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def cookie(self) -> str:
        return f"{self.keys.cookie}={self.keys.session}"

    @property
    def link(self) -> str:
        return f"http://{self.host}{ENTER}?key={self.keys.link}"

    def ask(self, path: str, method: str = "GET", *heads: str, cookie: bool = True) -> Answer:
        """Ask for a path, with a cookie unless told otherwise."""
        mine = [f"Cookie: {self.cookie}"] if cookie else []
        return self.raw("\r\n".join((f"{method} {path} HTTP/1.1", f"Host: {self.host}", *mine,
                                     *heads, "", "")))  # fmt: skip

    def raw(self, text: str) -> Answer:
        """Send these bytes, and return what comes back until the connection is closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall(text.encode("latin-1"))
            found = b""
            try:
                while part := line.recv(65536):
                    found += part
            except ConnectionResetError:
                pass
        head, _, body = found.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *rest = head.split("\r\n")
        heads = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in rest)}
        return Answer(int(first.split(" ")[1]) if first else 0, heads, body)


@contextmanager
def door(store: Path, language: str = "en") -> Iterator[Door]:
    """Yield a dashboard of this store for as long as the block lasts."""
    links: list[str] = []
    with listening(Place("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        keys = Keys(f"hikaku-{port}", links.append)
        hosts = Place("127.0.0.1", 0).hosts(port)
        library = Library(str(store), language)
        server = server_of(Gate(app_of(library), hosts, keys, language))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield Door(port, keys, server, library, links)
        finally:
            server.should_exit = True
            thread.join()
