"""Mailchimp as a destination: what should be there comes to be there, nobody is subscribed on the way, and every answer is read member by member."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from activating import FakeClock, batch, delivered, limits_of, operation
from fakes.mailchimp import AUDIENCE, KEY, PATH, FakeMailchimp, Member, hash_of
from fakes.serving import Fake, Faults, Reply, Request
from lead_scoring.activation.operations import Operation, Verdict
from lead_scoring.activation.providers.base import Refused, Unanswered
from lead_scoring.activation.providers.mailchimp import Mailchimp
from vendor_descriptions import checker

ENVIRONMENT = {"MAILCHIMP_API_KEY": KEY, "MAILCHIMP_AUDIENCE_ID": AUDIENCE}
HOT = "7"


@pytest.fixture
def mailchimp() -> Iterator[FakeMailchimp]:
    """An account. Whatever a test does there, nobody may be subscribed by it."""
    fake = FakeMailchimp()
    fake.checks.append(subscribes_nobody)
    yield fake
    assert not fake.violations


def subscribes_nobody(request: Request) -> None:
    """The one rule of every request."""
    assert '"subscribed"' not in json.dumps(request.body)
    members = request.body.get("members", []) if isinstance(request.body, dict) else []
    assert not any("status" in member for member in members) or not request.body["update_existing"], (
        "a status for whoever is there"
    )


def push(fake: Fake, *operations: Operation, clock: FakeClock | None = None, **environment: str) -> dict[str, Verdict]:
    """Deliver operations of one kind in one batch; the verdicts by address."""
    with fake.running() as url:
        verdicts = delivered(Mailchimp, batch(*operations), url + PATH, {**ENVIRONMENT, **environment}, clock)
    return {verdict.operation.key: verdict for verdict in verdicts}


def contacts(*keys: str, **payload: Any) -> list[Operation]:
    """Contacts with the same attributes."""
    return [operation("contact", key, payload or {"SCORE": 73}) for key in keys]


def members(*keys: str, op: str = "add", list_id: str = HOT) -> list[Operation]:
    """Additions to a list, or removals."""
    return [operation("member", key, list_id=list_id, op=op) for key in keys]


def event(key: str, name: str = "segment_entered") -> Operation:
    """An action."""
    return operation(
        "event",
        key,
        {"event": name, "occurred_at": "2026-03-10T00:00:00Z", "properties": {"score": 73, "is_hot": True, "note": None}},
    )


def forget(key: str) -> Operation:
    """Somebody who was erased."""
    return operation("forget", key, op="remove", priority=0)


def told(verdicts: dict[str, Verdict]) -> dict[str, bool]:
    """Who was accepted."""
    return {key: verdict.is_accepted for key, verdict in verdicts.items()}


def test_from_nothing_to_the_desired_state_and_on(mailchimp: FakeMailchimp) -> None:
    assert told(push(mailchimp, *contacts("ann@example.com", "bob@example.com"))) == {
        "ann@example.com": True,
        "bob@example.com": True,
    }
    assert all(push(mailchimp, *members("ann@example.com", "bob@example.com"))[key].is_accepted for key in mailchimp.members)
    assert all(
        told(push(mailchimp, *contacts("ann@example.com", SCORE=12, PHONE=None, IS_HOT=False, SEGMENTS=["a", "b"]))).values()
    )
    assert all(told(push(mailchimp, *members("bob@example.com", op="remove"))).values())
    assert mailchimp.members == {
        "ann@example.com": Member("transactional", {"SCORE": 12, "PHONE": "", "IS_HOT": "false", "SEGMENTS": "a, b"}, {7}),
        "bob@example.com": Member("transactional", {"SCORE": 73}, set()),
    }


def test_saying_it_again_changes_nothing(mailchimp: FakeMailchimp) -> None:
    for _ in range(2):
        assert all(told(push(mailchimp, *contacts("ann@example.com"))).values())
        assert all(told(push(mailchimp, *members("ann@example.com"))).values()), "being there already is no failure"
    for _ in range(2):
        assert all(told(push(mailchimp, *members("ann@example.com", "nobody@example.com", op="remove"))).values())
    assert mailchimp.members == {"ann@example.com": Member("transactional", {"SCORE": 73}, set())}


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "cleaned", "pending", "archived", "transactional"])
def test_whoever_is_there_keeps_their_status(mailchimp: FakeMailchimp, status: str) -> None:
    mailchimp.members["ann@example.com"] = Member(status, {"SCORE": 1}, {8})
    assert all(told(push(mailchimp, *contacts("ann@example.com", "new@example.com"))).values())
    push(mailchimp, *members("ann@example.com"))
    push(mailchimp, event("ann@example.com"))
    push(mailchimp, *members("ann@example.com", op="remove"))
    assert mailchimp.members["ann@example.com"].status == status
    assert mailchimp.members["ann@example.com"].merge_fields == {"SCORE": 73}
    assert mailchimp.members["ann@example.com"].tags == {8}, "tags of others stay"
    assert mailchimp.members["new@example.com"].status == "transactional"


def test_refused_members_do_not_stand_in_the_way_of_others(mailchimp: FakeMailchimp) -> None:
    mailchimp.members["there@example.com"] = Member("unsubscribed")
    mailchimp.forgotten.add("gone@example.com")
    verdicts = push(
        mailchimp,
        *contacts("ann@example.com", "gone@example.com", "fake@example.invalid", "there@example.com"),
        operation("contact", "words@example.com", {"SCORE": "many"}),
    )
    assert told(verdicts) == {
        "ann@example.com": True,
        "gone@example.com": False,
        "fake@example.invalid": False,
        "there@example.com": True,
        "words@example.com": False,
    }
    assert "permanently deleted" in verdicts["gone@example.com"].reason
    assert "looks fake" in verdicts["fake@example.invalid"].reason
    assert "SCORE: Please enter a number" in verdicts["words@example.com"].reason


def test_a_request_refused_whole_is_sent_in_halves(mailchimp: FakeMailchimp) -> None:
    mailchimp.poison = "poison@example.com"
    keys = [f"{number}@example.com" for number in range(20)]
    verdicts = push(mailchimp, *contacts(*keys[:13], "poison@example.com", *keys[13:]))
    assert [key for key, verdict in verdicts.items() if not verdict.is_accepted] == ["poison@example.com"]
    assert "could not be validated" in verdicts["poison@example.com"].reason
    assert set(mailchimp.members) == set(keys)


def test_somebody_who_is_not_on_the_audience_is_not_told_as_listed(mailchimp: FakeMailchimp) -> None:
    mailchimp.members |= {"ann@example.com": Member("transactional"), "old@example.com": Member("archived")}
    verdicts = push(mailchimp, *members("ann@example.com", "nobody@example.com", "old@example.com"))
    assert told(verdicts) == {"ann@example.com": True, "nobody@example.com": False, "old@example.com": False}
    assert verdicts["nobody@example.com"].reason == "Not a member of the audience."
    assert verdicts["old@example.com"].reason


def test_a_tag_that_is_not_shown_may_be_there(mailchimp: FakeMailchimp) -> None:
    mailchimp.members["ann@example.com"] = Member("transactional", tags={7})
    mailchimp.tags_shown = 0
    mailchimp.ignored.add("ann@example.com")
    for op in ("add", "remove"):
        assert told(push(mailchimp, *members("ann@example.com", op=op))) == {"ann@example.com": False}


def test_what_was_rejected_is_taken_the_next_time() -> None:
    mailchimp = FakeMailchimp(Faults(seed=3, rejects_one_a_batch=True))
    first = push(mailchimp, *contacts("ann@example.com", "bob@example.com", "cid@example.com"))
    rejected = [verdict.operation for verdict in first.values() if not verdict.is_accepted]
    assert len(rejected) == 1
    assert rejected[0].key not in mailchimp.members
    assert all(told(push(mailchimp, *rejected)).values())
    assert len(mailchimp.members) == 3


def test_an_answer_that_names_nobody_is_no_proof() -> None:
    class Mute(Fake):
        def answer(self, request: Request) -> Reply:
            return Reply(200, {"new_members": [], "updated_members": [], "errors": [], "total_created": 1})

    verdicts = push(Mute(), *contacts("ann@example.com"))
    assert told(verdicts) == {"ann@example.com": False}
    assert told(push(Mute(), *members("ann@example.com"))) == {"ann@example.com": False}


def test_events_are_texts_and_sent_once(mailchimp: FakeMailchimp) -> None:
    mailchimp.members["ann@example.com"] = Member("subscribed")
    assert told(push(mailchimp, event("ann@example.com"))) == {"ann@example.com": True}
    assert mailchimp.members["ann@example.com"].events == [
        {"name": "segment_entered", "occurred_at": "2026-03-10T00:00:00Z", "properties": {"score": "73", "is_hot": "true"}}
    ]
    assert told(push(mailchimp, event("nobody@example.com"))) == {"nobody@example.com": False}
    assert "2 to 30" in push(mailchimp, event("ann@example.com", "x" * 31))["ann@example.com"].reason
    mailchimp.faults.errors_when_done = 1.0
    with pytest.raises(Unanswered):
        push(mailchimp, event("ann@example.com"))
    assert len(mailchimp.members["ann@example.com"].events) == 2, "an event that may have arrived is not sent again"


def test_forgetting_is_for_good_and_once_is_enough(mailchimp: FakeMailchimp) -> None:
    mailchimp.members |= {"ann@example.com": Member("subscribed"), "bob@example.com": Member("subscribed")}
    for _ in range(2):
        assert told(push(mailchimp, forget("ann@example.com"), forget("nobody@example.com"))) == {
            "ann@example.com": True,
            "nobody@example.com": True,
        }
    assert set(mailchimp.members) == {"bob@example.com"}
    assert "permanently deleted" in push(mailchimp, *contacts("ann@example.com"))["ann@example.com"].reason


@pytest.mark.parametrize(
    ("environment", "list_id", "said"),
    [
        ({"MAILCHIMP_API_KEY": "fedcba9876543210-us3"}, HOT, "MAILCHIMP_API_KEY"),
        ({"MAILCHIMP_API_KEY": "0123456789abcdef"}, HOT, "data centre"),
        ({"MAILCHIMP_API_KEY": "0123456789abcdef-evil.example/"}, HOT, "data centre"),
        ({"MAILCHIMP_AUDIENCE_ID": "other"}, HOT, "other"),
        ({}, "999", "999"),
        ({}, "hot leads", "hot leads"),
    ],
)
def test_a_wrong_key_audience_or_segment_ends_the_push(
    mailchimp: FakeMailchimp, environment: dict[str, str], list_id: str, said: str
) -> None:
    with pytest.raises(Refused, match=said) as refused:
        push(mailchimp, *members("ann@example.com", list_id=list_id), **environment)
    assert not any(secret in str(refused.value) for secret in ("0123456789abcdef", "fedcba9876543210"))
    assert not mailchimp.members


def test_the_data_centre_is_that_of_the_key() -> None:
    assert Mailchimp(ENVIRONMENT).url() == "https://us3.api.mailchimp.com/3.0"


def test_being_busy_is_waited_for(mailchimp: FakeMailchimp) -> None:
    mailchimp.faults.busy = mailchimp.faults.errors = mailchimp.faults.dropped_when_done = 0.15
    clock = FakeClock()
    for number in range(15):
        assert all(told(push(mailchimp, *contacts(f"{number}@example.com"), clock=clock)).values())
        assert all(told(push(mailchimp, *members(f"{number}@example.com"), clock=clock)).values())
    assert {address for address, member in mailchimp.members.items() if member.tags} == {
        f"{number}@example.com" for number in range(15)
    }
    assert clock.slept, "no fault was met"


def test_no_removal_of_contacts_and_a_limit_for_all_else() -> None:
    provider, limits = Mailchimp(ENVIRONMENT), limits_of("mailchimp")
    assert provider.limit_of("contact", True) is provider.limit_of("event", True) is provider.limit_of("other", False) is None
    for kind, is_removal in (("contact", False), ("member", False), ("member", True), ("event", False), ("forget", True)):
        row = provider.limit_of(kind, is_removal)
        assert row in limits
    assert limits["contact"].max_records == limits["member"].max_records == 500


# --------------------------------------------------------------------------------------------------------------------
# What Mailchimp itself says
# --------------------------------------------------------------------------------------------------------------------


def test_every_request_is_one_that_mailchimp_describes(mailchimp: FakeMailchimp, real_data: Callable[[str], Path]) -> None:
    with gzip.open(real_data("api_specs") / "mailchimp" / "marketing_openapi.json.gz") as file:
        description = json.load(file)
    member = description["paths"]["/lists/{listId}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "transactional" in json.dumps(description["components"]["schemas"]) + json.dumps(member)
    for schema in find(description, "merge_fields"):
        # The authors of this copy wrote that a value is an object; the text beside it says that it is a value.
        schema["additionalProperties"] = {}
    mailchimp.checks.append(checker(description, PATH))
    mailchimp.members["there@example.com"] = Member("unsubscribed")
    push(mailchimp, *contacts("ann@example.com", "there@example.com", SCORE=1.5, NAME="Ann", NOTHING=None, IS_HOT=True))
    push(mailchimp, *members("ann@example.com", "nobody@example.com"))
    push(mailchimp, *members("ann@example.com", "nobody@example.com", op="remove"))
    push(mailchimp, event("ann@example.com"))
    push(mailchimp, forget("ann@example.com"))
    assert len(mailchimp.counted()) >= 5


def find(schema: Any, name: str) -> list[dict[str, Any]]:
    """The schemas of the properties of a name, however deep."""
    if isinstance(schema, list):
        return [found for one in schema for found in find(one, name)]
    if not isinstance(schema, dict):
        return []
    here = [value for key, value in schema.items() if key == name and isinstance(value, dict) and "additionalProperties" in value]
    return here + [found for value in schema.values() for found in find(value, name)]


class Recorded(Fake):
    """Gives recorded answers by method and path; of others, the one that it is told."""

    def __init__(self, calls: Sequence[dict[str, Any]], other: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.calls, self.other = calls, other

    def answer(self, request: Request) -> Reply:
        """The last answer that was recorded of this request."""
        found = [call for call in self.calls if (call["method"], call["path"]) == (request.method, request.path)] or [self.other]
        assert found[-1] is not None, f"not recorded: {request.method} {request.path}"
        return Reply(found[-1]["status"], found[-1]["response_body"], found[-1]["response_headers"])


@pytest.fixture
def recorded(real_data: Callable[[str], Path]) -> list[dict[str, Any]]:
    """Calls of a reverse-ETL tool to a real account."""
    with gzip.open(real_data("api_recordings") / "mailchimp.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_recorded_members_are_read_as_they_are(recorded: list[dict[str, Any]]) -> None:
    ignored = {"status": 200, "response_body": {"members_added": [], "members_removed": [], "errors": []}, "response_headers": {}}
    seen = set()
    gets = [call for call in recorded if call["method"] == "GET" and "/members/" in call["path"]]
    for call in gets:
        body = call["response_body"]
        key = body.get("email_address", "").lower()
        if call["status"] == 404:
            key = next(
                (c["request_body"]["email_address"] for c in recorded if c["path"] == call["path"] and c["method"] == "PUT"), ""
            )
        if not key or hash_of(key) not in call["path"]:
            continue
        tags = [str(tag["id"]) for tag in body.get("tags", [])]
        fake = Recorded([call], other=ignored)
        list_id = tags[0] if tags else "1"
        expected = (bool(tags), not tags)
        for op, is_accepted in zip(("add", "remove"), expected, strict=True):
            with fake.running() as url:
                environment = {**ENVIRONMENT, "MAILCHIMP_AUDIENCE_ID": call["path"].split("/")[3]}
                verdict = delivered(Mailchimp, batch(*members(key, op=op, list_id=list_id)), url + PATH, environment)[0]
            assert verdict.is_accepted == is_accepted, (op, call["path"])
        seen.add((call["status"], bool(tags)))
    assert seen >= {(200, True), (200, False)}


def test_recorded_refusals_are_reasons(recorded: list[dict[str, Any]]) -> None:
    refusals = [call for call in recorded if call["status"] >= 400 and call["method"] != "GET"]
    assert {call["status"] for call in refusals} == {400, 404, 405}
    for call in refusals:
        fake, detail = Recorded([], other=call), call["response_body"]["detail"]
        verdict = push(fake, forget("ann@example.com"))["ann@example.com"]
        assert verdict.is_accepted == (call["status"] == 404)
        assert verdict.is_accepted or detail in verdict.reason
        verdict = push(fake, event("ann@example.com"))["ann@example.com"]
        assert not verdict.is_accepted
        if call["status"] == 400:
            verdict = push(fake, *contacts("ann@example.com"))["ann@example.com"]
            assert detail in verdict.reason
            assert all(error["message"] in verdict.reason for error in call["response_body"].get("errors", []))
