"""A Mailchimp that keeps what it is told: one audience, its static segments, events. Behaves as the description and the recorded answers say, also where that hurts."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fakes.serving import Fake, Faults, Reply, Request

KEY = "0123456789abcdef-us3"
AUDIENCE = "a36b032126"
PATH = "/3.0"
MOST_MEMBERS = 500


@dataclass
class Member:
    """Somebody on the audience."""

    status: str
    merge_fields: dict[str, Any] = field(default_factory=dict)
    tags: set[int] = field(default_factory=set)
    events: list[dict[str, Any]] = field(default_factory=list)


class FakeMailchimp(Fake):
    """What the account holds, and what it answers. A destination's URL is that of the fake with PATH behind it."""

    def __init__(self, faults: Faults | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(faults, now)
        self.members: dict[str, Member] = {}
        self.forgotten: set[str] = set()
        self.segments = {7: "hot", 8: "warm"}
        self.number_fields = {"SCORE"}
        self.tags_shown = 50
        """How many tags of a member are in an answer; the others are only counted."""
        self.ignored: set[str] = set()
        """Addresses that a segment takes no notice of."""
        self.poison = ""
        """An address that every request with it is refused whole for."""

    def busy(self, request: Request) -> Reply:
        """No header says how long (mailchimp.com/developer, fundamentals)."""
        return Reply(*problem(429, "You have exceeded the limit of 10 simultaneous connections."))

    def answer(self, request: Request) -> Reply:
        """As the API does."""
        return Reply(
            *self.told_to(request.method, request.path.removeprefix(PATH), request.headers.get("authorization", ""), request.body)
        )

    def told_to(self, method: str, path: str, authorization: str, body: Any) -> tuple[int, Any]:
        """The status and the body of an answer."""
        if authorization != "Basic " + base64.b64encode(f"lead_scoring:{KEY}".encode()).decode():
            return problem(401, "Your API key may be invalid, or you've attempted to access the wrong datacenter.")
        audience, _, rest = path.removeprefix("/lists/").partition("/")
        if audience != AUDIENCE:
            return problem(404, "The requested resource could not be found.")
        if method == "POST" and not rest:
            return self.batch_members(body)
        if method == "POST" and (found := re.fullmatch(r"segments/(\w+)", rest)):
            return self.batch_segment(found[1], body)
        if found := re.fullmatch(r"members/([0-9a-f]{32})(/events|/actions/delete-permanent)?", rest):
            return self.one_member(method, found[1], found[2] or "", body)
        return problem(404, "The requested resource could not be found.")

    def batch_members(self, body: Any) -> tuple[int, Any]:
        """POST /lists/{list_id}."""
        if len(body["members"]) > MOST_MEMBERS:
            return problem(400, "The resource submitted could not be validated.")
        if any(member["email_address"] == self.poison for member in body["members"]):
            return problem(400, "The resource submitted could not be validated.")
        new, updated, errors = [], [], []
        unlucky = self.rejected_of(body["members"])
        for sent in body["members"]:
            address = sent["email_address"]
            there = self.members.get(address.lower())
            error = self.why_not(sent, there, body.get("update_existing", False))
            if sent is unlucky:
                error = {"error": "This member cannot be written now."}
            if error:
                errors.append(
                    {"email_address": address, "field": "", "field_message": "", "error_code": "ERROR_GENERIC", **error}
                )
                continue
            if there is None:
                there = self.members[address.lower()] = Member(sent["status"])
                new.append(self.told(address))
            else:
                # It does change the status of somebody who is there, when it is given one.
                there.status = sent.get("status", there.status)
                updated.append(self.told(address))
            there.merge_fields |= sent.get("merge_fields", {})
            if body.get("sync_tags"):
                there.tags.clear()
        counts = {"total_created": len(new), "total_updated": len(updated), "error_count": len(errors)}
        return 200, {"new_members": new, "updated_members": updated, "errors": errors, **counts}

    def why_not(self, sent: dict[str, Any], there: Member | None, update_existing: bool) -> dict[str, str] | None:
        """What is wrong with a member of a batch."""
        address = sent["email_address"]
        if address.lower() in self.forgotten:
            return {
                "error": f"{address} was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back on the list."
            }
        if "@" not in address or address.endswith(".invalid"):
            return {"error": f"{address} looks fake or invalid, please enter a real email address."}
        if there and not update_existing:
            error = f"{address} is already a list member, do you want to update? please provide update_existing:true in the request body"
            return {"error": error, "error_code": "ERROR_CONTACT_EXISTS"}
        if not there and "status" not in sent:
            return {"error": "The status is missing."}
        for name, value in sent.get("merge_fields", {}).items():
            if name in self.number_fields and value != "" and isinstance(value, str):
                return {"error": "Your merge fields were invalid.", "field": name, "field_message": "Please enter a number"}
        return None

    def batch_segment(self, segment: str, body: Any) -> tuple[int, Any]:
        """POST /lists/{list_id}/segments/{segment_id}."""
        if not segment.isdigit() or int(segment) not in self.segments:
            return problem(404, "The requested resource could not be found.")
        added, removed, already = [], [], []
        for address in set(body.get("members_to_add", ())) - self.ignored:
            there = self.members.get(address)
            if there and int(segment) in there.tags:
                already.append(address)
            elif there and there.status != "archived":
                there.tags.add(int(segment))
                added.append(self.told(address))
        for address in set(body.get("members_to_remove", ())) - self.ignored:
            there = self.members.get(address)
            if there and int(segment) in there.tags:
                there.tags.remove(int(segment))
                removed.append(self.told(address))
        errors = [{"email_addresses": already, "error": "Already in the segment."}] if already else []
        counts = {"total_added": len(added), "total_removed": len(removed), "error_count": len(errors)}
        return 200, {"members_added": added, "members_removed": removed, "errors": errors, **counts}

    def one_member(self, method: str, of: str, what: str, body: Any) -> tuple[int, Any]:
        """What has one member's hash in its path."""
        address = next((address for address in self.members if hash_of(address) == of), None)
        if address is None:
            return problem(404, "The requested resource could not be found.")
        member = self.members[address]
        if (method, what) == ("GET", ""):
            tags = [{"id": tag, "name": self.segments[tag]} for tag in sorted(member.tags)]
            return 200, {**self.told(address), "tags": tags[: self.tags_shown], "tags_count": len(tags)}
        if (method, what) == ("POST", "/events"):
            if not 2 <= len(body["name"]) <= 30:
                return problem(
                    400, "The resource submitted could not be validated.", [{"field": "name", "message": "2 to 30 characters"}]
                )
            member.events.append(body)
            return 204, None
        if (method, what) == ("POST", "/actions/delete-permanent"):
            del self.members[address]
            self.forgotten.add(address)
            return 204, None
        return problem(405, "The requested method and resource are not compatible.")

    def told(self, address: str) -> dict[str, Any]:
        """A member as Mailchimp tells of one."""
        return {"id": hash_of(address.lower()), "email_address": address, "status": self.members[address.lower()].status}


def problem(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> tuple[int, Any]:
    """A problem document, as every error of Mailchimp is."""
    body: dict[str, Any] = {
        "type": "https://mailchimp.com/developer/marketing/docs/errors/",
        "title": "",
        "status": status,
        "detail": detail,
        "instance": "",
    }
    return status, {**body, "errors": errors} if errors else body


def hash_of(address: str) -> str:
    """What a member is called in a path."""
    return hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()
