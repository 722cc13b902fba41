"""Activation: what should be at a destination comes to be there, in as few requests as its limits allow; brakes hold what looks like an accident; whoever opted out or was erased
gets nothing, whenever they said so.

A version is made of plain rows (activating.World), Brevo is a fake with a memory (fakes.brevo).
"""

from __future__ import annotations

import json
import os
import random
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from activating import Destination, Event, FakeClock, ProviderList, World, batch, delivered, lead_id_of, operation, transport_to
from fakes.brevo import IMPORT_LIST, KEY, Contact, FakeBrevo
from fakes.serving import Reply, Request
from lead_scoring import erasing, project, publishing
from lead_scoring.activation import brakes, outcomes, planning, sending
from lead_scoring.activation.providers import PROVIDERS
from lead_scoring.activation.providers.base import Refused, Unanswered
from lead_scoring.activation.providers.brevo import Brevo
from lead_scoring.errors import DATA_WRONG, GUARDED, LOCKED, WRONG_USAGE, CommandError
from vendor_descriptions import checker

ENVIRONMENT = {"BREVO_API_KEY": KEY, "BREVO_IMPORT_LIST_ID": str(IMPORT_LIST)}
ANN, BOB, CAT = "ann@example.com", "bob@example.com", "cat@example.com"


class Life:
    """A world with Brevo as its one destination and list 7, and a fake that never may be written to about the suppressed."""

    def __init__(self, folder: Path, fake: FakeBrevo, url: str, clock: FakeClock) -> None:
        self.fake = fake
        self.clock = clock
        self.world = World(folder, LEAD_SCORING_BREVO_URL=url, **ENVIRONMENT)
        self.world.destinations["brevo"] = Destination("brevo", "brevo")
        self.world.lists.append(ProviderList("brevo", "7"))

    def want(self, *keys: str, **attributes: Any) -> None:
        """Let people be wanted at Brevo and on list 7."""
        for key in keys:
            self.world.contacts["brevo", key] = {"SCORE": 1, **attributes}
            self.world.members.add(("brevo", "7", key))

    def unwant(self, *keys: str) -> None:
        """Let people leave list 7."""
        self.world.members -= {("brevo", "7", key) for key in keys}

    def plan(self, *to: str) -> planning.Plan:
        """The plan of now."""
        with self.world.here():
            return planning.make(self.world.database, to)[0]

    def push(self, confirmed: str | None = None, *, is_confirmed: bool = False, **environment: str) -> sending.Push:
        """Push in this process, on the clock that does not sleep."""
        if is_confirmed:
            confirmed = self.plan().plan_hash
        with self.world.here():
            return sending.push(self.world.database, {**os.environ, **environment}, confirmed=confirmed, clock=self.clock.clock)

    def settle(self, *keys: str) -> None:
        """Publish and push what is wanted, as somebody who has looked."""
        self.want(*keys)
        self.world.publish()
        assert self.push(is_confirmed=True).exit_code == 0
        self.world.publish()

    def requests(self) -> int:
        """How many requests there were since this was asked last."""
        found = len(self.fake.requests)
        self.fake.requests.clear()
        return found


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    """A world without anybody yet."""
    clock = FakeClock()
    fake = FakeBrevo(now=clock.monotonic)
    with fake.running() as url:
        yield Life(tmp_path, fake, url, clock)
    assert not fake.violations


def people(count: int) -> list[str]:
    return [f"lead{number:06d}@example.com" for number in range(count)]


def statuses(push: sending.Push) -> dict[tuple[str, str, str], int]:
    """Operations of all destinations by kind, op and what became of them."""
    found: dict[tuple[str, str, str], int] = {}
    for sent in push.sent:
        for (kind, _, op, status), count in sent.counts.items():
            found[kind, op, status] = found.get((kind, op, status), 0) + count
    return found


# --------------------------------------------------------------------------------------------------------------------
# What comes to be there
# --------------------------------------------------------------------------------------------------------------------


def test_what_is_wanted_comes_to_be_there_and_a_second_push_asks_nothing(life: Life) -> None:
    life.want(ANN, BOB, NAME="Ann")
    life.world.events.append(Event("brevo", ANN, "transition 1", properties={"to": "hot"}))
    life.world.publish()
    push = life.push(is_confirmed=True)
    assert statuses(push) == {
        ("contact", "add", "accepted"): 2,
        ("member", "add", "accepted"): 2,
        ("event", "add", "accepted"): 1,
    }
    assert life.fake.contacts[ANN] == Contact({"SCORE": 1, "NAME": "Ann"}, {IMPORT_LIST, 7})
    assert [(event["identifiers"], event["event_properties"]) for event in life.fake.events] == [
        ({"email_id": ANN}, {"to": "hot"})
    ]
    assert life.requests() == 4, "an import, a look at it, a list, an event"
    assert life.push().exit_code == 0
    life.world.publish()
    assert life.world.delta() == []
    assert life.push().exit_code == 0
    assert life.requests() == 0

    life.world.contacts["brevo", ANN] = {"SCORE": 2, "NAME": None}
    life.unwant(BOB)
    life.world.publish()
    assert statuses(life.push(is_confirmed=True)) == {("contact", "update", "accepted"): 1, ("member", "remove", "accepted"): 1}
    assert life.fake.contacts[ANN].attributes == {"SCORE": 2}, "what is null is emptied there"
    assert life.fake.members(7) == {ANN}


def test_a_hundred_thousand_leads_take_as_few_requests_as_the_limits_allow(
    life: Life, record_property: pytest.RecordProperty
) -> None:
    """Of 100,000 acknowledged leads 5 % change their attributes, 1,000 come to the list and 1,000 leave it."""
    everybody = people(100_000)
    life.world.lists[0].max_share = life.world.destinations["brevo"].max_share = 1.0
    for key in everybody:
        life.world.contacts["brevo", key] = {"SCORE": 1}
    life.world.members |= {("brevo", "7", key) for key in everybody[:50_000]}
    life.world.acknowledge()
    for key in everybody[::20]:
        life.world.contacts["brevo", key] = {"SCORE": 2}
    life.unwant(*everybody[:1_000])
    life.world.members |= {("brevo", "7", key) for key in everybody[50_000:51_000]}
    for key in everybody:
        life.fake.contacts[key] = Contact({"SCORE": 1}, {7} if key < everybody[50_000] else set())
    life.world.publish()
    push = life.push()
    assert push.exit_code == 0
    assert statuses(push) == {
        ("contact", "update", "accepted"): 5_000, ("member", "remove", "accepted"): 1_000, ("member", "add", "accepted"): 1_000,
    }  # fmt: skip
    # 5,000 contacts go in one import, which is asked for once; 1,000 addresses in 150s are 7 changes of a list.
    assert life.fake.counted() == {
        "POST /contacts/import": 1, "GET /processes/{}": 1, "POST /contacts/lists/{}/contacts/remove": 7, "POST /contacts/lists/{}/contacts/add": 7,
    }  # fmt: skip
    record_property("tried", f"activation: 100,000 leads, 7,000 operations in {life.requests()} requests to Brevo")
    life.world.publish()
    assert life.push().exit_code == 0
    assert life.requests() == 0


def test_requests_hold_to_the_rate_and_wait_as_long_as_brevo_says(life: Life) -> None:
    life.fake.faults.busy = 0.3
    life.want(*people(3_000))
    life.world.publish()
    assert life.push(is_confirmed=True).exit_code == 0
    assert life.fake.members(7) == set(people(3_000))
    assert 1.0 in life.clock.slept, "x-sib-ratelimit-reset"
    life.fake.faults.busy = 0.0
    life.unwant(*people(3_000))
    life.world.publish()
    life.clock.sleep(10)
    before = life.clock.monotonic()
    life.requests()
    assert life.push(is_confirmed=True).exit_code == 0
    assert life.requests() == 20
    assert life.clock.monotonic() - before > 1.0, "20 requests at 10 a second"


def test_a_rejected_record_is_told_with_its_reason_and_tried_again(life: Life) -> None:
    life.fake.invalid = {"odd@example.com"}
    life.want(*people(20), "odd@example.com")
    life.world.publish()
    push = life.push(is_confirmed=True)
    assert push.exit_code == 0
    assert statuses(push)["contact", "add", "accepted"] == 20
    assert {(one.kind, one.key) for one, _ in push.sent[0].rejected} == {
        ("contact", "odd@example.com"),
        ("member", "odd@example.com"),
    }
    assert life.fake.members(7) == set(people(20))
    status = json.loads(life.world.activate("status", "--json").stdout)["destinations"][0]
    assert [(row["count"], row["example"]) for row in status["rejected"]] == [(1, "o***@example.com"), (1, "o***@example.com")]
    assert "invalid" in status["rejected"][0]["reason"]
    assert "odd@example.com" in next(iter(outcomes.files(life.world.database))).read_text(encoding="utf-8")
    life.fake.invalid = set()
    life.world.publish()
    life.push(is_confirmed=True)
    assert life.fake.members(7) == {*people(20), "odd@example.com"}


def test_what_was_accepted_since_the_version_is_left_out_and_what_rests_on_it_waits(life: Life) -> None:
    life.settle(ANN)
    life.world.contacts["brevo", ANN] = {"SCORE": 2}
    life.world.publish()
    stale = planning.read(
        publishing.published_folder(life.world.database), planning.Suppressions(publishing.published_folder(life.world.database))
    )
    assert life.push(is_confirmed=True).exit_code == 0
    life.world.contacts["brevo", ANN] = {"SCORE": 3}
    life.world.publish()
    assert life.push(is_confirmed=True).exit_code == 0
    # Of version 2 the update is done; one that was computed beside it rests on what is no longer there.
    other = planning.operation_of({
        "destination": "brevo", "kind": "contact", "list_id": None, "key": ANN, "lead_id": lead_id_of(ANN), "op": "update", "payload": '{"SCORE": 9}', "payload_hash": "h",
        "op_id": "another", "after_op_id": stale.delta["brevo"][0].op_id, "reason": "changed", "priority": 2,
    })  # fmt: skip
    again = planning.Published(
        stale.version, {"brevo": [*stale.delta["brevo"], other]}, {}, stale.lists, stale.destinations, stale.limits
    )
    with life.world.here():
        found = planning.plan(again, life.world.state, [], set(), [], [])
    assert (found.size, found.destinations[0].stale) == (0, 1)


def test_batches_keep_to_records_and_bytes() -> None:
    provider = Brevo({})
    limit = {"contact": planning.Limit("brevo", "contact", 100, 5_000, 10, 1.0)}
    operations = [operation("contact", key, {"TEXT": "x" * 500}) for key in people(100)]
    batches = list(planning.batches_of(operations, provider, limit))
    assert [one for found in batches for one in found.operations] == operations
    sizes = [len(json.dumps([provider.record_of(one) for one in found.operations])) for found in batches]
    assert max(sizes) < 5_000
    assert len(batches) == 15, "seven of them fill a request"


# --------------------------------------------------------------------------------------------------------------------
# Brakes
# --------------------------------------------------------------------------------------------------------------------


def test_the_first_push_is_a_dry_run_until_it_is_confirmed(life: Life) -> None:
    life.want(ANN)
    life.world.publish()
    push = life.push()
    assert push.exit_code == GUARDED
    assert life.requests() == 0
    assert life.push("0" * 12).exit_code == GUARDED
    assert life.requests() == 0
    assert life.push(push.plan.plan_hash).exit_code == 0
    assert life.fake.members(7) == {ANN}


def test_a_confirmation_is_for_the_plan_that_was_looked_at(life: Life) -> None:
    life.want(ANN)
    life.world.publish()
    seen = life.plan().plan_hash
    life.want(BOB)
    life.world.publish()
    push = life.push(seen)
    assert push.exit_code == GUARDED
    assert push.plan.plan_hash in push.stopped
    assert life.requests() == 0


def test_a_list_that_would_change_too_much_is_held_and_opt_outs_go(life: Life) -> None:
    life.settle(*people(100))
    life.world.suppressed = dict.fromkeys(people(40)[:5], "unsubscribed")
    life.unwant(*people(40))
    life.requests()
    life.world.publish()
    push = life.push()
    assert push.exit_code == GUARDED
    assert "would lose 35 of 100" in push.sent[0].stops[0]
    assert statuses(push) == {("member", "remove", "accepted"): 5, ("member", "remove", "held"): 35}
    assert len(life.fake.members(7)) == 95
    assert not life.fake.members(IMPORT_LIST) & set(people(5)), "an opt-out leaves the list of imports too"


@pytest.mark.parametrize(
    ("accident", "said"),
    [
        ("empty source", "its source hot has nobody"),
        ("share of gains", "would gain 40 of 100"),
        ("share of changes", "would change contacts: 100 of 100"),
        ("number of gains", "would gain 40, and max_changes allows 39"),
    ],
)
def test_each_brake_stops_its_accident(life: Life, accident: str, said: str) -> None:
    life.settle(*people(100))
    match accident:
        case "empty source":
            life.world.lists[0].max_share = 1.0
            life.unwant(*people(100))
        case "share of gains":
            life.want(*people(140))
        case "share of changes":
            life.want(*people(100), BROKEN=True)
        case "number of gains":
            life.world.lists[0].max_share, life.world.lists[0].max_changes = 1.0, 39
            life.world.destinations["brevo"].max_share = 1.0
            life.want(*people(140))
    life.requests()
    life.world.publish()
    push = life.push()
    assert push.exit_code == GUARDED
    assert any(said in sentence for sentence in push.sent[0].stops), push.sent[0].stops
    assert life.requests() == 0
    assert life.push(push.plan.plan_hash).exit_code == 0
    assert life.requests()


def test_a_small_list_and_a_small_change_are_not_held(life: Life) -> None:
    life.settle(*people(49))
    life.unwant(*people(40))
    life.world.publish()
    assert life.push().exit_code == 0
    assert len(life.fake.members(7)) == 9


def test_one_destination_that_is_held_does_not_hold_another(life: Life) -> None:
    life.world.destinations["second"] = Destination("second", "brevo")
    life.settle(ANN)
    life.world.contacts["second", BOB] = {"SCORE": 1}
    life.world.contacts["brevo", ANN] = {"SCORE": 2}
    life.world.publish()
    push = life.push()
    assert push.exit_code == GUARDED
    assert life.fake.contacts[ANN].attributes == {"SCORE": 2}
    assert BOB not in life.fake.contacts


def test_the_kill_switch_stops_everything_whatever_was_confirmed(life: Life) -> None:
    life.want(*people(400))
    life.world.publish()
    confirmed = life.plan().plan_hash
    with pytest.raises(CommandError, match="LEAD_SCORING_STOP_ACTIVATION") as stopped:
        life.push(confirmed, LEAD_SCORING_STOP_ACTIVATION="1")
    assert stopped.value.exit_code == GUARDED
    life.world.activation.mkdir(exist_ok=True)
    stop = life.world.activation / brakes.STOP_FILE
    stop.touch()
    with pytest.raises(CommandError, match="STOP"):
        life.push(confirmed)
    assert life.requests() == 0
    stop.unlink()

    def stop_after_two_changes_of_the_list(request: Request) -> None:
        if life.fake.counted()["POST /contacts/lists/{}/contacts/add"] == 2:
            stop.touch()

    life.fake.checks.append(stop_after_two_changes_of_the_list)
    push = life.push(confirmed)
    assert push.exit_code == GUARDED
    assert len(life.fake.members(7)) == 300, "the batch that was under way ends, no other begins"
    assert statuses(push)["member", "add", "unsent"] == 100
    stop.unlink()
    life.fake.checks.clear()
    assert life.push().exit_code == 0
    assert len(life.fake.members(7)) == 400


# --------------------------------------------------------------------------------------------------------------------
# Whoever opted out
# --------------------------------------------------------------------------------------------------------------------


def test_who_opts_out_between_plan_and_push_gets_nothing(life: Life) -> None:
    """A version that still wants them beside suppressions that do not: the newest word counts."""
    life.want(ANN, BOB)
    life.world.publish()
    seen = life.plan()
    life.world.suppressed = {BOB: "unsubscribed"}
    life.world.publish()
    assert life.push(seen.plan_hash).exit_code == GUARDED, "the plan is another one"
    assert life.push(is_confirmed=True).exit_code == 0
    assert life.fake.written_to == [ANN, ANN]


def test_who_opts_out_between_two_batches_gets_no_more(life: Life) -> None:
    life.want(*people(400))
    life.world.events = [Event("brevo", key, "transition 1") for key in people(3)]
    life.world.publish()
    gone = people(400)[-1]

    def opt_out(request: Request) -> None:
        if request.path.endswith("/add") and not life.world.suppressed:
            life.world.suppressed = {gone: "unsubscribed", people(2)[1]: "complained"}
            life.world.publish()

    life.fake.checks.append(opt_out)
    push = life.push(is_confirmed=True)
    assert push.exit_code == 0
    assert push.sent[0].suppressed == {"unsubscribed": 1, "complained": 1}
    assert life.fake.written_to.count(gone) == 1, "the import had gone"
    assert gone not in life.fake.members(7)
    assert [event["identifiers"]["email_id"] for event in life.fake.events] == [people(3)[0], people(3)[2]]


def test_after_a_rollback_who_opted_out_since_stays_out(life: Life) -> None:
    life.want(ANN, BOB)
    life.world.publish()
    life.world.suppressed = {BOB: "unsubscribed"}
    life.world.publish()
    folder = publishing.published_folder(life.world.database)
    publishing.point_to(folder, min((folder / "versions").iterdir()))
    push = life.push(is_confirmed=True)
    assert dict(push.sent[0].plan.suppressed) == {"unsubscribed": 2}
    assert set(life.fake.written_to) == {ANN}


def test_suppressions_are_read_again_only_when_something_was_published(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.want(ANN)
    life.world.publish()
    suppressions = planning.Suppressions(publishing.published_folder(life.world.database))
    suppressions.now()
    monkeypatch.setattr(planning, "opened", None)
    assert suppressions.now() == {}
    life.world.publish()
    with pytest.raises(TypeError):
        suppressions.now()


# --------------------------------------------------------------------------------------------------------------------
# Whoever was erased
# --------------------------------------------------------------------------------------------------------------------


def forget(life: Life, *keys: str) -> None:
    """Erase people as a build does: from what is published, then from the outcomes."""
    for key in keys:
        life.world.contacts = {place: payload for place, payload in life.world.contacts.items() if place[1] != key}
        life.world.members = {member for member in life.world.members if member[2] != key}
    with life.world.here():
        outcomes.forget(life.world.database, [lead_id_of(key) for key in keys])
    life.world.publish()


def bytes_of(folder: Path) -> bytes:
    """All that stands in the files of a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_erased_are_deleted_where_they_were_sent_and_are_in_no_file_then(life: Life) -> None:
    life.settle(ANN, *people(100))
    forget(life, ANN)
    assert ANN.encode() in bytes_of(life.world.activation), "the one place that knows the address"
    assert [path.name for path in life.world.activation.rglob("*") if path.is_file() and ANN.encode() in path.read_bytes()] == [
        "forgets.jsonl"
    ]
    forget(life, ANN)
    assert len(outcomes.forgets(life.world.database)) == 1, "asking twice is asking once"
    # Whatever the brakes say.
    life.world.suppressed = {}
    life.unwant(*people(90))
    life.world.publish()
    life.requests()
    push = life.push()
    assert push.exit_code == GUARDED
    assert statuses(push)["forget", "remove", "accepted"] == 1
    assert ANN not in life.fake.contacts
    assert ANN.encode() not in bytes_of(life.world.activation)
    assert life.requests() == 1
    # It is deleted already.
    forget(life, ANN)
    assert outcomes.forgets(life.world.database) == []


def test_of_who_was_never_sent_nothing_is_asked(life: Life) -> None:
    life.settle(ANN)
    life.want(BOB)
    forget(life, BOB)
    assert outcomes.forgets(life.world.database) == []
    assert life.push().exit_code == 0


def test_a_failed_deletion_stays_asked_for(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.settle(ANN)
    forget(life, ANN)
    monkeypatch.setattr(life.fake, "answer", lambda request: Reply(400, {"message": "Not now"}))
    push = life.push()
    assert statuses(push) == {("forget", "remove", "rejected"): 1}
    assert [one.key for one in outcomes.forgets(life.world.database)] == [ANN]


def test_who_is_erased_while_their_batch_is_under_way_is_forgotten_too(life: Life) -> None:
    """The build waits for no push: it takes their lines out before there is one."""
    life.want(ANN, *people(10))
    life.world.publish()

    def erase(request: Request) -> None:
        if request.path.endswith("/import"):
            forget(life, ANN)

    life.fake.checks.append(erase)
    push = life.push(is_confirmed=True)
    assert push.exit_code == 0
    assert ANN in life.fake.contacts
    assert ANN not in life.fake.members(7), "nothing about them goes any more"
    assert [one.key for one in outcomes.forgets(life.world.database)] == [ANN]
    assert all(line.key != ANN for line in life.world.state.held.values())
    life.fake.checks.clear()
    assert life.push().exit_code == 0
    assert ANN not in life.fake.contacts
    assert ANN.encode() not in bytes_of(life.world.activation)


def test_who_was_in_a_batch_that_nobody_answered_is_forgotten_too(life: Life) -> None:
    life.settle(BOB)
    life.want(ANN)
    life.world.publish()
    life.fake.faults.errors_when_done = 1.0
    assert life.push().exit_code == DATA_WRONG
    life.fake.faults.errors_when_done = 0.0
    assert ANN in life.fake.contacts
    forget(life, ANN)
    assert life.push().exit_code == 0
    assert set(life.fake.contacts) == {BOB}
    assert ANN.encode() not in bytes_of(life.world.activation)


def test_a_build_that_purges_takes_them_out_of_the_outcomes_first(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed right after, it has not noted the purge yet, and begins anew."""
    life.settle(ANN)

    def killed(database: Path) -> None:
        raise CommandError("killed here")

    monkeypatch.setattr(erasing, "rewrite", killed)
    with pytest.raises(CommandError, match="killed here"):
        erasing.purge(
            life.world.database, erasing.Erased([lead_id_of(ANN)], [lead_id_of(ANN)]), "2026-03-10 06:00:00", is_new=False
        )
    assert [one.key for one in outcomes.forgets(life.world.database)] == [ANN]


# --------------------------------------------------------------------------------------------------------------------
# Files
# --------------------------------------------------------------------------------------------------------------------


def test_a_torn_last_line_is_no_line_and_nothing_is_written_behind_it(life: Life) -> None:
    life.settle(ANN, BOB)
    path = outcomes.files(life.world.database)[-1]
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    before = life.world.state
    assert len(before.held) == 3
    life.world.publish()
    assert life.push().exit_code == 0
    assert path.read_bytes() == b"".join(whole.splitlines(keepends=True)[:-1])
    assert len(life.world.state.held) == 4


def test_a_line_that_is_no_json_is_named(life: Life) -> None:
    life.settle(ANN)
    path = outcomes.files(life.world.database)[-1]
    path.write_text("{\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CommandError, match=f"{path.name}, line 1"):
        life.push()


def test_nobody_but_the_owner_may_read_the_files(life: Life) -> None:
    life.settle(ANN)
    forget(life, ANN)
    for path in [life.world.activation, *life.world.activation.rglob("*")]:
        if path.suffix != ".lock":
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_a_clock_that_jumps_back_does_not_turn_the_order_round(life: Life) -> None:
    life.settle(ANN, BOB)
    life.clock.seconds -= 86_400
    life.unwant(ANN)
    life.world.publish()
    assert life.push().exit_code == 0
    assert [line.key for line in life.world.state.acknowledged("brevo", "member", "7")] == [BOB]
    names = [path.name for path in outcomes.files(life.world.database)]
    assert life.push().exit_code == 0
    assert names == sorted(names)


# --------------------------------------------------------------------------------------------------------------------
# What refuses everybody
# --------------------------------------------------------------------------------------------------------------------


def test_a_wrong_key_ends_the_destination_and_stands_in_no_message(life: Life) -> None:
    life.world.destinations["other"] = Destination("other", "files")
    life.world.contacts["other", BOB] = {"SCORE": 1}
    life.want(ANN)
    life.world.publish()
    folder = life.world.folder / "files"
    folder.mkdir()
    secret = "xkeysib-mistyped"
    push = life.push(is_confirmed=True, BREVO_API_KEY=secret, LEAD_SCORING_FILES_FOLDER=str(folder))
    assert push.exit_code == DATA_WRONG
    assert "BREVO_API_KEY" in push.sent[0].refused
    assert secret not in push.sent[0].refused + bytes_of(life.world.activation).decode()
    assert life.requests() == 1
    assert list(folder.rglob("*.csv")), "the others go on"


def test_a_key_that_the_provider_says_back_is_not_said_on(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life.fake, "answer", lambda request: Reply(403, {"message": f"{KEY} may not; daily limit 1000"}))
    with pytest.raises(Refused, match=r"\*\*\* may not; daily limit 1000"):
        delivered(Brevo, batch(operation("contact", ANN)), url_of(life), ENVIRONMENT)


def test_a_redirect_is_not_followed(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    thief = FakeBrevo()
    with thief.running() as elsewhere:
        monkeypatch.setattr(life.fake, "answer", lambda request: Reply(307, None, {"Location": f"{elsewhere}/contacts/import"}))
        with pytest.raises(Refused, match="another address"):
            delivered(Brevo, batch(operation("contact", ANN)), url_of(life), ENVIRONMENT)
    assert not thief.requests


def test_a_key_is_sent_in_clear_to_nobody_else() -> None:
    for url, is_right in (
        ("http://127.0.0.1:1", True),
        ("https://example.com", True),
        ("http://example.com", False),
        ("example.com", False),
    ):
        if is_right:
            with transport_to(Brevo, url, ENVIRONMENT):
                pass
        else:
            with pytest.raises(CommandError, match="LEAD_SCORING_BREVO_URL"), transport_to(Brevo, url, ENVIRONMENT):
                pass


def url_of(life: Life) -> str:
    """Where the fake is."""
    return life.world.environment["LEAD_SCORING_BREVO_URL"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Tue, 10 Mar 2026 06:01:00 GMT"}, 60.0),
        ({"x-sib-ratelimit-reset": "3", "Retry-After": "9"}, 3.0),
        ({}, 1.0),
        ({"Retry-After": "soon"}, 1.0),
    ],
)
def test_how_long_a_busy_provider_is_waited_for(
    life: Life, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], seconds: float
) -> None:
    life.fake.contacts[ANN] = Contact()
    replies = [Reply(429, None, headers), Reply(503, None, headers)]
    answer = life.fake.answer
    monkeypatch.setattr(life.fake, "answer", lambda request: replies.pop() if replies else answer(request))
    clock = FakeClock()
    delivered(Brevo, batch(operation("member", ANN, list_id="7")), url_of(life), ENVIRONMENT, clock)
    assert clock.slept[0] == pytest.approx(seconds, abs=0.2)
    assert len(clock.slept) == 2


def test_a_provider_that_stays_busy_or_wants_hours_is_left_alone(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    for reply in (Reply(429, None, {"Retry-After": "7200"}), Reply(503)):
        monkeypatch.setattr(life.fake, "answer", lambda request, reply=reply: reply)
        with pytest.raises(Refused):
            delivered(Brevo, batch(operation("event", ANN, {"event": "e", "occurred_at": ""})), url_of(life), ENVIRONMENT)
    assert life.requests() < 15


def test_what_refuses_an_event_lets_it_go_again(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.settle(ANN)
    life.world.events = [Event("brevo", ANN, "transition 1")]
    life.world.publish()
    answer = life.fake.answer
    monkeypatch.setattr(life.fake, "answer", lambda request: Reply(403, {"message": "No events on this plan"}))
    assert life.push().exit_code == DATA_WRONG
    monkeypatch.setattr(life.fake, "answer", answer)
    assert life.push().exit_code == 0
    assert len(life.fake.events) == 1


def test_an_event_that_nobody_answered_is_not_sent_twice_and_is_told(life: Life) -> None:
    life.settle(ANN, BOB)
    life.world.events = [Event("brevo", ANN, "transition 1"), Event("brevo", BOB, "transition 1")]
    life.world.publish()
    life.fake.faults.dropped_when_done = 1.0
    push = life.push()
    assert (push.exit_code, statuses(push)) == (DATA_WRONG, {("event", "add", "unanswered"): 2})
    life.fake.faults.dropped_when_done = 0.0
    assert life.push().exit_code == 0
    assert len(life.fake.events) == 2
    assert life.plan().destinations[0].unanswered == 2
    told = life.world.activate("status")
    assert "never answered: 2" in told.stdout


def lose_answers(life: Life) -> None:
    """Push what is published; all is done, and nobody is told."""
    life.fake.faults.errors_when_done = 1.0
    assert life.push().exit_code == DATA_WRONG
    life.fake.faults.errors_when_done = 0.0


def test_who_was_added_unanswered_and_is_wanted_no_more_is_taken_off(life: Life) -> None:
    """The difference knows nothing of them: neither wanted nor acknowledged."""
    life.settle(BOB)
    life.world.members.add(("brevo", "7", ANN))
    life.fake.contacts[ANN] = Contact()
    life.world.publish()
    lose_answers(life)
    assert life.fake.members(7) == {ANN, BOB}
    life.unwant(ANN)
    life.world.publish()
    assert life.world.delta() == []
    assert life.push().exit_code == 0
    assert life.fake.members(7) == {BOB}
    life.world.publish()
    assert life.plan().size == 0


def test_who_was_added_unanswered_and_opts_out_is_taken_off_past_every_brake(life: Life) -> None:
    life.settle(*people(60))
    life.world.lists[0].mode = "upsert"
    life.world.members.add(("brevo", "7", ANN))
    life.fake.contacts[ANN] = Contact()
    life.world.publish()
    lose_answers(life)
    life.world.suppressed = {ANN: "unsubscribed"}
    life.want(*people(59), BROKEN=True)
    life.world.publish()
    push = life.push()
    assert push.exit_code == GUARDED
    assert statuses(push)["member", "remove", "accepted"] == 1
    assert ANN not in life.fake.members(7)


def test_who_was_taken_off_unanswered_and_is_wanted_again_is_added(life: Life) -> None:
    life.settle(ANN, BOB)
    life.unwant(ANN)
    life.world.publish()
    lose_answers(life)
    assert life.fake.members(7) == {BOB}
    life.want(ANN)
    life.world.publish()
    assert life.world.delta() == []
    assert life.push().exit_code == 0
    assert life.fake.members(7) == {ANN, BOB}


def test_what_was_settled_is_settled_though_the_clock_jumps_back(life: Life) -> None:
    life.settle(BOB)
    life.want(ANN)
    life.world.publish()
    lose_answers(life)
    life.clock.seconds -= 86_400
    assert life.push().exit_code == 0
    life.world.publish()
    assert life.push().exit_code == 0
    assert life.plan().size == 0


def test_attributes_that_were_changed_unanswered_and_back_again_are_sent_again(life: Life) -> None:
    life.settle(ANN, BOB)
    life.world.contacts["brevo", ANN] = {"SCORE": 2}
    life.world.publish()
    lose_answers(life)
    life.world.contacts["brevo", ANN] = {"SCORE": 1}
    life.world.publish()
    assert life.world.delta() == []
    assert life.push().exit_code == 0
    life.world.publish()
    assert life.push().exit_code == 0
    assert life.fake.contacts[ANN].attributes == {"SCORE": 1}
    life.world.publish()
    assert life.plan().size == 0


def test_a_destination_that_is_down_is_left_alone_after_three_batches(life: Life) -> None:
    life.settle(*people(1))
    life.want(*people(2_000))
    life.world.publish()
    life.fake.faults.errors = 1.0
    life.requests()
    push = life.push(is_confirmed=True)
    assert push.exit_code == DATA_WRONG
    assert life.requests() == 15, "three batches, five tries each"
    assert statuses(push)["member", "add", "unsent"] > 1_000


# --------------------------------------------------------------------------------------------------------------------
# The command line
# --------------------------------------------------------------------------------------------------------------------


def test_from_nothing_to_done_on_the_command_line(life: Life) -> None:
    world = life.world
    for command in ("plan", "push"):
        told = world.activate(command)
        assert (told.returncode, "Nothing was published yet" in told.stderr) == (DATA_WRONG, True), told
    assert "Nothing was sent yet" in world.activate("status").stdout
    assert not world.activation.exists()
    life.want(ANN, BOB)
    world.publish()
    planned = json.loads(world.activate("plan", "--json").stdout)
    assert planned["next"] == f'make activate ARGS="push --confirm {planned["plan_hash"]}"'
    assert [(row["kind"], row["op"], row["count"]) for row in planned["destinations"][0]["operations"]] == [
        ("contact", "add", 2),
        ("member", "add", 2),
    ]
    told = world.activate("plan", "--to", "brevo")
    assert f'make activate ARGS="push --to brevo --confirm {planned["plan_hash"]}"' in told.stdout
    assert "2 requests at the least" in told.stdout
    assert ANN not in told.stdout
    assert world.activate("push", "--dry-run").returncode == 0
    braked = world.activate("push")
    assert (braked.returncode, "dry run" in braked.stderr) == (GUARDED, True)
    assert life.requests() == 0
    life.fake.has_rates = False
    done = world.activate("push", "--to", "brevo", "--confirm", planned["plan_hash"], "--json")
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["exit_code"] == 0
    assert life.fake.members(7) == {ANN, BOB}
    assert "There was nothing to send" in world.activate("push").stdout
    status = json.loads(world.activate("status", "--json").stdout)["destinations"][0]
    assert status["acknowledged"] == [
        {"kind": "contact", "list_id": "", "count": 2},
        {"kind": "member", "list_id": "7", "count": 2},
    ]


def test_wrong_usage_is_told_in_words(life: Life) -> None:
    life.want(ANN)
    life.world.publish()
    told = life.world.activate("push", "--to", "nowhere")
    assert (told.returncode, "There is no destination nowhere; there is brevo" in told.stderr) == (WRONG_USAGE, True)
    told = life.world.activate("push", "--json", BREVO_API_KEY="")
    assert told.returncode == WRONG_USAGE
    assert "BREVO_API_KEY" in json.loads(told.stdout)["message"]
    told = life.world.activate("push", LEAD_SCORING_ACTIVATION_TIMEOUT="long")
    assert (told.returncode, "LEAD_SCORING_ACTIVATION_TIMEOUT is long" in told.stderr) == (WRONG_USAGE, True)
    life.world.destinations["brevo"].provider = "telegraph"
    life.world.publish()
    assert "telegraph" in life.world.activate("plan").stderr


def test_one_push_at_a_time(life: Life) -> None:
    life.want(ANN)
    life.world.publish()
    with life.world.here(), sending.push_locked(life.world.database):
        told = life.world.activate("push")
    assert (told.returncode, f"process {os.getpid()}" in told.stderr) == (LOCKED, True)


def test_a_destination_that_is_off_gets_nothing(life: Life) -> None:
    life.want(ANN)
    life.world.destinations["brevo"].is_on = False
    life.world.publish()
    assert life.push().exit_code == 0
    assert life.requests() == 0
    assert "brevo is off" in life.world.activate("plan").stdout


def test_dbt_gets_no_secret_of_any_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name for kind in PROVIDERS.values() for name in kind.secrets if name != "LEAD_SCORING_FILES_FOLDER"}
    for name in names:
        monkeypatch.setenv(name, "secret")
    assert not names & set(project.environment())
    assert len(names) >= 9


# --------------------------------------------------------------------------------------------------------------------
# Brevo
# --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def described(real_data: Callable[[str], Path]) -> Callable[[Request], None]:
    """Brevo's own description of its API, as a check for every request. The branches of its oneOf lack what makes them different: each has to have its property."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (real_data("api_specs") / "brevo" / "brevo_v3_2026-02.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader=loader)
    document["paths"] = {
        path: methods for path, methods in document["paths"].items() if path.startswith(("/contacts", "/events", "/processes"))
    }
    for methods in document["paths"].values():
        for described in methods.values():
            schema = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            for branch in schema.get("oneOf", ()):
                branch["required"] = list(branch["properties"])
    check = checker(document, "/v3")

    def check_request(request: Request) -> None:
        # The version stands in Brevo's address, and not in the fake's.
        check(Request(request.method, f"/v3{request.path}", request.query, request.headers, request.body, request.at))

    return check_request


def test_every_request_is_one_that_brevo_describes(life: Life, described: Callable[[Request], None]) -> None:
    life.fake.checks.append(described)
    life.fake.invalid = {CAT}
    life.want(ANN, BOB, CAT, NAME=None, TAGS=["a"], SHARE=0.5, IS_HOT=True)
    life.world.events = [Event("brevo", ANN, "transition 1", properties={"to": "hot", "points": 3})]
    life.world.publish()
    life.push(is_confirmed=True)
    life.world.suppressed = {BOB: "unsubscribed"}
    life.unwant(ANN)
    life.world.publish()
    life.push(is_confirmed=True)
    forget(life, ANN)
    life.push()
    assert {shape.split(" ", 1)[1] for shape in life.fake.counted()} == {
        "/contacts/import", "/processes/{}", "/contacts/lists/{}/contacts/add", "/contacts/lists/{}/contacts/remove", "/events", "/contacts/{}",
    }  # fmt: skip
    assert not life.fake.violations, life.fake.violations


def test_the_description_refuses_what_brevo_refuses(described: Callable[[Request], None]) -> None:
    def request(path: str, body: Any) -> Request:
        return Request("POST", path, {}, {}, body, 0.0)

    described(request("/contacts/lists/7/contacts/add", {"emails": [ANN]}))
    for path, body in (
        ("/contacts/lists/7/contacts/add", {"emails": people(151)}),
        ("/contacts/lists/7/contacts/add", {"emails": [1]}),
        ("/contacts/import", {"jsonBody": ANN}),
        ("/events", {"event_name": "a"}),
    ):
        with pytest.raises(Exception, match=r"."):
            described(request(path, body))


def test_nobody_is_unblocked(life: Life) -> None:
    life.fake.contacts[ANN] = Contact({}, set(), is_blacklisted=True)
    life.settle(ANN)
    assert life.fake.contacts[ANN].is_blacklisted


def test_a_list_that_is_as_it_should_be_is_done(life: Life) -> None:
    life.fake.contacts[ANN] = Contact({}, {7})
    life.fake.contacts[BOB] = Contact()
    verdicts = delivered(Brevo, batch(*(operation("member", key, list_id="7") for key in (ANN, CAT))), url_of(life), ENVIRONMENT)
    assert [verdict.is_accepted for verdict in verdicts] == [True, False]
    verdicts = delivered(
        Brevo, batch(*(operation("member", key, list_id="7", op="remove") for key in (BOB, CAT))), url_of(life), ENVIRONMENT
    )
    assert all(verdict.is_accepted for verdict in verdicts)
    with pytest.raises(Refused, match="no list 99"):
        delivered(Brevo, batch(operation("member", ANN, list_id="99")), url_of(life), ENVIRONMENT)


def test_invalid_addresses_are_found_though_brevo_tells_only_their_number(life: Life) -> None:
    chance = random.Random(1)
    keys = people(1_000)
    life.fake.invalid = set(chance.sample(keys, 2))
    verdicts = delivered(
        Brevo, batch(*(operation("contact", key, {"SCORE": 1}) for key in keys)), url_of(life), ENVIRONMENT, life.clock
    )
    assert {verdict.operation.key for verdict in verdicts if not verdict.is_accepted} == life.fake.invalid
    assert set(life.fake.contacts) == set(keys) - life.fake.invalid
    imports = life.fake.counted()["POST /contacts/import"]
    assert imports <= 40


def test_an_import_is_waited_for_and_one_that_never_ends_is_unanswered(life: Life) -> None:
    life.fake.polls = 4
    clock = FakeClock()
    assert delivered(Brevo, batch(operation("contact", ANN)), url_of(life), ENVIRONMENT, clock)[0].is_accepted
    assert clock.slept == [1, 2, 4, 8, 16]
    life.fake.polls = 10_000
    with pytest.raises(Unanswered, match="still at an import"):
        delivered(Brevo, batch(operation("contact", ANN)), url_of(life), ENVIRONMENT)
