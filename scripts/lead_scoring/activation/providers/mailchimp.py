"""Mailchimp: the contacts of one audience, its static segments (tags are such) and events of its members. Marketing API 3.0.

Nobody is ever subscribed by us. ``transactional`` is the status of somebody who is known and has given no consent to marketing (the enum of ``status`` in Mailchimp's description
of POST /lists/{list_id} has it). A new member gets that one. Whoever is there already keeps theirs: the request that writes to them holds no status.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.providers.base import Answer, Provider, Refused, Transport

STATUS_OF_NEW_MEMBERS = "transactional"
ALREADY_THERE = "ERROR_CONTACT_EXISTS"
LIMITED_KINDS = frozenset({"contact", "member", "event", "forget"})


class Mailchimp(Provider):
    """One audience of a Mailchimp account.

    ``list_id`` of destination_lists.csv is the id of a static segment; attributes of destination_fields.csv are merge tags, as SCORE. MAILCHIMP_API_KEY names its data centre after
    its last hyphen; MAILCHIMP_AUDIENCE_ID is the audience that holds the contacts.
    """

    name = "mailchimp"
    secrets = ("MAILCHIMP_API_KEY", "MAILCHIMP_AUDIENCE_ID")

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self._key = environment.get("MAILCHIMP_API_KEY", "")
        self._data_centre = self._key.rpartition("-")[2]
        self._audience_id = environment.get("MAILCHIMP_AUDIENCE_ID", "")
        self._audience = f"/lists/{quote(self._audience_id, safe='')}"

    def url(self) -> str:
        """The data centre of the account."""
        return f"https://{self._data_centre}.api.mailchimp.com/3.0"

    def headers(self) -> Mapping[str, str]:
        """Basic authentication with any user name (mailchimp.com/developer, fundamentals). Raises Refused where the key names no data centre."""
        if not re.fullmatch(r"[a-z]+[0-9]+", self._data_centre):
            # The end of the key becomes a host name: a key that was cut or mixed up must not be sent to a stranger.
            raise Refused("MAILCHIMP_API_KEY does not end with a hyphen and a data centre, as in -us3.")
        return {"Authorization": "Basic " + base64.b64encode(f"lead_scoring:{self._key}".encode()).decode()}

    def limit_of(self, batch_kind: str, is_removal: bool) -> str | None:
        """A row for each kind. Contacts and events are never taken away, so those have none as removals."""
        if is_removal and batch_kind in {"contact", "event"}:
            return None
        return batch_kind if batch_kind in LIMITED_KINDS else None

    def record_of(self, operation: Operation) -> Any:
        """A contact or an event as it stands in a request; else the address."""
        if operation.kind == "contact":
            return _new_member(operation)
        if operation.kind == "event":
            return _event(operation)
        return operation.key

    def deliver(self, batch: Batch, transport: Transport) -> Sequence[Verdict]:
        """Send a batch of one kind. Raises Refused where the audience or the static segment is unknown."""
        if batch.kind == "contact":
            return self._write_contacts(batch.operations, transport)
        if batch.kind == "member":
            return self._write_members(batch, transport)
        send_one = self._send_event if batch.kind == "event" else self._forget
        return [send_one(operation, transport) for operation in batch.operations]

    def _write_contacts(self, operations: Sequence[Operation], transport: Transport) -> list[Verdict]:
        """Add who is new, then write to those who were there.

        One request could do both (``update_existing``), but what it does to the status of an existing member that it has one for is to change it. So the first request holds the
        status of new members and may not update, and the second holds none.
        """
        reasons = self._send_members(operations, transport, is_update=False)
        there = [operation for operation in operations if reasons[operation.key] == ALREADY_THERE]
        reasons |= self._send_members(there, transport, is_update=True)
        return [Verdict(operation, not reasons[operation.key], reasons[operation.key]) for operation in operations]

    def _send_members(self, operations: Sequence[Operation], transport: Transport, *, is_update: bool) -> dict[str, str]:
        """Why each address was refused, empty where it was taken, ALREADY_THERE where it may only be updated. A request that is refused whole is sent again in halves."""
        if not operations:
            return {}
        answer = transport.call(
            "POST",
            self._audience,
            "contact",
            {
                "members": [_member(operation) if is_update else _new_member(operation) for operation in operations],
                "update_existing": is_update,
                # True would take away every tag that is not in the request.
                "sync_tags": False,
            },
            # We write some merge fields: one that the audience requires and we do not know is no reason to refuse.
            params={"skip_merge_validation": "true"},
        )
        if answer.status == 404:
            raise Refused(f"Mailchimp knows no audience {self._audience_id} (MAILCHIMP_AUDIENCE_ID).")
        if answer.status == 400 and len(operations) > 1:
            # One member that the whole request is refused for must not keep back the others for ever.
            middle = len(operations) // 2
            return {
                key: reason
                for half in (operations[:middle], operations[middle:])
                for key, reason in self._send_members(half, transport, is_update=is_update).items()
            }
        if not answer.is_success:
            return dict.fromkeys((operation.key for operation in operations), _in_words(answer))
        done = _addresses(answer.body, "updated_members" if is_update else "new_members")
        refused = {
            _key(error.get("email_address")): ALREADY_THERE
            if error.get("error_code") == ALREADY_THERE and not is_update
            else _error_in_words(error)
            for error in _dicts(answer.body, "errors")
        }
        return {
            operation.key: refused.get(operation.key)
            or ("" if operation.key in done else "Mailchimp's answer does not name this address.")
            for operation in operations
        }

    def _write_members(self, batch: Batch, transport: Transport) -> list[Verdict]:
        """Put people into a static segment or take them out. Its members' statuses are not touched."""
        side, told = ("members_to_remove", "members_removed") if batch.is_removal else ("members_to_add", "members_added")
        answer = transport.call(
            "POST",
            f"{self._audience}/segments/{quote(batch.list_id, safe='')}",
            "member",
            {side: [operation.key for operation in batch.operations]},
        )
        if answer.status == 404:
            raise Refused(f"Mailchimp knows no static segment {batch.list_id} of audience {self._audience_id}.")
        if not answer.is_success:
            return [Verdict(operation, False, _in_words(answer)) for operation in batch.operations]
        done = _addresses(answer.body, told)
        reasons = {
            _key(address): str(error.get("error", ""))
            for error in _dicts(answer.body, "errors")
            for address in error.get("email_addresses") or ()
        }
        return [
            Verdict(operation, True)
            if operation.key in done and operation.key not in reasons
            else self._look_at_member(operation, batch, reasons.get(operation.key, ""), transport)
            for operation in batch.operations
        ]

    def _look_at_member(self, operation: Operation, batch: Batch, reason: str, transport: Transport) -> Verdict:
        """Whether somebody is where they should be whom the answer left out or refused.

        Mailchimp ignores addresses that are not on the audience, and tells of somebody who is in the segment already as of an error. Which of the two it is stands at the member:
        tags are static segments.
        """
        answer = transport.call("GET", self._member_path(operation), "member", params={"fields": "tags,tags_count"})
        if answer.status == 404:
            return Verdict(operation, batch.is_removal, "" if batch.is_removal else "Not a member of the audience.")
        if not answer.is_success or not isinstance(answer.body, Mapping):
            return Verdict(operation, False, reason or _in_words(answer))
        tags = _dicts(answer.body, "tags")
        is_in = any(str(tag.get("id")) == batch.list_id for tag in tags)
        # The answer may hold fewer tags than the member has: then one that is not seen may be there.
        is_out = not is_in and len(tags) >= int(answer.body.get("tags_count") or 0)
        is_done = is_out if batch.is_removal else is_in
        return Verdict(operation, is_done, "" if is_done else reason or "Mailchimp left this address out.")

    def _send_event(self, operation: Operation, transport: Transport) -> Verdict:
        """One event of one member. Not sent again where nothing was answered: Mailchimp would count it twice."""
        answer = transport.call("POST", f"{self._member_path(operation)}/events", "event", _event(operation), is_repeatable=False)
        if answer.status == 404:
            return Verdict(operation, False, "Not a member of the audience.")
        return Verdict(operation, answer.is_success, "" if answer.is_success else _in_words(answer))

    def _forget(self, operation: Operation, transport: Transport) -> Verdict:
        """Delete somebody for good: the address cannot be imported again. Whoever is not there is forgotten."""
        answer = transport.call("POST", f"{self._member_path(operation)}/actions/delete-permanent", "forget")
        is_done = answer.is_success or answer.status == 404
        return Verdict(operation, is_done, "" if is_done else _in_words(answer))

    def _member_path(self, operation: Operation) -> str:
        """A member's address is known by the MD5 of its lower-case letters (path parameter subscriber_hash)."""
        return f"{self._audience}/members/{hashlib.md5(operation.key.lower().encode(), usedforsecurity=False).hexdigest()}"


def _member(operation: Operation) -> dict[str, Any]:
    """A member whose status stays as it is."""
    return {
        "email_address": operation.key,
        "merge_fields": {name: _merge_value(value) for name, value in operation.payload.items()},
    }


def _new_member(operation: Operation) -> dict[str, Any]:
    """A member who was not there: written about, not written to."""
    return {**_member(operation), "status": STATUS_OF_NEW_MEMBERS}


def _event(operation: Operation) -> dict[str, Any]:
    """An event: Mailchimp takes a name of 2 to 30 characters and properties that are texts."""
    properties = {name: _text(value) for name, value in (operation.payload.get("properties") or {}).items() if value is not None}
    return {"name": operation.payload["event"], "occurred_at": operation.payload["occurred_at"], "properties": properties}


def _merge_value(value: Any) -> str | int | float:
    """A value of a merge field: a number stays one, an empty text clears the field."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _key(address: Any) -> str:
    return str(address or "").strip().lower()


def _dicts(body: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects of a list in a body; none where there is no such list."""
    values = body.get(name) if isinstance(body, Mapping) else None
    return [value for value in values or () if isinstance(value, Mapping)]


def _addresses(body: Any, name: str) -> set[str]:
    return {_key(member.get("email_address")) for member in _dicts(body, name)}


def _error_in_words(error: Mapping[str, Any]) -> str:
    """What Mailchimp says of one member, with the merge field where it is about one."""
    field = f" ({error['field']}: {error.get('field_message', '')})" if error.get("field") else ""
    return f"{error.get('error') or error.get('error_code') or 'Refused without a reason.'}{field}"


def _in_words(answer: Answer) -> str:
    """The detail of a problem document (RFC 7807) and what it says of fields; else the answer as it is."""
    if not isinstance(answer.body, Mapping) or not answer.body.get("detail"):
        return answer.in_words()
    fields = "".join(f" {error.get('field')}: {error.get('message')}" for error in _dicts(answer.body, "errors"))
    return f"HTTP {answer.status}: {answer.body['detail']}{fields}"[:300]
