"""Connections that hold nothing up: few, each for one request, and none that dawdles.

uvicorn waits for a request for as long as its client likes. Here each connection has a deadline,
and where there are too many, whoever has waited longest without asking anything has to go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 64
REQUEST_SECONDS = 10.0
"""So long a client may take to ask."""
STALLED_SECONDS = 15.0
"""So long it may take to hear what it was told, once more is waiting for it."""
WHOLE_SECONDS = 120.0
"""After so long every connection ends but one that listens to events."""
EVENTS = "/events"


class Connection(H11Protocol):
    """A connection as uvicorn has it, with deadlines."""

    def connection_made(  # type: ignore[override]  # asyncio hands over no other transport
        self, transport: asyncio.Transport
    ) -> None:
        """Take it, where there is room for it or somebody has waited in vain."""
        self._late: list[asyncio.TimerHandle] = []
        self._stalled: asyncio.TimerHandle | None = None
        self.is_dropped = False
        all_of_them = cast("set[Connection]", self.connections)
        others = [one for one in all_of_them if not one.is_dropped]
        if len(others) >= MOST:
            idle = [one for one in others if not one.has_asked]
            if not idle:
                transport.abort()
                return
            min(idle, key=lambda one: one.since).drop()
        super().connection_made(transport)
        self.since = self.loop.time()
        self._late = [
            self.loop.call_later(REQUEST_SECONDS, self._end, lambda: not self.has_asked),
            self.loop.call_later(WHOLE_SECONDS, self._end, lambda: not self.is_listening),
        ]

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        for timer in (*self._late, *([self._stalled] if self._stalled else [])):
            timer.cancel()
        if self in self.connections:
            super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Hear that the client does not listen; it has a while to begin."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self.drop)

    def resume_writing(self) -> None:
        """Hear that it listens again."""
        super().resume_writing()
        if self._stalled:
            self._stalled.cancel()

    @property
    def has_asked(self) -> bool:
        """Whether a whole request has come."""
        return self.cycle is not None

    @property
    def is_listening(self) -> bool:
        """Whether it listens to events."""
        return self.has_asked and str(self.scope["path"]).startswith(EVENTS)

    def drop(self) -> None:
        """End it at once; from now on it counts no more."""
        self.is_dropped = True
        self.transport.abort()

    def _end(self, is_late: Callable[[], bool]) -> None:
        if is_late():
            self.drop()
