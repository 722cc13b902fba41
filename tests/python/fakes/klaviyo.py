"""Klaviyo with a memory: profiles, lists, import jobs that take their time, events by unique_id and erasures. It answers as revision 2026-07-15 of its description says."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fakes.serving import Fake, Faults, Reply, Request

KEY = "pk_of_the_fake"
REVISION = "2026-07-15"
ADDRESS = re.compile(r"[^@\s\"]+@[^@\s]+\.[a-z]{2,}")
PAGE = 2
"""Import errors on a page, so that there are several."""


@dataclass
class Profile:
    """Somebody whom the account knows."""

    id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    consent: str = "SUBSCRIBED"
    first_email: str = ""
    """The e-mail that it shows, where it is not the one by which it was found."""


@dataclass
class Job:
    """An import job: how often it has to be asked for before it is done, and whom it refused."""

    asked: int = 0
    total: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    status: str = "complete"


class FakeKlaviyo(Fake):
    """An account."""

    def __init__(self, faults: Faults | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(faults, now)
        self.profiles: dict[str, Profile] = {}
        """By e-mail."""
        self.lists: dict[str, set[str]] = {"VRgFBd": set(), "Y6nRLr": set()}
        """Profile ids by list."""
        self.events: dict[tuple[str, str, str], dict[str, Any]] = {}
        """By e-mail, metric and unique_id: only the first is kept."""
        self.forgotten: set[str] = set()
        self.jobs: dict[str, Job] = {}
        self.slowness = 2
        """How often a job is asked for before it is done."""
        self.invalid: dict[str, str] = {}
        """Why a profile is refused by a job, by e-mail."""
        self.tells = "payload"
        """How a job tells whom it refused: ``payload`` (the profile), ``pointer`` (its place), ``nobody``."""
        self.malformed: set[str] = set()
        """E-mails for which a request is refused as a whole."""
        self.names_malformed = True
        self.outcome = "complete"

    def members(self, list_id: str) -> set[str]:
        """The e-mails on a list."""
        return {email for email, profile in self.profiles.items() if profile.id in self.lists[list_id]}

    def answer(self, request: Request) -> Reply:
        """Do what Klaviyo does."""
        if request.headers.get("authorization") != f"Klaviyo-API-Key {KEY}":
            return error(401, "authentication_failed", "Incorrect authentication credentials.")
        if request.headers.get("revision") != REVISION:
            return error(400, "invalid", "A revision is required.")
        if request.headers.get("content-type", "application/vnd.api+json") != "application/vnd.api+json":
            return error(415, "unsupported_media_type", "Unsupported media type.")
        match request.method, request.parts:
            case "POST", ["api", "profile-bulk-import-jobs"]:
                return self.start_job(request)
            case "GET", ["api", "profile-bulk-import-jobs", job_id] if job_id in self.jobs:
                return self.show_job(job_id)
            case "GET", ["api", "profile-bulk-import-jobs", job_id, "import-errors"] if job_id in self.jobs:
                return self.show_errors(job_id, request)
            case "POST", ["api", "profile-import"]:
                return self.import_one(request.body["data"])
            case "GET", ["api", "profiles"]:
                return self.look_up(request)
            case "DELETE", ["api", "lists", list_id, "relationships", "profiles"]:
                return self.remove(list_id, request.body["data"])
            case "POST", ["api", "events"]:
                return self.take_event(request.body["data"]["attributes"])
            case "POST", ["api", "data-privacy-deletion-jobs"]:
                return self.forget(request.body["data"]["attributes"]["profile"]["data"]["attributes"]["email"])
        return error(404, "not_found", "Not found.")

    def start_job(self, request: Request) -> Reply:
        """Start an import of no more than 10,000 profiles and 5 MB."""
        if self.is_too_fast("import", 10, 1.0):
            return self.busy(request)
        data = request.body["data"]
        records = data["attributes"]["profiles"]["data"]
        if len(records) > 10_000 or len(json.dumps(request.body, separators=(",", ":"), ensure_ascii=False).encode()) > 5_000_000:
            return error(400, "invalid", "Too many profiles.")
        for place, record in enumerate(records):
            if record["attributes"]["email"] in self.malformed:
                pointer = f"/data/attributes/profiles/data/{place}/attributes/email" if self.names_malformed else "/data"
                return error(400, "invalid", "Invalid email address.", pointer)
        lists = [one["id"] for one in data.get("relationships", {}).get("lists", {}).get("data", [])]
        if not set(lists) <= self.lists.keys():
            return error(404, "not_found", "A list does not exist.")
        job = Job(total=len(records), status=self.outcome)
        rejected = self.rejected_of(records)
        for place, record in enumerate(records):
            email = record["attributes"]["email"]
            why = self.invalid.get(email) or (
                "Invalid email address" if not ADDRESS.fullmatch(email) or record is rejected else ""
            )
            if why:
                job.errors.append(self.import_error(place, record, why))
                continue
            if self.outcome == "complete":
                profile = self.upsert(record, clears=False)
                for list_id in lists:
                    self.lists[list_id].add(profile.id)
        job_id = f"01JOB{len(self.jobs):04d}"
        self.jobs[job_id] = job
        return Reply(202, {"data": {"type": "profile-bulk-import-job", "id": job_id, "attributes": {"status": "queued"}}})

    def import_error(self, place: int, record: dict[str, Any], why: str) -> dict[str, Any]:
        """An error of a job in one of the ways in which it can tell whom."""
        attributes: dict[str, Any] = {"code": "invalid", "title": "Invalid input", "detail": why, "source": {"pointer": "/data"}}
        if self.tells == "payload":
            attributes["original_payload"] = record["attributes"]
        if self.tells == "pointer":
            attributes["source"] = {"pointer": f"/data/attributes/profiles/data/{place}/attributes/email"}
        return {"type": "import-error", "id": f"e{place}", "attributes": attributes}

    def upsert(self, record: dict[str, Any], *, clears: bool) -> Profile:
        """Create or update a profile. A null clears only where ``clears``: a job leaves it alone."""
        given = dict(record["attributes"])
        email = given.pop("email")
        profile = self.profiles.setdefault(email, Profile(f"P{len(self.profiles):04d}"))
        profile.properties |= given.pop("properties", {})
        for name in record.get("meta", {}).get("patch_properties", {}).get("unset", []):
            profile.properties.pop(name, None)
        for name, value in given.items():
            if isinstance(value, dict):
                profile.attributes.setdefault(name, {}).update(value)
            elif value is not None:
                profile.attributes[name] = value
            elif clears:
                profile.attributes.pop(name, None)
        return profile

    def show_job(self, job_id: str) -> Reply:
        """How far a job is."""
        job = self.jobs[job_id]
        job.asked += 1
        is_done = job.asked >= self.slowness
        attributes = {
            "status": job.status if is_done else "processing",
            "total_count": job.total,
            "completed_count": job.total - len(job.errors) if is_done else 0,
            "failed_count": len(job.errors) if is_done else 0,
        }
        return Reply(200, {"data": {"type": "profile-bulk-import-job", "id": job_id, "attributes": attributes}})

    def show_errors(self, job_id: str, request: Request) -> Reply:
        """A page of a job's errors."""
        first = int(request.query.get("page[cursor]", "0"))
        errors = self.jobs[job_id].errors if self.tells != "only counts" else []
        more = first + PAGE < len(errors)
        following = f"https://a.klaviyo.com{request.path}?page%5Bcursor%5D={first + PAGE}&page%5Bsize%5D=100" if more else None
        return Reply(200, {"data": errors[first : first + PAGE], "links": {"self": request.path, "next": following}})

    def import_one(self, record: dict[str, Any]) -> Reply:
        """Create or update one profile; a null clears."""
        email = record["attributes"]["email"]
        if why := self.invalid.get(email):
            return error(400, "invalid", why)
        status = 200 if email in self.profiles else 201
        profile = self.upsert(record, clears=True)
        return Reply(status, {"data": {"type": "profile", "id": profile.id}})

    def look_up(self, request: Request) -> Reply:
        """Profiles by their e-mails."""
        if len(request.query["filter"]) > 8_000:
            return error(414, "too_long", "URI too long.")
        asked = json.loads(request.query["filter"].removeprefix("any(email,").removesuffix(")"))
        if self.malformed & set(asked):
            return error(400, "invalid", "Invalid filter provided.")
        found = [
            {"type": "profile", "id": profile.id, "attributes": {"email": profile.first_email or email}}
            for email, profile in self.profiles.items()
            if email in asked
        ]
        return Reply(200, {"data": found[: int(request.query.get("page[size]", "20"))], "links": {"next": None}})

    def remove(self, list_id: str, profiles: list[dict[str, Any]]) -> Reply:
        """Take profiles off a list; consent stays."""
        if list_id not in self.lists:
            return error(404, "not_found", "A list does not exist.")
        if len(profiles) > 1000:
            return error(400, "invalid", "No more than 1000 profiles.")
        self.lists[list_id] -= {profile["id"] for profile in profiles}
        return Reply(204)

    def take_event(self, event: dict[str, Any]) -> Reply:
        """Keep an event, of several with one unique_id the first."""
        email = event["profile"]["data"]["attributes"]["email"]
        metric = event["metric"]["data"]["attributes"]["name"]
        if email in self.invalid:
            return error(400, "invalid", self.invalid[email])
        self.profiles.setdefault(email, Profile(f"P{len(self.profiles):04d}"))
        self.events.setdefault((email, metric, event["unique_id"]), event)
        return Reply(202)

    def forget(self, email: str) -> Reply:
        """Delete a profile for good."""
        if email not in self.profiles:
            return error(404, "not_found", "No profile.")
        profile = self.profiles.pop(email)
        for members in self.lists.values():
            members.discard(profile.id)
        self.forgotten.add(email)
        return Reply(202)


def error(status: int, code: str, detail: str, pointer: str = "/data") -> Reply:
    """An error in the form of JSON:API."""
    return Reply(
        status,
        {"errors": [{"id": "1", "code": code, "title": "Invalid input", "detail": detail, "source": {"pointer": pointer}}]},
    )
