"""Klaviyo as a destination: jobs are waited for and read person by person, lists change and consent does not, and every request is one that its description allows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from activating import FakeClock, batch, delivered, limits_of, operation
from fakes.klaviyo import KEY, FakeKlaviyo, Profile
from fakes.serving import Faults, Request
from lead_scoring.activation.operations import Operation, Verdict
from lead_scoring.activation.providers.base import Refused, Unanswered
from lead_scoring.activation.providers.klaviyo import LONGEST_JOB, Klaviyo

KEYS = {"KLAVIYO_API_KEY": KEY}
LIST = "VRgFBd"
ANN, BEN, CLEO = "ann@klaviyo.example.com", "ben@klaviyo.example.com", "o'cleo+1@klaviyo.example.com"
IMPORT = "POST /api/profile-bulk-import-jobs"


@pytest.fixture
def klaviyo() -> FakeKlaviyo:
    """An account with two lists and nobody on them."""
    return FakeKlaviyo()


def contact(key: str, op: str = "add", **attributes: Any) -> Operation:
    """A contact with attributes."""
    return operation("contact", key, attributes or {"lead_score": 73}, op=op)


def member(key: str, op: str = "add", list_id: str = LIST) -> Operation:
    """Somebody on a list."""
    return operation("member", key, list_id=list_id, op=op)


def event(key: str, occurred_at: str = "2026-03-10T00:00:00Z", **properties: Any) -> Operation:
    """An action as an event."""
    return operation("event", key, {"event": "Segment entered", "occurred_at": occurred_at, "properties": properties})


def send(fake: FakeKlaviyo, *operations: Operation, clock: FakeClock | None = None, key: str = KEY) -> list[Verdict]:
    """Deliver a batch over HTTP."""
    with fake.running() as url:
        return list(delivered(Klaviyo, batch(*operations), url, {"KLAVIYO_API_KEY": key}, clock))


def told(verdicts: list[Verdict]) -> dict[str, bool]:
    """Who was accepted."""
    return {verdict.operation.key: verdict.is_accepted for verdict in verdicts}


def test_from_nothing_to_what_is_wanted_and_back(klaviyo: FakeKlaviyo) -> None:
    """Contacts, then lists; a change; somebody leaves. Their consent stays as it is."""
    assert all(told(send(klaviyo, contact(ANN, lead_score=73, tags=["a"]), contact(BEN), contact(CLEO))).values())
    assert all(told(send(klaviyo, member(ANN), member(BEN), member(CLEO))).values())
    assert klaviyo.members(LIST) == {ANN, BEN, CLEO}
    assert all(told(send(klaviyo, contact(ANN, "update", lead_score=80, tags=None))).values())
    assert klaviyo.profiles[ANN].properties == {"lead_score": 80}
    assert all(told(send(klaviyo, member(ANN, "remove"), member(CLEO, "remove"))).values())
    assert klaviyo.members(LIST) == {BEN}
    assert {profile.consent for profile in klaviyo.profiles.values()} == {"SUBSCRIBED"}
    assert not [request.path for request in klaviyo.requests if "subscription" in request.path or "suppression" in request.path]


def test_ten_thousand_join_a_list_in_one_job(klaviyo: FakeKlaviyo) -> None:
    """One import, a few questions how far it is, one page of errors; nobody is looked up."""
    people = [member(f"lead{number}@klaviyo.example.com") for number in range(10_000)]
    assert all(told(send(klaviyo, *people)).values())
    assert len(klaviyo.members(LIST)) == 10_000
    assert len(klaviyo.requests) == 4


def test_a_thousand_leave_a_list_in_eleven_requests(klaviyo: FakeKlaviyo) -> None:
    """Ids are asked for a hundred at a time, and one request removes them."""
    keys = [f"lead{number}@klaviyo.example.com" for number in range(1_000)]
    klaviyo.profiles = {key: Profile(f"P{number}") for number, key in enumerate(keys)}
    klaviyo.lists[LIST] = {profile.id for profile in klaviyo.profiles.values()}
    assert all(told(send(klaviyo, *(member(key, "remove") for key in keys))).values())
    assert klaviyo.members(LIST) == set()
    assert len(klaviyo.requests) == 11


def test_long_addresses_are_asked_for_in_short_requests(klaviyo: FakeKlaviyo) -> None:
    """Servers refuse long addresses: the fake does from 8,000 bytes on."""
    keys = [f"{'x' * 200}{number}@klaviyo.example.com" for number in range(100)]
    klaviyo.profiles = {key: Profile(f"P{number}") for number, key in enumerate(keys)}
    klaviyo.lists[LIST] = {profile.id for profile in klaviyo.profiles.values()}
    assert all(told(send(klaviyo, *(member(key, "remove") for key in keys))).values())
    assert klaviyo.members(LIST) == set()


def test_whoever_klaviyo_does_not_know_is_on_no_list(klaviyo: FakeKlaviyo) -> None:
    """A removal of somebody unknown is done, and asks for nothing to be deleted."""
    assert told(send(klaviyo, member(ANN, "remove"))) == {ANN: True}
    assert [request.method for request in klaviyo.requests] == ["GET"]


def test_a_second_address_is_not_taken_for_not_there(klaviyo: FakeKlaviyo) -> None:
    """Ann is found by an e-mail that her profile does not show. She is still on the list, so her removal is not done."""
    klaviyo.profiles = {ANN: Profile("P1", first_email="other@klaviyo.example.com"), BEN: Profile("P2")}
    klaviyo.lists[LIST] = {"P1", "P2"}
    assert told(send(klaviyo, member(ANN, "remove"), member(BEN, "remove"))) == {ANN: False, BEN: True}
    assert klaviyo.lists[LIST] == {"P1"}


def test_an_odd_address_does_not_keep_others_from_leaving(klaviyo: FakeKlaviyo) -> None:
    """One address makes the filter invalid: it is rejected, and the others leave."""
    keys = [f"lead{number}@klaviyo.example.com" for number in range(100)]
    klaviyo.profiles = {key: Profile(f"P{number}") for number, key in enumerate(keys)}
    klaviyo.lists[LIST] = {profile.id for profile in klaviyo.profiles.values()}
    klaviyo.malformed = {keys[37]}
    verdicts = told(send(klaviyo, *(member(key, "remove") for key in keys)))
    assert [key for key, is_accepted in verdicts.items() if not is_accepted] == [keys[37]]
    assert klaviyo.members(LIST) == {keys[37]}


@pytest.mark.parametrize("tells", ["payload", "pointer"])
def test_a_job_that_refuses_some_takes_the_others(klaviyo: FakeKlaviyo, tells: str) -> None:
    """Errors come in pages, with the profile or its place. The next push tries again, and succeeds when the fault is mended."""
    klaviyo.tells = tells
    keys = [f"lead{number}@klaviyo.example.com" for number in range(10)]
    klaviyo.invalid = dict.fromkeys((keys[1], keys[4], keys[9]), "Invalid phone number")
    verdicts = send(klaviyo, *(contact(key) for key in keys))
    refused = {verdict.operation.key: verdict.reason for verdict in verdicts if not verdict.is_accepted}
    assert refused == dict.fromkeys((keys[1], keys[4], keys[9]), "Invalid input: Invalid phone number")
    assert klaviyo.profiles.keys() == set(keys) - refused.keys()
    klaviyo.invalid = {}
    again = send(klaviyo, *(verdict.operation for verdict in verdicts if not verdict.is_accepted))
    assert all(told(again).values())
    assert klaviyo.profiles.keys() == set(keys)


@pytest.mark.parametrize("tells", ["nobody", "only counts"])
def test_where_a_job_does_not_say_whom_nobody_is_believed_to_be_there(klaviyo: FakeKlaviyo, tells: str) -> None:
    """All are sent again with the next push, which changes nothing for those who are there."""
    klaviyo.tells = tells
    klaviyo.invalid = {BEN: "Invalid phone number"}
    assert told(send(klaviyo, contact(ANN), contact(BEN))) == {ANN: False, BEN: False}


@pytest.mark.parametrize("names", [True, False])
def test_one_malformed_profile_fails_a_request(klaviyo: FakeKlaviyo, names: bool) -> None:
    """Where the answer points at it, the others go without it. Else nobody goes."""
    klaviyo.malformed, klaviyo.names_malformed = {BEN}, names
    assert told(send(klaviyo, contact(ANN), contact(BEN), contact(CLEO))) == {ANN: names, BEN: False, CLEO: names}
    assert klaviyo.counted()[IMPORT] == (2 if names else 1)


def test_a_profile_that_is_too_large_stays_here(klaviyo: FakeKlaviyo) -> None:
    """Klaviyo takes 100 KB a profile."""
    assert told(send(klaviyo, contact(ANN, note="x" * 100_000), contact(BEN))) == {ANN: False, BEN: True}
    assert klaviyo.profiles.keys() == {BEN}


def test_attributes_of_klaviyos_own_and_nulls(klaviyo: FakeKlaviyo) -> None:
    """Its own ones stand in the profile, others among the properties. A null clears both: a job cannot clear its own ones, so that goes alone."""
    full = {
        "first_name": "Ann",
        "location.city": "Berlin",
        "organization": "Acme",
        "lead_score": 73,
        "tags": ["a"],
        "is_hot": False,
    }
    send(klaviyo, contact(ANN, **full))
    ann = klaviyo.profiles[ANN]
    assert ann.attributes == {"first_name": "Ann", "location": {"city": "Berlin"}, "organization": "Acme"}
    assert ann.properties == {"lead_score": 73, "tags": ["a"], "is_hot": False}
    send(klaviyo, contact(ANN, "update", **{**full, "organization": None, "tags": None}), contact(BEN, "update"))
    assert ann.attributes == {"first_name": "Ann", "location": {"city": "Berlin"}}
    assert ann.properties == {"lead_score": 73, "is_hot": False}
    assert klaviyo.counted()["POST /api/profile-import"] == 1
    klaviyo.invalid = {ANN: "Invalid phone number"}
    assert told(send(klaviyo, contact(ANN, "update", organization=None), contact(BEN, "update"))) == {ANN: False, BEN: True}


def test_an_event_counts_once(klaviyo: FakeKlaviyo) -> None:
    """It bears its op_id, so a second one of it is dropped. Another one of the same person and time is not."""
    first, second = event(ANN, segment="hot"), event(ANN, segment="warm")
    assert told(send(klaviyo, first)) == told(send(klaviyo, first)) == told(send(klaviyo, second)) == {ANN: True}
    assert {unique_id for _, _, unique_id in klaviyo.events} == {first.op_id, second.op_id}
    (kept,) = (one for one in klaviyo.events.values() if one["unique_id"] == first.op_id)
    assert (kept["properties"], kept["time"]) == ({"segment": "hot"}, "2026-03-10T00:00:00+00:00")
    send(klaviyo, event(BEN, "2026-03-10T01:02:03"))
    assert [one["time"] for (email, _, _), one in klaviyo.events.items() if email == BEN] == ["2026-03-10T01:02:03+00:00"]
    klaviyo.invalid = {CLEO: "Invalid e-mail"}
    assert told(send(klaviyo, event(CLEO))) == {CLEO: False}


def test_somebody_is_forgotten(klaviyo: FakeKlaviyo) -> None:
    """By the job that deletes all of them. Whom Klaviyo does not know is forgotten already."""
    send(klaviyo, contact(ANN))
    gone = operation("forget", ANN, op="remove")
    assert told(send(klaviyo, gone)) == told(send(klaviyo, gone)) == {ANN: True}
    assert klaviyo.forgotten == {ANN}
    assert ANN not in klaviyo.profiles


def test_a_wrong_key_ends_the_push_and_is_not_told(klaviyo: FakeKlaviyo) -> None:
    """The message names the variable, never the key."""
    with pytest.raises(Refused, match="KLAVIYO_API_KEY") as refused:
        send(klaviyo, contact(ANN), key="pk_that_is_wrong")
    assert "pk_that_is_wrong" not in str(refused.value)


@pytest.mark.parametrize("op", ["add", "remove"])
def test_an_unknown_list_ends_the_push(klaviyo: FakeKlaviyo, op: str) -> None:
    """The message names it."""
    klaviyo.profiles = {ANN: Profile("P1")}
    with pytest.raises(Refused, match="knows no list 'gone'"):
        send(klaviyo, member(ANN, op, "gone"))


def test_a_job_is_waited_for_and_left_alone_in_the_end(klaviyo: FakeKlaviyo) -> None:
    """Ever more rarely, for half an hour; then nothing is known of the batch. A cancelled one has refused everybody."""
    klaviyo.slowness, clock = 8, FakeClock()
    assert told(send(klaviyo, contact(ANN), clock=clock)) == {ANN: True}
    assert clock.slept == [1, 2, 4, 8, 16, 30, 30, 30]
    klaviyo.slowness, clock = 10_000, FakeClock()
    with pytest.raises(Unanswered, match="is not done"):
        send(klaviyo, contact(ANN), clock=clock)
    assert LONGEST_JOB <= sum(clock.slept) < LONGEST_JOB + 120
    klaviyo.slowness, klaviyo.outcome = 1, "cancelled"
    assert told(send(klaviyo, contact(BEN))) == {BEN: False}


def test_rates_and_faults() -> None:
    """Waits when Klaviyo is busy, tries again when it fails, and keeps its rates by itself."""
    clock = FakeClock()
    fake = FakeKlaviyo(Faults(seed=1, busy=0.2, errors=0.05, errors_when_done=0.05, dropped_when_done=0.05), clock.monotonic)
    for number in range(25):
        assert told(send(fake, member(f"lead{number}@klaviyo.example.com"), clock=clock))
    assert len(fake.members(LIST)) == 25
    assert fake.counted()[IMPORT] > 25


def test_each_window_of_the_seed_keeps_both_of_klaviyos(klaviyo: FakeKlaviyo, klaviyo_says: dict[str, Any]) -> None:
    """The seed has one window a row; it has to keep the burst (a second) and the steady rate (a minute) of the description."""
    rows = {
        "contact": ("post", "/api/profile-bulk-import-jobs"),
        "member": ("delete", "/api/lists/{id}/relationships/profiles"),
        "event": ("post", "/api/events"),
    }
    for name, (method, path) in rows.items():
        limit, said = limits_of("klaviyo")[name], klaviyo_says["paths"][path][method]["x-klaviyo-ratelimit"]
        assert limit.max_requests <= int(said["burst"].removesuffix("/s"))
        assert limit.max_requests * 60 / limit.per_seconds <= int(said["steady"].removesuffix("/m"))


# What the vendor's description allows


@pytest.fixture(scope="module")
def klaviyo_says(real_data: Callable[[str], Path]) -> dict[str, Any]:
    """The paths and schemas of the descriptions that are here. They are read, never copied."""
    merged: dict[str, Any] = {"paths": {}, "schemas": {}}
    for name in ("profiles", "lists", "events"):
        described = json.loads((real_data(f"api_specs/klaviyo/{name}.json")).read_text(encoding="utf-8"))
        merged["paths"] |= described["paths"]
        merged["schemas"] |= described["components"]["schemas"]
    return merged


@pytest.fixture
def checked(klaviyo: FakeKlaviyo, klaviyo_says: dict[str, Any]) -> Iterator[FakeKlaviyo]:
    """An account that holds every request against the descriptions. The one of erasures is not among them."""

    def check(request: Request) -> None:
        if request.path == "/api/data-privacy-deletion-jobs":
            return
        methods = next(
            methods
            for path, methods in klaviyo_says["paths"].items()
            if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", path), request.path)
        )
        described = methods[request.method.lower()]
        known = {parameter["name"] for parameter in described["parameters"] if parameter["in"] == "query"}
        assert request.query.keys() <= known, f"unknown in the query: {request.query.keys() - known}"
        assert request.headers["revision"] == next(
            parameter["schema"]["default"] for parameter in described["parameters"] if parameter["name"] == "revision"
        )
        if "requestBody" in described:
            ((media_type, content),) = described["requestBody"]["content"].items()
            assert request.headers["content-type"] == media_type
            jsonschema.validate(request.body, closed(content["schema"], klaviyo_says["schemas"]))
        else:
            assert request.body is None

    klaviyo.checks.append(check)
    yield klaviyo
    assert klaviyo.violations == []


def closed(schema: Any, schemas: dict[str, Any]) -> Any:
    """A schema without references, nulls where they are allowed, and no property but the named: Klaviyo would not tell of a mistyped one."""
    if isinstance(schema, list):
        return [closed(one, schemas) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        inner = closed(schemas[schema["$ref"].rpartition("/")[2]], schemas)
        return {"anyOf": [inner, {"type": "null"}]} if schema.get("nullable") else inner
    plain = {name: closed(value, schemas) for name, value in schema.items() if name not in ("example", "nullable", "description")}
    if "properties" in plain:
        plain["additionalProperties"] = False
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


def test_every_request_is_one_that_the_description_allows(checked: FakeKlaviyo) -> None:
    """All operations, with every kind of value."""
    kinds: dict[str, Any] = {
        "first_name": "Ann",
        "location.city": "Berlin",
        "location.latitude": 52.5,
        "score": 73,
        "share": 0.5,
        "is_hot": True,
        "tags": ["a"],
        "gone": None,
    }
    checked.invalid = {BEN: "Invalid phone number"}
    send(checked, contact(ANN, **kinds), contact(BEN), contact(CLEO))
    send(checked, contact(ANN, "update", **{**kinds, "first_name": None, "location.city": None}))
    send(checked, member(ANN), member(CLEO))
    send(checked, member(ANN, "remove"), member(CLEO, "remove"), member(BEN, "remove"))
    send(checked, event(ANN, segment="hot", score=73, tags=["a"], nothing=None))
    assert len(checked.counted()) >= 7


def test_the_check_sees_what_is_wrong(klaviyo_says: dict[str, Any]) -> None:
    """A misspelt property and a wrong type are found: else the test above would prove nothing."""
    post = klaviyo_says["paths"]["/api/profile-bulk-import-jobs"]["post"]["requestBody"]["content"]["application/vnd.api+json"][
        "schema"
    ]
    schema = closed(post, klaviyo_says["schemas"])

    def body(**attributes: Any) -> dict[str, Any]:
        return {
            "data": {
                "type": "profile-bulk-import-job",
                "attributes": {"profiles": {"data": [{"type": "profile", "attributes": attributes}]}},
            }
        }

    jsonschema.validate(body(email=ANN), schema)
    for wrong in (body(e_mail=ANN), body(email=1)):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
