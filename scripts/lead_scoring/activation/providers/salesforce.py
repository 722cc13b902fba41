"""Salesforce: fields of the contacts and leads that are there, members of campaigns, tasks, and deletion.

Facts are those of the vendor's REST API guide and object reference (developer.salesforce.com). Nobody is created in a CRM from a score: whoever is not in Salesforce is rejected
with that reason, and tried again with the next push, when sales may have entered them.

People are looked up by e-mail, with SOQL in the body of a composite request: addresses in a URL would stand in the logs of every proxy, and a URL is too short for many.
One address may belong to several records. Fields are set on all of them; a campaign and a task get one, a contact before a lead, the oldest first. A converted lead cannot be
changed and is left out, but is deleted with the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.providers.base import Answer, Provider, Refused, Transport, Unanswered

API = "/services/data/v66.0"
NOT_THERE = "not in Salesforce"
# sObject collections: up to 200 records a call. Ids of a deletion stand in the URL, which is advised to stay under 2,000 characters.
RECORDS = 200
DELETIONS = 100
# A composite request holds up to 5 queries; 100 addresses of 254 characters stay well under the 100,000 of a SOQL statement.
QUERIES = 5
ADDRESSES = 100
# Whether somebody may be written to is the person's to say; the address is the key.
CONSENT = re.compile(r"HasOptedOutOf|DoNotCall|Email$|Id$", re.IGNORECASE)
REASON_LENGTH = 300
SUBJECT_LENGTH = 255


@dataclass(frozen=True)
class Found:
    """A record of somebody: its type (Contact or Lead), its id, and the id of its owner, a user (005...) or a queue (00G...)."""

    type: str
    id: str
    owner_id: str


class Salesforce(Provider):
    """An organisation of Salesforce, reached with the access token of a connected app.

    The user needs the API permission and may edit contacts, leads and campaigns (Marketing User), create tasks, and delete for the erased.
    """

    name = "salesforce"
    secrets = ("SALESFORCE_INSTANCE_URL", "SALESFORCE_ACCESS_TOKEN")
    # A second task is a second task: only a custom external id field of the organisation could tell.
    drops_repeated_events = False

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self._campaigns: set[str] = set()

    def url(self) -> str:
        """The organisation's own address, as https://example.my.salesforce.com."""
        return self.environment["SALESFORCE_INSTANCE_URL"]

    def headers(self) -> Mapping[str, str]:
        """The access token, and no assignment rules: without the header an update of a lead runs them and may give it to somebody else."""
        return {"Authorization": f"Bearer {self.environment['SALESFORCE_ACCESS_TOKEN']}", "Sforce-Auto-Assign": "FALSE"}

    def limit_of(self, batch_kind: str, is_removal: bool) -> str | None:
        """A row of its own for each kind; a contact and an event are only ever added."""
        if batch_kind == "forget" or batch_kind == "member":
            return batch_kind
        return batch_kind if batch_kind in ("contact", "event") and not is_removal else None

    def deliver(self, batch: Batch, transport: Transport) -> Sequence[Verdict]:
        """Send a batch and read what became of each record."""
        if batch.kind == "contact":
            return self._update(batch.operations, transport)
        if batch.kind == "event":
            return self._create_tasks(batch.operations, transport)
        if batch.kind == "forget":
            return self._forget(batch.operations, transport)
        return self._leave(batch, transport) if batch.is_removal else self._join(batch, transport)

    def _update(self, operations: Sequence[Operation], transport: Transport) -> list[Verdict]:
        """Set fields on every record of a person. It counts as done when all of them took it."""
        for attribute in sorted({attribute for operation in operations for attribute in operation.payload}):
            if CONSENT.match(attribute):
                raise Refused(
                    f"destination_fields.csv sets {attribute}: keys and whether somebody may be written to are never set from here."
                )
        found = self._find(operations, "contact", transport)
        rows = [
            (index, {"attributes": {"type": record.type}, "id": record.id, **_fields(operation.payload)})
            for index, operation in enumerate(operations)
            for record in found.get(operation.key, [])
        ]
        # A change of type starts a chunk of its own at Salesforce, and a call may have 10.
        rows.sort(key=lambda row: row[1]["attributes"]["type"])
        return _verdicts(operations, self._save("PATCH", "contact", rows, transport), found)

    def _join(self, batch: Batch, transport: Transport) -> list[Verdict]:
        """Make people members of a campaign, with its default status. Who is one already stays as they are (DUPLICATE_VALUE)."""
        self._check_campaign(batch.list_id, transport)
        found = self._find(batch.operations, "member", transport)
        rows = [
            (
                index,
                {
                    "attributes": {"type": "CampaignMember"},
                    "CampaignId": batch.list_id,
                    f"{found[operation.key][0].type}Id": found[operation.key][0].id,
                },
            )
            for index, operation in enumerate(batch.operations)
            if operation.key in found
        ]
        return _verdicts(batch.operations, self._save("POST", "member", rows, transport, is_fine={"DUPLICATE_VALUE"}), found)

    def _leave(self, batch: Batch, transport: Transport) -> list[Verdict]:
        """Delete the campaign members who have these addresses. Who is no member has left. With a member its status and response go too."""
        self._check_campaign(batch.list_id, transport)
        queries = [
            f"SELECT Id, Email FROM CampaignMember WHERE CampaignId = {_quoted(batch.list_id)} AND Email IN ({addresses})"
            for addresses in _addresses(batch.operations)
        ]
        ids: dict[str, list[str]] = {}
        for row in self._query(queries, "member", transport):
            ids.setdefault(str(row["Email"]).lower(), []).append(str(row["Id"]))
        return self._delete(batch.operations, ids, "member", transport)

    def _create_tasks(self, operations: Sequence[Operation], transport: Transport) -> list[Verdict]:
        """Give the owner of a person an open task, due on the day of the event: what a next action asks of somebody. A queue owns none: then the user of the token has it."""
        found = self._find(operations, "event", transport)
        rows = []
        for index, operation in enumerate(operations):
            if operation.key not in found:
                continue
            person = found[operation.key][0]
            properties = operation.payload.get("properties") or {}
            task = {
                "attributes": {"type": "Task"},
                "WhoId": person.id,
                "Subject": str(operation.payload["event"])[:SUBJECT_LENGTH],
                "ActivityDate": str(operation.payload["occurred_at"])[:10],
                "Description": "\n".join(f"{name}: {value}" for name, value in properties.items() if value is not None),
            }
            if person.owner_id.startswith("005"):
                task["OwnerId"] = person.owner_id
            rows.append((index, task))
        return _verdicts(operations, self._save("POST", "event", rows, transport, is_repeatable=False), found)

    def _forget(self, operations: Sequence[Operation], transport: Transport) -> list[Verdict]:
        """Delete every contact and lead who has the address, converted leads too.

        They lie in the recycle bin for 15 days. The Individual record (data privacy) that they may share with others stays, as do the texts of cases and e-mails: their erasure is
        Salesforce's privacy tools'. A person account is deleted as an account only, so it is rejected with Salesforce's text.
        """
        found = self._find(operations, "forget", transport, is_with_converted=True)
        return self._delete(
            operations, {key: [record.id for record in records] for key, records in found.items()}, "forget", transport
        )

    def _find(
        self, operations: Sequence[Operation], limit: str, transport: Transport, *, is_with_converted: bool = False
    ) -> dict[str, list[Found]]:
        """The records of people by their e-mail, contacts first, the oldest first."""
        converted = "" if is_with_converted else "IsConverted = false AND "
        queries = [
            f"SELECT Id, Email, OwnerId FROM {type_} WHERE {condition}Email IN ({addresses}) ORDER BY CreatedDate, Id"
            for type_, condition in (("Contact", ""), ("Lead", converted))
            for addresses in _addresses(operations)
        ]
        found: dict[str, list[Found]] = {}
        for row in self._query(queries, limit, transport):
            record = Found(str(row["attributes"]["type"]), str(row["Id"]), str(row.get("OwnerId") or ""))
            found.setdefault(str(row["Email"]).lower(), []).append(record)
        # Later pages of contacts come after the leads.
        return {key: sorted(records, key=lambda record: record.type) for key, records in found.items()}

    def _check_campaign(self, campaign_id: str, transport: Transport) -> None:
        """Raises Refused where there is no such campaign, once a push: else every member would be rejected for it, one by one."""
        if campaign_id in self._campaigns:
            return
        if not self._query([f"SELECT Id FROM Campaign WHERE Id = {_quoted(campaign_id)}"], "member", transport):
            raise Refused(f"Salesforce has no campaign {campaign_id}, or does not show it to the user of the token.")
        self._campaigns.add(campaign_id)

    def _query(self, queries: Sequence[str], limit: str, transport: Transport) -> list[Mapping[str, Any]]:
        """The rows of SOQL queries, all pages of them."""
        rows: list[Mapping[str, Any]] = []
        urls = [f"{API}/query?q={quote(query, safe='')}" for query in queries]
        while urls:
            asked, urls = urls[:QUERIES], urls[QUERIES:]
            body = {
                "allOrNone": False,
                "compositeRequest": [
                    {"method": "GET", "url": url, "referenceId": f"query{number}"} for number, url in enumerate(asked)
                ],
            }
            answer = transport.call("POST", f"{API}/composite", limit, body)
            if not answer.is_success or not isinstance(answer.body, Mapping):
                raise _refusal(answer, "A query")
            for part in answer.body["compositeResponse"]:
                if part["httpStatusCode"] != 200:
                    raise _refusal(Answer(int(part["httpStatusCode"]), {}, part["body"]), "A query")
                rows += part["body"]["records"]
                if not part["body"]["done"]:
                    urls.append(str(part["body"]["nextRecordsUrl"]))
        return rows

    def _save(
        self,
        method: str,
        limit: str,
        rows: Sequence[tuple[int, Mapping[str, Any]]],
        transport: Transport,
        *,
        is_fine: Iterable[str] = (),
        is_repeatable: bool = True,
    ) -> list[tuple[int, str]]:
        """Create (POST) or update (PATCH) records. Rows are (position of the operation, record); gives (position, error or empty) of each."""
        results: list[tuple[int, str]] = []
        for first in range(0, len(rows), RECORDS):
            part = rows[first : first + RECORDS]
            body = {"allOrNone": False, "records": [record for _, record in part]}
            answer = transport.call(method, f"{API}/composite/sobjects", limit, body, is_repeatable=is_repeatable)
            results += zip((index for index, _ in part), _results(answer, len(part), is_fine), strict=True)
        return results

    def _delete(
        self, operations: Sequence[Operation], ids: Mapping[str, Sequence[str]], limit: str, transport: Transport
    ) -> list[Verdict]:
        """Delete records by the address that they have. Who has none is done, and so is what somebody else deleted meanwhile."""
        rows = [(index, record_id) for index, operation in enumerate(operations) for record_id in ids.get(operation.key, [])]
        results: list[tuple[int, str]] = []
        for first in range(0, len(rows), DELETIONS):
            part = rows[first : first + DELETIONS]
            params = {"ids": ",".join(record_id for _, record_id in part), "allOrNone": "false"}
            answer = transport.call("DELETE", f"{API}/composite/sobjects", limit, params=params)
            results += zip((index for index, _ in part), _results(answer, len(part), {"ENTITY_IS_DELETED"}), strict=True)
        return _verdicts(operations, results, {operation.key for operation in operations})


def _verdicts(operations: Sequence[Operation], results: Iterable[tuple[int, str]], found: Iterable[str]) -> list[Verdict]:
    """Join the results of records to the operations that they come from: all of an operation's have to be free of errors."""
    errors: dict[int, list[str]] = {}
    for index, error in results:
        if error:
            errors.setdefault(index, []).append(error)
    there = set(found)
    return [
        Verdict(operation, False, NOT_THERE)
        if operation.key not in there
        else Verdict(operation, index not in errors, "; ".join(dict.fromkeys(errors.get(index, [])))[:REASON_LENGTH])
        for index, operation in enumerate(operations)
    ]


def _results(answer: Answer, count: int, is_fine: Iterable[str]) -> list[str]:
    """The error of each record of a collection, empty where it has none or only fine ones. The answer has one result a record, in the order of the request."""
    if not answer.is_success:
        raise _refusal(answer, "Salesforce takes none of the records")
    if not isinstance(answer.body, list) or len(answer.body) != count:
        raise Unanswered(f"Salesforce's answer does not have {count} results: {answer.in_words()}")
    return [
        ""
        if result.get("success") is True
        or (result.get("errors") and {error.get("statusCode") for error in result["errors"]} <= set(is_fine))
        else "; ".join(f"{error.get('statusCode')}: {error.get('message')}" for error in result.get("errors") or [])
        or "no success, no error"
        for result in answer.body
    ]


def _addresses(operations: Sequence[Operation]) -> list[str]:
    """The addresses of operations as the inside of SOQL's IN, at most 100 in one."""
    keys = sorted({operation.key for operation in operations})
    return [", ".join(map(_quoted, keys[first : first + ADDRESSES])) for first in range(0, len(keys), ADDRESSES)]


def _quoted(text: str) -> str:
    """A text as a SOQL literal: backslash, quotation marks and line ends are escaped (SOQL reference, quoted string escape sequences)."""
    escapes = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "'" + "".join(escapes.get(character, character) for character in text) + "'"


def _fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as fields. Choices of a multi-select picklist are separated by semicolons; null clears a field."""
    return {name: ";".join(map(str, value)) if isinstance(value, list) else value for name, value in payload.items()}


def _refusal(answer: Answer, what: str) -> Refused | Unanswered:
    """The exception for an answer that says nothing of single records: an unknown field, a malformed query, used-up requests. After a 5xx it is not known what was done."""
    errors = answer.body if isinstance(answer.body, list) else []
    words = "; ".join(f"{error.get('errorCode')}: {error.get('message')}" for error in errors if isinstance(error, Mapping))
    text = (
        f"{what}: Salesforce answers HTTP {answer.status}: {words[:REASON_LENGTH]}"
        if words
        else f"{what}: Salesforce answers {answer.in_words()}"
    )
    return Unanswered(text) if answer.status >= 500 else Refused(text)
