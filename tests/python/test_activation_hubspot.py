"""HubSpot as a destination: requests are what its descriptions allow, every kind of answer is read record by record, and its recorded refusals are met as they were."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from activating import Destination, Event, FakeClock, ProviderList, World, batch, delivered, operation
from fakes.hubspot import CONTACTS, PORTAL_ID, TOKEN, FakeHubSpot
from fakes.serving import Fake, Faults, Reply, Request
from lead_scoring.activation import sending
from lead_scoring.activation.operations import Operation, Verdict
from lead_scoring.activation.providers.base import Refused, Unanswered
from lead_scoring.activation.providers.hubspot import NOT_THERE, HubSpot
from vendor_descriptions import checker

KEYS = {"HUBSPOT_ACCESS_TOKEN": TOKEN}
ANN, BEN, CID, DEE = (f"{name}@hubspot.example.com" for name in "ann ben cid dee".split())
EVENT = f"pe{PORTAL_ID}_call"


@pytest.fixture
def hubspot() -> FakeHubSpot:
    """An account with the properties and lists that the tests send."""
    fake = FakeHubSpot()
    fake.properties |= {"lead_score", "lead_segment", "lead_tags", "is_hot"}
    fake.numbers = {"lead_score"}
    fake.lists = {"7": set(), "8": set()}
    fake.event_names = {EVENT}
    return fake


def contact(key: str, score: Any = 73, **more: Any) -> Operation:
    """A contact with a score."""
    return operation("contact", key, {"lead_score": score, **more}, destination="hubspot")


def member(key: str, op: str = "add", list_id: str = "7") -> Operation:
    """Somebody on a list."""
    return operation("member", key, destination="hubspot", list_id=list_id, op=op)


def event(key: str, name: str = "call", **properties: Any) -> Operation:
    """An action that is told as an event."""
    payload = {"event": name, "occurred_at": "2026-03-10T00:00:00Z", "properties": properties}
    return operation("event", key, payload, destination="hubspot")


def forget(key: str) -> Operation:
    """An erased person."""
    return operation("forget", key, destination="hubspot", op="remove")


def send(fake: Fake, *operations: Operation, clock: FakeClock | None = None) -> list[Verdict]:
    """Deliver a batch over HTTP."""
    with fake.running() as url:
        return list(delivered(HubSpot, batch(*operations), url, KEYS, clock))


def told(verdicts: list[Verdict]) -> dict[str, bool]:
    """Who was accepted."""
    return {verdict.operation.key: verdict.is_accepted for verdict in verdicts}


def reasons(verdicts: list[Verdict]) -> dict[str, str]:
    """Why who was rejected."""
    return {verdict.operation.key: verdict.reason for verdict in verdicts if not verdict.is_accepted}


# Contacts


def test_contacts_are_created_and_updated_with_every_kind_of_value(hubspot: FakeHubSpot) -> None:
    """All values are text; nothing clears a property, and what is not sent stays."""
    hubspot.add_contact(ANN, lead_segment="warm", lead_tags="old")
    assert told(send(hubspot, contact(ANN, 73, is_hot=True, lead_tags=["a", "b"]), contact(BEN, None, is_hot=False))) == {
        ANN: True,
        BEN: True,
    }
    assert sorted(hubspot.contacts.values(), key=lambda properties: properties["email"]) == [
        {"email": ANN, "lead_score": "73", "is_hot": "true", "lead_tags": "a;b", "lead_segment": "warm"},
        {"email": BEN, "lead_score": "", "is_hot": "false"},
    ]


@pytest.mark.parametrize("tells", ["207", "named", "nobody"])
def test_a_faulty_contact_costs_nobody_else(hubspot: FakeHubSpot, tells: str) -> None:
    """However HubSpot tells of faults: in a 207, in a 400 that names the records, or in one that names nobody."""
    hubspot.tells = tells
    people = [f"lead{number}@hubspot.example.com" for number in range(100)]
    sent = [contact(key, "much" if number == 37 else number) for number, key in enumerate(people)]
    sent[80] = contact("nobody", 80)
    verdicts = send(hubspot, *sent)
    assert {key for key, is_accepted in told(verdicts).items() if not is_accepted} == {people[37], "nobody"}
    assert {properties["email"] for properties in hubspot.contacts.values()} == set(people) - {people[37], people[80]}
    if tells == "nobody":
        # 2 bad ones among 100: about 2 log2(100) halvings, two requests each.
        assert len(hubspot.requests) < 35
        assert set(reasons(verdicts).values()) == {"Property values were not valid"}
    else:
        assert len(hubspot.requests) == (1 if tells == "207" else 2)
        assert "much was not a valid long" in reasons(verdicts)[people[37]]
        assert "Email address nobody is invalid" in reasons(verdicts)["nobody"]


def test_everybody_faulty_ends_and_rejects_all(hubspot: FakeHubSpot) -> None:
    """An error that names the whole batch is no reason to send it for ever."""
    hubspot.tells = "named"
    assert not any(told(send(hubspot, *(contact(f"{number}@hubspot.example.com", "much") for number in range(5)))).values())
    assert hubspot.contacts == {}


def test_whoever_is_missing_in_the_answer_was_not_taken() -> None:
    """A 200 with fewer results than inputs, and a 207 whose error names nobody."""

    class Forgetful(FakeHubSpot):
        """Does not say what became of the last one."""

        status = 200

        def upsert(self, inputs: list[dict[str, Any]]) -> Reply:
            reply = super().upsert(inputs[:-1])
            if self.status == 200:
                return reply
            return Reply(207, {**reply.body, "numErrors": 1, "errors": [{"message": "Something went wrong", "context": {}}]})

    fake = Forgetful()
    fake.properties.add("lead_score")
    assert reasons(send(fake, contact(ANN), contact(BEN))) == {BEN: "HTTP 200 does not name this record"}
    fake.status = 207
    assert reasons(send(fake, contact(ANN), contact(BEN))) == {BEN: "Something went wrong"}


def test_a_property_that_does_not_exist_ends_the_push_at_once(hubspot: FakeHubSpot) -> None:
    """The seed is wrong for everybody: one request tells it."""
    with pytest.raises(Refused, match=r"destination_fields\.csv.*hotness"):
        send(hubspot, *(contact(f"{number}@hubspot.example.com", hotness=1) for number in range(100)))
    assert len(hubspot.requests) == 1


@pytest.mark.parametrize(
    "attribute", ["hs_email_optout", "hs_email_optout_123", "HS_EMAIL_OPTOUT", "hs_legal_basis", "hs_marketable_status"]
)
def test_consent_is_never_set(hubspot: FakeHubSpot, attribute: str) -> None:
    """Not even where the seed says so."""
    hubspot.properties.add(attribute)
    with pytest.raises(Refused, match=attribute):
        send(hubspot, contact(ANN, **{attribute: False}))
    assert hubspot.requests == []


# Lists


def test_members_join_and_leave_by_record_id(hubspot: FakeHubSpot) -> None:
    """An address may be a second one. Who is not there cannot join, and has left."""
    for key in (ANN, BEN):
        hubspot.add_contact(key)
    second = "dee.second@hubspot.example.com"
    hubspot.add_contact(DEE, hs_additional_emails=f"other@hubspot.example.com;{second}")
    verdicts = send(hubspot, member(ANN), member(CID), member(second))
    assert (told(verdicts), reasons(verdicts)) == ({ANN: True, CID: False, second: True}, {CID: NOT_THERE})
    assert hubspot.members("7") == {ANN, DEE}
    assert told(send(hubspot, member(ANN), member(BEN))) == {ANN: True, BEN: True}
    assert told(send(hubspot, member(ANN, "remove"), member(CID, "remove"), member(BEN, "remove"))) == {
        ANN: True,
        CID: True,
        BEN: True,
    }
    assert hubspot.members("7") == {DEE}
    assert hubspot.members("8") == set()


def test_record_ids_are_looked_up_a_hundred_at_a_time(hubspot: FakeHubSpot) -> None:
    """And a record that the list does not know any more is rejected."""
    people = [f"lead{number}@hubspot.example.com" for number in range(250)]
    ids = [hubspot.add_contact(key) for key in people]
    hubspot.gone = {ids[0]}
    assert [key for key, is_accepted in told(send(hubspot, *map(member, people))).items() if not is_accepted] == people[:1]
    assert hubspot.members("7") == set(people[1:])
    assert hubspot.counted() == {f"POST {CONTACTS}/batch/read": 3, "PUT /crm/v3/lists/{}/memberships/add": 1}


def test_a_list_that_cannot_be_changed_ends_the_push(hubspot: FakeHubSpot) -> None:
    """A dynamic one is told with what would help; an unknown one too."""
    hubspot.add_contact(ANN)
    hubspot.dynamic_lists.add("9")
    with pytest.raises(Refused, match=r"list 9.*MANUAL or SNAPSHOT"):
        send(hubspot, member(ANN, list_id="9"))
    with pytest.raises(Refused, match="List 10: HubSpot answers HTTP 404"):
        send(hubspot, member(ANN, list_id="10"))


# Events


def test_events_are_occurrences_of_records(hubspot: FakeHubSpot) -> None:
    """With the fully qualified name, a time, and an id that is the same when sent again. Nobody is created by an event."""
    record_id = hubspot.add_contact(ANN)
    assert reasons(send(hubspot, event(ANN, score=73, template=None), event(BEN))) == {BEN: NOT_THERE}
    sent = hubspot.events[0]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", sent.pop("uuid"))
    assert sent == {
        "eventName": EVENT,
        "objectId": record_id,
        "occurredAt": "2026-03-10T00:00:00Z",
        "properties": {"score": "73"},
    }
    assert set(hubspot.contacts) == {record_id}
    assert told(send(hubspot, event(ANN, EVENT))) == {ANN: True}
    assert hubspot.counted()["GET /account-info/v3/details"] == 1
    first, again = (HubSpot(KEYS).record_of(event(ANN, score=73))["uuid"] for _ in range(2))
    assert first == again != HubSpot(KEYS).record_of(event(BEN, score=73))["uuid"]


def test_a_faulty_event_costs_no_other(hubspot: FakeHubSpot) -> None:
    """A request of events is taken whole or not at all, so the right ones go again without it, and each counts once."""
    people = [f"lead{number}@hubspot.example.com" for number in range(16)]
    for key in people:
        hubspot.add_contact(key)
    verdicts = send(hubspot, *(event(key, "fax" if key == people[5] else "call") for key in people))
    assert reasons(verdicts) == {people[5]: f"Event pe{PORTAL_ID}_fax does not exist."}
    assert len(hubspot.events) == len({sent["objectId"] for sent in hubspot.events}) == 15


def test_events_that_were_taken_stay_taken_when_the_rest_is_refused(hubspot: FakeHubSpot) -> None:
    """Refused says that no event of a batch was told; here some were, so they are accepted and only the others rejected."""
    for key in (ANN, BEN):
        hubspot.add_contact(key)
    answer = hubspot.take_events

    def take(inputs: list[dict[str, Any]]) -> Reply:
        return (
            Reply(402, {"message": "Your plan has ended"})
            if hubspot.events
            else answer(inputs)
            if len(inputs) == 1
            else Reply(400, {})
        )

    hubspot.take_events = take  # type: ignore[method-assign]
    verdicts = send(hubspot, event(ANN), event(BEN))
    assert told(verdicts) == {ANN: True, BEN: False}
    assert "Your plan has ended" in reasons(verdicts)[BEN]
    assert len(hubspot.events) == 1


def test_an_event_without_an_answer_is_not_sent_again() -> None:
    """HubSpot does not say that it drops a second one: neither the transport nor the provider repeats it."""
    fake = FakeHubSpot()
    fake.add_contact(ANN)
    fake.event_names = {EVENT}
    taken = fake.take_events

    def take(inputs: list[dict[str, Any]]) -> Reply:
        taken(inputs)
        return Reply(500, {})

    fake.take_events = take  # type: ignore[method-assign]
    assert HubSpot.drops_repeated_events is False
    with pytest.raises(Unanswered):
        send(fake, event(ANN, EVENT))
    assert len(fake.events) == 1


# Erased people


def test_the_erased_are_deleted_for_good(hubspot: FakeHubSpot) -> None:
    """From the account and its lists, whoever is there or not."""
    hubspot.lists["7"] = {hubspot.add_contact(ANN)}
    assert told(send(hubspot, forget(ANN))) == told(send(hubspot, forget(ANN))) == {ANN: True}
    assert (hubspot.contacts, hubspot.members("7"), hubspot.blocked) == ({}, set(), {ANN})
    assert [request.body for request in hubspot.requests] == [{"objectId": ANN, "idProperty": "email"}] * 2


# Refusals of everybody


def test_a_wrong_key_ends_the_push(hubspot: FakeHubSpot) -> None:
    """And is not printed."""
    hubspot.token = "another"
    with pytest.raises(Refused, match="HUBSPOT_ACCESS_TOKEN") as refused:
        send(hubspot, contact(ANN))
    assert TOKEN not in str(refused.value)
    assert hubspot.contacts == {}


def test_the_window_that_is_used_up_is_waited_for(hubspot: FakeHubSpot) -> None:
    """HubSpot sends no Retry-After: the length of its window is waited."""
    clock = FakeClock()
    hubspot.now, hubspot.allowed = clock.monotonic, 2
    people = [hubspot.contacts[hubspot.add_contact(f"lead{number}@hubspot.example.com")]["email"] for number in range(250)]
    assert all(told(send(hubspot, *map(member, people), clock=clock)).values())
    assert clock.slept == [10.0]
    assert len(hubspot.requests) == 5


def test_the_day_that_is_used_up_is_not_waited_for(hubspot: FakeHubSpot) -> None:
    """The requests of a day come back at midnight: the push ends, and tells so."""
    clock = FakeClock()
    body = {"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY", "category": "RATE_LIMITS"}
    headers = {
        "X-HubSpot-RateLimit-Daily": "250000",
        "X-HubSpot-RateLimit-Daily-Remaining": "0",
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
    }
    hubspot.answer = lambda request: Reply(429, body, headers)  # type: ignore[method-assign]
    with pytest.raises(Refused, match="250000 requests of today"):
        send(hubspot, contact(ANN), clock=clock)
    assert (clock.slept, len(hubspot.requests)) == ([], 1)


# What the vendor says and said


@pytest.fixture(scope="session")
def contract(real_data: Callable[[str], Path]) -> Callable[[Request], None]:
    """Checks a request against HubSpot's descriptions of the contacts and lists APIs: its path and method are there, and its body is what they say."""
    folder = real_data("api_specs") / "hubspot"
    checks = {
        base: checker(yaml.load((folder / file).read_text(encoding="utf-8"), yaml.CSafeLoader), base)
        for file, base in (("crm_contacts_v3.json", CONTACTS), ("crm_lists_v3.yaml", "/crm/v3/lists"))
    }

    def check(request: Request) -> None:
        # The descriptions of events and of the account are not among the files.
        if not request.path.startswith(("/events/", "/account-info/")):
            checks[next(base for base in checks if request.path.startswith(base))](request)

    return check


def test_every_request_is_what_the_descriptions_allow(hubspot: FakeHubSpot, contract: Callable[[Request], None]) -> None:
    """Every kind of request that the provider makes."""
    hubspot.checks.append(contract)
    hubspot.tells = "nobody"
    for key in (ANN, BEN):
        hubspot.add_contact(key)
    send(hubspot, contact(ANN, 1.5, is_hot=True, lead_tags=["a"]), contact(BEN, None), contact("nobody"))
    for op in ("add", "remove"):
        send(hubspot, member(ANN, op), member(BEN, op))
    send(hubspot, event(ANN))
    send(hubspot, forget(ANN))
    assert hubspot.violations == []
    assert set(hubspot.counted()) == {
        f"POST {CONTACTS}/batch/upsert",
        f"POST {CONTACTS}/batch/read",
        f"POST {CONTACTS}/gdpr-delete",
        "PUT /crm/v3/lists/{}/memberships/add",
        "PUT /crm/v3/lists/{}/memberships/remove",
        "GET /account-info/v3/details",
        "POST /events/v3/send/batch",
    }


def test_the_contract_is_no_rubber_stamp(contract: Callable[[Request], None]) -> None:
    """Wrong bodies, methods and paths are found."""
    right = {"inputs": [{"id": ANN, "idProperty": "email", "properties": {"lead_score": "73"}}]}
    contract(Request("POST", f"{CONTACTS}/batch/upsert", {}, {}, right, 0))
    for method, path, body in (
        ("POST", f"{CONTACTS}/batch/upsert", {"inputs": [{"id": ANN, "properties": {"lead_score": 73}}]}),
        ("POST", f"{CONTACTS}/batch/upsert", {"inputs": [{"properties": {}}]}),
        ("POST", f"{CONTACTS}/batch/upsert", {"inputs": [{**right["inputs"][0], "idproperty": "email"}]}),
        ("PUT", f"{CONTACTS}/batch/upsert", right),
        ("POST", f"{CONTACTS}/batch/read", {"inputs": [{"id": ANN}], "properties": []}),
        ("PUT", "/crm/v3/lists/7/memberships/add", [1]),
    ):
        with pytest.raises((AssertionError, jsonschema.ValidationError)):
            contract(Request(method, path, {}, {}, body, 0))


def recorded(root: Path) -> Iterator[dict[str, Any]]:
    """The recorded calls."""
    with gzip.open(root / "hubspot.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


class Recorded(FakeHubSpot):
    """Answers the first request with a recorded answer, and the others as an account does."""

    def __init__(self, call: dict[str, Any], times: int = 1) -> None:
        super().__init__()
        self.properties.add("lead_score")
        body = call["response_body"] or None
        self.left = [
            Reply(
                call["status"], body, {name: value for name, value in call["response_headers"].items() if name != "Content-Type"}
            )
        ] * times

    def answer(self, request: Request) -> Reply:
        """A recorded answer while there is one."""
        return self.left.pop() if self.left else super().answer(request)


def test_recorded_limits_are_waited_out(real_data: Callable[[str], Path]) -> None:
    """Every 429 that was recorded, met by a push of today: waited for, tried again, taken."""
    calls = [call for call in recorded(real_data("api_recordings")) if call["status"] == 429]
    kinds = {
        json.dumps(
            [call["response_headers"].keys() >= {"X-HubSpot-RateLimit-Interval-Milliseconds"}, call["response_body"]["message"]]
        ): call
        for call in calls
    }
    assert len(calls) == 56
    provider = HubSpot(KEYS)
    for call in calls:
        # None leaves it to the transport: these came of the limit per second, whose window they do not tell.
        assert provider.retry_after({name.lower(): value for name, value in call["response_headers"].items()}) in (None, 10.0)
    for call in kinds.values():
        clock, fake = FakeClock(), Recorded(call, times=3)
        assert told(send(fake, contact(ANN), clock=clock)) == {ANN: True}
        assert len(fake.requests) == 4
        assert 3 <= sum(clock.slept) <= 30


def test_recorded_refusals_of_single_records_are_told(real_data: Callable[[str], Path]) -> None:
    """The 400s of the older API: a record that was wrong is rejected with HubSpot's words, and costs the others nothing."""
    calls = [call for call in recorded(real_data("api_recordings")) if call["status"] == 400]
    assert len(calls) == 4
    for call in calls:
        words = call["response_body"]["validationResults"][0]["message"]
        rejected = send(Recorded(call), contact(ANN))
        assert (told(rejected), words in rejected[0].reason) == ({ANN: False}, True)
        # In a batch the error names nobody: halves go again, and here they are right.
        assert told(send(Recorded(call), contact(ANN), contact(BEN))) == {ANN: True, BEN: True}


def test_recorded_unknown_records_are_not_there(real_data: Callable[[str], Path]) -> None:
    """The 404s of the older API: nobody is there, so nobody joins, and an erasure is done."""
    calls = [
        call
        for call in recorded(real_data("api_recordings"))
        if call["status"] == 404 and "does not exist" in json.dumps(call["response_body"])
    ]
    assert calls
    for call in calls[:3]:
        assert reasons(send(Recorded(call), member(ANN))) == {ANN: NOT_THERE}
        assert told(send(Recorded(call), forget(ANN))) == {ANN: True}


# From nothing to what is wanted


def scores(fake: FakeHubSpot) -> dict[str, str]:
    """The scores that the account holds."""
    return {properties["email"]: properties["lead_score"] for properties in fake.contacts.values()}


def test_from_nothing_to_what_is_wanted_and_on(hubspot: FakeHubSpot) -> None:
    """Additions, changes and removals; what was rejected is sent again, and taken once it is right there."""
    hubspot.numbers = {"lead_score"}
    assert told(send(hubspot, contact(ANN, 73), contact(BEN, 12), contact(CID, "much"))) == {ANN: True, BEN: True, CID: False}
    assert told(send(hubspot, member(ANN), member(CID))) == {ANN: True, CID: False}
    assert (scores(hubspot), hubspot.members("7")) == ({ANN: "73", BEN: "12"}, {ANN})
    # Somebody makes the property a text; the next push brings whoever was rejected, and what changed.
    hubspot.numbers = set()
    assert all(told(send(hubspot, contact(BEN, 60), contact(CID, "much"))).values())
    assert all(told(send(hubspot, member(BEN), member(CID))).values())
    assert all(told(send(hubspot, member(ANN, "remove"))).values())
    assert (scores(hubspot), hubspot.members("7")) == ({ANN: "73", BEN: "60", CID: "much"}, {BEN, CID})


@pytest.mark.parametrize("seed", range(3))
def test_faults_on_the_way_change_nothing_in_the_end(hubspot: FakeHubSpot, seed: int) -> None:
    """Errors, broken connections, done or not, full windows and a rejected record in every batch: sent again, all is there once."""
    hubspot.faults = Faults(seed, 0.05, 0.05, 0.1, 0.05, 0.05, rejects_one_a_batch=True)
    hubspot.chance.seed(seed)
    people = {f"lead{number}@hubspot.example.com": number for number in range(60)}
    left = dict(people)
    while left:
        left = {key: people[key] for key in reasons(send(hubspot, *(contact(*one) for one in left.items())))}
    assert all(told(send(hubspot, *map(member, people))).values())
    assert scores(hubspot) == {key: str(score) for key, score in people.items()}
    assert hubspot.members("7") == set(people)
    assert len(hubspot.contacts) == len(people)


# Whole pushes

MUCH = '{"isValid": false, "message": "much was not a valid long.", "error": "INVALID_LONG", "name": "lead_score"}'


@dataclass(frozen=True)
class Told:
    """What a push came to: who was rejected and why, and how many operations were accepted."""

    rejected: set[tuple[str, str]]
    accepted: int


def push(world: World) -> Told:
    """Publish, plan and push what the plan says, confirmed."""
    world.publish()
    with world.here():
        environment = dict(os.environ)
        plan = sending.push(world.database, environment, confirmed="none", clock=FakeClock().clock).plan
        result = sending.push(world.database, environment, confirmed=plan.plan_hash, clock=FakeClock().clock)
    assert (result.exit_code, result.stopped) == (0, "")
    rejected = {(operation.key, reason) for sent in result.sent for operation, reason in sent.rejected}
    return Told(rejected, sum(sent.of("accepted") for sent in result.sent))


def test_pushes_from_nothing_to_what_is_wanted_and_on(tmp_path: Path, hubspot: FakeHubSpot) -> None:
    """Additions, then changes and removals; whoever was rejected is tried again by the next push, and a push with nothing to do sends nothing."""
    with hubspot.running() as url:
        world = World(tmp_path, LEAD_SCORING_HUBSPOT_URL=url, **KEYS)
        world.destinations["there"] = Destination("there", "hubspot", max_share=1.0)
        world.lists.append(ProviderList("there", "7", max_share=1.0))
        pushes(world, hubspot)


def pushes(world: World, hubspot: FakeHubSpot) -> None:
    """The pushes of the test above."""
    scored = {ANN: 73, BEN: 12, CID: "much"}
    world.contacts = {("there", key): {"lead_score": score} for key, score in scored.items()}
    world.members = {("there", "7", key) for key in scored}
    world.events = [Event("there", ANN, "1", "call", properties={"score": 73})]
    assert push(world).rejected == {(CID, f"Property values were not valid: [{MUCH}]"), (CID, NOT_THERE)}
    assert (scores(hubspot), hubspot.members("7"), len(hubspot.events)) == ({ANN: "73", BEN: "12"}, {ANN, BEN}, 1)
    world.contacts["there", ANN] = {"lead_score": 80}
    world.members.discard(("there", "7", BEN))
    world.contacts["there", CID] = {"lead_score": 5}
    assert push(world).rejected == set()
    assert (scores(hubspot), hubspot.members("7"), len(hubspot.events)) == ({ANN: "80", BEN: "12", CID: "5"}, {ANN, CID}, 1)
    before = len(hubspot.requests)
    assert (push(world), len(hubspot.requests)) == (Told(set(), 0), before)
