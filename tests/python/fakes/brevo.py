"""Brevo, as far as the sender uses it: contacts, lists, imports that work in the background, events. ``python tests/python/fakes/brevo.py --port 8765`` serves it.

It holds to the limits of the real one: 150 addresses a change of a list, ten requests a second, a 400 for a change that changes nobody.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fakes.serving import Fake, Faults, Reply, Request, serve_until_stopped

KEY = "xkeysib-of-the-fake"
IMPORT_LIST = 1
LISTS = (IMPORT_LIST, 7, 8, 9, 10, 11, 12, 20, 21)
MOST_ADDRESSES = 150
LARGEST_IMPORT = 10_000_000
UNKNOWN_LIST = Reply(404, {"code": "document_not_found", "message": "List ID does not exist"})


@dataclass
class Contact:
    """A contact there. ``is_blacklisted`` is set when somebody unsubscribes at Brevo."""

    attributes: dict[str, Any] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)
    is_blacklisted: bool = False


@dataclass
class Process:
    """An import: how often it is still asked for before it is done, and what it comes to."""

    polls_left: int
    invalid: int


def wrong(message: str, code: str = "invalid_parameter") -> Reply:
    """A 400."""
    return Reply(400, {"code": code, "message": message})


class FakeBrevo(Fake):
    """A Brevo account."""

    def __init__(
        self,
        faults: Faults | None = None,
        now: Callable[[], float] | None = None,
        lists: Collection[int] = LISTS,
        invalid: Collection[str] = (),
        polls: int = 0,
        has_rates: bool = True,
    ) -> None:
        """``invalid``: addresses that no import takes; ``polls``: how often an import is asked for before it is done; ``has_rates``: whether it keeps its rates."""
        super().__init__(faults, **({"now": now} if now else {}))
        self.lists = set(lists)
        self.invalid = set(invalid)
        self.polls = polls
        self.has_rates = has_rates
        self.contacts: dict[str, Contact] = {}
        self.processes: dict[int, Process] = {}
        self.events: list[Mapping[str, Any]] = []
        self.written_to: list[str] = []
        """Every address that anything was added for, in the order of arrival."""

    def members(self, list_id: int) -> set[str]:
        """Who is on a list."""
        return {email for email, contact in self.contacts.items() if list_id in contact.lists}

    def busy(self, request: Request) -> Reply:
        """Brevo's own headers, no Retry-After."""
        limits = {"x-sib-ratelimit-limit": "10", "x-sib-ratelimit-remaining": "0", "x-sib-ratelimit-reset": "1"}
        return Reply(429, {"code": "too_many_requests", "message": "Rate limit reached"}, limits)

    def answer(self, request: Request) -> Reply:
        """Who asks, how often, and what for."""
        if request.headers.get("api-key") != KEY:
            return Reply(401, {"code": "unauthorized", "message": "Key not found"})
        parts = request.parts
        window, most, seconds = (
            ("contacts", 10, 1) if parts[0] == "contacts" else ("events", 10, 1) if parts[0] == "events" else ("other", 100, 3600)
        )
        if self.has_rates and self.is_too_fast(window, most, seconds):
            return self.busy(request)
        match request.method, parts:
            case "POST", ["contacts", "import"]:
                return self.import_contacts(request.body)
            case "GET", ["processes", number]:
                return self.process(number)
            case "POST", ["contacts", "lists", list_id, "contacts", "add" | "remove" as what]:
                return self.change_list(list_id, what == "add", request.body)
            case "GET", ["contacts", email]:
                contact = self.contacts.get(email.lower())
                return (
                    Reply(200, {"email": email, "listIds": sorted(contact.lists)})
                    if contact
                    else Reply(404, {"code": "document_not_found", "message": "Contact does not exist"})
                )
            case "DELETE", ["contacts", email]:
                return (
                    Reply(204)
                    if self.contacts.pop(email.lower(), None)
                    else Reply(404, {"code": "document_not_found", "message": "Contact does not exist"})
                )
            case "POST", ["events"]:
                return self.event(request.body)
        return Reply(405, {"code": "method_not_allowed", "message": "Not here"})

    def import_contacts(self, body: Any) -> Reply:
        """Take contacts, in the background."""
        if not isinstance(body, dict) or not isinstance(body.get("jsonBody"), list):
            return wrong("jsonBody is not valid")
        if not body.get("listIds"):
            return wrong("listIds is missing", "missing_parameter")
        if not set(body["listIds"]) <= self.lists:
            return wrong("List ID does not exist")
        if len(str(body["jsonBody"])) > LARGEST_IMPORT:
            return wrong("jsonBody is too large")
        rows = body["jsonBody"]
        if not all(
            isinstance(row, dict) and isinstance(row.get("email"), str) and isinstance(row.get("attributes", {}), dict)
            for row in rows
        ):
            return wrong("jsonBody is not valid")
        refused = self.rejected_of([row["email"] for row in rows])
        invalid = self.invalid | ({refused} if refused else set())
        if refused:
            # An address that is invalid stays so, whichever import brings it.
            self.invalid.add(refused)
            self.faults.rejects_one_a_batch = False
        for row in rows:
            self.written_to.append(row["email"])
            if row["email"] in invalid:
                continue
            contact = self.contacts.setdefault(row["email"].lower(), Contact())
            contact.lists |= set(body["listIds"])
            for name, value in row.get("attributes", {}).items():
                if value not in (None, ""):
                    contact.attributes[name] = value
                elif body.get("emptyContactsAttributes"):
                    contact.attributes.pop(name, None)
            if body.get("emailBlacklist") is not None:
                contact.is_blacklisted = bool(body["emailBlacklist"])
        number = len(self.processes) + 1
        self.processes[number] = Process(self.polls, sum(row["email"] in invalid for row in rows))
        return Reply(202, {"processId": number})

    def process(self, number: str) -> Reply:
        """How far an import is."""
        process = self.processes.get(int(number)) if number.isdigit() else None
        if process is None:
            return Reply(404, {"code": "invalid_parameter", "message": "processId is invalid"})
        told: dict[str, Any] = {"id": int(number), "name": "IMPORTUSER"}
        if process.polls_left:
            process.polls_left -= 1
            return Reply(200, {**told, "status": "processing"})
        return Reply(200, {**told, "status": "completed", "info": {"import": {"invalid_emails": process.invalid or None}}})

    def change_list(self, list_id: str, is_addition: bool, body: Any) -> Reply:
        """Add addresses to a list, or take them off."""
        if not list_id.isdigit() or int(list_id) not in self.lists:
            return UNKNOWN_LIST
        emails = body.get("emails") if isinstance(body, dict) else None
        if not isinstance(emails, list) or not emails or not all(isinstance(email, str) and "@" in email for email in emails):
            return wrong("Invalid email addresses")
        if len(emails) > MOST_ADDRESSES:
            return wrong("Maximum 150 emails are allowed")
        number, success, failure = int(list_id), [], []
        refused = self.rejected_of(emails) if is_addition else None
        for email in emails:
            if is_addition:
                self.written_to.append(email)
            contact = self.contacts.get(email.lower())
            if contact is None or email == refused or (number in contact.lists) == is_addition:
                failure.append(email)
                continue
            (contact.lists.add if is_addition else contact.lists.discard)(number)
            success.append(email)
        if not success:
            return wrong(f"Contact already {'in' if is_addition else 'removed from'} list and/or does not exist")
        return Reply(201, {"contacts": {"success": success, "failure": failure}})

    def event(self, body: Any) -> Reply:
        """Take an event. Whoever is unknown becomes a contact."""
        if (
            not isinstance(body, dict)
            or not isinstance(body.get("event_name"), str)
            or not (body.get("identifiers") or {}).get("email_id")
        ):
            return wrong("event_name and identifiers are needed", "missing_parameter")
        email = body["identifiers"]["email_id"]
        self.written_to.append(email)
        self.contacts.setdefault(email.lower(), Contact())
        self.events.append(body)
        return Reply(204)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=f"A Brevo on this machine, with the key {KEY} and the lists {', '.join(map(str, LISTS))}."
    )
    parser.add_argument("--port", type=int, default=8765)
    print(f"BREVO_API_KEY={KEY} BREVO_IMPORT_LIST_ID={IMPORT_LIST}; lists {', '.join(map(str, LISTS))}", flush=True)
    serve_until_stopped(FakeBrevo(), parser.parse_args().port)
