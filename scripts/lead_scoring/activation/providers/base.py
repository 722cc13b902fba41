"""What a provider is to the sender: which limit a batch falls under, how it is told, and what its answer says of each operation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from lead_scoring.activation.operations import Batch, Operation, Verdict


@dataclass(frozen=True)
class Answer:
    """An answer of a provider: its status, its headers by lower-case name, its body as JSON or, where it is none, as text."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx. The body may still refuse some."""
        return 200 <= self.status < 300

    def in_words(self) -> str:
        """The status and the start of the body, for a reason."""
        return f"HTTP {self.status}: {str(self.body)[:200]}"


class Refused(Exception):  # noqa: N818
    """Ends a push: the provider refuses everybody, not somebody (wrong key, no permission, unknown list). The message is for people and holds no secret."""


class Unanswered(Exception):  # noqa: N818
    """The request may have been done or not: a time-out or a broken connection, after all tries. Nothing of the batch is known."""


class Transport(Protocol):
    """Sends requests at the rate that a provider allows, and tries again what can be tried again."""

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
        """Send one request and give its final answer.

        ``path`` is joined to the provider's base URL; ``operation`` is the row of provider_limits.csv whose rate it falls under. 429 and 503 are waited for as long as the
        provider says and tried again; other 5xx, time-outs and broken connections are tried again where ``is_repeatable``. Other 4xx are given as they are: they are the
        provider module's to read. Raises Refused for 401, 403, redirects, and a provider that stays busy or wants a wait of more than a quarter of an hour; Unanswered where
        no try ended in an answer, a 5xx (but 503) being none: what it did nobody knows.
        """
        ...

    def wait(self, seconds: float) -> None:
        """Let a job at the provider go on: sleeps (a test's clock does not)."""
        ...


class Provider(ABC):
    """A provider's API. One instance serves one destination and one push."""

    name: ClassVar[str]
    base_url: ClassVar[str]
    """Where requests go; LEAD_SCORING_<PROVIDER>_URL names another one (a fake)."""
    secrets: ClassVar[tuple[str, ...]]
    """Environment variables without which nothing can be sent, as BREVO_API_KEY."""
    drops_repeated_events: ClassVar[bool] = False
    """Whether an event that is sent twice with one id counts once there."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def url(self) -> str:
        """Where requests go when the environment names no other place. A provider whose address depends on the account says it here."""
        return self.base_url

    @abstractmethod
    def headers(self) -> Mapping[str, str]:
        """Headers of every request, the key among them."""

    @abstractmethod
    def limit_of(self, batch_kind: str, is_removal: bool) -> str | None:
        """The row of provider_limits.csv that bounds a batch of this kind (contact, member, event, forget); None where the provider knows no such operation."""

    def record_of(self, operation: Operation) -> Any:
        """What an operation adds to the body of its request: its size as JSON counts against max_bytes."""
        return {"key": operation.key, **operation.payload}

    @abstractmethod
    def deliver(self, batch: Batch, transport: Transport) -> Sequence[Verdict]:
        """Tell the provider, wait for what it does in the background, and say what became of each operation, in their order.

        A verdict for every operation of the batch. Raises Refused and Unanswered as the transport does; of events, Refused says that none of the batch was told.
        """

    def retry_after(self, answer_headers: Mapping[str, str]) -> float | None:
        """Seconds to wait after a 429 where the provider says so in a header of its own; None leaves it to Retry-After."""
        return None
