"""Meta's audiences with a memory: hashes by audience. It answers as the documentation of Custom Audience Users and of the Graph API's errors says."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

from fakes.serving import Fake, Faults, Reply, Request

TOKEN = "EAAB-token-of-the-fake"
VERSION = "v26.0"
ACCOUNT = "act_42"
HASH = re.compile(r"[0-9a-f]{64}")


class FakeMeta(Fake):
    """An ad account with its audiences. Its URL is the fake's with VERSION behind it."""

    def __init__(self, faults: Faults | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(faults, now)
        self.audiences: dict[str, set[str]] = {"6001": set(), "6002": set()}
        self.invalid: set[str] = set()
        """Hashes that are refused."""
        self.names_invalid = True
        self.limited = 0
        """How many requests are refused yet because the limit is reached."""
        self.minutes = 1
        self.refuses: dict[str, Any] | None = None
        """An error for everything."""

    def answer(self, request: Request) -> Reply:
        """Do what Meta does."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return error(190, "Invalid OAuth access token.")
        if self.refuses:
            return Reply(400, {"error": self.refuses})
        if self.limited:
            self.limited -= 1
            usage = {"42": [{"type": "custom_audience", "call_count": 100, "estimated_time_to_regain_access": self.minutes}]}
            reply = error(80003, "There have been too many calls to this ad-account.")
            return Reply(reply.status, reply.body, {"X-Business-Use-Case-Usage": json.dumps(usage)} if self.minutes else {})
        match request.method, request.parts:
            case "POST" | "DELETE", [version, audience, "users"] if version == VERSION:
                if audience not in self.audiences:
                    return error(100, "Unsupported request. Object does not exist.", 33)
                return self.change(request, [audience])
            case "DELETE", [version, account, "usersofanyaudience"] if (version, account) == (VERSION, ACCOUNT):
                return self.change(request, list(self.audiences))
        return error(2500, "Unknown path components")

    def change(self, request: Request, audiences: list[str]) -> Reply:
        """Add or remove hashes."""
        payload = request.body["payload"]
        if payload["schema"] != "EMAIL_SHA256" or len(payload["data"]) > 10_000:
            return error(100, "Invalid parameter")
        rejected = self.rejected_of(payload["data"])
        invalid = [value for value in payload["data"] if not HASH.fullmatch(value) or value in self.invalid or value == rejected]
        valid = set(payload["data"]) - set(invalid)
        for audience in audiences:
            if request.method == "POST":
                self.audiences[audience] |= valid
            else:
                self.audiences[audience] -= valid
        return Reply(
            200,
            {
                "audience_id": audiences[0],
                "session_id": "1",
                "num_received": len(payload["data"]),
                "num_invalid_entries": len(invalid),
                "invalid_entry_samples": dict.fromkeys(invalid, "") if self.names_invalid else {},
            },
        )


def error(code: int, message: str, subcode: int | None = None) -> Reply:
    """An error of the Graph API; most of them come with 400."""
    told: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return Reply(400, {"error": {**told, "error_subcode": subcode} if subcode else told})
