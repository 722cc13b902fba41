"""Salesforce as a destination: people who are there and nobody else, record by record, with addresses that try to be SOQL.

No official description of its REST API is at hand that a program could read. The shapes in SHAPES are written down from the REST API guide (composite, sObject collections, query)
and the object reference: they show that requests keep to what we read there, not that Salesforce takes them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from activating import Destination, Event, FakeClock, ProviderList, World, batch, delivered, operation
from fakes.salesforce import API, TOKEN, FakeSalesforce
from fakes.serving import Faults, Reply, Request
from lead_scoring.activation import sending
from lead_scoring.activation.operations import Operation, Verdict
from lead_scoring.activation.providers.base import Refused, Unanswered
from lead_scoring.activation.providers.salesforce import NOT_THERE, Salesforce

KEYS = {"SALESFORCE_INSTANCE_URL": "https://lead-scoring.my.salesforce.com", "SALESFORCE_ACCESS_TOKEN": TOKEN}
ANN, BEN, CID, DEE = (f"{name}@salesforce.example.com" for name in "ann ben cid dee".split())

ID = {"type": "string", "pattern": "^[0-9A-Za-z]{15}([0-9A-Za-z]{3})?$"}


def shape_of(**fields: Any) -> dict[str, Any]:
    """An object that has these fields and no others; those without a trailing underscore are required."""
    return {
        "type": "object",
        "properties": {name.rstrip("_"): schema for name, schema in fields.items()},
        "required": [name for name in fields if not name.endswith("_")],
        "additionalProperties": False,
    }


def collection_of(record: dict[str, Any]) -> dict[str, Any]:
    """The body of an sObject collection: up to 200 records."""
    return shape_of(allOrNone={"const": False}, records={"type": "array", "minItems": 1, "maxItems": 200, "items": record})


def attributes(*types: str) -> dict[str, Any]:
    """The attributes map that every record has to have."""
    return shape_of(type={"enum": list(types)})


MEMBER = {
    "oneOf": [
        shape_of(attributes=attributes("CampaignMember"), CampaignId=ID, ContactId=ID),
        shape_of(attributes=attributes("CampaignMember"), CampaignId=ID, LeadId=ID),
    ]
}
TASK = shape_of(
    attributes=attributes("Task"),
    WhoId=ID,
    OwnerId_=ID,
    Subject={"type": "string", "maxLength": 255},
    ActivityDate={"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    Description={"type": "string", "maxLength": 32000},
)
UPDATE = {
    "type": "object",
    "properties": {"attributes": attributes("Contact", "Lead"), "id": ID},
    "required": ["attributes", "id"],
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
QUERY = shape_of(
    method={"const": "GET"},
    url={"type": "string", "pattern": rf"^{API}/query(\?q=[\w%.~-]+|/\w+-\d+)$"},
    referenceId={"type": "string", "pattern": r"^[A-Za-z]\w*$"},
)
SHAPES = {
    f"POST {API}/composite": shape_of(
        allOrNone={"const": False}, compositeRequest={"type": "array", "minItems": 1, "maxItems": 5, "items": QUERY}
    ),
    f"PATCH {API}/composite/sobjects": collection_of(UPDATE),
    f"POST {API}/composite/sobjects": collection_of({"oneOf": [*MEMBER["oneOf"], TASK]}),
    f"DELETE {API}/composite/sobjects": {"type": "null"},
}


def keeps_to_the_shapes(request: Request) -> None:
    """Raises where a request is not one that we read of."""
    jsonschema.validate(request.body, SHAPES[f"{request.method} {request.path}"])
    assert request.headers["sforce-auto-assign"] == "FALSE"
    assert "@" not in request.path + str(request.query), "an address in a URL stands in logs"
    if request.method == "DELETE":
        assert len(request.query["ids"].split(",")) <= 200
        assert len(str(request.query["ids"])) < 2000
        assert request.query["allOrNone"] == "false"


@pytest.fixture
def salesforce() -> FakeSalesforce:
    """An organisation with one campaign, whose requests are all checked."""
    fake = FakeSalesforce()
    fake.checks.append(keeps_to_the_shapes)
    fake.add("Campaign", Name="Hot")
    return fake


CAMPAIGN = f"701{1:015d}"


def contact(key: str, score: Any = 73, **more: Any) -> Operation:
    """A contact with a score."""
    return operation("contact", key, {"Score__c": score, **more}, destination="salesforce")


def member(key: str, op: str = "add", list_id: str = CAMPAIGN) -> Operation:
    """Somebody in a campaign."""
    return operation("member", key, destination="salesforce", list_id=list_id, op=op)


def event(key: str, **properties: Any) -> Operation:
    """An action that is told as an event."""
    payload = {"event": "call", "occurred_at": "2026-03-10T22:00:00Z", "properties": properties}
    return operation("event", key, payload, destination="salesforce")


def forget(key: str) -> Operation:
    """An erased person."""
    return operation("forget", key, destination="salesforce", op="remove")


def send(fake: FakeSalesforce, *operations: Operation, clock: FakeClock | None = None) -> list[Verdict]:
    """Deliver a batch over HTTP; every request keeps to the shapes."""
    with fake.running() as url:
        verdicts = list(delivered(Salesforce, batch(*operations), url, KEYS, clock))
    assert fake.violations == []
    return verdicts


def told(verdicts: list[Verdict]) -> dict[str, bool]:
    """Who was accepted."""
    return {verdict.operation.key: verdict.is_accepted for verdict in verdicts}


def reasons(verdicts: list[Verdict]) -> dict[str, str]:
    """Why who was rejected."""
    return {verdict.operation.key: verdict.reason for verdict in verdicts if not verdict.is_accepted}


def scores(fake: FakeSalesforce) -> dict[str, list[Any]]:
    """The scores of the records of each address."""
    found: dict[str, list[Any]] = {}
    for record in [*fake.of("Contact").values(), *fake.of("Lead").values()]:
        found.setdefault(record["Email"], []).append(record.get("Score__c"))
    return found


# Fields of contacts and leads


def test_every_record_of_a_person_is_updated_and_nobody_is_created(salesforce: FakeSalesforce) -> None:
    """A contact and its duplicates, a lead; not a converted one. Whoever is not there is rejected until sales enter them."""
    salesforce.add("Contact", Email=ANN.upper())
    salesforce.add("Lead", Email=ANN, IsConverted=False)
    salesforce.add("Lead", Email=ANN, IsConverted=True)
    salesforce.add("Lead", Email=BEN, IsConverted=False)
    verdicts = send(salesforce, contact(ANN, 73, Tags__c=["a", "b"]), contact(BEN, None), contact(CID))
    assert (told(verdicts), reasons(verdicts)) == ({ANN: True, BEN: True, CID: False}, {CID: NOT_THERE})
    assert scores(salesforce) == {ANN.upper(): [73], ANN: [73, None], BEN: [None]}
    assert [record["Tags__c"] for record in salesforce.records.values() if "Tags__c" in record] == ["a;b", "a;b"]
    salesforce.add("Contact", Email=CID)
    assert told(send(salesforce, contact(CID, 5))) == {CID: True}
    assert scores(salesforce)[CID] == [5]


def test_a_faulty_record_costs_nobody_else(salesforce: FakeSalesforce) -> None:
    """Results are read record by record; a person is done when all their records are."""
    ids = {key: salesforce.add("Contact", Email=key) for key in (ANN, BEN, CID)}
    locked = salesforce.add("Lead", Email=BEN, IsConverted=False)
    salesforce.locked = {locked}
    verdicts = send(salesforce, contact(ANN, Grade__c="much too long"), contact(BEN), contact(CID))
    assert reasons(verdicts) == {
        ANN: "STRING_TOO_LONG: Grade__c: data value too large: much too long",
        BEN: "UNABLE_TO_LOCK_ROW: unable to obtain exclusive access to this record",
    }
    assert [salesforce.records[ids[key]].get("Score__c") for key in (ANN, BEN, CID)] == [None, 73, 73]
    # The next push tries again.
    salesforce.locked = set()
    assert told(send(salesforce, contact(ANN, Grade__c="A1"), contact(BEN))) == {ANN: True, BEN: True}
    assert salesforce.records[locked]["Score__c"] == 73


def test_many_people_with_many_records_and_small_pages(salesforce: FakeSalesforce) -> None:
    """200 people with 300 records: 100 addresses a query, 5 queries and 200 records a request, all pages read."""
    people = [f"lead{number}@salesforce.example.com" for number in range(200)]
    for number, key in enumerate(people):
        salesforce.add("Contact", Email=key)
        if number % 2:
            salesforce.add("Lead", Email=key, IsConverted=False)
    salesforce.page = 30
    assert all(told(send(salesforce, *(contact(key, number) for number, key in enumerate(people)))).values())
    assert scores(salesforce) == {key: [number] * (1 + number % 2) for number, key in enumerate(people)}
    assert salesforce.counted()[f"PATCH {API}/composite/sobjects"] == 2


@pytest.mark.parametrize(
    "key",
    [
        "o'neil@salesforce.example.com",
        "back\\slash@salesforce.example.com",
        "x') or (email like '%@salesforce.example.com",
        "x\\') or email != ('@salesforce.example.com",
        'quo"te@salesforce.example.com',
        "new\nline@salesforce.example.com",
        "@{query0.records[0].id}@salesforce.example.com",
        "100%25&q=+@salesforce.example.com",
    ],
)
def test_an_address_is_no_soql(salesforce: FakeSalesforce, key: str) -> None:
    """Whatever stands in it, it is compared as it is: its own record is found, nobody else's."""
    salesforce.add("Contact", Email=ANN)
    assert reasons(send(salesforce, contact(key))) == {key: NOT_THERE}
    salesforce.add("Contact", Email=key)
    assert told(send(salesforce, contact(key))) == {key: True}
    assert scores(salesforce) == {ANN: [None], key: [73]}


def test_a_field_that_does_not_exist_ends_the_push(salesforce: FakeSalesforce) -> None:
    """Salesforce refuses the whole request, and would refuse every other."""
    salesforce.add("Contact", Email=ANN)
    with pytest.raises(Refused, match="INVALID_FIELD: No such column 'Hotness__c'"):
        send(salesforce, contact(ANN, Hotness__c=1))


@pytest.mark.parametrize("field", ["HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "Email", "Id", "id"])
def test_keys_and_consent_are_never_set(salesforce: FakeSalesforce, field: str) -> None:
    """Not even where the seed says so. A field that only ends like one may be set."""
    salesforce.fields["Contact"] |= {field, "Best_Email__c"}
    salesforce.add("Contact", Email=ANN)
    with pytest.raises(Refused, match=field):
        send(salesforce, contact(ANN, **{field: True}))
    assert salesforce.requests == []
    assert told(send(salesforce, contact(ANN, Best_Email__c="x"))) == {ANN: True}


# Campaigns


def test_members_join_once_and_leave(salesforce: FakeSalesforce) -> None:
    """A contact before a lead, the oldest first. Who is a member stays one; who is none has left."""
    lead_id = salesforce.add("Lead", Email=ANN, IsConverted=False)
    contact_id = salesforce.add("Contact", Email=ANN)
    salesforce.add("Contact", Email=ANN)
    salesforce.add("Lead", Email=BEN, IsConverted=False)
    other = salesforce.add("Campaign", Name="Warm")
    salesforce.add("CampaignMember", CampaignId=other, ContactId=contact_id)
    verdicts = send(salesforce, member(ANN), member(BEN), member(CID))
    assert (told(verdicts), reasons(verdicts)) == ({ANN: True, BEN: True, CID: False}, {CID: NOT_THERE})
    assert told(send(salesforce, member(ANN))) == {ANN: True}
    ours = [record for record in salesforce.of("CampaignMember").values() if record["CampaignId"] == CAMPAIGN]
    assert [record.get("ContactId") for record in ours] == [contact_id, None]
    # Somebody in sales added the lead of the same person: that member leaves too.
    salesforce.add("CampaignMember", CampaignId=CAMPAIGN, LeadId=lead_id)
    assert told(send(salesforce, member(ANN, "remove"), member(CID, "remove"))) == {ANN: True, CID: True}
    assert (salesforce.members(CAMPAIGN), salesforce.members(other)) == ({BEN}, {ANN})


def test_an_unknown_campaign_ends_the_push(salesforce: FakeSalesforce) -> None:
    """In one request, and not with a rejection for everybody; a known one is looked at once."""
    salesforce.add("Contact", Email=ANN)
    with pytest.raises(Refused, match="no campaign 701x"):
        send(salesforce, member(ANN, list_id="701x"))
    assert len(salesforce.requests) == 1


def test_a_member_that_cannot_be_deleted_is_tried_again(salesforce: FakeSalesforce) -> None:
    """Others leave; more than fit in a URL leave in several requests."""
    people = [f"lead{number}@salesforce.example.com" for number in range(150)]
    for key in people:
        salesforce.add("Contact", Email=key)
    send(salesforce, *map(member, people))
    stuck = next(iter(salesforce.of("CampaignMember")))
    salesforce.locked = {stuck}
    verdicts = send(salesforce, *(member(key, "remove") for key in people))
    assert reasons(verdicts) == {people[0]: "DELETE_FAILED: Your attempt to delete could not be completed."}
    assert salesforce.members(CAMPAIGN) == {people[0]}
    assert salesforce.counted()[f"DELETE {API}/composite/sobjects"] == 2
    salesforce.locked = set()
    assert told(send(salesforce, member(people[0], "remove"))) == {people[0]: True}


# Tasks


def test_an_event_is_a_task_of_the_owner(salesforce: FakeSalesforce) -> None:
    """Due on its day, with what there is to know. A queue owns no task."""
    salesforce.add("Contact", Email=ANN, OwnerId="005000000000000001")
    salesforce.add("Lead", Email=BEN, OwnerId="00G000000000000001", IsConverted=False)
    assert reasons(send(salesforce, event(ANN, score=73, template="call_qualified"), event(BEN), event(CID))) == {CID: NOT_THERE}
    tasks = list(salesforce.of("Task").values())
    assert tasks[0] == {
        "type": "Task",
        "WhoId": f"003{1:015d}",
        "OwnerId": "005000000000000001",
        "Subject": "call",
        "ActivityDate": "2026-03-10",
        "Description": "score: 73\ntemplate: call_qualified",
    }
    assert ("OwnerId" in tasks[1], len(tasks)) == (False, 2)


def test_a_task_without_an_answer_is_not_created_again(salesforce: FakeSalesforce) -> None:
    """A second one would be a second task."""
    salesforce.add("Contact", Email=ANN)
    save = salesforce.save

    def lost(method: str, records: list[dict[str, Any]]) -> Reply:
        save(method, records)
        return Reply(500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred"}])

    salesforce.save = lost  # type: ignore[method-assign]
    assert Salesforce.drops_repeated_events is False
    with pytest.raises(Unanswered):
        send(salesforce, event(ANN))
    assert len(salesforce.of("Task")) == 1


def test_an_answer_of_another_length_is_no_answer(salesforce: FakeSalesforce) -> None:
    """Results are joined to records by their place, so a missing one makes all unknown."""
    salesforce.add("Contact", Email=ANN)
    salesforce.save = lambda method, records: Reply(200, [])  # type: ignore[method-assign]
    with pytest.raises(Unanswered, match="does not have 1 results"):
        send(salesforce, contact(ANN))


# Erased people


def test_the_erased_are_deleted_with_all_their_records(salesforce: FakeSalesforce) -> None:
    """Contacts, leads and converted leads, with their memberships. Who is not there is gone; who cannot be deleted is told and tried again."""
    contact_id = salesforce.add("Contact", Email=ANN)
    salesforce.add("Lead", Email=ANN, IsConverted=True)
    salesforce.add("CampaignMember", CampaignId=CAMPAIGN, ContactId=contact_id)
    kept = salesforce.add("Contact", Email=BEN)
    salesforce.locked = {salesforce.add("Contact", Email=DEE)}
    verdicts = send(salesforce, forget(ANN), forget(CID), forget(DEE))
    assert told(verdicts) == {ANN: True, CID: True, DEE: False}
    assert "DELETE_FAILED" in reasons(verdicts)[DEE]
    assert set(salesforce.records) == {CAMPAIGN, kept, *salesforce.locked}


# Refusals of everybody


def test_a_wrong_key_ends_the_push(salesforce: FakeSalesforce) -> None:
    """And is not printed."""
    salesforce.token = "another"
    with pytest.raises(Refused, match="SALESFORCE_ACCESS_TOKEN") as refused:
        send(salesforce, contact(ANN))
    assert "INVALID_SESSION_ID" in str(refused.value)
    assert TOKEN not in str(refused.value)


def test_used_up_requests_end_the_push(salesforce: FakeSalesforce) -> None:
    """The requests of 24 hours come back by themselves: nothing is waited for, and the text is Salesforce's."""
    salesforce.add("Contact", Email=ANN)
    salesforce.requests_left = 1
    clock = FakeClock()
    with pytest.raises(Refused, match=r"REQUEST_LIMIT_EXCEEDED"):
        send(salesforce, contact(ANN), clock=clock)
    assert clock.slept == []


def test_a_query_that_is_refused_ends_the_push(salesforce: FakeSalesforce) -> None:
    """The composite request is a 200 all the same: its parts are read."""
    salesforce.query = lambda url: Reply(
        400, [{"errorCode": "INVALID_TYPE", "message": "sObject type 'Contact' is not supported."}]
    )  # type: ignore[method-assign]
    with pytest.raises(Refused, match="INVALID_TYPE: sObject type 'Contact' is not supported"):
        send(salesforce, contact(ANN))


def test_a_busy_server_is_waited_for(salesforce: FakeSalesforce) -> None:
    """503 is tried again, for a task too: nothing was done."""
    salesforce.add("Contact", Email=ANN)
    answer, left = salesforce.answer, [True] * 2

    def busy(request: Request) -> Reply:
        return salesforce.busy(request) if request.path.endswith("/sobjects") and left and left.pop() else answer(request)

    salesforce.answer = busy  # type: ignore[method-assign]
    clock = FakeClock()
    assert told(send(salesforce, event(ANN), clock=clock)) == {ANN: True}
    assert (len(salesforce.of("Task")), len(clock.slept)) == (1, 2)


def test_its_address_is_the_organisations_own() -> None:
    """As the environment says."""
    assert Salesforce(KEYS).url() == "https://lead-scoring.my.salesforce.com"


@pytest.mark.parametrize("seed", range(3))
def test_faults_on_the_way_change_nothing_in_the_end(salesforce: FakeSalesforce, seed: int) -> None:
    """Errors, broken connections, done or not, busy servers and a rejected record in every batch: sent again, all is there once."""
    people = {f"lead{number}@salesforce.example.com": number for number in range(60)}
    for key in people:
        salesforce.add("Contact", Email=key)
    salesforce.faults = Faults(seed, 0.05, 0.05, 0.1, 0.05, 0.05, rejects_one_a_batch=True)
    salesforce.chance.seed(seed)
    left = dict(people)
    while left:
        left = {key: people[key] for key in reasons(send(salesforce, *(contact(*one) for one in left.items())))}
    joining = set(people)
    while joining:
        joining = set(reasons(send(salesforce, *map(member, sorted(joining)))))
    assert scores(salesforce) == {key: [score] for key, score in people.items()}
    assert salesforce.members(CAMPAIGN) == set(people)
    assert len(salesforce.of("CampaignMember")) == len(people)
    assert all(told(send(salesforce, *(member(key, "remove") for key in people))).values())
    assert salesforce.members(CAMPAIGN) == set()


def test_the_shapes_are_no_rubber_stamp() -> None:
    """Wrong requests are found."""
    url = f"{API}/query?q=SELECT%20Id"
    headers = {"sforce-auto-assign": "FALSE"}
    query = {"method": "GET", "url": url, "referenceId": "query0"}
    keeps_to_the_shapes(Request("POST", f"{API}/composite", {}, headers, {"allOrNone": False, "compositeRequest": [query]}, 0))
    record = {"attributes": {"type": "Contact"}, "id": f"003{1:015d}", "Score__c": 1}
    keeps_to_the_shapes(Request("PATCH", f"{API}/composite/sobjects", {}, headers, {"allOrNone": False, "records": [record]}, 0))
    wrong: list[tuple[str, Any]] = [
        (f"POST {API}/composite", {"allOrNone": False, "compositeRequest": [query] * 6}),
        (f"POST {API}/composite", {"allOrNone": False, "compositeRequest": [{**query, "url": f"{API}/query?q=SELECT Id"}]}),
        (f"PATCH {API}/composite/sobjects", {"allOrNone": False, "records": [record] * 201}),
        (f"PATCH {API}/composite/sobjects", {"allOrNone": True, "records": [record]}),
        (f"PATCH {API}/composite/sobjects", {"allOrNone": False, "records": [{**record, "Tags__c": ["a"]}]}),
        (f"POST {API}/composite/sobjects", {"allOrNone": False, "records": [{"attributes": {"type": "Task"}}]}),
    ]
    for request, body in wrong:
        method, path = re.split(" ", request)
        with pytest.raises(jsonschema.ValidationError):
            keeps_to_the_shapes(Request(method, path, {}, headers, body, 0))


# Whole pushes


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


def test_pushes_from_nothing_to_what_is_wanted_and_on(tmp_path: Path, salesforce: FakeSalesforce) -> None:
    """Additions, then changes and removals; whoever was rejected is tried again by the next push, and a push with nothing to do sends nothing."""
    for key in (ANN, BEN):
        salesforce.add("Contact", Email=key)
    with salesforce.running() as url:
        world = World(tmp_path, LEAD_SCORING_SALESFORCE_URL=url, **KEYS)
        world.destinations["there"] = Destination("there", "salesforce", max_share=1.0)
        world.lists.append(ProviderList("there", CAMPAIGN, max_share=1.0))
        pushes(world, salesforce)


def pushes(world: World, salesforce: FakeSalesforce) -> None:
    """The pushes of the test above."""
    scored = {ANN: 73, BEN: 12, CID: 5}
    world.contacts = {("there", key): {"Score__c": score} for key, score in scored.items()}
    world.members = {("there", CAMPAIGN, key) for key in scored}
    world.events = [Event("there", ANN, "1", "call", properties={"score": 73})]
    assert push(world).rejected == {(CID, NOT_THERE)}
    assert (scores(salesforce), salesforce.members(CAMPAIGN), len(salesforce.of("Task"))) == (
        {ANN: [73], BEN: [12]},
        {ANN, BEN},
        1,
    )
    world.contacts["there", ANN] = {"Score__c": 80}
    world.members.discard(("there", CAMPAIGN, BEN))
    salesforce.add("Lead", Email=CID, IsConverted=False)
    assert push(world).rejected == set()
    assert (scores(salesforce), salesforce.members(CAMPAIGN)) == ({ANN: [80], BEN: [12], CID: [5]}, {ANN, CID})
    assert (len(salesforce.of("Task")), salesforce.violations) == (1, [])
    before = len(salesforce.requests)
    assert (push(world), len(salesforce.requests)) == (Told(set(), 0), before)
