"""HubSpot: contacts by their e-mail, members of static lists by record id, occurrences of custom events, and deletion for good.

Facts are those of the vendor's descriptions of the contacts API v3, the lists API v3 and the custom events API v3 (developers.hubspot.com).
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.providers.base import Answer, Provider, Refused, Transport, Unanswered

CONTACTS = "/crm/v3/objects/contacts"
NOT_THERE = "not in HubSpot"
# What one call of batch/read takes, as every batch call of the contacts API.
LOOKUP = 100
# The answer to a request that holds something wrong. None of it was done; what is right in it can be sent without the rest.
FAULTY = {400, 409, 413, 422}
# Errors of a property that nobody can be given: the seed is wrong, and sending the others would only repeat it.
FAULTS_OF_THE_SEED = ("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE")
# Whether somebody may be written to is the person's to say: hs_email_optout and hs_email_optout_<subscription>, hs_legal_basis, hs_marketable_status and the like.
CONSENT = re.compile(r"hs_(email_)?optout|hs_legal_basis|hs_marketable|hs_unsubscribed|hs_subscription", re.IGNORECASE)
REASON_LENGTH = 300


class HubSpot(Provider):
    """An account of HubSpot, reached with the access token of a private app.

    Scopes: crm.objects.contacts.read and .write, crm.lists.read and .write, analytics.behavioral_events.send (events need an Enterprise account).
    """

    name = "hubspot"
    base_url = "https://api.hubapi.com"
    secrets = ("HUBSPOT_ACCESS_TOKEN",)
    # An occurrence carries a uuid "for matching data" between systems; the vendor nowhere promises to drop a second one with the same.
    drops_repeated_events = False

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self._portal_id: str | None = None

    def headers(self) -> Mapping[str, str]:
        """The access token as a bearer token."""
        return {"Authorization": f"Bearer {self.environment['HUBSPOT_ACCESS_TOKEN']}"}

    def limit_of(self, batch_kind: str, is_removal: bool) -> str | None:
        """A row of its own for each kind; a contact and an event are only ever added."""
        if batch_kind == "forget" or batch_kind == "member":
            return batch_kind
        return batch_kind if batch_kind in ("contact", "event") and not is_removal else None

    def record_of(self, operation: Operation) -> Any:
        """The input that an operation is in the body of its request; of a member the record id counts, which is not known before."""
        if operation.kind == "contact":
            return _contact(operation)
        if operation.kind == "event":
            return _occurrence(operation, operation.payload["event"], operation.key)
        return operation.key

    def retry_after(self, answer_headers: Mapping[str, str]) -> float | None:
        """The length of the window that is used up, in seconds: HubSpot sends no Retry-After with its limit of requests per window.

        Raises Refused where the day's requests are used up: they come back at midnight of the account's time zone. (Usage guidelines, rate limits.)
        """
        if answer_headers.get("x-hubspot-ratelimit-daily-remaining") == "0":
            raise Refused(
                f"HubSpot's {answer_headers.get('x-hubspot-ratelimit-daily', 'requests')} requests of today are used up. Push again tomorrow."
            )
        milliseconds = answer_headers.get("x-hubspot-ratelimit-interval-milliseconds", "")
        return int(milliseconds) / 1000 if milliseconds.isdecimal() else None

    def deliver(self, batch: Batch, transport: Transport) -> Sequence[Verdict]:
        """Send a batch and read who was taken."""
        if batch.kind == "contact":
            return self._upsert(batch.operations, transport)
        if batch.kind == "member":
            return self._change_list(batch, transport)
        if batch.kind == "event":
            return self._send_events(batch.operations, transport)
        return [self._forget(operation, transport) for operation in batch.operations]

    def _upsert(self, operations: Sequence[Operation], transport: Transport) -> list[Verdict]:
        """Create or update contacts by e-mail. 207 tells who was refused; 400 refuses all, also where one is at fault."""
        for attribute in sorted({attribute for operation in operations for attribute in operation.payload}):
            if CONSENT.match(attribute):
                raise Refused(
                    f"destination_fields.csv sets {attribute}: whether somebody may be written to is never set from here."
                )

        def send(part: Sequence[Operation]) -> Answer:
            return transport.call(
                "POST", f"{CONTACTS}/batch/upsert", "contact", {"inputs": [_contact(operation) for operation in part]}
            )

        return _in_parts(operations, send, _read_upsert)

    def _change_list(self, batch: Batch, transport: Transport) -> list[Verdict]:
        """Put people on a list or take them off. Who is on it already, or not, is ignored by HubSpot: the state is what was wanted."""
        ids = self._ids(batch.operations, "member", transport)
        missing: set[str] = set()
        if ids:
            change = "remove" if batch.is_removal else "add"
            path = f"/crm/v3/lists/{quote(batch.list_id, safe='')}/memberships/{change}"
            answer = transport.call("PUT", path, "member", sorted(set(ids.values())))
            if answer.status == 400:
                raise Refused(
                    f"HubSpot does not change list {batch.list_id}. Only a list whose processingType is MANUAL or SNAPSHOT can be changed. {answer.in_words()}"
                )
            if not answer.is_success:
                raise _refusal(answer, f"List {batch.list_id}")
            if isinstance(answer.body, Mapping):
                missing = {str(record) for record in answer.body.get("recordIdsMissing") or []}
        # Who is not there is on no list, so that a removal is done. Were it rejected, an opt-out would be tried for ever.
        return [
            Verdict(operation, True)
            if operation.key in ids and ids[operation.key] not in missing
            else Verdict(operation, batch.is_removal, NOT_THERE)
            for operation in batch.operations
        ]

    def _send_events(self, operations: Sequence[Operation], transport: Transport) -> list[Verdict]:
        """Send occurrences of custom events. They go by record id: an e-mail that HubSpot does not know must not make a contact of somebody who was deleted."""
        ids = self._ids(operations, "event", transport)
        known = [operation for operation in operations if operation.key in ids]

        def send(part: Sequence[Operation]) -> Answer:
            inputs = [_occurrence(operation, self._event_name(operation, transport), ids[operation.key]) for operation in part]
            # 204, or the whole request fails.
            return transport.call("POST", "/events/v3/send/batch", "event", {"inputs": inputs}, is_repeatable=False)

        told = iter(_in_parts(known, send, lambda part, _: [Verdict(operation, True) for operation in part]) if known else [])
        return [next(told) if operation.key in ids else Verdict(operation, False, NOT_THERE) for operation in operations]

    def _forget(self, operation: Operation, transport: Transport) -> Verdict:
        """Delete a contact for good, with all that hangs on it. HubSpot then blocks the address, also where it did not know it: nobody can add it again."""
        body = {"objectId": operation.key, "idProperty": "email"}
        answer = transport.call("POST", f"{CONTACTS}/gdpr-delete", "forget", body)
        if answer.is_success or answer.status == 404:
            return Verdict(operation, True)
        if answer.status in FAULTY:
            return Verdict(operation, False, _words(answer.body) or answer.in_words())
        raise _refusal(answer, "GDPR delete")

    def _ids(self, operations: Iterable[Operation], limit: str, transport: Transport) -> dict[str, str]:
        """The record ids of those whom HubSpot knows, by their e-mail. An address may be somebody's second one (hs_additional_emails)."""
        keys = sorted({operation.key for operation in operations})
        ids: dict[str, str] = {}
        for first in range(0, len(keys), LOOKUP):
            asked = keys[first : first + LOOKUP]
            body = {
                "properties": ["email", "hs_additional_emails"],
                "propertiesWithHistory": [],
                "idProperty": "email",
                "inputs": [{"id": key} for key in asked],
            }
            answer = transport.call("POST", f"{CONTACTS}/batch/read", limit, body)
            # 207: some are not there. 404 is the older answer to a batch of which nobody is.
            if answer.status == 404:
                continue
            if not answer.is_success or not isinstance(answer.body, Mapping):
                raise _refusal(answer, "Looking up contacts")
            for result in answer.body.get("results") or []:
                properties = result.get("properties") or {}
                addresses = [properties.get("email") or "", *(properties.get("hs_additional_emails") or "").split(";")]
                ids |= {address.strip().lower(): str(result["id"]) for address in addresses if address.strip().lower() in asked}
        return ids

    def _event_name(self, operation: Operation, transport: Transport) -> str:
        """The fully qualified name of an event, pe<account id>_<name>. The account id is asked once a push."""
        event = str(operation.payload["event"])
        if re.match(r"pe\d+_", event):
            return event
        if self._portal_id is None:
            answer = transport.call("GET", "/account-info/v3/details", "event")
            if not answer.is_success or not isinstance(answer.body, Mapping) or "portalId" not in answer.body:
                raise _refusal(answer, "Asking for the account id")
            self._portal_id = str(answer.body["portalId"])
        return f"pe{self._portal_id}_{event}"


def _contact(operation: Operation) -> dict[str, Any]:
    """The input of batch/upsert. Every value is text; empty text clears a property. The trace id is what errors name a record by."""
    return {
        "id": operation.key,
        "idProperty": "email",
        "objectWriteTraceId": operation.op_id,
        "properties": {attribute: _text(value) for attribute, value in operation.payload.items()},
    }


def _occurrence(operation: Operation, event: str, record_id: str) -> dict[str, Any]:
    """The input of send/batch. A property without a value is left out: an occurrence has nothing to clear."""
    properties = operation.payload.get("properties") or {}
    return {
        "eventName": event,
        "objectId": record_id,
        "occurredAt": operation.payload["occurred_at"],
        "uuid": _uuid(operation),
        "properties": {name: _text(value) for name, value in properties.items() if value is not None},
    }


def _uuid(operation: Operation) -> str:
    """The id of an operation as a UUID: the same one every time that it is sent."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, operation.op_id))


def _text(value: Any) -> str:
    """A value as the contacts API takes it: true and false, choices separated by semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return str(value)


def _in_parts(
    operations: Sequence[Operation],
    send: Callable[[Sequence[Operation]], Answer],
    read: Callable[[Sequence[Operation], Answer], list[Verdict]],
) -> list[Verdict]:
    """Send operations so that a faulty one costs nobody else: without those whom the error names, or, where it names nobody, in halves.

    In the worst case 2n - 1 requests for n operations. Raises Refused where the fault is everybody's.
    """
    answer = send(operations)
    if answer.is_success:
        return read(operations, answer)
    if answer.status not in FAULTY:
        raise _refusal(answer, "Sending")
    if any(fault in json.dumps(answer.body) for fault in FAULTS_OF_THE_SEED):
        raise Refused(
            f"HubSpot has no property that destination_fields.csv names, or does not let it be set. {_words(answer.body)}"
        )
    named = _named(operations, _errors(answer.body))
    if 0 < len(named) < len(operations):
        rest = iter(_in_parts([operation for index, operation in enumerate(operations) if index not in named], send, read))
        return [
            Verdict(operation, False, named[index]) if index in named else next(rest)
            for index, operation in enumerate(operations)
        ]
    if len(operations) == 1:
        return [Verdict(operations[0], False, _words(answer.body) or answer.in_words())]
    first, second = operations[: len(operations) // 2], operations[len(operations) // 2 :]
    told = _in_parts(first, send, read)
    try:
        return [*told, *_in_parts(second, send, read)]
    except Refused as refused:
        # Whoever was taken before stays taken: an event of theirs must not go again. The next request ends the push.
        if not any(verdict.is_accepted for verdict in told):
            raise
        return [*told, *(Verdict(operation, False, str(refused)[:REASON_LENGTH]) for operation in second)]


def _read_upsert(operations: Sequence[Operation], answer: Answer) -> list[Verdict]:
    """Split the answer of batch/upsert: errors name records in their context, results carry the trace id or the e-mail. Who is in neither was not taken."""
    body = answer.body if isinstance(answer.body, Mapping) else {}
    errors = [error for error in body.get("errors") or [] if isinstance(error, Mapping)]
    results = [result for result in body.get("results") or [] if isinstance(result, Mapping)]
    rejected = _named(operations, errors)
    if not errors and len(results) >= len(operations):
        return [Verdict(operation, True) for operation in operations]
    taken = {str(result.get("objectWriteTraceId")) for result in results}
    taken |= {str((result.get("properties") or {}).get("email")).lower() for result in results}
    unnamed = "; ".join(_words(error) for error in errors) or f"HTTP {answer.status} does not name this record"
    return [
        Verdict(operation, False, rejected[index])
        if index in rejected
        else Verdict(operation, True)
        if operation.op_id in taken or operation.key in taken
        else Verdict(operation, False, unnamed[:REASON_LENGTH])
        for index, operation in enumerate(operations)
    ]


def _errors(body: Any) -> list[Mapping[str, Any]]:
    """The errors of an answer of 400, the single ones where there are some."""
    if not isinstance(body, Mapping):
        return []
    single = [error for error in body.get("errors") or [] if isinstance(error, Mapping)]
    return [*single, body]


def _named(operations: Sequence[Operation], errors: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """The reasons of those operations that an error names by trace id or e-mail, by their position. The first error that names one counts."""
    reasons: dict[int, str] = {}
    for error in errors:
        words = {word.strip(".").lower() for word in re.findall(r"""[^\s"'\\<>,;:()\[\]{}]+""", json.dumps(error))}
        for index, operation in enumerate(operations):
            if {operation.key, operation.op_id} & words:
                reasons.setdefault(index, _words(error))
    return reasons


def _words(error: Any) -> str:
    """What an error says: its message and those of its parts (``errors``; ``validationResults`` of the older API)."""
    if not isinstance(error, Mapping):
        return str(error)[:REASON_LENGTH] if error else ""
    parts = [error, *(error.get("errors") or []), *(error.get("validationResults") or [])]
    messages = [str(part["message"]) for part in parts if isinstance(part, Mapping) and part.get("message")]
    return "; ".join(dict.fromkeys(messages))[:REASON_LENGTH]


def _refusal(answer: Answer, what: str) -> Refused | Unanswered:
    """The exception for an answer that says nothing of single records. After a 5xx it is not known what was done."""
    text = f"{what}: HubSpot answers {answer.in_words()}"
    return Unanswered(text) if answer.status >= 500 else Refused(text)
