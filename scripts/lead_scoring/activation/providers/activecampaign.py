"""ActiveCampaign: contacts by bulk import, tags as lists and as triggers. API v3.

Lists here are tags. Being on a list of ActiveCampaign is a consent, and leaving one an opt-out that its bulk import does not lift again ("subscribe" in the description of POST
/import/bulk_import). A tag is neither: nobody is subscribed or unsubscribed by us, and who left a segment can come back to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.providers.base import Answer, Provider, Refused, Transport, Unanswered

STANDARD_FIELDS = frozenset({"first_name", "last_name", "phone", "customer_acct_name"})
GOING_ON = frozenset({"waiting", "claimed", "active"})
LONGEST_IMPORT = 600.0
RATE_WINDOW = 60.0
TRIES_WHEN_BUSY = 5


class _UnclearError(Exception):
    """A look-up for one operation was answered with something else. The message is the reason."""


class ActiveCampaign(Provider):
    """One ActiveCampaign account.

    ``list_id`` of destination_lists.csv is the id of a contact tag. Attributes of destination_fields.csv are ``first_name``, ``last_name``, ``phone``, ``customer_acct_name`` or the
    id of a custom field: bulk import knows custom fields by id only. The name of an event is that of a contact tag.
    """

    name = "activecampaign"
    secrets = ("ACTIVECAMPAIGN_URL", "ACTIVECAMPAIGN_API_TOKEN")

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self._url = environment.get("ACTIVECAMPAIGN_URL", "").rstrip("/")
        self._tag_names: dict[str, str] = {}
        self._tag_ids: dict[str, str] = {}

    def url(self) -> str:
        """Version 3 of the account's API."""
        return f"{self._url}/api/3"

    def headers(self) -> Mapping[str, str]:
        """The token of a user of the account (developers.activecampaign.com, authentication)."""
        return {"Api-Token": self.environment.get("ACTIVECAMPAIGN_API_TOKEN", "")}

    def limit_of(self, batch_kind: str, is_removal: bool) -> str | None:
        """Contacts and tags put on go in bulk; a tag is taken off, an event sent and somebody forgotten one by one."""
        if batch_kind == "member":
            return "other" if is_removal else "member"
        if is_removal and batch_kind in {"contact", "event"}:
            return None
        return batch_kind if batch_kind in {"contact", "event", "forget"} else None

    def record_of(self, operation: Operation) -> Any:
        """A contact as it stands in a bulk import; else what has about the size of it."""
        if operation.kind == "contact":
            return _contact(operation)
        if operation.kind == "member":
            return _tagged(operation, self._tag_names.get(operation.list_id, operation.list_id))
        return {"key": operation.key, **operation.payload}

    def deliver(self, batch: Batch, transport: Transport) -> Sequence[Verdict]:
        """Send a batch of one kind. Raises Refused where a tag or an attribute is unknown, Unanswered where an import does not end."""
        if batch.kind == "contact":
            return self._import([(operation, _contact(operation)) for operation in batch.operations], "", transport)
        if batch.kind == "member":
            name = self._name_of_tag(batch.list_id, "other", transport)
            if not batch.is_removal:
                return self._import(
                    [(operation, _tagged(operation, name)) for operation in batch.operations], batch.list_id, transport
                )
        send_one = {"member": self._untag, "event": self._trigger, "forget": self._forget}[batch.kind]
        verdicts = []
        for operation in batch.operations:
            try:
                reason = send_one(operation, transport)
            except _UnclearError as unclear:
                reason = str(unclear)
            verdicts.append(Verdict(operation, not reason, reason))
        return verdicts

    def _import(self, records: Sequence[tuple[Operation, Mapping[str, Any]]], tag_id: str, transport: Transport) -> list[Verdict]:
        """Import contacts, wait until it is done, and say what became of each. ``tag_id`` is the tag that they get, empty for attributes.

        A contact that fails the check beforehand fails the whole request. Which one it was is told by a position of which nothing says whether it counts from 0 or 1, so the
        request is sent again in halves.
        """
        answer = self._queue([record for _, record in records], "member" if tag_id else "contact", transport)
        if answer.status == 400 and len(records) > 1 and not _is_busy(answer):
            middle = len(records) // 2
            return self._import(records[:middle], tag_id, transport) + self._import(records[middle:], tag_id, transport)
        if answer.status == 404:
            raise Refused(f"There is no ActiveCampaign at {self._url} (ACTIVECAMPAIGN_URL).")
        batch_id = answer.body.get("batchId") if answer.is_success and isinstance(answer.body, Mapping) else None
        if not batch_id:
            return [Verdict(operation, False, _in_words(answer)) for operation, _ in records]
        info = self._wait_for_import(str(batch_id), transport)
        if info["status"] != "completed":
            return [Verdict(operation, False, f"The import {info['status']}.") for operation, _ in records]
        failed = {str(address).strip().lower() for address in info.get("failure") or ()}
        is_complete = len(info.get("success") or ()) + len(failed) >= len(records)
        verdicts = []
        for operation, _ in records:
            if operation.key in failed:
                verdicts.append(Verdict(operation, False, "ActiveCampaign could not import this address."))
            elif is_complete:
                verdicts.append(Verdict(operation, True))
            else:
                verdicts.append(self._look_at_contact(operation, tag_id, transport))
        return verdicts

    def _queue(self, contacts: Sequence[Mapping[str, Any]], row: str, transport: Transport) -> Answer:
        """Hand in contacts. "Rate limit exceeded" comes as 400 here and is waited for like a 429."""
        # 100 imports a minute, but 20 of a single contact.
        row = "import_of_one" if len(contacts) == 1 else row
        for _ in range(TRIES_WHEN_BUSY):
            answer = transport.call("POST", "/import/bulk_import", row, {"contacts": list(contacts)})
            if not _is_busy(answer):
                break
            transport.wait(RATE_WINDOW)
        return answer

    def _wait_for_import(self, batch_id: str, transport: Transport) -> Mapping[str, Any]:
        """The end of an import: its status (completed, failed, interrupted), ``success`` (contact ids) and ``failure`` (addresses). Raises Unanswered after ten minutes."""
        # Within a second an import has no status yet: it is false.
        pause, waited = 1.0, 0.0
        while waited < LONGEST_IMPORT:
            transport.wait(pause)
            waited += pause
            pause = min(2 * pause, 15.0)
            answer = transport.call("GET", "/import/info", "other", params={"batchId": batch_id})
            if not answer.is_success or not isinstance(answer.body, Mapping):
                raise Unanswered(f"Import {batch_id} of ActiveCampaign: {answer.in_words()}")
            status = answer.body.get("status")
            if status and status not in GOING_ON:
                return answer.body
        raise Unanswered(f"Import {batch_id} of ActiveCampaign was not done after {LONGEST_IMPORT:.0f} seconds.")

    def _look_at_contact(self, operation: Operation, tag_id: str, transport: Transport) -> Verdict:
        """What became of somebody of whom an import says nothing.

        It names new contacts and failed addresses. Others were there already, or were skipped: addresses on the account's exclusion list are.
        """
        try:
            contact_id = self._find_contact(operation.key, "other", transport)
            is_done = bool(contact_id and (not tag_id or self._find_contact_tag(contact_id, tag_id, "other", transport)))
        except _UnclearError as unclear:
            return Verdict(operation, False, str(unclear))
        return Verdict(operation, is_done, "" if is_done else "Skipped by the import, as addresses on the exclusion list are.")

    def _untag(self, operation: Operation, transport: Transport) -> str:
        """Take a tag off. Subscriptions stay as they are. Gives the reason why not, empty where it is off."""
        contact_id = self._find_contact(operation.key, "other", transport)
        return self._take_off(contact_id, operation.list_id, "other", transport) if contact_id else ""

    def _trigger(self, operation: Operation, transport: Transport) -> str:
        """Put the tag on that has the event's name, as the trigger "tag is added" of an automation.

        Event tracking has a host, a key and a form of its own (trackcmp.net) and runs on the same automations. A tag that is on already starts nothing, so it is taken off before.
        """
        name = str(operation.payload["event"])
        tag_id = self._id_of_tag(name, transport)
        if not tag_id:
            return f"There is no contact tag named {name!r}: create it, and an automation that starts with it."
        contact_id = self._find_contact(operation.key, "event", transport)
        if not contact_id:
            return "No contact."
        reason = self._take_off(contact_id, tag_id, "event", transport)
        if reason:
            return reason
        body = {"contactTag": {"contact": int(contact_id), "tag": int(tag_id)}}
        # Sent twice it is still one: the second finds the tag on.
        answer = transport.call("POST", "/contactTags", "event", body)
        return "" if answer.is_success else _in_words(answer)

    def _forget(self, operation: Operation, transport: Transport) -> str:
        """Delete a contact. Whoever is not there is forgotten."""
        contact_id = self._find_contact(operation.key, "forget", transport)
        if not contact_id:
            return ""
        answer = transport.call("DELETE", f"/contacts/{quote(contact_id, safe='')}", "forget")
        return "" if answer.is_success or answer.status == 404 else _in_words(answer)

    def _find_contact(self, key: str, row: str, transport: Transport) -> str:
        """The id of the contact with an address, empty where there is none, whatever their status is. Raises _UnclearError, also where the answer is about others."""
        contacts = _rows(transport.call("GET", "/contacts", row, params={"email": key, "status": "-1"}), "contacts")
        for contact in contacts:
            if str(contact.get("email", "")).strip().lower() == key:
                return str(contact["id"])
        if contacts:
            # A filter that ActiveCampaign does not know is ignored: then a page of everybody is no proof that somebody is not there.
            raise _UnclearError("ActiveCampaign told of other contacts than the one that was asked for.")
        return ""

    def _find_contact_tag(self, contact_id: str, tag_id: str, row: str, transport: Transport) -> str:
        """The id of a tag's being on a contact, empty where it is not. Raises _UnclearError, also where the answer is about others."""
        filters = {"filters[subscriberid]": contact_id, "filters[tagid]": tag_id}
        found = _rows(transport.call("GET", "/contactTags", row, params=filters), "contactTags")
        for contact_tag in found:
            if str(contact_tag.get("contact")) == contact_id and str(contact_tag.get("tag")) == tag_id:
                return str(contact_tag["id"])
        if found:
            raise _UnclearError("ActiveCampaign told of other tags than the one that was asked for.")
        return ""

    def _take_off(self, contact_id: str, tag_id: str, row: str, transport: Transport) -> str:
        contact_tag_id = self._find_contact_tag(contact_id, tag_id, row, transport)
        if not contact_tag_id:
            return ""
        answer = transport.call("DELETE", f"/contactTags/{quote(contact_tag_id, safe='')}", row)
        return "" if answer.is_success or answer.status == 404 else _in_words(answer)

    def _name_of_tag(self, tag_id: str, row: str, transport: Transport) -> str:
        """The name of a contact tag, asked for once a push. Raises Refused: bulk import would make a new tag of a mistyped one."""
        if tag_id not in self._tag_names:
            answer = transport.call("GET", f"/tags/{quote(tag_id, safe='')}", row)
            tag = answer.body.get("tag") if answer.is_success and isinstance(answer.body, Mapping) else None
            if not isinstance(tag, Mapping) or tag.get("tagType", "contact") != "contact":
                raise Refused(f"ActiveCampaign knows no contact tag with the id {tag_id}.")
            self._tag_names[tag_id] = str(tag["tag"])
        return self._tag_names[tag_id]

    def _id_of_tag(self, name: str, transport: Transport) -> str:
        """The id of the contact tag with a name, empty where there is none. Raises _UnclearError."""
        if name not in self._tag_ids:
            tags = _rows(transport.call("GET", "/tags", "event", params={"filters[search][eq]": name}), "tags")
            ids = [str(tag["id"]) for tag in tags if tag.get("tag") == name and tag.get("tagType", "contact") == "contact"]
            if not ids:
                return ""
            self._tag_ids[name] = ids[0]
        return self._tag_ids[name]


def _contact(operation: Operation) -> dict[str, Any]:
    """A contact with its attributes. Automations do not run: a first push would start them for everybody; events are what starts them."""
    contact: dict[str, Any] = {"email": operation.key, "exclude_automations": True}
    fields = []
    for name, value in operation.payload.items():
        if name in STANDARD_FIELDS:
            contact[name] = _text(value)
        elif name.isascii() and name.isdigit():
            fields.append({"id": int(name), "value": _text(value)})
        else:
            known = ", ".join(sorted(STANDARD_FIELDS))
            raise Refused(
                f"{name} is no attribute of ActiveCampaign: destination_fields.csv takes {known} or the id of a custom field."
            )
    return {**contact, "fields": fields} if fields else contact


def _tagged(operation: Operation, tag: str) -> dict[str, Any]:
    """A contact that gets a tag and nothing else."""
    return {"email": operation.key, "exclude_automations": True, "tags": [tag]}


def _text(value: Any) -> str:
    """A value as text; an empty one clears the field, several stand between double bars (description of ``fields``)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"||{'||'.join(value)}||" if isinstance(value, list) and value else "" if isinstance(value, list) else str(value)


def _rows(answer: Answer, name: str) -> list[Mapping[str, Any]]:
    """The objects of a list that was asked for. Raises _UnclearError where the answer has none."""
    rows = answer.body.get(name) if answer.is_success and isinstance(answer.body, Mapping) else None
    if not isinstance(rows, list):
        raise _UnclearError(answer.in_words())
    return [row for row in rows if isinstance(row, Mapping)]


def _is_busy(answer: Answer) -> bool:
    return (
        answer.status == 400 and isinstance(answer.body, Mapping) and "rate limit" in str(answer.body.get("message", "")).lower()
    )


def _in_words(answer: Answer) -> str:
    """The message of an answer with what it says of single contacts; else the answer as it is."""
    if not isinstance(answer.body, Mapping) or not answer.body.get("message"):
        return answer.in_words()
    reasons = answer.body.get("failureReasons") or ()
    said = " ".join(str(reason.get("failureReason") if isinstance(reason, Mapping) else reason) for reason in reasons)
    return f"HTTP {answer.status}: {answer.body['message']} {said}".strip()[:300]
