"""`serve`: open a port, tell the link, and answer until somebody ends it."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Callable
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from ipaddress import ip_address

import uvicorn

from hikaku.errors import EnvironmentFault, StudyError
from hikaku.read.serve.app import app_of
from hikaku.read.serve.browser import browser_at
from hikaku.read.serve.connections import Connection
from hikaku.read.serve.gate import ENTER, LARGEST_HEAD, Gate, Keys
from hikaku.read.serve.library import Library
from hikaku.store.store import Store
from hikaku.words import Message, message

PORT = 8642
TRIED = 20
"""So many ports are tried one after the other where none was asked for."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
POLITE = 10
"""How much the server stands back for whoever else wants to compute."""
NAME = re.compile(
    r"(?P<name>\[[0-9a-f:.]+\]|(?!-)[a-z0-9_-]+(?<!-)(\.(?!-)[a-z0-9_-]+(?<!-))*\.?)"
    r"(:(?P<port>[0-9]{1,5}))?",
    re.IGNORECASE | re.ASCII,
)
"""A name or an address, and its port, as browsers write them in the head `Host`."""


@dataclass(frozen=True)
class Place:
    """Where to listen: `port` None is any free one. `names` are further names of this machine."""

    host: str = "127.0.0.1"
    port: int | None = None
    names: tuple[str, ...] = ()

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine can ask."""
        with suppress(ValueError):
            return ip_address(self.host).is_loopback
        return self.host == "localhost"

    @property
    def is_everywhere(self) -> bool:
        """Whether all addresses of this machine are listened at."""
        with suppress(ValueError):
            return ip_address(self.host).is_unspecified
        return False

    @property
    def called(self) -> str:
        """Return the name for the link."""
        if self.is_everywhere:
            return socket.gethostname()
        return f"[{self.host}]" if ":" in self.host else self.host

    def hosts(self, port: int) -> frozenset[str]:
        """Return every name under which the server may be asked, with its port."""
        names = {*self.names, self.called, *(LOOPBACK if self._has_loopback else ())}
        found = {f"{name}:{port}" if _lacks_port(name) else name for name in map(str.lower, names)}
        return frozenset(found | {name.removesuffix(":80") for name in found})

    @property
    def _has_loopback(self) -> bool:
        return self.is_loopback or self.is_everywhere


def serve(
    store: str, place: Place, language: str, say: Callable[[Message], None], *, browser: bool
) -> None:
    """Answer until a signal ends it; `say` hears the link, and what there is to know of it.

    Raises `StudyError` where a name is none, `EnvironmentFault` where the port cannot be had,
    `StoreError` where the store cannot be read.
    """
    for name in place.names:
        check_name(name)
    with Store.reading(store) as seen:
        seen.entries()
    with closing(listening(place)) as sock:
        port = sock.getsockname()[1]

        def told(key: str) -> None:
            link = f"http://{place.called}:{port}{ENTER}?key={key}"
            say(message("The dashboard, by a link that works once: {link}", link=link))

        keys = Keys(f"hikaku-{port}", told)
        if not place.is_loopback:
            say(EXPOSED)
        told(keys.link)
        with suppress(OSError):
            os.nice(POLITE)
        gate = Gate(app_of(Library(store, language)), place.hosts(port), keys, language)
        link = f"http://{place.called}:{port}{ENTER}?key={keys.link}"
        server = server_of(gate)
        with browser_at(link, lambda: server.started) if browser else nullcontext():
            server.run(sockets=[sock])


EXPOSED = message(
    "Others than this machine can reach this address, and what they read travels unencrypted. "
    "Whoever has a link reads every study in the store. Safer: leave out --host, and on the other "
    "machine `ssh -L 8642:127.0.0.1:8642 THIS-MACHINE`."
)


def server_of(gate: Gate) -> uvicorn.Server:
    """Return what answers through this gate; it says nothing of anybody, nowhere."""
    return uvicorn.Server(
        uvicorn.Config(
            gate,
            http=Connection,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=LARGEST_HEAD,
            timeout_graceful_shutdown=1,
        )
    )


def listening(place: Place) -> socket.socket:
    """Return a socket that listens there, at the port asked for or the first one that is free."""
    ports = (place.port,) if place.port is not None else (*range(PORT, PORT + TRIED), 0)
    for port in ports:
        try:
            return _bound(place.host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or port == ports[-1]:
                raise EnvironmentFault.of(
                    message(
                        "cannot listen at {host}, port {port}: {error}",
                        host=place.host, port=port, error=error.strerror or str(error),
                    ),
                    mend=message("leave --port out for a free one, and --host for this machine"),
                ) from error  # fmt: skip
    raise AssertionError(ports)


def _bound(host: str, port: int) -> socket.socket:
    try:
        (family, kind, _, _, address), *_ = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror as error:
        raise StudyError.of(
            message("--host: {host} is no address of this machine", host=host)
        ) from error
    found = socket.socket(family, kind)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(128)
    except OSError:
        found.close()
        raise
    return found


def check_name(name: str) -> None:
    """Refuse a name that no browser asks for: whoever gave it would wait for its answer in vain."""
    found = NAME.fullmatch(name)
    if not (found and _is_host(found["name"]) and 0 < int(found["port"] or 80) < 2**16):
        raise StudyError.of(
            message('--allow-host: "{name}" is no name that a browser can ask for', name=name),
            mend=message(
                "give a name or an address, with a port where that is another one: {examples}",
                examples="box.example, box.example:8080, [fd00::1]",
            ),
        )


def _is_host(name: str) -> bool:
    """Return whether what stands in brackets is an address."""
    with suppress(ValueError):
        return not name.startswith("[") or ip_address(name[1:-1]).version == 6
    return False


def _lacks_port(name: str) -> bool:
    return not name.rpartition("]")[2].count(":")
