"""Nobody comes in but by a link of ours, and then nobody can do anything but read."""

from __future__ import annotations

import ast
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from doors import Answer, Door, door

from hikaku.errors import EnvironmentFault
from hikaku.present import dashboard
from hikaku.read.serve import connections, gate, server
from hikaku.read.serve.connections import MOST
from hikaku.read.serve.server import EXPOSED, Place, listening
from load_store import Load, make

ROUTES = (
    "/", "/study/1", "/compare?s=1&s=2", "/study/1/report", "/style.css", "/dashboard.js",
    "/events/", "/events/study/1",
)  # fmt: skip
READ = ROUTES[:3] + ROUTES[4:6]
WAYS_UP = (
    "..", "../..", "%2e%2e", "%2e%2e%2f%2e%2e", "%252e%252e%252f", "..%2f", "..;/", "..%5c", "..\\",
    "%00", "%c0%ae%c0%ae/", "....//", "/etc/passwd", "//etc/passwd", "\\\\host\\share", "C:\\x",
    "file:///etc/passwd", "..%00/", "~root", "..%23", "%3f../", "store.db", "../store.db",
    "..%2fstore.db", "x" * 1500,
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doors")
    make(folder, Load(trials=40, records=20, studies=2))
    return folder / "store.db"


@pytest.fixture(scope="module")
def open_door(store: Path) -> Iterator[Door]:
    with door(store) as found:
        yield found


@pytest.mark.fault("F3")
@pytest.mark.parametrize("route", ["/", "/study/", "/study/1/", "/events/study/", "/compare/"])
def test_no_way_up_leads_anywhere(open_door: Door, route: str):
    for way in WAYS_UP:
        answer = open_door.ask(route + way)
        assert answer.status in (400, 404), way
        assert "SQLite" not in answer.text and "root:" not in answer.text


@pytest.mark.fault("F3")
def test_only_one_file_of_the_dashboard_opens_any_and_that_one_no_clients(store: Path):
    house = Path(server.__file__).parent
    for path in house.glob("*.py"):
        names = [node.id for node in ast.walk(ast.parse(path.read_text())) if hasattr(node, "id")]
        assert "open" not in names, path
        assert not {"StaticFiles", "FileResponse"} & set(names), path


@pytest.mark.fault("F4")
def test_under_another_name_nothing_is_answered(open_door: Door):
    port = open_door.port
    for names in (
        ["evil.example"], ["127.0.0.1"], [f"127.0.0.1.evil.example:{port}"], ["127.0.0.1:1"],
        [f"evil.example:{port}"], [f"localhost.:{port}"], [""], [f"127.0.0.1:{port}, evil"],
        [f"0:{port}"], [f"127.1:{port}"], [open_door.host, "evil.example"],
        [open_door.host, open_door.host], [],
    ):  # fmt: skip
        heads = "".join(f"Host: {name}\r\n" for name in names)
        for route in READ + ROUTES[6:]:
            text = f"GET {route} HTTP/1.1\r\n{heads}Cookie: {open_door.cookie}\r\n\r\n"
            answer = open_door.raw(text)
            assert answer.status == 400, names
            assert "set-cookie" not in answer.heads
    assert open_door.raw("GET / HTTP/1.0\r\n\r\n").status == 400


def test_its_own_names_are_known(open_door: Door):
    for name in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        text = f"GET / HTTP/1.1\r\nHost: {name}:{open_door.port}\r\nCookie: {open_door.cookie}"
        assert open_door.raw(text + "\r\n\r\n").status == 200


@pytest.mark.fault("F5")
@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "X"]
)
def test_nothing_but_reading_is_done(open_door: Door, method: str):
    for route in (*ROUTES, "/enter", "/nowhere"):
        answer = open_door.ask(route, method)
        assert answer.status == 405
        assert answer.heads["allow"] == "GET, HEAD"


@pytest.mark.fault("F5")
@pytest.mark.parametrize("site", ["cross-site", "same-site", "x"])
def test_another_page_is_not_answered_though_the_browser_has_a_cookie(open_door: Door, site: str):
    for route in ROUTES:
        assert open_door.ask(route, "GET", f"Sec-Fetch-Site: {site}").status == 403


@pytest.mark.fault("F6", "F8")
def test_without_the_cookie_there_is_nothing_to_see(open_door: Door):
    name = open_door.keys.cookie
    for heads in (
        (), (f"Cookie: {name}=",), (f"Cookie: {name}=x",), (f"Cookie: x={open_door.keys.session}",),
        (f"Cookie: {name}={open_door.keys.session[:-1]}",), ("Cookie: \x00;;;=",),
        (f"Authorization: Bearer {open_door.keys.session}",),
    ):  # fmt: skip
        for route in (*ROUTES, "/nowhere", f"/?{open_door.cookie}"):
            answer = open_door.ask(route, "GET", *heads, cookie=False)
            assert answer.status == (400 if "\x00" in "".join(heads) else 401)
            assert "load-0" not in answer.text and "set-cookie" not in answer.heads


@pytest.mark.fault("F6")
@pytest.mark.parametrize(
    "beside",
    ['foo={"a": 1}; {ours}', "a b; {ours}", "{ours}; a b", "={};\x80;{ours}", "{stale}; {ours}"],
)
def test_what_other_programs_leave_beside_the_cookie_locks_nobody_out(open_door: Door, beside: str):
    stale = f"{open_door.keys.cookie}=of-yesterday"
    head = beside.replace("{ours}", open_door.cookie).replace("{stale}", stale)
    assert open_door.ask("/", "GET", f"Cookie: {head}", cookie=False).status == 200
    keys = gate.Keys("hikaku-8642", print, session="abc")
    assert keys.knows(['foo={"a": 1}; hikaku-8642=abc']) and keys.knows(["a b; hikaku-8642=abc"])
    assert not keys.knows(["xhikaku-8642=abc", "hikaku-8642", 'foo="; hikaku-8642=abcd"', "=abc"])


@pytest.mark.fault("F6")
def test_a_link_opens_once_and_a_new_one_is_told_then(open_door: Door):
    path = open_door.link.partition(open_door.host)[2]
    assert open_door.ask(path, "HEAD", cookie=False).status == 401, "a look ahead spends nothing"
    told = len(open_door.links)
    answer = open_door.ask(path, cookie=False)
    assert answer.status == 200
    given = answer.heads["set-cookie"]
    assert given == f"{open_door.cookie}; Path=/; HttpOnly; SameSite=Strict"
    assert open_door.ask(path, cookie=False).status == 401
    assert open_door.links[told:] == [open_door.keys.link]
    right = open_door.keys.link
    for key in (
        "",
        "x",
        path[-5:],
        "key&key=",
        "%00",
        f"{right}&a=1&b=2&c=3&d=4",
        f"{right}&key=x",
    ):
        answer = open_door.ask(f"/enter?key={key}", cookie=False)
        assert answer.status == 401
        assert answer.heads["x-frame-options"] == "DENY"


@pytest.mark.fault("F6")
def test_secrets_are_compared_in_constant_time_and_only_so():
    tree = ast.parse(Path(gate.__file__).read_text())
    keys = next(
        one for one in ast.walk(tree) if isinstance(one, ast.ClassDef) and one.name == "Keys"
    )
    compared = [ast.unparse(one) for one in ast.walk(keys) if isinstance(one, ast.Compare)]
    assert not [text for text in compared if "session" in text or "link" in text]
    assert ast.unparse(keys).count("compare_digest(") == 2


@pytest.mark.fault("F7")
def test_errors_tell_no_secret(
    open_door: Door, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("broken")

    monkeypatch.setattr(dashboard, "page", broken)
    for _ in range(50):
        answer = open_door.ask("/")
        assert answer.status == 500
        assert open_door.keys.session not in answer.text
        open_door.raw(f"GE\x01T /enter?key={open_door.keys.link} HTTP/1.1\r\n\r\n")
    said = "".join(capfd.readouterr())
    assert open_door.keys.session not in said and open_door.keys.link not in said
    assert open_door.keys.session not in repr(open_door.keys)


@pytest.mark.fault("F9")
def test_who_dawdles_is_dropped_and_holds_nobody_up(
    open_door: Door, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)
    slow = [socket.create_connection(("127.0.0.1", open_door.port)) for _ in range(200)]
    try:
        for line in slow:
            line.setblocking(False)
            with suppress(OSError):
                line.send(b"G")
        assert open_door.ask("/").status == 200
        held = open_door.server.server_state.connections
        assert sum(not one.is_dropped for one in list(held)) <= MOST
        end = time.monotonic() + 30
        while open_door.server.server_state.connections and time.monotonic() < end:
            for line in slow:
                with suppress(OSError):
                    line.send(b"E")
            time.sleep(0.2)
        assert not open_door.server.server_state.connections
    finally:
        for line in slow:
            line.close()


def first_event(line: socket.socket) -> str:
    with line.makefile("rb") as text:
        return next(said[7:].decode().strip() for said in text if said.startswith(b"event: "))


@pytest.mark.fault("F9")
def test_only_so_many_listen_at_once_and_the_others_are_told(open_door: Door):
    head = f"GET /events/ HTTP/1.1\r\nHost: {open_door.host}\r\nCookie: {open_door.cookie}\r\n\r\n"
    lines = [socket.create_connection(("127.0.0.1", open_door.port), timeout=30) for _ in range(30)]
    for line in lines:
        line.sendall(head.encode())
    # To any status but 200 a browser would never listen again.
    told = [first_event(line) for line in lines]
    assert (told.count("regions"), told.count("full")) == (8, 22)
    full = open_door.ask("/events/")
    assert full.status == 200 and "event: full\n" in full.text
    assert open_door.ask("/").status == 200
    for line in lines:
        line.close()
    end = time.monotonic() + 30
    while open_door.server.server_state.connections and time.monotonic() < end:
        time.sleep(0.05)
    assert not open_door.server.server_state.connections


@pytest.mark.fault("F10")
def test_what_is_too_large_is_refused(open_door: Door):
    assert open_door.ask("/?" + "a" * 3000).status == 414
    assert open_door.ask("/" + "a" * 100_000).status in (0, 400, 414)
    assert open_door.ask("/", "GET", "X: " + "a" * 100_000).status in (0, 400, 431)
    assert open_door.ask("/", "GET", "Content-Length: 100000000").status == 413
    assert open_door.ask("/", "GET", "Transfer-Encoding: chunked").status == 413
    assert open_door.ask("/style.css", "GET", "Range: bytes=0-1,2-3").status == 200
    for number in ("9" * 400, "-1", "1e9", "%D9%A3", "1%20", "0x1", "1;2"):
        assert open_door.ask(f"/study/{number}").status == 404
    assert open_door.ask("/compare?" + "&".join(f"s={n}" for n in range(300))).status == 200


@pytest.mark.fault("F11")
def test_to_listen_to_everybody_is_told_loudly_and_still_takes_a_key(
    store: Path, monkeypatch: pytest.MonkeyPatch
):
    gates: list[gate.Gate] = []

    class Nothing:
        def __init__(self, found: gate.Gate) -> None:
            gates.append(found)

        def run(self, sockets: object) -> None:
            return None

    monkeypatch.setattr(server, "server_of", Nothing)
    monkeypatch.setattr(server.os, "nice", lambda _: 0)
    for host, is_told in (("0.0.0.0", True), ("127.0.0.1", False), ("localhost", False)):
        said: list[object] = []
        server.serve(str(store), Place(host, 0), "en", said.append, browser=False)
        assert (EXPOSED in said) == is_told
    assert all(one.keys.session for one in gates)
    assert f"{socket.gethostname().lower()}:1" in Place("0.0.0.0").hosts(1)
    assert Place("0.0.0.0", names=("box.example",)).hosts(1) >= {"box.example:1", "localhost:1"}
    assert Place("10.0.0.1").hosts(1) == {"10.0.0.1:1"}


@pytest.mark.fault("F12")
def test_where_a_port_is_taken_the_next_one_is_used_unless_one_was_asked_for():
    with listening(Place()) as first, listening(Place()) as second:
        ports = [one.getsockname()[1] for one in (first, second)]
        assert ports[0] != ports[1]
        with pytest.raises(EnvironmentFault, match="cannot listen"):
            listening(Place(port=ports[0]))


@pytest.mark.fault("F13")
def test_no_answer_can_be_framed_guessed_kept_or_leads_elsewhere(open_door: Door):
    answers: list[Answer] = [open_door.ask(route) for route in READ]
    assert [answer.status for answer in answers] == [200] * len(READ)
    answers += [open_door.ask("/nowhere")]
    answers += [open_door.ask("/", cookie=False), open_door.ask("/", "POST")]
    answers += [open_door.ask("//evil.example/"), open_door.ask("/study/1/")]
    for answer in answers:
        assert not 300 <= answer.status < 400
        assert "location" not in answer.heads
        assert not [name for name in answer.heads if name.startswith("access-control")]
        policy = answer.heads["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.heads["x-content-type-options"] == "nosniff"
        assert answer.heads["referrer-policy"] == "no-referrer"
        assert answer.heads["cache-control"] == "no-store"
        assert answer.heads["cross-origin-opener-policy"] == "same-origin"
        assert answer.heads["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.slow
@pytest.mark.fault("F14")
def test_a_report_is_served_in_a_sandbox(open_door: Door):
    end = time.monotonic() + 60
    while (answer := open_door.ask("/study/1/report")).status == 202 and time.monotonic() < end:
        time.sleep(0.2)
    assert answer.status == 200 and "vegaEmbed" in answer.text
    policy = answer.heads["content-security-policy"]
    assert policy == "sandbox allow-scripts; frame-ancestors 'none'"
    assert answer.heads["x-content-type-options"] == "nosniff"


@pytest.mark.slow
def test_a_report_says_where_its_numbers_lie(store: Path, open_door: Door):
    assert f"{store}</" in open_door.ask("/study/1/report").text
