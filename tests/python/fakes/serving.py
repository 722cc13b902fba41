"""What every fake of a provider stands on: a server on this machine that counts, logs, and fails when told to.

A fake says in ``answer`` what its provider does. ``faults`` says what goes wrong on the way: before anything was done, or after.
"""

from __future__ import annotations

import json
import random
import re
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

VARYING = re.compile(r"/(\d+|[^/]*(@|%40)[^/]*)(?=/|$)")


@dataclass(frozen=True)
class Request:
    """A request as it came in: its path without the query, its headers by lower-case name, its body as JSON or, where it is none, as text."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    at: float

    @property
    def parts(self) -> list[str]:
        """The pieces of the path, decoded."""
        return [unquote(part) for part in self.path.strip("/").split("/")]

    @property
    def shape(self) -> str:
        """Method and path with its numbers and addresses left out: what requests are counted by."""
        return f"{self.method} {VARYING.sub('/{}', self.path)}"


@dataclass(frozen=True)
class Reply:
    """What a fake answers. A body of None is empty, a text goes as it is, all else as JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Faults:
    """What goes wrong, as shares of the requests. Done or not done: that is what the sender cannot see."""

    seed: int = 0
    errors: float = 0.0
    """500, nothing done."""
    errors_when_done: float = 0.0
    """500, though it was done."""
    busy: float = 0.0
    """429, nothing done."""
    dropped: float = 0.0
    """The connection ends, nothing done."""
    dropped_when_done: float = 0.0
    """The connection ends, though it was done."""
    late: float = 0.0
    """Done, but answered after late_seconds: give the sender a shorter time-out."""
    late_seconds: float = 0.0
    rejects_one_a_batch: bool = False
    """Of every batch of more than one the fake rejects one record, if the provider can: ask ``rejected_of``."""


class Fake(ABC):
    """A provider on this machine."""

    busy_reply = Reply(429, {"message": "Too many requests"}, {"Retry-After": "1"})

    def __init__(self, faults: Faults | None = None, now: Callable[[], float] = time.monotonic) -> None:
        """``now``: the clock by which rates are kept; give it the sender's."""
        self.faults = faults or Faults()
        self.now = now
        self.chance = random.Random(self.faults.seed)
        self.lock = threading.RLock()
        self.requests: list[Request] = []
        self.checks: list[Callable[[Request], None]] = []
        """Each is called with every request, and raises or appends to ``violations`` what is wrong with it."""
        self.violations: list[str] = []
        self.windows: dict[str, deque[float]] = {}

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """Do what the provider does. Called for one request at a time."""

    def busy(self, request: Request) -> Reply:
        """The 429 of this provider."""
        return self.busy_reply

    def counted(self) -> Counter[str]:
        """How many requests came in, by method and path."""
        return Counter(request.shape for request in self.requests)

    def is_too_fast(self, window: str, max_requests: int, per_seconds: float) -> bool:
        """Whether one more request of this kind is more than the rate allows; else it is counted."""
        now, taken = self.now(), self.windows.setdefault(window, deque())
        while taken and taken[0] <= now - per_seconds:
            taken.popleft()
        if len(taken) >= max_requests:
            return True
        taken.append(now)
        return False

    def rejected_of(self, records: Sequence[Any]) -> Any | None:
        """The record of a batch that this fake is to reject; None where it is to take them all."""
        return records[self.chance.randrange(len(records))] if self.faults.rejects_one_a_batch and len(records) > 1 else None

    def handle(self, request: Request) -> tuple[Reply | None, float]:
        """The reply, none where the connection is to end without one, and the seconds to wait before it."""
        with self.lock:
            self.requests.append(request)
            for check in self.checks:
                try:
                    check(request)
                except Exception as error:
                    self.violations.append(f"{request.method} {request.path}: {error}")
            faults, number = self.faults, self.chance.random()
            for share, is_done, reply in (
                (faults.errors, False, Reply(500, {"message": "Internal error"})),
                (faults.busy, False, self.busy(request)),
                (faults.dropped, False, None),
                (faults.errors_when_done, True, Reply(500, {"message": "Internal error"})),
                (faults.dropped_when_done, True, None),
            ):
                if number < share:
                    if is_done:
                        self.answer(request)
                    return reply, 0.0
                number -= share
            is_late = number < faults.late
            return self.answer(request), faults.late_seconds if is_late else 0.0

    @contextmanager
    def running(self, port: int = 0) -> Iterator[str]:
        """Serve on this machine; gives the URL."""
        server = Server(("127.0.0.1", port), handler_of(self))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()


class Server(ThreadingHTTPServer):
    """A server that neither waits for who left nor complains of them."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever was killed or timed out is gone: that is what is tested."""


def handler_of(fake: Fake) -> type[BaseHTTPRequestHandler]:
    """The handler that asks a fake."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length).decode()
            try:
                body = json.loads(text) if text else None
            except ValueError:
                body = text
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body, fake.now())
            reply, seconds = fake.handle(request)
            time.sleep(seconds)
            if reply is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            content = (
                b"" if reply.body is None else (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
            )
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **reply.headers}.items():
                if not (reply.status == 204 and name == "Content-Length"):
                    self.send_header(name, value)
            # Headers and body in one packet.
            self._headers_buffer += [b"\r\n", content]  # type: ignore[attr-defined]
            self.flush_headers()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing is printed: ``requests`` has it all."""

    return Handler


def serve_until_stopped(fake: Fake, port: int) -> None:
    """Serve until Ctrl-C, saying each request: for people who try a destination without the provider."""

    def tell(request: Request) -> None:
        print(request.method, request.path, flush=True)

    fake.checks.append(tell)
    with fake.running(port) as url:
        print(f"Serving on {url}; Ctrl-C ends it.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
