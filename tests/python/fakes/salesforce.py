"""Salesforce with a memory: contacts, leads, campaigns with their members, and tasks. It understands the SOQL that the sender writes, and no other.

No official machine-readable description is at hand: the answers are those of the vendor's REST API guide (composite, sObject collections, query, status codes).
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from fakes.serving import Fake, Faults, Reply, Request

TOKEN = "00D-token-of-the-fake"
API = "/services/data/v66.0"
LITERAL = r"'(?:[^'\\]|\\.)*'"
PREFIXES = {"Contact": "003", "Lead": "00Q", "Campaign": "701", "CampaignMember": "00v", "Task": "00T"}
LOCKED = {
    "success": False,
    "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access to this record", "fields": []}],
}
UNESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


class FakeSalesforce(Fake):
    """An organisation: what it holds, and what it answers."""

    def __init__(self, faults: Faults | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(faults, now)
        self.token = TOKEN
        self.page = 2000
        """Rows in a page of a query."""
        self.fields = {"Contact": {"Score__c", "Grade__c", "Tags__c"}, "Lead": {"Score__c", "Grade__c", "Tags__c"}}
        """Fields of an organisation's own. An unknown one makes the whole request faulty."""
        self.longest = {"Grade__c": 3}
        """The length of text fields."""
        self.locked: set[str] = set()
        """Ids of records that somebody else is changing."""
        self.requests_left: int | None = None
        self.records: dict[str, dict[str, Any]] = {}
        """Records by id, their type among their fields."""
        self.pages: dict[str, list[dict[str, Any]]] = {}
        self.cursors = itertools.count()

    def add(self, type_: str, **fields: Any) -> str:
        """Put a record there; gives its id."""
        number = 1 + sum(record["type"] == type_ for record in self.records.values())
        record_id = f"{PREFIXES[type_]}{number:015d}"
        self.records[record_id] = {"type": type_, **fields}
        return record_id

    def of(self, type_: str) -> dict[str, dict[str, Any]]:
        """The records of a type by their id."""
        return {record_id: record for record_id, record in self.records.items() if record["type"] == type_}

    def members(self, campaign_id: str) -> set[str]:
        """The addresses of a campaign's members."""
        return {self.email_of(record) for record in self.of("CampaignMember").values() if record["CampaignId"] == campaign_id}

    def email_of(self, record: Mapping[str, Any]) -> str:
        """The address of a record, of a campaign member that of its person."""
        if record["type"] == "CampaignMember":
            record = self.records[record.get("ContactId") or record["LeadId"]]
        return str(record["Email"]).lower()

    def busy(self, request: Request) -> Reply:
        """Salesforce knows no 429: a server that is overloaded answers 503."""
        return error(503, "SERVER_UNAVAILABLE", "The server is overloaded.")

    def answer(self, request: Request) -> Reply:
        """What Salesforce answers."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if self.requests_left is not None:
            if self.requests_left == 0:
                return error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            self.requests_left -= 1
        if (request.method, request.path) == ("POST", f"{API}/composite"):
            return self.composite(request.body)
        if request.path == f"{API}/composite/sobjects":
            if request.method == "DELETE":
                return self.delete(request.query["ids"].split(","))
            return self.save(request.method, request.body["records"])
        return error(404, "NOT_FOUND", "The requested resource does not exist")

    def composite(self, body: Mapping[str, Any]) -> Reply:
        """Queries in the body of one request, 5 at most."""
        if len(body["compositeRequest"]) > 5:
            return error(400, "LIMIT_EXCEEDED", "Composite request may contain 5 query operations.")
        answers = []
        for part in body["compositeRequest"]:
            told = self.query(part["url"])
            answers.append(
                {"body": told.body, "httpHeaders": {}, "httpStatusCode": told.status, "referenceId": part["referenceId"]}
            )
        return Reply(200, {"compositeResponse": answers})

    def query(self, url: str) -> Reply:
        """A page of a SOQL query's rows."""
        if url in self.pages:
            return self.paged(self.pages.pop(url))
        soql = unquote(urlsplit(url).query.removeprefix("q="))
        read = re.fullmatch(r"SELECT ([\w, ]+) FROM (\w+) WHERE (.+?)( ORDER BY CreatedDate, Id)?", soql, re.DOTALL)
        if read is None:
            return error(400, "MALFORMED_QUERY", f"unexpected token: {soql[:80]}")
        rows = []
        for record_id, record in sorted(self.of(read[2]).items()):
            seen = {**record, "Id": record_id}
            if read[2] != "Campaign":
                seen["Email"] = self.email_of(record)
            if holds := matches(read[3], seen):
                attributes = {"type": read[2], "url": f"{API}/sobjects/{read[2]}/{record_id}"}
                rows.append({"attributes": attributes, **{name: seen.get(name) for name in read[1].split(", ")}})
            elif holds is None:
                return error(400, "MALFORMED_QUERY", f"unexpected token: {soql[:80]}")
        return self.paged(rows)

    def paged(self, rows: list[dict[str, Any]]) -> Reply:
        """The first page of rows, and where the others are."""
        first, others = rows[: self.page], rows[self.page :]
        told: dict[str, Any] = {"totalSize": len(rows), "done": not others, "records": first}
        if others:
            told["nextRecordsUrl"] = f"{API}/query/01g{next(self.cursors):015d}-{self.page}"
            self.pages[told["nextRecordsUrl"]] = others
        return Reply(200, told)

    def save(self, method: str, records: list[dict[str, Any]]) -> Reply:
        """Create or update records, each for itself; a field that does not exist fails them all."""
        if len(records) > 200:
            return error(400, "INVALID_INPUT", "The request can contain up to 200 objects.")
        for record in records:
            type_ = record["attributes"]["type"]
            for name in set(record) - {"attributes", "id"} - self.fields.get(type_, set(record)):
                return error(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {type_}")
        unlucky = self.rejected_of(records)
        return Reply(200, [LOCKED if record is unlucky else self.save_one(method, record) for record in records])

    def save_one(self, method: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Create or update a record; gives its SaveResult."""
        fields = {name: value for name, value in record.items() if name not in ("attributes", "id")}
        type_ = record["attributes"]["type"]
        for name, value in fields.items():
            if len(str(value)) > self.longest.get(name, 255) and name != "Description":
                return failed("STRING_TOO_LONG", f"{name}: data value too large: {value}", name)
        if method == "PATCH":
            if record["id"] not in self.records:
                return failed("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            if record["id"] in self.locked:
                return LOCKED
            self.records[record["id"]] |= fields
            return {"id": record["id"], "success": True, "errors": []}
        if type_ == "CampaignMember" and any(
            all(member.get(name) == value for name, value in fields.items()) for member in self.of("CampaignMember").values()
        ):
            return failed("DUPLICATE_VALUE", "Already a campaign member.")
        return {"id": self.add(type_, **fields), "success": True, "errors": []}

    def delete(self, ids: list[str]) -> Reply:
        """Delete records, each for itself, with the memberships of a deleted person."""
        if len(ids) > 200:
            return error(400, "INVALID_INPUT", "The request can contain up to 200 objects.")
        results: list[dict[str, Any]] = []
        for record_id in ids:
            if record_id in self.locked:
                results.append({"id": record_id, **failed("DELETE_FAILED", "Your attempt to delete could not be completed.")})
            elif self.records.pop(record_id, None) is None:
                results.append({"id": record_id, **failed("ENTITY_IS_DELETED", "entity is deleted")})
            else:
                for member_id, member in self.of("CampaignMember").items():
                    if record_id in (member.get("ContactId"), member.get("LeadId")):
                        del self.records[member_id]
                results.append({"id": record_id, "success": True, "errors": []})
        return Reply(200, results)


def matches(condition: str, record: Mapping[str, Any]) -> bool | None:
    """Whether a record meets a WHERE of equalities and INs joined by AND; None where it is not understood."""
    rest = condition
    holds = True
    while rest:
        part = re.match(rf"(\w+) (?:= (?P<one>{LITERAL}|true|false)|IN \((?P<many>{LITERAL}(?:, {LITERAL})*)\))(?: AND |$)", rest)
        if part is None:
            return None
        value = record.get(part[1])
        if part["one"] in ("true", "false"):
            holds &= bool(value) is (part["one"] == "true")
        else:
            texts = {unquoted(text).lower() for text in re.findall(LITERAL, part["one"] or part["many"])}
            holds &= str(value).lower() in texts
        rest = rest[part.end() :]
    return holds


def unquoted(literal: str) -> str:
    """The text of a SOQL literal."""
    return re.sub(r"\\(.)", lambda escape: UNESCAPED.get(escape[1], escape[1]), literal[1:-1])


def failed(code: str, message: str, *fields: str) -> dict[str, Any]:
    """The SaveResult of a record that was refused."""
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


def error(status: int, code: str, message: str) -> Reply:
    """An error in Salesforce's form."""
    return Reply(status, [{"message": message, "errorCode": code}])
