"""Whatever goes wrong on the way, after the next pushes the provider holds what is wanted: nobody too many, nobody too few, no event twice, and nothing ever reached somebody who is
suppressed. Pushes are killed at random moments; answers are lost, late, or 500 though all was done. LEAD_SCORING_FAULTS=full kills more often.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from activating import Destination, Event, FakeClock, ProviderList, World
from fakes.brevo import IMPORT_LIST, KEY, FakeBrevo
from fakes.serving import Faults, Request
from lead_scoring.activation import outcomes, planning, sending

IS_FULL = os.environ.get("LEAD_SCORING_FAULTS") == "full"
KILLS = 50 if IS_FULL else 10
PEOPLE = 400
ENVIRONMENT = {"BREVO_API_KEY": KEY, "BREVO_IMPORT_LIST_ID": str(IMPORT_LIST)}
FAST = {"max_requests": 1000}
SMALL = {
    ("brevo", "contact"): {**FAST, "max_records": 150},
    ("brevo", "member"): {**FAST, "max_records": 20},
    ("brevo", "event"): FAST,
}
"""Batches that are many, and that a process with a real clock does not wait for."""


def key_of(number: int) -> str:
    return f"lead{number:04d}@example.com"


class Life:
    """A world that changes, and the account that has to follow it."""

    def __init__(self, folder: Path, fake: FakeBrevo, url: str) -> None:
        self.fake = fake
        self.world = World(folder, LEAD_SCORING_BREVO_URL=url, **ENVIRONMENT)
        self.world.limits = dict(SMALL)
        self.world.destinations["brevo"] = Destination("brevo", "brevo", max_share=1.0)
        self.world.lists += [ProviderList("brevo", "7", max_share=1.0), ProviderList("brevo", "8", max_share=1.0)]
        self.chance = random.Random(20260310)
        self.transitions = 0
        self.forbidden: set[str] = set()
        """Who is suppressed in what is published: nothing may be added for them from then on."""
        self.broken: list[str] = []
        self.fake.checks.append(self.look)

    def look(self, request: Request) -> None:
        """Whether a request adds anything for somebody who is suppressed."""
        body = request.body if isinstance(request.body, Mapping) else {}
        if request.path.endswith("/add"):
            keys = set(body["emails"])
        elif request.path.endswith("/import"):
            keys = {row["email"] for row in body["jsonBody"]}
        elif request.path == "/events":
            keys = {body["identifiers"]["email_id"]}
        else:
            keys = set()
        self.broken += sorted(keys & self.forbidden)

    def change(self) -> None:
        """Scores change, people come and go, opt out, enter segments; and it is published."""
        world = self.world
        for number in range(PEOPLE):
            if self.chance.random() < 0.3:
                key = key_of(number)
                world.contacts["brevo", key] = {"SCORE": self.chance.randrange(100), "NAME": self.chance.choice(["A", None])}
                for list_id in ("7", "8"):
                    member = ("brevo", list_id, key)
                    (world.members.add if self.chance.random() < 0.5 else world.members.discard)(member)
        for number in self.chance.sample(range(PEOPLE), 8):
            self.transitions += 1
            world.events.append(
                Event("brevo", key_of(number), f"transition {self.transitions}", properties={"id": self.transitions})
            )
        self.suppress(self.chance.randrange(PEOPLE))
        world.publish()

    def suppress(self, number: int) -> None:
        """Let somebody opt out. They are forbidden when it is published, which is right after."""
        self.world.suppressed[key_of(number)] = "unsubscribed"

    def forbid(self) -> None:
        """From now on nothing may be added for whoever is suppressed."""
        self.forbidden = set(self.world.suppressed)

    def check(self) -> None:
        """The account holds what is wanted, exactly."""
        wanted = {key: payload for (_, key), payload in self.world.contacts.items() if key not in self.world.suppressed}
        there = {key: contact.attributes for key, contact in self.fake.contacts.items() if key in wanted}
        assert there == {
            key: {name: value for name, value in payload.items() if value is not None} for key, payload in wanted.items()
        }
        for list_id in (7, 8):
            members = {key for _, its, key in self.world.members if its == str(list_id)} - set(self.world.suppressed)
            assert self.fake.members(list_id) == members
        assert not self.broken, "suppressed people were written to"
        told = Counter(event["event_properties"]["id"] for event in self.fake.events)
        assert set(told.values()) <= {1}, "an event came twice"
        state = self.world.state
        unanswered = {line.key for line in state.unanswered.values()}
        missing = [
            event for event in self.world.events
            if event.properties["id"] not in told and event.key not in self.world.suppressed and event.key not in unanswered
        ]  # fmt: skip
        assert not missing, "an event was lost that nobody is told of"


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    fake = FakeBrevo(has_rates=False)
    with fake.running() as url:
        yield Life(tmp_path, fake, url)


def push(life: Life, clock: FakeClock, **environment: str) -> sending.Push:
    """Push in this process, confirmed."""
    with life.world.here():
        plan = planning.make(life.world.database)[0]
        return sending.push(
            life.world.database, {**os.environ, **environment}, confirmed=plan.plan_hash, clock=clock.clock
        )  # fmt: skip


FAULTS = {
    "500": Faults(seed=1, errors=0.01),
    "429": Faults(seed=2, busy=0.05),
    "dropped": Faults(seed=3, dropped=0.05),
    "lost answers": Faults(seed=4, dropped_when_done=0.05, errors_when_done=0.05),
    "all at once": Faults(seed=5, errors=0.05, busy=0.05, dropped=0.05, dropped_when_done=0.1, errors_when_done=0.1),
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_whatever_goes_wrong_the_account_holds_what_is_wanted(life: Life, faults: Faults) -> None:
    clock = FakeClock()
    for _ in range(4):
        life.change()
        life.forbid()
        life.fake.faults = faults
        push(life, clock)
        life.fake.faults = Faults()
        life.world.publish()
        assert push(life, clock).exit_code == 0
        life.check()
        life.world.publish()
        assert all(row[2] == "event" for row in life.world.delta()), "only events that were never answered are left"


def test_answers_that_come_too_late(life: Life) -> None:
    life.world.limits = {("brevo", "contact"): {"max_records": 200}}
    clock = FakeClock()
    life.change()
    life.forbid()
    life.fake.faults = Faults(seed=6, late=0.3, late_seconds=0.3)
    push(life, clock, LEAD_SCORING_ACTIVATION_TIMEOUT="0.1")
    time.sleep(0.4)
    life.fake.faults = Faults()
    life.world.publish()
    assert push(life, clock).exit_code == 0
    life.check()


def test_one_rejected_record_in_every_batch(life: Life) -> None:
    """It is told, kept out of what is acknowledged, and comes with a later push."""
    clock = FakeClock()
    life.change()
    life.forbid()
    life.fake.faults = Faults(seed=7, rejects_one_a_batch=True)
    done = push(life, clock)
    assert done.exit_code == 0
    assert done.sent[0].rejected
    life.fake.faults, life.fake.invalid = Faults(), set()
    life.world.publish()
    assert push(life, clock).exit_code == 0
    life.check()


def mend(life: Life, clock: FakeClock) -> None:
    """Build and push twice: attributes that nobody knows are known to be so by the first push, and sent by the second."""
    for _ in range(2):
        life.world.publish()
        assert push(life, clock).exit_code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_at_any_moment(life: Life, record_property: pytest.RecordProperty) -> None:
    """A push in a process of its own is killed after a random number of requests, before or after what it asked for was done; somebody opts out; the next one goes on."""
    kills = 0
    marked: list[int] = []

    def note(request: Request) -> None:
        marked.append(1)

    life.fake.checks.append(note)
    clock = FakeClock()
    while kills < KILLS:
        life.change()
        life.forbid()
        with life.world.here():
            plan = planning.make(life.world.database)[0]
        marked.clear()
        at = life.chance.randrange(1, len(plan.destinations[0].batches) + 1)
        process = life.world.start("push", "--confirm", plan.plan_hash)
        while process.poll() is None and len(marked) < at:
            time.sleep(0.001)
        time.sleep(life.chance.random() * 0.01)
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[0]
        if process.returncode == -signal.SIGKILL:
            kills += 1
        else:
            assert process.returncode == 0, said
        if kills % 2:
            # Half of the time nothing mends it before the world goes on.
            mend(life, clock)
            life.check()
    mend(life, clock)
    life.check()
    life.world.publish()
    assert push(life, clock).plan.size == 0
    assert len(outcomes.files(life.world.database)) >= kills // 2
    record_property("tried", f"activation: {kills} pushes killed; {len(life.fake.events)} events, none twice")
