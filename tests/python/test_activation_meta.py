"""Meta as a destination: hashes as its own library makes them, audiences that follow what is wanted, and limits that come as errors."""

from __future__ import annotations

from typing import Any

import pytest
from activating import FakeClock, batch, delivered, operation
from fakes.meta import ACCOUNT, TOKEN, VERSION, FakeMeta
from fakes.serving import Faults, Reply
from lead_scoring.activation.operations import Operation, Verdict
from lead_scoring.activation.providers.base import Refused, Unanswered
from lead_scoring.activation.providers.meta import Meta, email_sha256

AUDIENCE = "6001"
ANN, BEN, CLEO = "ann@example.com", "ben@example.com", "cleo@example.com"

# What facebook_business 26.0.3, adobjects/serverside/normalize.py (PyPI), makes of an e-mail: its own normaliser was run once on each of these. None: it raises.
GOLDEN: dict[str, str | None] = {
    "ann@example.com": "71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476",
    "Ann@Example.COM": "71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476",
    " ann@example.com ": "71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476",
    "\tann@example.com\r\n": "71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476",
    "\u00a0ann@example.com\u00a0": "71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476",
    "ann+tag@example.com": "4e9529da27bea27cccbf5dfbe28ee3c9839ee002ace42f31d3e1713ec937ba80",
    "a.n.n@gmail.com": "9ba1e06f6755fb253482f6d27f5506d8c3b5ad9e10e22e41b997b7ea8676a945",
    "o'brien@example.com": "51a228e25e7c90b9ea59784be16db9633d983c7046881047dfcc24153fe3d450",
    "\u0130pek@example.com": "6182afdc2043b443215baea80e61a943f11d6fc4dc61e1c5834aae320fb8c91f",
    "m\u00fcller@example.com": "39c030ac25030a19ba73533af6d5bad6de543475377193dd2589e3ed49f90d80",
    "mu\u0308ller@example.com": "18a8b3ef2ffea7ce181883e54adaa92734704134cfa0d5af246b3ebb078b98ad",
    "\uff41\uff4e\uff4e@example.com": "70073d7a09f1015bd905906ecdff588f0adc8ae5f3a20f19372b8303bac88b9c",
    "info@m\u00fcnchen.example": "82ddfa746471ed54cb65ba7a5894764faeef11203f4ab6c1f3ac35b2d7cf459a",
    "info@xn--mnchen-3ya.example": "67fa3b3b5db317bd6f71478bb2b37d4cce1764e46d644436119acbf715066c89",
    "<ann@example.com>": "066dae968296de932ca795ad21ba365ea7724be0ae9efba4532662ba0af43b2b",
    "a@b.example;c@d.example": "e2e07c884c36d3f7072919c820fea1872c8f2afac8c7ded385bb4c71bf044c10",
    "ann@@example.com": "cf9d45287550d8b618e6670619136baead7af039e43ddcd3e64377abfbd71bb2",
    "\u200bann@example.com": "b54b32d04d397fb939f14e28afdcfe443b358ed3243e79ec76829c8515733aa0",
    "a" * 300 + "@example.com": "d71e1056b33fe249cb829675b379af27fad9890535e05ab5335ca11908f3b6ec",
    "ann @example.com": "c8d506828f2bae99778aa5b19d4443175a12aaacf6921e7113d0a70c274125de",
    "ann@example": None,
    "ann.example.com": None,
    "": None,
    "@": None,
    "a@b\n.c": None,
}


@pytest.fixture
def meta() -> FakeMeta:
    """An ad account with two empty audiences."""
    return FakeMeta()


def member(key: str, op: str = "add", list_id: str = AUDIENCE) -> Operation:
    """Somebody in an audience."""
    return operation("member", key, list_id=list_id, op=op)


def send(fake: FakeMeta, *operations: Operation, clock: FakeClock | None = None, **environment: str) -> list[Verdict]:
    """Deliver a batch over HTTP."""
    with fake.running() as url:
        return list(delivered(Meta, batch(*operations), f"{url}/{VERSION}", {"META_ACCESS_TOKEN": TOKEN, **environment}, clock))


def told(verdicts: list[Verdict]) -> dict[str, bool]:
    """Who was accepted."""
    return {verdict.operation.key: verdict.is_accepted for verdict in verdicts}


def hashes(*keys: str) -> set[str]:
    """What stands in an audience for people."""
    return {GOLDEN.get(key) or email_sha256(key) or "" for key in keys}


@pytest.mark.parametrize("key", GOLDEN, ids=ascii)
def test_hashes_are_those_of_metas_own_library(key: str) -> None:
    """Trimmed, in lower case, SHA-256; nothing else is changed."""
    assert email_sha256(key) == GOLDEN[key]


def test_from_nothing_to_what_is_wanted_and_back(meta: FakeMeta) -> None:
    """People join, some leave, and no e-mail and no token is in an address or a body."""
    assert all(told(send(meta, member(ANN), member(BEN))).values())
    assert meta.audiences[AUDIENCE] == hashes(ANN, BEN)
    assert all(told(send(meta, member(CLEO))).values())
    assert all(told(send(meta, member(ANN, "remove"), member(CLEO, "remove"))).values())
    assert meta.audiences == {AUDIENCE: hashes(BEN), "6002": set()}
    for request in meta.requests:
        assert "@" not in f"{request.path}{request.query}{request.body}"
        assert TOKEN not in f"{request.path}{request.query}{request.body}"


def test_sending_twice_changes_nothing(meta: FakeMeta) -> None:
    """Members are a state: a batch whose answer was lost is sent again."""
    send(meta, member(ANN), member(BEN))
    send(meta, member(ANN), member(BEN))
    assert meta.audiences[AUDIENCE] == hashes(ANN, BEN)


def test_ten_thousand_go_in_one_request(meta: FakeMeta) -> None:
    """That is what Meta takes at once."""
    assert all(told(send(meta, *(member(f"lead{number}@example.com") for number in range(10_000)))).values())
    assert len(meta.requests) == 1
    assert len(meta.audiences[AUDIENCE]) == 10_000


def test_invalid_entries_are_rejected_and_tried_again(meta: FakeMeta) -> None:
    """Who is named in the samples is rejected, the others are in. Mended, they are in with the next push."""
    meta.invalid = hashes(BEN)
    verdicts = send(meta, member(ANN), member(BEN), member("no e-mail"))
    assert told(verdicts) == {ANN: True, BEN: False, "no e-mail": False}
    meta.invalid = set()
    assert told(send(meta, *(verdict.operation for verdict in verdicts if not verdict.is_accepted))) == {
        BEN: True,
        "no e-mail": False,
    }
    assert meta.audiences[AUDIENCE] == hashes(ANN, BEN)


def test_where_meta_does_not_say_whom_nobody_is_believed_to_be_there(meta: FakeMeta) -> None:
    """The count tells of one and the samples of none."""
    meta.invalid, meta.names_invalid = hashes(BEN), False
    assert told(send(meta, member(ANN), member(BEN))) == {ANN: False, BEN: False}


def test_a_batch_without_an_e_mail_is_not_sent(meta: FakeMeta) -> None:
    """There is nothing to send."""
    assert told(send(meta, member("nobody"))) == {"nobody": False}
    assert meta.requests == []


@pytest.mark.parametrize(("minutes", "slept"), [(2, [120.0, 120.0]), (0, [30.0, 60.0])])
def test_a_reached_limit_is_waited_for(meta: FakeMeta, minutes: int, slept: list[float]) -> None:
    """It comes as an error with 400. The header says how many minutes; without it, ever longer."""
    clock = FakeClock()
    meta.limited, meta.minutes = 2, minutes
    assert told(send(meta, member(ANN), clock=clock)) == {ANN: True}
    assert clock.slept == slept


def test_a_limit_that_lasts_ends_the_push(meta: FakeMeta) -> None:
    """An hour is too long to sleep: what is left goes with the next push."""
    clock = FakeClock()
    meta.limited, meta.minutes = 1, 60
    with pytest.raises(Refused, match="used up"):
        send(meta, member(ANN), clock=clock)
    assert clock.slept == []


def test_faults_on_the_way_change_nothing(meta: FakeMeta) -> None:
    """Errors and lost answers are tried again."""
    clock = FakeClock()
    fake = FakeMeta(
        Faults(seed=3, busy=0.1, errors=0.05, errors_when_done=0.05, dropped=0.05, dropped_when_done=0.05), clock.monotonic
    )
    for number in range(40):
        assert all(told(send(fake, member(f"lead{number}@example.com"), clock=clock)).values())
    assert fake.audiences[AUDIENCE] == hashes(*(f"lead{number}@example.com" for number in range(40)))
    assert len(fake.requests) > 40


@pytest.mark.parametrize("code", [10, 190, 200, 294])
def test_no_permission_ends_the_push_without_the_token(meta: FakeMeta, code: int) -> None:
    """Also a wrong token, which comes with 400 there."""
    meta.refuses = {"message": "No.", "code": code}
    with pytest.raises(Refused, match="look at META_ACCESS_TOKEN") as refused:
        send(meta, member(ANN))
    assert TOKEN not in str(refused.value)


def test_a_wrong_token_ends_the_push(meta: FakeMeta) -> None:
    """The message has the variable, and no token."""
    with pytest.raises(Refused, match="look at META_ACCESS_TOKEN") as refused:
        send(meta, member(ANN), META_ACCESS_TOKEN="EAAB-wrong")
    assert "EAAB-wrong" not in str(refused.value)


def test_an_unknown_audience_ends_the_push(meta: FakeMeta) -> None:
    """The message names it. Nothing in its name leads anywhere else."""
    with pytest.raises(Refused, match=r"'\.\./6002'"):
        send(meta, member(ANN, list_id="../6002"))
    assert meta.audiences["6002"] == set()


def test_a_blocked_audience_is_told_and_does_not_end_the_push(meta: FakeMeta) -> None:
    """Only this audience is blocked; the others can be told."""
    meta.refuses = {
        "message": "Invalid parameter",
        "code": 100,
        "error_subcode": 1713230,
        "error_user_title": "Audience Upload Blocked",
    }
    (verdict,) = send(meta, member(ANN))
    assert not verdict.is_accepted
    assert "Audience Upload Blocked" in verdict.reason


def test_an_answer_that_is_none_of_metas_is_no_answer(meta: FakeMeta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 200 without counts says nothing of anybody."""
    monkeypatch.setattr(meta, "answer", lambda request: Reply(200, "<html>Hello</html>"))
    with pytest.raises(Unanswered):
        send(meta, member(ANN))


def test_somebody_is_forgotten(meta: FakeMeta) -> None:
    """In every audience that is named, else in all of the account; where nobody says where, that is told. A deleted audience does not end the push."""
    meta.audiences = {AUDIENCE: hashes(ANN, BEN), "6002": hashes(ANN, BEN), "6003": hashes(ANN)}

    def forget(key: str, **payload: Any) -> Operation:
        return operation("forget", key, payload, op="remove")

    assert told(send(meta, forget(ANN, list_ids=[AUDIENCE, "6002"]), forget(BEN, list_ids=["6002"]))) == {ANN: True, BEN: True}
    assert meta.audiences == {AUDIENCE: hashes(BEN), "6002": set(), "6003": hashes(ANN)}
    assert told(send(meta, forget(ANN))) == {ANN: False}
    assert told(send(meta, forget(ANN, list_ids=["gone"]))) == {ANN: False}
    assert told(send(meta, forget(ANN), META_AD_ACCOUNT_ID=ACCOUNT)) == {ANN: True}
    assert meta.audiences == {AUDIENCE: hashes(BEN), "6002": set(), "6003": set()}
    meta.audiences[AUDIENCE] = hashes(ANN)
    assert told(send(meta, operation("forget", ANN, list_id=AUDIENCE, op="remove"))) == {ANN: True}
    assert meta.audiences[AUDIENCE] == set()


def test_meta_has_audiences_and_nothing_else() -> None:
    """No contacts, no events."""
    provider = Meta({"META_ACCESS_TOKEN": TOKEN})
    kinds = [(kind, is_removal) for kind in ("contact", "event", "member", "forget") for is_removal in (False, True)]
    assert {kind: provider.limit_of(*kind) for kind in kinds if provider.limit_of(*kind)} == {
        ("member", False): "member",
        ("member", True): "member",
        ("forget", False): "forget",
        ("forget", True): "forget",
    }
