"""Meta: custom audiences of customers, for ads on Facebook and Instagram. No e-mail leaves this machine, only SHA-256 of one.

Facts are those of developers.facebook.com (Marketing API: Custom Audience Users; Customer File Custom Audiences; Rate Limiting).
A change takes up to 24 hours there. Meta never says which e-mails belong to a person it knows, so "accepted" means received and well formed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.providers.base import Answer, Provider, Refused, Transport, Unanswered

EMAIL = re.compile(r".+@.+\..+")
"""What Meta's own library takes for an e-mail (facebook_business 26.0.3, adobjects/serverside/normalize.py)."""

AD_ACCOUNT = "META_AD_ACCOUNT_ID"

# Error codes (Graph API: Handling Errors; Rate Limits). Most of them come with HTTP 400, not 429 or 401.
TRY_LATER = frozenset({1, 2, 4, 17, 32, 613, *range(80000, 80015)})
NOT_ALLOWED = frozenset({10, 102, 190, *range(200, 300)})
UNKNOWN = (100, 33)
"""Code and subcode for an id that is not there or that the token may not see."""

FIRST_WAIT = 30.0
LONGEST_WAIT = 900.0
"""Seconds that a batch waits in all before the push ends; what is left goes with the next one."""


class Meta(Provider):
    """Meta's Graph API. A list is a custom audience of the kind "customer list", by its id; a member is the hash of an e-mail.

    It has audiences and nothing else: no contacts with attributes, no events of ours.
    An erased person is taken out of every audience that the batch or the operation's payload (``list_ids``) names. Where none is named, META_AD_ACCOUNT_ID has to be set, and
    they are taken out of all audiences of that account.
    """

    name: ClassVar[str] = "meta"
    base_url: ClassVar[str] = "https://graph.facebook.com/v26.0"
    secrets: ClassVar[tuple[str, ...]] = ("META_ACCESS_TOKEN",)

    def headers(self) -> Mapping[str, str]:
        """The token. It stands in no address and in no body, so no log has it."""
        return {"Authorization": f"Bearer {self.environment['META_ACCESS_TOKEN']}"}

    def limit_of(self, batch_kind: str, is_removal: bool) -> str | None:
        """Members and erasures; None for contacts and events."""
        return batch_kind if batch_kind in ("member", "forget") else None

    def record_of(self, operation: Operation) -> Any:
        """The hash: 64 hexadecimal digits."""
        return email_sha256(operation.key) or ""

    def deliver(self, batch: Batch, transport: Transport) -> Sequence[Verdict]:
        """Send the hashes of a batch.

        Raises Refused for a token that is not valid or may not do this, for an unknown audience, and where Meta's limits last longer than a quarter of an hour.
        """
        refused: dict[int, str] = {}
        hashes: dict[int, str] = {}
        for position, operation in enumerate(batch.operations):
            value = email_sha256(operation.key)
            if value is None:
                refused[position] = "the key is no e-mail"
            else:
                hashes[position] = value
        method = "DELETE" if batch.is_removal or batch.kind == "forget" else "POST"
        for path, positions in self._paths(batch, hashes).items():
            if not path:
                refused |= dict.fromkeys(positions, f"no audience is named to delete from, and {AD_ACCOUNT} is not set")
                continue
            reasons = self._send(method, path, batch, sorted({hashes[position] for position in positions}), transport)
            for position in positions:
                if reason := reasons.get(hashes[position]) or reasons.get(""):
                    refused[position] = reason
        return [
            Verdict(operation, position not in refused, refused.get(position, ""))
            for position, operation in enumerate(batch.operations)
        ]

    def _paths(self, batch: Batch, positions: Collection[int]) -> dict[str, list[int]]:
        """Who has to be told where: positions in the batch by path; under "" erased people of whom nobody says where they are."""
        account = self.environment.get(AD_ACCOUNT, "").removeprefix("act_")
        everywhere = f"/act_{quote(account, safe='')}/usersofanyaudience" if account else ""
        found: dict[str, list[int]] = {}
        for position in positions:
            lists = [batch.list_id] if batch.list_id else batch.operations[position].payload.get("list_ids") or []
            for path in [f"/{quote(list_id, safe='')}/users" for list_id in lists] or [everywhere]:
                found.setdefault(path, []).append(position)
        return found

    def _send(self, method: str, path: str, batch: Batch, hashes: Sequence[str], transport: Transport) -> dict[str, str]:
        """Send hashes and read the counts. Gives why not, by hash; under "" for everybody that it does not name."""
        body = {"payload": {"schema": "EMAIL_SHA256", "data": hashes}}
        waited, pause = 0.0, FIRST_WAIT
        while True:
            answer = transport.call(method, path, batch.kind, body)
            if answer.is_success:
                return _invalid_entries(answer, len(hashes))
            code, subcode = _code(answer)
            if code in NOT_ALLOWED or ((code, subcode) == UNKNOWN and batch.kind != "forget"):
                raise Refused(f"Meta refuses {_where(batch)}; look at META_ACCESS_TOKEN and its permissions. {answer.in_words()}")
            if code not in TRY_LATER:
                # Also an unknown audience of somebody to forget: those go before everything, so a deleted audience would end every push.
                return {"": answer.in_words()}
            seconds = _seconds_to_wait(answer.headers) or pause
            if waited + seconds > LONGEST_WAIT:
                raise Refused(f"Meta takes no more for {_where(batch)}: what it allows is used up. {answer.in_words()}")
            transport.wait(seconds)
            waited += seconds
            pause *= 2


def email_sha256(key: str) -> str | None:
    """SHA-256 of an e-mail as 64 hexadecimal digits, trimmed and in lower case before (Customer File Custom Audiences: hashing). None for what is no e-mail.

    Meta's library lets a value that is a hash already pass as it is. Here that is no e-mail: our keys are never hashed.
    """
    normalised = key.strip().lower()
    return hashlib.sha256(normalised.encode()).hexdigest() if EMAIL.match(normalised) else None


def _invalid_entries(answer: Answer, sent: int) -> dict[str, str]:
    """Who was not taken, by hash, from num_received, num_invalid_entries and invalid_entry_samples.

    The samples are only some. Where fewer are named than were refused, everybody is rejected: telling Meta a member twice changes nothing, believing in one who is not there does.
    """
    if not isinstance(answer.body, dict) or "num_received" not in answer.body:
        raise Unanswered(f"Meta did not say what became of a batch. {answer.in_words()}")
    received, invalid = int(answer.body["num_received"]), int(answer.body.get("num_invalid_entries") or 0)
    samples = answer.body.get("invalid_entry_samples") or {}
    named = {str(value): f"Meta takes {value} for no valid entry" for value in samples}
    if received < sent or invalid > len(named):
        named[""] = f"Meta received {received:,} of {sent:,} and refused {invalid:,} without saying whom"
    return named


def _code(answer: Answer) -> tuple[int | None, int | None]:
    """Code and subcode of an error, None where the answer has none."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    if not isinstance(error, dict):
        return None, None
    return error.get("code"), error.get("error_subcode")


def _seconds_to_wait(headers: Mapping[str, str]) -> float:
    """The longest estimated_time_to_regain_access (minutes) of X-Business-Use-Case-Usage, in seconds; 0 where there is none."""
    try:
        usage = json.loads(headers.get("x-business-use-case-usage", "{}"))
        return max(
            (60.0 * limit.get("estimated_time_to_regain_access", 0) for limits in usage.values() for limit in limits), default=0.0
        )
    except (ValueError, AttributeError, TypeError):
        return 0.0


def _where(batch: Batch) -> str:
    """A batch's audience for a message."""
    return (
        f"audience {batch.list_id!r} (destination {batch.destination!r})"
        if batch.list_id
        else f"destination {batch.destination!r}"
    )
