"""The pages of the dashboard, and the events by which they change.

Whatever a client sends chooses among things that are there already: a study by its number, a
metric by its name. None of it becomes a path.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from hikaku.present import dashboard
from hikaku.present.dashboard import MOST_COMPARED, Regions, Shown
from hikaku.present.dashboard_words import SAID, gone, no_such_page
from hikaku.present.page_files import source
from hikaku.present.report import Words, spoken
from hikaku.read.serve.gate import REPORT_POLICY
from hikaku.read.serve.library import Library
from hikaku.read.serve.press import Press

MOST_LISTENERS = 8
FULL = f"event: full\ndata: {MOST_LISTENERS}\n\n"
"""What is told where too many listen. Any status but 200 would tell a browser to ask no more."""
SILENCE_SECONDS = 20.0
"""After so long a sign is sent that the line still stands."""

Ask = Callable[[Request], Awaitable["Page | None"]]


@dataclass(frozen=True)
class Page:
    """What a page shows now."""

    title: Words
    regions: Regions


class Events(StreamingResponse):
    """A line of events; `left` is called when it ends, though it may never have begun."""

    def __init__(self, told: AsyncIterator[str], left: Callable[[], None]) -> None:
        super().__init__(told, media_type="text/event-stream")
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell until nobody listens."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._left()


@dataclass
class Rooms:
    """The answers to what may be asked."""

    library: Library
    press: Press
    listeners: int = 0

    async def studies(self, request: Request) -> Page | None:
        """Return the list of all studies."""
        now = self.library
        return Page("hikaku", dashboard.list_regions(now.listed, now.fault, now.language))

    async def study(self, request: Request) -> Page | None:
        """Return one study."""
        shown = await self._shown(_number(str(request.path_params["number"])))
        if shown is None:
            return None
        metric = request.query_params.get("metric", "")
        regions = dashboard.study_regions(shown, metric, self.library.language)
        return Page(shown.title, regions)

    async def compare(self, request: Request) -> Page | None:
        """Return studies side by side."""
        asked = map(_number, request.query_params.getlist("s"))
        chosen = list(dict.fromkeys(asked))[:MOST_COMPARED]
        found = await asyncio.gather(*map(self._shown, chosen))
        shown = [one for one in found if one]
        regions = dashboard.compared_regions(shown, self.library.listed, self.library.language)
        return Page(spoken(SAID["compare"], self.library.language), regions)

    async def report(self, request: Request) -> Response:
        """Return the whole report of a study, as the file that `hikaku report` writes.

        But for the command: the store knows no file that a study stood in.
        """
        # The page that stands in for it asks again and again: nothing else is read for that.
        await self.library.look(counts=True)
        number = _number(str(request.path_params["number"]))
        entry = None if number is None else self.library.entry(number)
        if entry is None:
            return self.nothing()
        language = self.library.language
        written = await self.press.report(entry)
        if written is None:
            return HTMLResponse(dashboard.writing(language), 202)
        if written.fault:
            return HTMLResponse(dashboard.refusal(written.fault, language), 503)
        if written.page is None:
            return self.nothing()
        return HTMLResponse(written.page, headers={"content-security-policy": REPORT_POLICY})

    def page(self, ask: Ask) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers with a whole page."""

        async def answer(request: Request) -> Response:
            await self.library.look()
            found = await ask(request)
            if found is None:
                return self.nothing()
            language = self.library.language
            title, regions = spoken(found.title, language), self._regions(found)
            return HTMLResponse(dashboard.page(title, regions, language))

        return answer

    def events(self, ask: Ask) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers with the regions of a page as they change."""

        async def answer(request: Request) -> Response:
            # A study that is forgotten is still listened to: the page says so, and asks again.
            if _number(str(request.path_params.get("number", 0))) is None:
                return self.nothing()
            # Between these lines nothing waits, so that no two take one place.
            if self.listeners >= MOST_LISTENERS:
                return Response(FULL, media_type="text/event-stream")
            self.listeners += 1
            return Events(self._told(ask, request), self._left)

        return answer

    async def _told(self, ask: Ask, request: Request) -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        sent: Regions = {}
        while True:
            changed = self.library.changed
            began = time.thread_time()
            page = await ask(request)
            regions = self._regions(page)
            new = {name: html for name, html in regions.items() if sent.get(name) != html}
            self.library.spent += time.thread_time() - began
            if new:
                sent |= new
                yield f"event: regions\ndata: {json.dumps(new)}\n\n"
            try:
                await asyncio.wait_for(changed.wait(), SILENCE_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"

    def _left(self) -> None:
        self.listeners -= 1

    def _regions(self, page: Page | None) -> Regions:
        """Return the regions of a page, None of one that was there, and what is wrong with it."""
        fault = self.library.fault or ("" if page else gone())
        told = dashboard.fault_region(fault, self.library.language)
        return told | (page.regions if page else {})

    async def _shown(self, number: int | None) -> Shown | None:
        return None if number is None else await self.library.study(number)

    def nothing(self) -> Response:
        """Answer where there is nothing, or where nobody can tell."""
        if self.library.fault:
            return HTMLResponse(dashboard.refusal(self.library.fault, self.library.language), 503)
        return HTMLResponse(dashboard.refusal(no_such_page(), self.library.language), 404)


def _number(written: str) -> int | None:
    if not (written.isascii() and written.isdigit() and len(written) < 16):
        return None
    return int(written)


def _asset(text: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return Response(text, media_type=kind)

    return answer


def app_of(library: Library) -> Starlette:
    """Return the application, which looks at the store while somebody listens."""
    rooms = Rooms(library, Press(library))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(library.watch(lambda: rooms.listeners > 0))
        yield
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking

    pages = (
        ("/", rooms.studies),
        ("/study/{number}", rooms.study),
        ("/compare", rooms.compare),
    )

    async def nothing(request: Request, error: Exception) -> Response:
        return rooms.nothing()

    app = Starlette(
        routes=[
            *(Route(path, rooms.page(ask)) for path, ask in pages),
            *(Route(f"/events{path}", rooms.events(ask)) for path, ask in pages),
            Route("/study/{number}/report", rooms.report),
            Route("/style.css", _asset(dashboard.style(), "text/css")),
            Route("/dashboard.js", _asset(source("dashboard.js"), "text/javascript")),
        ],
        exception_handlers={404: nothing},
        lifespan=lifespan,
    )
    # No answer leads elsewhere, not even to the same address with a stroke more or less.
    app.router.redirect_slashes = False
    return app
