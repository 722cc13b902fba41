"""ActiveCampaign as a destination: imports are waited for and read, lists are tags, and nobody's subscription is touched."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from activating import FakeClock, batch, delivered, limits_of, operation, transport_to
from fakes.activecampaign import PATH, SUBSCRIBED, TOKEN, UNSUBSCRIBED, FakeActiveCampaign
from fakes.serving import Fake, Faults, Reply, Request
from lead_scoring.activation.operations import Operation, Verdict
from lead_scoring.activation.providers.activecampaign import ActiveCampaign
from lead_scoring.activation.providers.base import Refused, Unanswered
from vendor_descriptions import checker

ENVIRONMENT = {"ACTIVECAMPAIGN_URL": "https://account.api-us1.example", "ACTIVECAMPAIGN_API_TOKEN": TOKEN}
HOT, WARM, CALL = "64", "65", "66"


@pytest.fixture
def account() -> Iterator[FakeActiveCampaign]:
    """An account. Whatever a test does there, no subscription may be changed by it, and only events start automations."""
    fake = FakeActiveCampaign()
    fake.checks.append(leaves_subscriptions_alone)
    yield fake
    assert not fake.violations


def leaves_subscriptions_alone(request: Request) -> None:
    """The rule of every request."""
    assert "contactLists" not in request.path
    if request.path.endswith("/bulk_import"):
        for contact in request.body["contacts"]:
            assert contact["exclude_automations"] is True
            assert not {"subscribe", "unsubscribe"} & set(contact)


def push(fake: Fake, *operations: Operation, clock: FakeClock | None = None, **environment: str) -> dict[str, Verdict]:
    """Deliver operations of one kind in one batch; the verdicts by address."""
    with fake.running() as url:
        verdicts = delivered(ActiveCampaign, batch(*operations), url + PATH, {**ENVIRONMENT, **environment}, clock)
    return {verdict.operation.key: verdict for verdict in verdicts}


def contacts(*keys: str, **payload: Any) -> list[Operation]:
    """Contacts with the same attributes."""
    return [operation("contact", key, payload or {"first_name": "Ann", "12": 73}) for key in keys]


def members(*keys: str, op: str = "add", list_id: str = HOT) -> list[Operation]:
    """Additions to a list, or removals."""
    return [operation("member", key, list_id=list_id, op=op) for key in keys]


def event(key: str, name: str = "Call within a day") -> Operation:
    """An action."""
    return operation("event", key, {"event": name, "occurred_at": "2026-03-10T00:00:00Z", "properties": {"score": 73}})


def forget(key: str) -> Operation:
    """Somebody who was erased."""
    return operation("forget", key, op="remove", priority=0)


def told(verdicts: dict[str, Verdict]) -> dict[str, bool]:
    """Who was accepted."""
    return {key: verdict.is_accepted for key, verdict in verdicts.items()}


def tagged(fake: FakeActiveCampaign, tag: str) -> set[str]:
    """Who has a tag."""
    return {address for address, contact in fake.contacts.items() if tag in contact.tags}


def test_from_nothing_to_the_desired_state_and_on(account: FakeActiveCampaign) -> None:
    both = ("ann@example.com", "bob@example.com")
    assert told(push(account, *contacts(*both))) == dict.fromkeys(both, True)
    assert told(push(account, *members(*both))) == dict.fromkeys(both, True)
    values = {"last_name": None, "12": 12.5, "13": True, "14": ["a", "b"], "15": [], "phone": "+1"}
    assert all(told(push(account, operation("contact", both[0], values, op="update"))).values())
    assert told(push(account, *members("bob@example.com", op="remove"))) == {"bob@example.com": True}
    assert tagged(account, HOT) == {"ann@example.com"}
    assert account.contacts["ann@example.com"].values == {
        "first_name": "Ann", "last_name": "", "phone": "+1", "12": "12.5", "13": "true", "14": "||a||b||", "15": "",
    }  # fmt: skip
    assert all(contact.automations == 0 for contact in account.contacts.values())
    assert set(account.tags) == {HOT, WARM, CALL}, "no tag was made"


def test_saying_it_again_changes_nothing(account: FakeActiveCampaign) -> None:
    for _ in range(2):
        assert all(told(push(account, *contacts("ann@example.com", "bob@example.com"))).values())
        assert all(told(push(account, *members("ann@example.com", "bob@example.com"))).values())
    for _ in range(2):
        assert all(told(push(account, *members("ann@example.com", "nobody@example.com", op="remove"))).values())
    assert tagged(account, HOT) == {"bob@example.com"}


@pytest.mark.parametrize("status", [SUBSCRIBED, UNSUBSCRIBED])
def test_whoever_is_on_a_list_or_left_it_stays_so(account: FakeActiveCampaign, status: int) -> None:
    account.add("ann@example.com").lists = {"1": status, HOT: status}
    push(account, *contacts("ann@example.com", "bob@example.com"))
    push(account, *members("ann@example.com"))
    push(account, event("ann@example.com"))
    push(account, *members("ann@example.com", op="remove"))
    push(account, *members("ann@example.com"))
    assert account.contacts["ann@example.com"].lists == {"1": status, HOT: status}
    assert account.contacts["bob@example.com"].lists == {}
    assert tagged(account, HOT) == {"ann@example.com"}, "who left a segment can come back to it"


def test_failed_and_skipped_addresses_are_told(account: FakeActiveCampaign) -> None:
    account.excluded.add("excluded@example.com")
    keys = ("ann@example.com", "broken@example.invalid", "excluded@example.com", "not an address", "bob@example.com")
    for operations in (contacts(*keys), members(*keys)):
        verdicts = push(account, *operations)
        assert told(verdicts) == dict(zip(keys, (True, False, False, False, True), strict=True))
        assert "exclusion list" in verdicts["excluded@example.com"].reason
        assert "incorrect format" in verdicts["not an address"].reason
        assert "could not import" in verdicts["broken@example.invalid"].reason
    assert set(account.contacts) == {"ann@example.com", "bob@example.com"} == tagged(account, HOT)


def test_what_was_rejected_is_taken_the_next_time() -> None:
    account = FakeActiveCampaign(Faults(seed=1, rejects_one_a_batch=True))
    first = push(account, *contacts("ann@example.com", "bob@example.com", "cid@example.com"))
    rejected = [verdict.operation for verdict in first.values() if not verdict.is_accepted]
    assert len(rejected) == 1
    assert rejected[0].key not in account.contacts
    assert all(told(push(account, *rejected)).values())
    assert len(account.contacts) == 3


@pytest.mark.parametrize("end", ["failed", "interrupted"])
def test_an_import_that_fails_was_not_done(account: FakeActiveCampaign, end: str) -> None:
    account.end_of_imports = end
    verdicts = push(account, *contacts("ann@example.com", "bob@example.com"))
    assert {verdict.reason for verdict in verdicts.values()} == {f"The import {end}."}
    assert not any(told(verdicts).values())


def test_an_import_that_does_not_end_is_unanswered(account: FakeActiveCampaign) -> None:
    account.polls_until_done = 1_000_000
    clock = FakeClock()
    with pytest.raises(Unanswered, match="600 seconds"):
        push(account, *contacts("ann@example.com"), clock=clock)
    assert 600 <= clock.seconds < 700
    assert account.counted()[f"GET {PATH}/import/info"] < 100


def test_being_busy_is_waited_for_in_both_of_its_ways(account: FakeActiveCampaign) -> None:
    account.busy_answers = 2
    clock = FakeClock()
    assert told(push(account, *contacts("ann@example.com", "bob@example.com"), clock=clock)) == {
        "ann@example.com": True,
        "bob@example.com": True,
    }
    assert clock.seconds > 120, "a minute for each"
    account.faults.busy = account.faults.errors = account.faults.dropped_when_done = 0.1
    for number in range(10):
        key = f"{number}@example.com"
        assert all(told(push(account, *contacts(key), clock=clock)).values())
        assert all(told(push(account, *members(key), clock=clock)).values())
        if number % 2:
            assert all(told(push(account, *members(key, op="remove"), clock=clock)).values())
    assert tagged(account, HOT) == {f"{number}@example.com" for number in range(0, 10, 2)}


def test_staying_busy_is_a_rejection(account: FakeActiveCampaign) -> None:
    account.busy_answers = 1_000
    verdicts = push(account, *contacts("ann@example.com", "bob@example.com"))
    assert not any(told(verdicts).values())
    assert "Rate limit exceeded" in verdicts["ann@example.com"].reason
    assert len(account.requests) == 5


def test_rates_are_those_of_the_account() -> None:
    clock, times = FakeClock(), []
    account = FakeActiveCampaign(now=clock.monotonic)
    account.checks.append(lambda request: times.append((request.path, request.at)))
    for number in range(12):
        account.add(f"{number}@example.com").tags[HOT] = str(number)
    assert all(told(push(account, *members(*account.contacts, op="remove"), clock=clock)).values())
    assert len(times) == 1 + 3 * 12
    assert all(later[1] - earlier[1] >= 0.99 for earlier, later in zip(times, times[5:], strict=False)), "5 a second"


def test_imports_of_one_contact_have_a_slower_rate() -> None:
    clock, times = FakeClock(), []
    account = FakeActiveCampaign(now=clock.monotonic)
    account.polls_until_done = 1
    account.checks.append(lambda request: times.append(request.at) if request.path.endswith("/bulk_import") else None)
    with account.running() as url, transport_to(ActiveCampaign, url + PATH, ENVIRONMENT, clock) as (provider, transport):
        for number in range(25):
            provider.deliver(batch(*contacts(f"{number}@example.com")), transport)
    assert len(account.contacts) == 25
    assert all(later - earlier >= 59 for earlier, later in zip(times, times[20:], strict=False)), "20 a minute"


def test_an_event_puts_a_tag_on_that_starts_an_automation_each_time(account: FakeActiveCampaign) -> None:
    ann = account.add("ann@example.com")
    for times in (1, 2):
        assert told(push(account, event("ann@example.com"))) == {"ann@example.com": True}
        assert ann.automations == times
    assert set(ann.tags) == {CALL}
    assert push(account, event("nobody@example.com"))["nobody@example.com"].reason == "No contact."
    assert "no contact tag named 'Unknown'" in push(account, event("ann@example.com", "Unknown"))["ann@example.com"].reason
    assert set(account.tags) == {HOT, WARM, CALL}


def test_an_event_whose_answer_is_lost_starts_one_automation(account: FakeActiveCampaign) -> None:
    ann = account.add("ann@example.com")
    with account.running() as url, transport_to(ActiveCampaign, url + PATH, ENVIRONMENT, FakeClock()) as (provider, transport):
        # The tag's name is known from an earlier event; then every request is done, and every second answer lost.
        provider.deliver(batch(event("nobody@example.com")), transport)
        account.faults = Faults(errors_when_done=0.5, seed=2)
        assert provider.deliver(batch(event("ann@example.com")), transport)[0].is_accepted
    assert ann.automations == 1


def test_forgetting_deletes_that_one_and_once_is_enough(account: FakeActiveCampaign) -> None:
    account.add("ann@example.com")
    account.add("bob@example.com")
    for _ in range(2):
        assert all(told(push(account, forget("ann@example.com"), forget("nobody@example.com"))).values())
    assert set(account.contacts) == {"bob@example.com"}


def test_an_ignored_filter_hits_nobody_else(account: FakeActiveCampaign) -> None:
    for key in ("ann@example.com", "bob@example.com"):
        account.add(key).tags[HOT] = account.next_id()
    account.ignores_filters = True
    for one in (forget("nobody@example.com"), *members("nobody@example.com", op="remove")):
        verdict = push(account, one)["nobody@example.com"]
        assert not verdict.is_accepted, "whoever is not on a page of everybody may still be there"
        assert "other contacts" in verdict.reason
    assert tagged(account, HOT) == {"ann@example.com", "bob@example.com"}
    account.add("cid@example.com")
    verdict = push(account, *members("cid@example.com", op="remove"))["cid@example.com"]
    assert not verdict.is_accepted
    assert "other tags" in verdict.reason
    assert tagged(account, HOT) == {"ann@example.com", "bob@example.com"}


@pytest.mark.parametrize("list_id", ["999", "hot", "../contacts"])
def test_an_unknown_tag_ends_the_push(account: FakeActiveCampaign, list_id: str) -> None:
    with pytest.raises(Refused, match=list_id):
        push(account, *members("ann@example.com", list_id=list_id))
    assert not account.contacts


def test_a_wrong_token_ends_the_push(account: FakeActiveCampaign) -> None:
    with pytest.raises(Refused, match="ACTIVECAMPAIGN_API_TOKEN") as refused:
        push(account, *contacts("ann@example.com"), ACTIVECAMPAIGN_API_TOKEN="another-token")
    assert "another-token" not in str(refused.value)


@pytest.mark.parametrize("attribute", ["SCORE", "email", "subscribe", "firstName", "12a", "²"])
def test_an_unknown_attribute_ends_the_push(account: FakeActiveCampaign, attribute: str) -> None:
    with pytest.raises(Refused, match=attribute):
        push(account, operation("contact", "ann@example.com", {attribute: "1"}))
    assert not account.requests


def test_a_url_without_an_account_ends_the_push(account: FakeActiveCampaign) -> None:
    with account.running() as url, pytest.raises(Refused, match="ACTIVECAMPAIGN_URL"):
        delivered(ActiveCampaign, batch(*contacts("ann@example.com")), f"{url}/elsewhere", ENVIRONMENT)
    assert ActiveCampaign({**ENVIRONMENT, "ACTIVECAMPAIGN_URL": "https://a.example/"}).url() == "https://a.example/api/3"


def test_no_removal_of_contacts_and_a_limit_for_all_else() -> None:
    provider, limits = ActiveCampaign(ENVIRONMENT), limits_of("activecampaign")
    assert provider.limit_of("contact", True) is provider.limit_of("event", True) is provider.limit_of("other", False) is None
    for kind, is_removal in (("contact", False), ("member", False), ("member", True), ("event", False), ("forget", True)):
        assert provider.limit_of(kind, is_removal) in limits
    assert limits["contact"].max_records == limits["member"].max_records == 250
    assert provider.record_of(members("ann@example.com")[0])["tags"] == [HOT]


# --------------------------------------------------------------------------------------------------------------------
# What ActiveCampaign itself says
# --------------------------------------------------------------------------------------------------------------------


def test_every_request_is_one_that_activecampaign_describes(
    account: FakeActiveCampaign, real_data: Callable[[str], Path]
) -> None:
    with gzip.open(real_data("api_specs") / "activecampaign" / "activecampaign_v3_full.yaml.gz") as file:
        description = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    # The first is in its example only, the second on a page that this copy has not ("List all contact-tag associations").
    account.checks.append(checker(description, PATH, also={"GET /contactTags"}, also_properties={"exclude_automations"}))
    values = {
        "first_name": "Ann",
        "last_name": None,
        "phone": "+1",
        "customer_acct_name": "A",
        "12": 1.5,
        "13": True,
        "14": ["a"],
    }
    push(account, *contacts("ann@example.com", "bob@example.com", **values))
    push(account, *contacts("ann@example.com", **values))
    push(account, *members("ann@example.com", "bob@example.com"))
    push(account, *members("ann@example.com", op="remove"))
    for _ in range(2):
        push(account, event("ann@example.com"))
    push(account, forget("ann@example.com"))
    assert len(account.counted()) >= 9


class Recorded(Fake):
    """Gives recorded answers by method and path; ``made`` are answers that were not recorded."""

    def __init__(self, calls: Sequence[dict[str, Any]], made: dict[tuple[str, str], Any]) -> None:
        super().__init__()
        self.calls, self.made = calls, made

    def answer(self, request: Request) -> Reply:
        """The answer that was made or else the first that was recorded."""
        asked = (request.method, request.path)
        if asked in self.made:
            return Reply(200, self.made[asked])
        call = next(call for call in self.calls if (call["method"], call["path"]) == asked)
        return Reply(call["status"], call["response_body"], call["response_headers"])


@pytest.fixture
def recorded(real_data: Callable[[str], Path]) -> list[dict[str, Any]]:
    """Calls of a client to a real account."""
    with gzip.open(real_data("api_recordings") / "activecampaign.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def scenario(recorded: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The calls of a recorded scenario."""
    found = [call for call in recorded if call["scenario"] == name]
    assert found, name
    return found


def test_recorded_contact_is_found_and_deleted(recorded: list[dict[str, Any]]) -> None:
    calls = scenario(recorded, "Contacts/_show_contacts/returns_a_contacts_array")
    found = next(call["response_body"]["contacts"][0] for call in calls if call["method"] == "GET")
    fake = Recorded(calls, {})
    verdicts = push(fake, forget(found["email"]), forget("somebody@else.example"))
    assert told(verdicts) == {found["email"]: True, "somebody@else.example": False}, (
        "the recorded answer is not about somebody else"
    )
    assert [request.path for request in fake.requests if request.method == "DELETE"] == [f"{PATH}/contacts/{found['id']}"]


def test_recorded_tag_is_taken_off(recorded: list[dict[str, Any]]) -> None:
    calls = scenario(recorded, "ContactTags/_show_contact_tags/returns_an_array_of_contact_tag_hashes")
    contact = next(call["response_body"]["contact"] for call in calls if call["path"] == f"{PATH}/contacts")
    on = next(call["response_body"]["contactTags"][0] for call in calls if call["method"] == "GET")
    tag = next(call["response_body"]["tag"] for call in calls if call["path"] == f"{PATH}/tags")
    assert (on["contact"], on["tag"]) == (contact["id"], tag["id"]), "ids are texts"
    fake = Recorded(
        calls, {("GET", f"{PATH}/contacts"): {"contacts": [contact]}, ("GET", f"{PATH}/tags/{tag['id']}"): {"tag": tag}}
    )
    assert told(push(fake, *members(contact["email"], op="remove", list_id=tag["id"]))) == {contact["email"]: True}
    assert fake.requests[-1].path == f"{PATH}/contactTags/{on['id']}"


def test_recorded_tagging_is_an_event(recorded: list[dict[str, Any]]) -> None:
    calls = scenario(recorded, "ContactTags/_create_contact_tag/returns_a_contact_tag_hash")
    contact = next(call["response_body"]["contact"] for call in calls if call["path"] == f"{PATH}/contacts")
    tag = next(call["response_body"]["tag"] for call in calls if call["path"] == f"{PATH}/tags")
    made = {("GET", f"{PATH}/contacts"): {"contacts": [contact]}, ("GET", f"{PATH}/tags"): {"tags": [tag]}}
    fake = Recorded(calls, {**made, ("GET", f"{PATH}/contactTags"): {"contactTags": []}})
    assert told(push(fake, event(contact["email"], tag["tag"]))) == {contact["email"]: True}
    assert fake.requests[-1].body == {"contactTag": {"contact": int(contact["id"]), "tag": int(tag["id"])}}


def test_recorded_missing_things_are_done_or_refused(recorded: list[dict[str, Any]]) -> None:
    gone = [call for call in recorded if call["status"] == 404]
    for call in gone:
        if call["path"].startswith(f"{PATH}/tags/"):
            with pytest.raises(Refused, match="no contact tag"):
                push(
                    Recorded([{**call, "method": "GET"}], {}),
                    *members("ann@example.com", list_id=call["path"].rpartition("/")[2]),
                )
        if call["path"].startswith(f"{PATH}/contactTags/"):
            contact_tag = call["path"].rpartition("/")[2]
            made = {
                ("GET", f"{PATH}/tags/64"): {"tag": {"id": "64", "tag": "hot", "tagType": "contact"}},
                ("GET", f"{PATH}/contacts"): {"contacts": [{"id": "5", "email": "ann@example.com"}]},
                ("GET", f"{PATH}/contactTags"): {"contactTags": [{"id": contact_tag, "contact": "5", "tag": "64"}]},
            }
            assert told(push(Recorded([call], made), *members("ann@example.com", op="remove"))) == {"ann@example.com": True}
    assert {call["path"].split("/")[3] for call in gone} >= {"tags", "contactTags"}
