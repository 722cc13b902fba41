"""An ActiveCampaign that keeps what it is told: contacts, tags on them, lists, bulk imports that take a while. Behaves as its description and its recorded answers say."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.serving import Fake, Faults, Reply, Request

PATH = "/api/3"
TOKEN = "0123456789abcdef"
MOST_CONTACTS = 250
UNSUBSCRIBED, SUBSCRIBED = 2, 1


@dataclass
class Contact:
    """Somebody in the account."""

    contact_id: str
    values: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    """The id of being tagged, by the tag's id."""
    lists: dict[str, int] = field(default_factory=dict)
    """The status on a list, by its id."""
    automations: int = 0
    """How often a tag that was put on started an automation."""


class FakeActiveCampaign(Fake):
    """What the account holds, and what it answers. A destination's URL is that of the fake with PATH behind it."""

    def __init__(self, faults: Faults | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(faults, now)
        self.contacts: dict[str, Contact] = {}
        self.tags = {"64": "hot", "65": "warm", "66": "Call within a day"}
        self.excluded: set[str] = set()
        self.imports: dict[str, dict[str, Any]] = {}
        self.polls_until_done = 2
        self.end_of_imports = "completed"
        self.busy_answers = 0
        self.ignores_filters = False
        self.last_id = 100

    def next_id(self) -> str:
        """An id that nothing has yet."""
        self.last_id += 1
        return str(self.last_id)

    def add(self, address: str, **values: str) -> Contact:
        """Put a contact there that somebody else made."""
        contact = self.contacts[address] = Contact(self.next_id(), dict(values))
        return contact

    def answer(self, request: Request) -> Reply:
        """As the API does."""
        path = request.path.removeprefix(PATH)
        return Reply(*self.told_to(request.method, path, request.query, request.headers.get("api-token", ""), request.body))

    def told_to(self, method: str, path: str, query: Mapping[str, str], token: str, body: Any) -> tuple[int, Any]:
        """The status and the body of an answer."""
        if token != TOKEN:
            return 403, {"message": "You do not have permission to do this."}
        resource, _, of = path.strip("/").partition("/")
        match method, resource, of:
            case "POST", "import", "bulk_import":
                return self.bulk_import(body)
            case "GET", "import", "info":
                return self.import_info(query["batchId"])
            case "GET", "contacts", "":
                return 200, {
                    "contacts": [
                        {"id": contact.contact_id, "email": address}
                        for address, contact in self.contacts.items()
                        if self.ignores_filters or address == query.get("email", address)
                    ]
                }
            case "DELETE", "contacts", _:
                return self.delete_contact(of)
            case "GET", "tags", "":
                name = query.get("filters[search][eq]")
                return 200, {"tags": [tag_of(tag, text) for tag, text in self.tags.items() if name in (None, text)]}
            case "GET", "tags", _:
                return (200, {"tag": tag_of(of, self.tags[of])}) if of in self.tags else missing("Tag", of)
            case "GET", "contactTags", "":
                return 200, {"contactTags": self.contact_tags(query)}
            case "POST", "contactTags", "":
                return self.tag_contact(str(body["contactTag"]["contact"]), str(body["contactTag"]["tag"]))
            case "DELETE", "contactTags", _:
                return self.untag_contact(of)
        return 404, {"message": f"No such path: {path}"}

    def bulk_import(self, body: Any) -> tuple[int, Any]:
        """POST /import/bulk_import: the check beforehand, then a place in the queue."""
        if self.busy_answers:
            self.busy_answers -= 1
            return 400, {
                "success": 0,
                "message": "Rate limit exceeded.",
                "failureReasons": ["Up to 100 imports may be requested per minute."],
            }
        contacts = body["contacts"]
        wrong = [
            {"contact": place, "failureReason": "Field 'email' incorrect format"}
            for place, contact in enumerate(contacts)
            if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", contact["email"])
        ]
        if wrong or len(contacts) > MOST_CONTACTS:
            message = "JSON payload did not pass validation. Please fix failure Reasons and retry. The import was not queued for processing."
            return 400, {"success": 0, "message": message, "failureReasons": wrong}
        batch_id = f"batch-{len(self.imports)}"
        self.imports[batch_id] = {"contacts": contacts, "polls": 0}
        return 200, {"Success": 1, "queued_contacts": len(contacts), "batchId": batch_id, "message": "Contact import queued"}

    def import_info(self, batch_id: str) -> tuple[int, Any]:
        """GET /import/info: false at first, then active, then the end."""
        job = self.imports[batch_id]
        job["polls"] += 1
        if job["polls"] < self.polls_until_done:
            return 200, {"status": False if job["polls"] == 1 else "active", "success": [], "failure": []}
        if self.end_of_imports != "completed":
            return 200, {"status": self.end_of_imports, "success": [], "failure": []}
        created, failed = [], []
        unlucky = self.rejected_of(job["contacts"])
        for sent in job["contacts"]:
            address = sent["email"]
            if address in self.excluded:
                continue
            if address.endswith(".invalid") or sent is unlucky:
                failed.append(address)
                continue
            if address not in self.contacts:
                created.append(self.add(address).contact_id)
            self.write(self.contacts[address], sent)
        job["contacts"] = []
        return 200, {"status": "completed", "success": created, "failure": failed}

    def write(self, contact: Contact, sent: dict[str, Any]) -> None:
        """What an import does to one contact. Who has left a list is not put on it again."""
        contact.values |= {name: value for name, value in sent.items() if name in {"first_name", "last_name", "phone"}}
        contact.values |= {str(one["id"]): one["value"] for one in sent.get("fields", ())}
        for one in sent.get("subscribe", ()):
            contact.lists.setdefault(str(one["listid"]), SUBSCRIBED)
        for one in sent.get("unsubscribe", ()):
            contact.lists[str(one["listid"])] = UNSUBSCRIBED
        for name in sent.get("tags", ()):
            if name not in self.tags.values():
                self.tags[self.next_id()] = name
            tag = next(tag for tag, text in self.tags.items() if text == name)
            if tag not in contact.tags:
                contact.tags[tag] = self.next_id()
                contact.automations += not sent.get("exclude_automations", False)

    def contact_tags(self, query: Mapping[str, str]) -> list[dict[str, str]]:
        """GET /contactTags. Filters that it does not know are ignored."""
        return [
            {"id": contact_tag, "contact": contact.contact_id, "tag": tag}
            for contact in self.contacts.values()
            for tag, contact_tag in contact.tags.items()
            if self.ignores_filters
            or (
                query.get("filters[subscriberid]", contact.contact_id) == contact.contact_id
                and query.get("filters[tagid]", tag) == tag
            )
        ]

    def tag_contact(self, contact_id: str, tag: str) -> tuple[int, Any]:
        """POST /contactTags: an automation starts when the tag was not on."""
        contact = next((contact for contact in self.contacts.values() if contact.contact_id == contact_id), None)
        if contact is None or tag not in self.tags:
            return 404, {"errors": [{"status": 404, "title": "Not Found", "detail": "Contact not found"}]}
        if tag not in contact.tags:
            contact.tags[tag] = self.next_id()
            contact.automations += 1
        return 201, {"contactTag": {"id": contact.tags[tag], "contact": contact_id, "tag": tag}}

    def untag_contact(self, contact_tag: str) -> tuple[int, Any]:
        """DELETE /contactTags/{id}."""
        for contact in self.contacts.values():
            for tag, found in contact.tags.items():
                if found == contact_tag:
                    del contact.tags[tag]
                    return 200, {}
        return missing("SubscriberTag", contact_tag)

    def delete_contact(self, contact_id: str) -> tuple[int, Any]:
        """DELETE /contacts/{id}."""
        address = next((address for address, contact in self.contacts.items() if contact.contact_id == contact_id), None)
        if address is None:
            return missing("Subscriber", contact_id)
        del self.contacts[address]
        return 200, {}


def tag_of(tag: str, text: str) -> dict[str, str]:
    """A tag as ActiveCampaign tells of one."""
    return {"id": tag, "tag": text, "tagType": "contact", "description": ""}


def missing(what: str, of: str) -> tuple[int, Any]:
    """What is answered for an id that is not there."""
    return 404, {"message": f"No Result found for {what} with id {of}"}
