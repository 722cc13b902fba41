"""Sends requests to one destination: at the rate that its provider allows, tried again where that mends something, and never with the key to another host."""

from __future__ import annotations

import json as jsons
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from lead_scoring.activation.operations import Limit
from lead_scoring.activation.providers.base import Answer, Provider, Refused, Unanswered
from lead_scoring.errors import WRONG_USAGE, CommandError

TIMEOUT = "LEAD_SCORING_ACTIVATION_TIMEOUT"
DEFAULT_TIMEOUT_SECONDS = 60.0
CONNECT_TIMEOUT_SECONDS = 10.0

TRIES = 5
BUSY_TRIES = 10
FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
SHORTEST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 900.0
"""Whoever is told to wait longer is better off with another push."""

BUSY = (429, 503)
REFUSED = (401, 403)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_SECRET = 6
SECRET_HEADERS = ("auth", "key", "token")


@dataclass(frozen=True)
class Clock:
    """Time as the sender sees it. A test's clock does not sleep."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Pace:
    """A sliding window: no more than max_requests in any per_seconds."""

    def __init__(self, limit: Limit, clock: Clock) -> None:
        self.limit = limit
        self.clock = clock
        self.answered_at: deque[float] = deque(maxlen=limit.max_requests)

    def wait(self) -> None:
        """Sleep until another request may go."""
        if len(self.answered_at) == self.limit.max_requests:
            left = self.answered_at[0] + self.limit.per_seconds - self.clock.monotonic()
            if left > 0:
                self.clock.sleep(left)

    def note(self) -> None:
        """Note that a request has ended. The provider counts from when it arrived, which was earlier: so its window is never fuller than ours."""
        self.answered_at.append(self.clock.monotonic())


def home_of(provider: Provider) -> str:
    """Where requests of a provider go: LEAD_SCORING_<PROVIDER>_URL, else its own address; nowhere where it has none. Raises CommandError (2) for one that would send a key in clear over a network."""
    variable = f"LEAD_SCORING_{provider.name.upper()}_URL"
    home = (provider.environment.get(variable) or provider.url()).rstrip("/")
    parts = urlsplit(home)
    if home and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise CommandError(f"{variable} has to begin with https://; http:// is for this machine alone.", WRONG_USAGE)
    return home


def timeout_of(environment: Mapping[str, str]) -> float:
    """Seconds to wait for an answer, by LEAD_SCORING_ACTIVATION_TIMEOUT. Raises CommandError (2) when that is no number above 0."""
    named = environment.get(TIMEOUT)
    if not named:
        return DEFAULT_TIMEOUT_SECONDS
    try:
        seconds = float(named)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise CommandError(f"{TIMEOUT} is {named}; it takes a number of seconds above 0.", WRONG_USAGE)
    return seconds


class HttpTransport:
    """The transport of providers.base, over one session of `requests`. Use it as a context manager."""

    def __init__(self, provider: Provider, limits: Mapping[str, Limit], clock: Clock | None = None) -> None:
        """``limits``: the provider's rows of provider_limits.csv by their operation."""
        self.provider = provider
        self.clock = clock or Clock()
        self.home = home_of(provider)
        self.timeout = timeout_of(provider.environment)
        self.paces = {operation: Pace(limit, self.clock) for operation, limit in limits.items()}
        self.session = requests.Session()
        # Without an authentication of ours `requests` would take one out of a netrc file, and put it in the place of the key.
        self.session.auth = unchanged
        self.requests_sent = 0

    def __enter__(self) -> HttpTransport:
        """The transport itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.session.close()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        self.clock.sleep(seconds)

    def call(
        self,
        method: str,
        path: str,
        operation: str,
        json: Any = None,
        *,
        is_repeatable: bool = True,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """As providers.base.Transport says."""
        failures = busy = 0
        while True:
            answer, failure = self.once(method, path, operation, json, headers, params)
            if answer is not None and answer.status in BUSY:
                busy += 1
                self.wait_until_free(answer, busy)
                continue
            if answer is not None and answer.status < 500:
                self.refuse(answer)
                return answer
            failures += 1
            if not is_repeatable or failures == TRIES:
                tries = "a try" if failures == 1 else f"{failures} tries"
                raise Unanswered(f"{self.provider.name} gave no answer after {tries}: {self.without_secrets(failure)}")
            self.clock.sleep(backoff(failures))

    def once(
        self,
        method: str,
        path: str,
        operation: str,
        json: Any,
        headers: Mapping[str, str] | None,
        params: Mapping[str, str] | None,
    ) -> tuple[Answer | None, str]:
        """Send once: the answer, or none, and what went wrong."""
        pace = self.paces.get(operation)
        if pace is not None:
            pace.wait()
        sent = {"Accept": "application/json", **self.provider.headers(), **(headers or {})}
        body = None
        if json is not None:
            body = jsons.dumps(json, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
            sent.setdefault("Content-Type", "application/json")
        self.requests_sent += 1
        try:
            response = self.session.request(
                method,
                f"{self.home}/{path.lstrip('/')}",
                data=body,
                headers=sent,
                params=params,
                timeout=(min(CONNECT_TIMEOUT_SECONDS, self.timeout), self.timeout),
                # A key goes to the host that it was given for, and nowhere else.
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return None, type(error).__name__
        finally:
            if pace is not None:
                pace.note()
        answer = Answer(
            response.status_code, {name.lower(): value for name, value in response.headers.items()}, body_of(response)
        )
        return answer, answer.in_words()

    def wait_until_free(self, answer: Answer, tries: int) -> None:
        """Wait as long as a 429 or 503 says. Raises Refused when that is too long, or was said too often."""
        seconds = self.provider.retry_after(answer.headers)
        if seconds is None:
            seconds = retry_after(answer.headers, self.clock)
        if seconds is None:
            seconds = backoff(tries)
        if seconds > LONGEST_WAIT_SECONDS:
            raise Refused(
                f"{self.provider.name} takes no more for {seconds:,.0f} seconds: what it allows is used up. {self.without_secrets(answer.in_words())}"
            )
        if tries == BUSY_TRIES:
            raise Refused(f"{self.provider.name} stays busy after {tries} tries. {self.without_secrets(answer.in_words())}")
        self.clock.sleep(max(seconds, SHORTEST_WAIT_SECONDS))

    def refuse(self, answer: Answer) -> None:
        """Raise Refused for an answer that refuses everybody."""
        said = self.without_secrets(answer.in_words())
        if answer.status in REFUSED:
            variables = " and ".join(self.provider.secrets) or "what the environment says"
            raise Refused(f"{self.provider.name} refuses us; look at {variables}. {said}")
        if 300 <= answer.status < 400:
            raise Refused(f"{self.provider.name} points to another address, where no key is sent. {said}")

    def without_secrets(self, text: str) -> str:
        """A text in which no secret of the provider stands."""
        secrets = {self.provider.environment.get(name, "") for name in self.provider.secrets}
        for name, value in self.provider.headers().items():
            if any(word in name.lower() for word in SECRET_HEADERS):
                # Also without the `Bearer` before it.
                secrets |= {value, *value.split()}
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text


def unchanged(request: Any) -> Any:
    """A request as it is: an authentication that adds nothing."""
    return request


def body_of(response: requests.Response) -> Any:
    """The body as JSON, or as text where it is none; None where there is none."""
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        return response.text


def backoff(tries: int) -> float:
    """Seconds to wait after so many tries."""
    return min(FIRST_BACKOFF_SECONDS * 2.0 ** (tries - 1), LONGEST_BACKOFF_SECONDS)


def retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Seconds that Retry-After asks for, a number or a date; None where it is missing or neither."""
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    if said.isdigit():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max((until - clock.now()).total_seconds(), 0.0)
