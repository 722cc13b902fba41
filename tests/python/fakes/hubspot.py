"""HubSpot with a memory: contacts, lists, occurrences of events and the addresses that it was told to forget.

It answers as the vendor's descriptions and its recorded answers do. How it tells of a faulty record can be chosen, for all three ways are met: in a 207, in a 400 that names the
record, and in a 400 that names nobody.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from fakes.serving import Fake, Faults, Reply, Request

TOKEN = "pat-eu1-of-the-fake"
PORTAL_ID = 4711
CONTACTS = "/crm/v3/objects/contacts"
ADDRESS = re.compile(r"[^@\s\"]+@[^@\s]+\.[a-z]{2,}")
UNLUCKY = {"isValid": False, "message": "This record cannot be written now", "error": "UNKNOWN", "name": "email"}
NOBODY = "Property values were not valid"


class FakeHubSpot(Fake):
    """An account: what it holds, and what it answers."""

    def __init__(self, faults: Faults | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(faults, now)
        self.token = TOKEN
        self.allowed: int | None = None
        """Requests in 10 seconds; more are answered with 429."""
        self.tells = "207"
        """How a faulty contact is told: ``207``, ``named`` (400 with its e-mail) or ``nobody`` (400 without)."""
        self.properties = {"email", "hs_additional_emails"}
        """Properties that exist. An unknown one makes the whole request faulty."""
        self.numbers: set[str] = set()
        """Properties that only take a whole number."""
        self.contacts: dict[str, dict[str, str]] = {}
        """Properties by record id."""
        self.lists: dict[str, set[str]] = {}
        """Record ids of static lists by the list's id."""
        self.dynamic_lists: set[str] = set()
        self.events: list[dict[str, Any]] = []
        self.event_names: set[str] = set()
        """Fully qualified names that are defined."""
        self.blocked: set[str] = set()
        self.gone: set[str] = set()
        """Record ids that the lists API no longer knows although the contacts API still finds them."""

    def add_contact(self, email: str, **properties: str) -> str:
        """Put a contact there; gives its record id."""
        record_id = str(1001 + len(self.contacts))
        self.contacts[record_id] = {"email": email, **properties}
        return record_id

    def id_of(self, email: str) -> str | None:
        """The record id of an address, a second one too."""
        for record_id, properties in self.contacts.items():
            if email in (properties["email"], *properties.get("hs_additional_emails", "").split(";")):
                return record_id
        return None

    def members(self, list_id: str) -> set[str]:
        """The addresses on a list."""
        return {self.contacts[record_id]["email"] for record_id in self.lists[list_id]}

    def busy(self, request: Request) -> Reply:
        """The 429 of the limit per ten seconds: no Retry-After, but the length of the window."""
        body = error(429, "You have reached your ten_secondly_rolling limit.", "RATE_LIMITS").body
        return Reply(429, {**body, "policyName": "TEN_SECONDLY_ROLLING"}, {"X-HubSpot-RateLimit-Interval-Milliseconds": "10000"})

    def answer(self, request: Request) -> Reply:
        """What HubSpot answers."""
        method, path, body = request.method, request.path, request.body
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return error(401, "Authentication credentials not found.", "INVALID_AUTHENTICATION")
        if self.allowed is not None and self.is_too_fast("app", self.allowed, 10):
            return self.busy(request)
        if (method, path) == ("POST", f"{CONTACTS}/batch/upsert"):
            return self.upsert(body["inputs"])
        if (method, path) == ("POST", f"{CONTACTS}/batch/read"):
            return self.read(body)
        if (method, path) == ("POST", f"{CONTACTS}/gdpr-delete"):
            return self.forget(body["objectId"])
        if (method, path) == ("POST", "/events/v3/send/batch"):
            return self.take_events(body["inputs"])
        if (method, path) == ("GET", "/account-info/v3/details"):
            return Reply(200, {"portalId": PORTAL_ID, "timeZone": "Europe/Berlin"})
        change = re.fullmatch(r"/crm/v3/lists/([^/]+)/memberships/(add|remove)", path)
        if method == "PUT" and change:
            return self.change_list(change[1], change[2], body)
        return error(404, "No such resource.", "OBJECT_NOT_FOUND")

    def fault_of(self, record: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is wrong with the input of batch/upsert, as HubSpot's validation tells it."""
        if not ADDRESS.fullmatch(record["id"]) or record["id"] in self.blocked:
            return {
                "isValid": False,
                "message": f"Email address {record['id']} is invalid",
                "error": "INVALID_EMAIL",
                "name": "email",
            }
        for name in self.numbers & set(record["properties"]):
            value = record["properties"][name]
            if not re.fullmatch(r"-?\d*", value):
                message = f"{value} was not a valid long."
                return {"isValid": False, "message": message, "error": "INVALID_LONG", "name": name}
        return None

    def upsert(self, inputs: list[dict[str, Any]]) -> Reply:
        """Create or update. Any fault makes a 400 that does nothing, or a 207 that does the others."""
        if len(inputs) > 100:
            return error(400, "The maximum number of inputs supported in a batch request is 100.")
        for name in sorted({name for record in inputs for name in record["properties"]} - self.properties):
            result = {
                "isValid": False,
                "message": f'Property "{name}" does not exist',
                "error": "PROPERTY_DOESNT_EXIST",
                "name": name,
            }
            return error(400, f"{NOBODY}: {json.dumps([result])}")
        unlucky = self.rejected_of(inputs)
        faults = [(record, fault) for record in inputs if (fault := self.fault_of(record) or (record is unlucky and UNLUCKY))]
        faulty = {record["id"] for record, _ in faults}
        if faults and self.tells == "nobody":
            return error(400, NOBODY)
        if faults and self.tells == "named":
            told = error(400, f"{NOBODY}: {json.dumps([fault for _, fault in faults])}")
            told.body["errors"] = [
                {"message": fault["message"], "code": fault["error"], "context": {"id": [record["id"]]}}
                for record, fault in faults
            ]
            return told
        results = []
        for record in inputs:
            if record["id"] in faulty:
                continue
            record_id = self.id_of(record["id"])
            is_new = record_id is None
            if record_id is None:
                record_id = self.add_contact(record["id"])
            self.contacts[record_id] |= record["properties"]
            results.append(
                {
                    "id": record_id,
                    "new": is_new,
                    "properties": dict(self.contacts[record_id]),
                    "createdAt": "2026-03-10T00:00:00Z",
                    "updatedAt": "2026-03-10T00:00:00Z",
                    "objectWriteTraceId": record["objectWriteTraceId"],
                }
            )
        errors = [
            {
                "status": "error",
                "category": "VALIDATION_ERROR",
                "message": f"{NOBODY}: {json.dumps([fault])}",
                "context": {"objectWriteTraceId": [record["objectWriteTraceId"]]},
                "errors": [],
                "links": {},
            }
            for record, fault in faults
        ]
        return batch(results, errors)

    def read(self, body: Mapping[str, Any]) -> Reply:
        """Look contacts up. Who is missing stands in the one error of a 207."""
        if len(body["inputs"]) > 100:
            return error(400, "The maximum number of inputs supported in a batch request is 100.")
        asked = [record["id"] for record in body["inputs"]]
        found = dict.fromkeys(record_id for address in asked if (record_id := self.id_of(address)))
        missing = [address for address in asked if self.id_of(address) is None]
        results = [
            {
                "id": record_id,
                "properties": {name: self.contacts[record_id].get(name) for name in body["properties"]},
                "createdAt": "2026-03-10T00:00:00Z",
                "updatedAt": "2026-03-10T00:00:00Z",
            }
            for record_id in found
        ]
        not_found = {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.",
            "context": {"ids": missing},
            "errors": [],
            "links": {},
        }
        return batch(results, [not_found] if missing else [])

    def forget(self, email: str) -> Reply:
        """Delete for good. The address is blocked."""
        record_id = self.id_of(email)
        if record_id is not None:
            del self.contacts[record_id]
            for members in self.lists.values():
                members.discard(record_id)
        self.blocked.add(email)
        return Reply(204)

    def take_events(self, inputs: list[dict[str, Any]]) -> Reply:
        """Take occurrences, all of them or none. Two with one uuid are two: HubSpot does not say otherwise."""
        if len(inputs) > 500:
            return error(400, "Too many inputs.")
        for occurrence in inputs:
            if occurrence["eventName"] not in self.event_names:
                return error(400, f"Event {occurrence['eventName']} does not exist.")
            if occurrence["objectId"] not in self.contacts:
                return error(400, "Unknown object.")
        self.events += inputs
        return Reply(204)

    def change_list(self, list_id: str, change: str, ids: list[str]) -> Reply:
        """Add to a list or remove from it."""
        if list_id in self.dynamic_lists:
            return error(400, "Memberships can only be changed of lists with a processing type of MANUAL or SNAPSHOT.")
        if list_id not in self.lists:
            return error(404, "List does not exist.", "OBJECT_NOT_FOUND")
        members, known = self.lists[list_id], {record_id for record_id in ids if record_id in self.contacts} - self.gone
        missing = sorted(set(ids) - known)
        added, removed = sorted(known - members), sorted(known & members)
        if change == "add":
            members |= known
            return Reply(200, {"recordsIdsAdded": added, "recordIdsRemoved": [], "recordIdsMissing": missing})
        members -= known
        return Reply(200, {"recordsIdsAdded": [], "recordIdsRemoved": removed, "recordIdsMissing": missing})


def batch(results: list[dict[str, Any]], errors: list[dict[str, Any]]) -> Reply:
    """The answer to a batch: 200, or 207 where there are errors."""
    body: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": "2026-03-10T00:00:00Z",
        "completedAt": "2026-03-10T00:00:01Z",
    }
    if errors:
        return Reply(207, {**body, "numErrors": len(errors), "errors": errors})
    return Reply(200, body)


def error(status: int, message: str, category: str = "VALIDATION_ERROR") -> Reply:
    """An error in HubSpot's form."""
    correlation_id = "aeb5f871-7f07-4993-9211-075dc63e7cbf"
    return Reply(status, {"status": "error", "message": message, "correlationId": correlation_id, "category": category})
