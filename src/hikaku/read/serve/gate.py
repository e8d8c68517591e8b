"""`Gate`: who may come in, before anything else is looked at; and what every answer says.

One-time links open the door: whoever follows one gets a cookie, and the link is spent. Without the
cookie there is nothing to see. Requests under foreign names, by foreign pages, or to do anything
but read are refused first.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from hmac import compare_digest
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hikaku.present.dashboard import entering, refusal
from hikaku.words import message

METHODS = ("GET", "HEAD")
LONGEST = 2048
"""Characters of an address."""
LARGEST_HEAD = 16 * 2**10
"""Bytes of all heads together; uvicorn's own limit is for those that come in pieces."""
ENTER = "/enter"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
REPORT_POLICY = "sandbox allow-scripts; frame-ancestors 'none'"
"""A report runs its own scripts, by its own policy, under nobody's name."""
HEADS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "connection": "close",
}


@dataclass
class Keys:
    """The secrets of one server: the cookie, and a link that works once.

    `told` hears each new link's key: the first at once, another whenever one was used.
    """

    cookie: str
    told: Callable[[str], None]
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    link: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def opens(self, key: str) -> bool:
        """Return whether this is the key of the link; then it is spent, and there is a new one."""
        if not compare_digest(key.encode(), self.link.encode()):
            return False
        self.link = secrets.token_urlsafe(24)
        self.told(self.link)
        return True

    def knows(self, cookies: Iterable[str]) -> bool:
        """Return whether the cookie is among these heads.

        Other programs of this machine leave theirs beside it, whatever port they listen at: what
        stands in those is none of ours, and may be no cookie by any rule.
        """
        pairs = (one.strip().partition("=") for head in cookies for one in head.split(";"))
        return any(
            name == self.cookie and compare_digest(value.encode(), self.session.encode())
            for name, _, value in pairs
        )

    @property
    def set_cookie(self) -> str:
        """Return the head that gives the cookie to a browser."""
        return f"{self.cookie}={self.session}; Path=/; HttpOnly; SameSite=Strict"


@dataclass
class Gate:
    """Lets requests through to `app` that may come in."""

    app: ASGIApp
    hosts: frozenset[str]
    keys: Keys
    language: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":
            return None
        answer = self._refused(scope) or self._entered(scope)
        return await (answer or self.app)(scope, receive, _with_heads(send))

    def _refused(self, scope: Scope) -> Response | None:
        heads = _Heads(scope)
        hosts = heads.all("host")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return PlainTextResponse("Bad Host", 400)
        if scope["method"] not in METHODS:
            return PlainTextResponse("Read only", 405, {"allow": ", ".join(METHODS)})
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST:
            return PlainTextResponse("Address too long", 414)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
            return PlainTextResponse("Heads too large", 431)
        if heads.all("transfer-encoding") or heads.all("content-length") not in ([], ["0"]):
            return PlainTextResponse("No body is read", 413)
        if scope["path"] != ENTER and heads.all("sec-fetch-site") not in OWN_SITE:
            return PlainTextResponse("Asked by another page", 403)
        return None

    def _entered(self, scope: Scope) -> Response | None:
        """Return the answer to a link, or to somebody without a cookie; None where he has one."""
        is_link = scope["path"] == ENTER and scope["method"] == "GET"
        if is_link and self.keys.opens(_key(scope["query_string"].decode("latin-1"))):
            page = entering(self.language)
            return HTMLResponse(page, headers={"set-cookie": self.keys.set_cookie})
        if scope["path"] != ENTER and self.keys.knows(_Heads(scope).all("cookie")):
            return None
        return HTMLResponse(refusal(NO_KEY, self.language), 401)


OWN_SITE: tuple[list[str], ...] = ([], ["none"], ["same-origin"])
NO_KEY = message(
    "This page opens by the link that `hikaku serve` prints. A link works once; a new one is "
    "printed then."
)


def _key(query: str) -> str:
    """Return the key in an address, "" where there is none, or more than one."""
    try:
        found = parse_qs(query, max_num_fields=4).get("key", [])
    except ValueError:
        return ""
    return found[0] if len(found) == 1 else ""


@dataclass(frozen=True)
class _Heads:
    scope: Scope

    def all(self, name: str) -> list[str]:
        return [v.decode("latin-1") for k, v in self.scope["headers"] if k == name.encode()]


def _with_heads(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def sent(what: Message) -> None:
        if what["type"] == "http.response.start":
            there = {name for name, _ in what.get("headers", ())}
            more = [
                (name.encode(), value.encode())
                for name, value in HEADS.items()
                if name.encode() not in there
            ]
            what = {**what, "headers": [*what.get("headers", ()), *more]}
        await send(what)

    return sent
