"""Klaviyo: profiles and additions to lists by import jobs, removals from lists, events, erasures.

Facts are those of Klaviyo's description of its API, revision 2026-07-15 (klaviyo/openapi), where no other page is named.
Never called: the bulk jobs that subscribe or unsubscribe profiles. Whoever is not on the list that such an unsubscribe job names loses the consent for everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.providers.base import Answer, Provider, Refused, Transport, Unanswered

REVISION = "2026-07-15"
IMPORT_JOBS = "/api/profile-bulk-import-jobs"
# What a profile has of its own; an attribute by another name is a property.
STANDARD = frozenset(
    "phone_number external_id first_name last_name organization locale title image".split()
    + [f"location.{part}" for part in "address1 address2 city country latitude longitude region zip timezone ip".split()]
)
PROFILE_BYTES = 100_000
LOOKED_UP = 100
"""Profiles that a page of GET /api/profiles shows at most."""
ADDRESS_BYTES = 6_000
"""How long the list of e-mails in an address may get; servers refuse addresses from 8 KB on."""
LONGEST_JOB = 1800.0
"""Seconds after which a job that is not done is left alone."""


class Klaviyo(Provider):
    """Klaviyo's API. A contact is a profile, found by its e-mail; a list is one of Klaviyo's lists, by its id.

    A contact's attributes whose names Klaviyo has itself (``first_name``, ``location.city``) stand in the profile, all others among its properties.
    A null takes a property away. It clears an attribute of Klaviyo's own when the contact is an update; with a new contact, what somebody else wrote stays.
    """

    name: ClassVar[str] = "klaviyo"
    base_url: ClassVar[str] = "https://a.klaviyo.com"
    secrets: ClassVar[tuple[str, ...]] = ("KLAVIYO_API_KEY",)
    # Of a unique_id that comes again for a profile and metric, POST /api/events keeps the first. The bulk job would refuse everybody in it instead.
    drops_repeated_events: ClassVar[bool] = True

    def headers(self) -> Mapping[str, str]:
        """The key, the revision of the API and the JSON:API media type."""
        return {
            "Authorization": f"Klaviyo-API-Key {self.environment['KLAVIYO_API_KEY']}",
            "revision": REVISION,
            "Accept": "application/vnd.api+json",
            "Content-Type": "application/vnd.api+json",
        }

    def limit_of(self, batch_kind: str, is_removal: bool) -> str | None:
        """The row of the batch's endpoint: additions to lists are imports, so they fall under ``contact``. Contacts and events cannot be removed."""
        if is_removal:
            return {"member": "member", "forget": "forget"}.get(batch_kind)
        return {"contact": "contact", "member": "contact", "event": "event", "forget": "forget"}.get(batch_kind)

    def record_of(self, operation: Operation) -> Any:
        """The resource that an operation becomes in the body of its request."""
        if operation.kind == "event":
            return _event(operation)
        if operation.kind == "forget":
            return {"type": "profile", "attributes": {"email": operation.key}}
        if operation.op == "remove":
            return {"type": "profile", "id": operation.key}
        return _profile(operation)

    def deliver(self, batch: Batch, transport: Transport) -> Sequence[Verdict]:
        """Send a batch and wait for the job that it starts.

        Raises Refused for a wrong key and an unknown list, Unanswered where a job is not done within half an hour.
        """
        if batch.kind == "event":
            return [self._send_event(operation, transport) for operation in batch.operations]
        if batch.kind == "forget":
            return [self._forget(operation, transport) for operation in batch.operations]
        reasons = self._remove(batch, transport) if batch.is_removal else self._import(batch, transport)
        return [
            Verdict(operation, position not in reasons, reasons.get(position, ""))
            for position, operation in enumerate(batch.operations)
        ]

    def _import(self, batch: Batch, transport: Transport) -> dict[int, str]:
        """Create, update and put on a list by one job. Gives why not, by position in the batch, for those who were refused.

        One job takes 10,000 people by e-mail; POST /api/lists/{id}/relationships/profiles takes 1,000 by ids that would have to be looked up a hundred at a time.
        """
        reasons: dict[int, str] = {}
        records: dict[int, Any] = {}
        for position, operation in enumerate(batch.operations):
            record = self.record_of(operation)
            if len(json.dumps(record).encode()) > PROFILE_BYTES:
                reasons[position] = f"the profile is larger than {PROFILE_BYTES:,} bytes"
            elif operation.op == "update" and (cleared := _cleared(operation)):
                if refusal := self._update(record, cleared, transport):
                    reasons[position] = refusal
            else:
                records[position] = record
        while records:
            answer = transport.call("POST", IMPORT_JOBS, "contact", _import_body(list(records.values()), batch.list_id))
            if answer.is_success:
                return reasons | self._outcome_of(_data(answer)["id"], records, transport)
            if answer.status == 404:
                raise _unknown_list(batch, answer)
            # One bad profile fails the request. Where the answer points at it, the others go without it.
            refused = _pointed_at(answer, records) or dict.fromkeys(records, answer.in_words())
            reasons |= refused
            records = {position: record for position, record in records.items() if position not in refused}
        return reasons

    def _update(self, record: Mapping[str, Any], cleared: Sequence[str], transport: Transport) -> str:
        """Update one profile and clear attributes of it. Gives why not, or nothing.

        A job leaves an attribute alone that is null in it (guide "Bulk Import Profiles API"); POST /api/profile-import clears it.
        """
        attributes = dict(record["attributes"])
        for name in cleared:
            _put(attributes, name, None)
        answer = transport.call("POST", "/api/profile-import", "contact", {"data": {**record, "attributes": attributes}})
        return "" if answer.is_success else answer.in_words()

    def _outcome_of(self, job: str, records: Mapping[int, Any], transport: Transport) -> dict[int, str]:
        """Wait for a job and read whom it refused, by position in the batch."""
        attributes = self._finished(job, transport)
        if attributes["status"] != "complete":
            return dict.fromkeys(records, f"the import job was {attributes['status']}")
        positions = {record["attributes"]["email"]: position for position, record in records.items()}
        order = list(records)
        reasons: dict[int, str] = {}
        nameless = ""
        for error in self._import_errors(job, transport):
            reason = f"{error['attributes']['title']}: {error['attributes']['detail']}"
            position = positions.get(_email_of(error), _position(error["attributes"], order))
            if position is None:
                nameless = reason
            else:
                reasons[position] = reason
        if nameless or (attributes.get("failed_count") or 0) > len(reasons):
            # Contacts and lists are states: whoever is told again loses nothing; whoever is believed to be there and is not would never be sent again.
            unsure = f"the import job refused somebody without saying whom. {nameless}".rstrip()
            return dict.fromkeys(records, unsure) | reasons
        return reasons

    def _finished(self, job: str, transport: Transport) -> Mapping[str, Any]:
        """Ask for a job until it is done, first after a second, then ever more rarely."""
        waited, pause = 0.0, 1.0
        while waited < LONGEST_JOB:
            transport.wait(pause)
            waited += pause
            attributes: Mapping[str, Any] = _data(transport.call("GET", f"{IMPORT_JOBS}/{_part(job)}", "contact"))["attributes"]
            if attributes["status"] in ("complete", "cancelled"):
                return attributes
            pause = min(pause * 2, 30.0)
        raise Unanswered(f"Klaviyo's import job {job} is not done after {LONGEST_JOB:.0f} seconds.")

    def _import_errors(self, job: str, transport: Transport) -> Iterator[Mapping[str, Any]]:
        """The errors of a job, from all pages."""
        params: dict[str, str] | None = {"page[size]": "100"}
        while params:
            answer = transport.call("GET", f"{IMPORT_JOBS}/{_part(job)}/import-errors", "contact", params=params)
            yield from _data(answer)
            following = (answer.body.get("links") or {}).get("next")
            cursor = parse_qs(urlsplit(following).query).get("page[cursor]") if following else None
            params = {**params, "page[cursor]": cursor[0]} if cursor else None

    def _remove(self, batch: Batch, transport: Transport) -> dict[int, str]:
        """Take profiles off a list; their consent stays as it is. Gives why not, by position in the batch.

        Klaviyo takes people off a list by their ids only. Somebody whom it does not know is on no list.
        """
        ids: dict[str, str] = {}
        refused: dict[str, str] = {}
        for keys in _chunks([operation.key for operation in batch.operations]):
            self._look_up(keys, ids, refused, transport)
        if ids:
            body = {"data": [{"type": "profile", "id": profile} for profile in ids.values()]}
            answer = transport.call("DELETE", f"/api/lists/{_part(batch.list_id)}/relationships/profiles", "member", body)
            if answer.status == 404:
                raise _unknown_list(batch, answer)
            if not answer.is_success:
                refused |= dict.fromkeys(ids, answer.in_words())
        return {
            position: refused[operation.key] for position, operation in enumerate(batch.operations) if operation.key in refused
        }

    def _look_up(self, keys: Sequence[str], ids: dict[str, str], refused: dict[str, str], transport: Transport) -> None:
        """Find the ids of profiles by e-mail, into ``ids``; why not, into ``refused``."""
        params = {"filter": f"any(email,{_quoted(keys)})", "fields[profile]": "email", "page[size]": str(LOOKED_UP)}
        answer = transport.call("GET", "/api/profiles", "member", params=params)
        if answer.status == 400 and len(keys) > 1:
            # One odd address fails the filter. It must not keep the opt-outs of the others from going.
            half = len(keys) // 2
            self._look_up(keys[:half], ids, refused, transport)
            self._look_up(keys[half:], ids, refused, transport)
            return
        if not answer.is_success:
            refused |= dict.fromkeys(keys, answer.in_words())
            return
        found = {str(profile["attributes"].get("email")).lower(): str(profile["id"]) for profile in _data(answer)}
        ids |= {key: found[key] for key in keys if key in found}
        if not found.keys() <= set(keys):
            # A profile can have a second e-mail and shows its first. Taken for "not there", somebody would stay on the list.
            refused |= dict.fromkeys(set(keys) - found.keys(), "Klaviyo has this e-mail in a profile that shows another one")

    def _send_event(self, operation: Operation, transport: Transport) -> Verdict:
        """Send one event. The success says that it was checked and taken over."""
        answer = transport.call("POST", "/api/events", "event", {"data": self.record_of(operation)})
        return _verdict(operation, answer)

    def _forget(self, operation: Operation, transport: Transport) -> Verdict:
        """Ask for the deletion of all that Klaviyo has of a person, which nobody can undo. Whom it does not know is forgotten already."""
        attributes = {"profile": {"data": self.record_of(operation)}}
        body = {"data": {"type": "data-privacy-deletion-job", "attributes": attributes}}
        answer = transport.call("POST", "/api/data-privacy-deletion-jobs", "forget", body)
        return Verdict(operation, True) if answer.status == 404 else _verdict(operation, answer)


def _profile(operation: Operation) -> dict[str, Any]:
    """The profile that a contact becomes, or for an addition to a list the e-mail only. Nulls of Klaviyo's own attributes are left out."""
    attributes: dict[str, Any] = {"email": operation.key}
    properties: dict[str, Any] = {}
    unset = []
    for name, value in operation.payload.items():
        if name in STANDARD:
            if value is not None:
                _put(attributes, name, value)
        elif value is None:
            unset.append(name)
        else:
            properties[name] = value
    if properties:
        attributes["properties"] = properties
    profile: dict[str, Any] = {"type": "profile", "attributes": attributes}
    if unset:
        profile["meta"] = {"patch_properties": {"unset": unset}}
    return profile


def _cleared(operation: Operation) -> list[str]:
    """Klaviyo's own attributes that an operation sets to null."""
    return [name for name, value in operation.payload.items() if value is None and name in STANDARD]


def _put(attributes: dict[str, Any], name: str, value: Any) -> None:
    """Set an attribute by its name; one of the location stands one level deeper."""
    *above, last = name.split(".")
    for part in above:
        attributes = attributes.setdefault(part, {})
    attributes[last] = value


def _event(operation: Operation) -> dict[str, Any]:
    """The event with its metric, its profile and the op_id as the id by which Klaviyo knows a second one."""
    occurred_at = datetime.fromisoformat(operation.payload["occurred_at"])
    return {
        "type": "event",
        "attributes": {
            "properties": dict(operation.payload.get("properties") or {}),
            "time": (occurred_at if occurred_at.tzinfo else occurred_at.replace(tzinfo=UTC)).isoformat(),
            "unique_id": operation.op_id,
            "metric": {"data": {"type": "metric", "attributes": {"name": operation.payload["event"]}}},
            "profile": {"data": {"type": "profile", "attributes": {"email": operation.key}}},
        },
    }


def _import_body(records: Sequence[Any], list_id: str) -> dict[str, Any]:
    """The body of an import job, onto a list where one is named."""
    data: dict[str, Any] = {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": records}}}
    if list_id:
        data["relationships"] = {"lists": {"data": [{"type": "list", "id": list_id}]}}
    return {"data": data}


def _pointed_at(answer: Answer, records: Mapping[int, Any]) -> dict[int, str]:
    """The profiles that a 400 points at (/data/attributes/profiles/data/3/...), by position in the batch, each with its reason."""
    if answer.status != 400 or not isinstance(answer.body, dict):
        return {}
    order = list(records)
    errors = [error for error in answer.body.get("errors") or [] if isinstance(error, dict)]
    found = [(_position(error, order), f"{error.get('title')}: {error.get('detail')}") for error in errors]
    return {position: reason for position, reason in found if position is not None}


def _position(error: Mapping[str, Any], order: Sequence[int]) -> int | None:
    """The position in the batch of the profile that the pointer of an error names by its place in the request; None where it names none."""
    steps = str((error.get("source") or {}).get("pointer") or "").split("/profiles/data/")
    place = steps[1].split("/")[0] if len(steps) == 2 else ""
    return order[int(place)] if place.isdecimal() and int(place) < len(order) else None


def _email_of(error: Mapping[str, Any]) -> str:
    """The e-mail in the profile that an import error repeats, with or without the resource around it; empty where it repeats none."""
    repeated = error["attributes"].get("original_payload") or {}
    return str(repeated.get("attributes", repeated).get("email") or "").lower()


def _chunks(keys: Sequence[str]) -> Iterator[list[str]]:
    """E-mails in groups that one request can ask for."""
    chunk: list[str] = []
    for key in keys:
        if chunk and (len(chunk) == LOOKED_UP or len(quote(_quoted([*chunk, key]))) > ADDRESS_BYTES):
            yield chunk
            chunk = []
        chunk.append(key)
    if chunk:
        yield chunk


def _quoted(keys: Sequence[str]) -> str:
    """Keys as the array of a filter."""
    return json.dumps(list(keys), ensure_ascii=False, separators=(",", ":"))


def _part(name: str) -> str:
    """A name as one part of a path, whatever stands in it."""
    return quote(name, safe="")


def _data(answer: Answer) -> Any:
    """What an answer is about. Raises Unanswered for an answer that is none of Klaviyo's."""
    if not answer.is_success or not isinstance(answer.body, dict) or "data" not in answer.body:
        raise Unanswered(f"Klaviyo did not say what became of a batch. {answer.in_words()}")
    return answer.body["data"]


def _unknown_list(batch: Batch, answer: Answer) -> Refused:
    """The end of a push to a list that is not there."""
    return Refused(f"Klaviyo knows no list {batch.list_id!r} (destination {batch.destination!r}). {answer.in_words()}")


def _verdict(operation: Operation, answer: Answer) -> Verdict:
    """Accepted with a 2xx, else the answer in words."""
    return Verdict(operation, answer.is_success, "" if answer.is_success else answer.in_words())
