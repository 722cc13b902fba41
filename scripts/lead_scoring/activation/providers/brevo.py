"""Brevo: contacts by import, lists by addresses, events one by one.

What is not in its description was seen in what it answers: an import wants a list (``listIds``), and a change of a list that changes nobody is a 400.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.providers.base import Answer, Provider, Refused, Transport, Unanswered

IMPORT_LIST = "BREVO_IMPORT_LIST_ID"
NOBODY_CHANGES = "already"
"""What the message of a 400 says when a list stays as it is: "Contact already in list and/or does not exist"."""
OPT_OUT_PRIORITY = 0
MOST_IMPORTS = 40
"""Of one batch: each costs a look at its process, and Brevo allows a hundred of those an hour."""
FIRST_POLL_SECONDS = 1.0
LONGEST_POLL_SECONDS = 60.0
LONGEST_IMPORT_SECONDS = 1800.0
AT_WORK = ("queued", "processing", "in_process")


class Brevo(Provider):
    """Brevo's API v3.

    BREVO_IMPORT_LIST_ID is a list that nobody mails: every contact that is imported lands there, since Brevo takes no import without a list; an opt-out leaves it too. Nobody's
    ``emailBlacklisted`` is ever sent, so whoever unsubscribed at Brevo stays unsubscribed.
    """

    name = "brevo"
    base_url = "https://api.brevo.com/v3"
    secrets = ("BREVO_API_KEY", IMPORT_LIST)

    def headers(self) -> Mapping[str, str]:
        """The key."""
        return {"api-key": self.environment["BREVO_API_KEY"]}

    def limit_of(self, batch_kind: str, is_removal: bool) -> str | None:
        """The row by the kind's name. A contact or an event is never removed."""
        if is_removal and batch_kind not in ("member", "forget"):
            return None
        return batch_kind if batch_kind in ("contact", "member", "event", "forget") else None

    def record_of(self, operation: Operation) -> Any:
        """A contact's part of an import; of a list the address alone."""
        return {"email": operation.key, "attributes": dict(operation.payload)} if operation.kind == "contact" else operation.key

    def retry_after(self, answer_headers: Mapping[str, str]) -> float | None:
        """Brevo has no Retry-After, but seconds in a header of its own."""
        said = answer_headers.get("x-sib-ratelimit-reset", "").strip()
        return float(said) if said.isdigit() else None

    def deliver(self, batch: Batch, transport: Transport) -> Sequence[Verdict]:
        """Import contacts, change a list, tell an event, or delete a contact."""
        if batch.kind == "contact":
            return self.import_contacts(batch, transport)
        if batch.kind == "member":
            return self.change_list(batch, transport)
        if batch.kind == "event":
            return [self.tell_event(operation, transport) for operation in batch.operations]
        return [self.delete(operation, transport) for operation in batch.operations]

    def import_contacts(self, batch: Batch, transport: Transport) -> list[Verdict]:
        """Import contacts. Of invalid addresses only the number is told: halves say which they are, and whoever was taken is taken again, which changes nothing."""
        reasons: dict[str, str] = {}
        parts, imports = [tuple(batch.operations)], 0
        while parts:
            operations = parts.pop()
            imports += 1
            reason, invalid = self.import_once(operations, transport)
            if reason or (invalid and (len(operations) == 1 or imports >= MOST_IMPORTS)):
                told = reason or f"Brevo finds {invalid} of {len(operations)} addresses invalid"
                reasons |= {operation.op_id: told for operation in operations}
            elif invalid:
                middle = len(operations) // 2
                parts += [operations[:middle], operations[middle:]]
        return [
            Verdict(operation, operation.op_id not in reasons, reasons.get(operation.op_id, "")) for operation in batch.operations
        ]

    def import_once(self, operations: Sequence[Operation], transport: Transport) -> tuple[str, int]:
        """Import contacts and wait for the end of it: why none was taken, or nothing, and how many addresses are invalid. Empty attributes are emptied there."""
        body = {
            "jsonBody": [self.record_of(operation) for operation in operations],
            "listIds": [self.list_id(self.environment[IMPORT_LIST])],
            "updateExistingContacts": True,
            "emptyContactsAttributes": True,
            "disableNotification": True,
        }
        answer = transport.call("POST", "/contacts/import", "contact", body)
        if not answer.is_success:
            return answer.in_words(), 0
        process = self.finished(str(answer.body["processId"]), transport)
        if process["status"] != "completed":
            return f"the import {process['status']}: {process.get('error') or 'no reason given'}", 0
        found = (process.get("info") or {}).get("import") or {}
        return "", int(found.get("invalid_emails") or 0)

    def finished(self, process_id: str, transport: Transport) -> Mapping[str, Any]:
        """Wait for a process. Raises Unanswered when it does not end."""
        waited, pause = 0.0, FIRST_POLL_SECONDS
        while waited < LONGEST_IMPORT_SECONDS:
            transport.wait(pause)
            waited += pause
            answer = transport.call("GET", f"/processes/{quote(process_id, safe='')}", "process")
            if not answer.is_success:
                raise Unanswered(f"brevo does not say what became of an import: {answer.in_words()}")
            if answer.body.get("status") not in AT_WORK:
                process: Mapping[str, Any] = answer.body
                return process
            pause = min(pause * 2, LONGEST_POLL_SECONDS)
        raise Unanswered(f"brevo is still at an import after {LONGEST_IMPORT_SECONDS / 60:.0f} minutes.")

    def change_list(self, batch: Batch, transport: Transport) -> list[Verdict]:
        """Add to a list or take from it. An opt-out leaves the list of imports too."""
        verdicts = self.change_one(batch, batch.list_id, transport)
        if batch.is_removal and any(operation.priority == OPT_OUT_PRIORITY for operation in batch.operations):
            self.change_one(batch, self.environment[IMPORT_LIST], transport)
        return verdicts

    def change_one(self, batch: Batch, list_id: str, transport: Transport) -> list[Verdict]:
        """Change one list. Raises Refused where there is no such list."""
        path = f"/contacts/lists/{self.list_id(list_id)}/contacts/{'remove' if batch.is_removal else 'add'}"
        answer = transport.call("POST", path, "member", {"emails": [operation.key for operation in batch.operations]})
        if answer.status == 404:
            raise Refused(f"brevo has no list {list_id}. {answer.in_words()}")
        if answer.is_success:
            failed = {str(key).lower() for key in (answer.body.get("contacts") or {}).get("failure") or ()}
        elif answer.status == 400 and NOBODY_CHANGES in message_of(answer):
            failed = {operation.key for operation in batch.operations}
        else:
            return rejected(batch, answer.in_words())
        # Whoever could not be taken off is off.
        if batch.is_removal or not failed:
            return accepted(batch)
        there = self.members_among(failed, list_id, transport)
        return [
            Verdict(operation, True)
            if operation.key not in failed or operation.key in there
            else Verdict(operation, False, "Brevo did not add it; it may not know the contact")
            for operation in batch.operations
        ]

    def members_among(self, keys: set[str], list_id: str, transport: Transport) -> set[str]:
        """Which of these are on a list. Brevo says the same of somebody who is on it and of somebody whom it does not know."""
        number = self.list_id(list_id)
        found = set()
        for key in sorted(keys):
            answer = transport.call("GET", f"/contacts/{quote(key, safe='')}", "member", params={"identifierType": "email_id"})
            if answer.is_success and number in (answer.body.get("listIds") or ()):
                found.add(key)
        return found

    def tell_event(self, operation: Operation, transport: Transport) -> Verdict:
        """Tell one event. It is not sent a second time: Brevo would count it twice."""
        body = {
            "event_name": operation.payload["event"],
            "event_date": operation.payload["occurred_at"],
            "identifiers": {"email_id": operation.key},
            "event_properties": dict(operation.payload.get("properties") or {}),
        }
        answer = transport.call("POST", "/events", "event", body, is_repeatable=False)
        return Verdict(operation, answer.is_success, "" if answer.is_success else answer.in_words())

    def delete(self, operation: Operation, transport: Transport) -> Verdict:
        """Delete a contact. One that is not there is deleted."""
        path = f"/contacts/{quote(operation.key, safe='')}"
        answer = transport.call("DELETE", path, "forget", params={"identifierType": "email_id"})
        is_done = answer.is_success or answer.status == 404
        return Verdict(operation, is_done, "" if is_done else answer.in_words())

    def list_id(self, list_id: str) -> int:
        """A list's number. Raises Refused for what is none."""
        if not list_id.isdigit():
            raise Refused(f"brevo's lists have numbers, and {list_id} is none.")
        return int(list_id)


def message_of(answer: Answer) -> str:
    """What an error says."""
    return str(answer.body.get("message", "")).lower() if isinstance(answer.body, Mapping) else ""


def part(batch: Batch, operations: Sequence[Operation]) -> Batch:
    """Some operations of a batch."""
    return Batch(batch.destination, batch.kind, batch.list_id, batch.is_removal, operations)


def accepted(batch: Batch) -> list[Verdict]:
    """All were taken."""
    return [Verdict(operation, True) for operation in batch.operations]


def rejected(batch: Batch, reason: str) -> list[Verdict]:
    """None was taken."""
    return [Verdict(operation, False, reason) for operation in batch.operations]
