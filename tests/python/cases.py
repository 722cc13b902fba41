"""Random but repeatable cases: a full set of seeds and raw tables that between them use every feature of the specification.

    case = make_case(7, Path("seeds"), Path("raw"))
    result = oracle.score(oracle.load_config(case.seeds_dir), oracle.load_raw(case.raw_dir), case.as_of_date)

Every grid is valid (it may be run through the project's own validator), the raw data is as dirty as a warehouse is.
``coverage`` says which of ``FEATURES`` a case has; a few seeds together have them all. Left out on purpose: NaN, regular
expressions beyond what RE2 and Python share, JSON numbers in exponent form, repeated JSON keys, and half-lives under which
a factor comes within 1e-15 of a rounding tie (exact ties are in).
"""

from __future__ import annotations

import csv
import json
import random
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import oracle
import pyarrow
import pyarrow.parquet

BASE_DATE = date(2026, 4, 15)
"""The scored date of a case unless said otherwise: shortly after clocks change in Europe and America."""
TIME_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")

# --------------------------------------------------------------------------------------------------------------------
# Event types (interfaces.md section 3)
# --------------------------------------------------------------------------------------------------------------------

EVENT_TYPE_CATEGORIES: dict[str, str] = {
    "web": "page_viewed session_started site_searched chat_started ad_clicked",
    "email": (
        "email_sent email_delivered email_opened email_opened_by_machine email_clicked email_clicked_by_machine email_replied"
        " email_bounced_hard email_bounced_soft email_unsubscribed email_marked_spam email_subscribed"
    ),
    "content": "form_submitted form_failed file_downloaded video_viewed",
    "event": "webinar_registered webinar_attended event_registered event_attended",
    "social": "social_followed social_shared social_engaged",
    "request": "demo_requested quote_requested contact_requested trial_started",
    "order": "cart_abandoned order_completed",
    "sales": ("call_completed meeting_booked meeting_held opportunity_created opportunity_won opportunity_lost contact_deleted"),
    "other": "sms_clicked signature_clicked product_used",
}
NOT_ENGAGEMENT = frozenset(
    (
        "email_sent email_delivered email_opened_by_machine email_clicked_by_machine email_bounced_hard email_bounced_soft"
        " email_unsubscribed email_marked_spam form_failed opportunity_created opportunity_won opportunity_lost contact_deleted"
    ).split()
)
EVENT_TYPES: tuple[dict[str, str], ...] = tuple(
    {
        "event_type": code,
        "category": category,
        "is_engagement": str(code not in NOT_ENGAGEMENT).lower(),
        "is_machine": str(code.endswith("_by_machine")).lower(),
        "description": code.replace("_", " "),
    }
    for category, codes in EVENT_TYPE_CATEGORIES.items()
    for code in codes.split()
)

# --------------------------------------------------------------------------------------------------------------------
# What values look like, in rules and in data
# --------------------------------------------------------------------------------------------------------------------

EVENT_VALUES: dict[str, list[str]] = {
    "source": ["generic"],
    "session_id": ["s1", "s2", "s3", "S4"],
    "page_path": ["/", "/pricing", "/Pricing", " /pricing\u00a0", "/careers", "/blog/42", "/blog/abc", "/produkte/m\u00fctzen"],
    "page_title": ["Pricing", "Careers at us", "Blog: \u00dcnicode", "Home"],
    "referrer": ["https://search.example/?q=lead", "https://NEWS.example/a", "android-app://x"],
    "email_id": ["m1", "m2", "m3", "m4", "m5", "M5", "m6"],
    "link_url": ["https://us.example/offer", "https://us.example/Unsubscribe", "mailto:sales@us.example"],
    "asset": ["Whitepaper.pdf", "ebook.PDF", "Contact form", "Webinar: scoring"],
    "campaign": ["spring", " Spring", "autumn-2025", "launch"],
    "utm_source": ["newsletter", "Ads", "partner"],
    "utm_medium": ["email", "cpc", "CPC "],
    "utm_campaign": ["2025-q4", "2026-q1"],
}
PROPERTY_VALUES: dict[str, list[Any]] = {
    "plan": ["pro", "Free", " team ", "PRO"],
    "seats": [1, 5, 25, 100, -2],
    "ratio": [0.25, 1.5, 2.75, "1.5"],
    "a.b": ["dotted", "Dot"],
    "team size": ["small", 12, None, ""],
}
EVENT_NUMBERS: dict[str, list[float]] = {
    "duration_seconds": [0.0, 12.5, 30.0, 61.25, 600.0, 1800.125],
    "amount": [9.99, 100.0, 250.5, -20.0, 0.0],
}
PATTERNS = ["^/blog/[0-9]+$", "pric(e|ing)", "\\.pdf$", "^m[1-3]$", "20(25|26)", "[aeiou]{2}", "^(spring|autumn)", "sch?o+l"]

CONTACT_VALUES: dict[str, list[str]] = {
    "first_name": ["Ann", "Bob", "Z\u00f6e", "\u039d\u03af\u03ba\u03bf\u03a3"],
    "last_name": ["O'Brien", "M\u00fcller", "Li", "de Vries"],
    "company": ["Acme Ltd", "Globex", "Sch\u00f6n & Co"],
    "company_domain": ["acme.example", "ACME.example ", "globex.example", "small.example", "unknown.example"],
    "job_title": ["Head of Marketing", "Student", "CTO", "intern, sales", " buyer "],
    "seniority": ["c-level", "Manager", "junior"],
    "department": ["Sales", "IT", "marketing"],
    "industry": ["Consulting", "school", "Shoes ", "software", "SOFTWARE"],
    "country": ["DE", "de ", "US", "FR", "T\u00fcrkiye"],
    "city": ["Berlin", " BERLIN\u2003", "\u0130stanbul", "\u039f\u0394\u039f\u03a3", "New York"],
    "lead_source": ["Webinar", "referral", "Trade fair"],
    "persona": ["decider", "User"],
    "phone": ["+49 30 1234", "00123"],
    "owner": ["jo", "kim"],
    "lifecycle_stage": ["lead", "Customer", "subscriber"],
}
TRAIT_TEXTS: dict[str, list[str]] = {
    "email": ["user1@gmail.com", "USER2@acme.example"],
    "email_domain": ["gmail.com", "acme.example", "uni.edu"],
    **CONTACT_VALUES,
    "account_name": ["Acme", "Globex Corp"],
    "account_industry": ["Manufacturing", "software"],
    "account_country": ["DE", "US"],
}
TRAIT_NUMBERS: dict[str, list[str]] = {
    "employee_count": ["10", "250", "5000"],
    "annual_revenue": ["1000000", "2500000.5"],
    "age": ["17", "35", "64"],
    "cycle_months": ["0", "3", "4", "12"],
    "account_employee_count": ["100", "1000"],
    "account_annual_revenue": ["500000.25", "9000000"],
    "email_open_rate": ["0", "0.333333", "0.5", "1"],
    "email_click_rate": ["0", "0.5", "1"],
    "session_count": ["0", "1", "3"],
    "bounce_rate": ["0", "0.5", "0.666667"],
    "avg_session_seconds": ["30", "600", "3600.5"],
    "pages_per_session": ["0", "1", "1.5"],
    "page_view_count": ["0", "2", "5"],
    "distinct_page_count": ["1", "2", "4"],
    "form_submission_count": ["0", "1", "2"],
    "days_since_last_activity": ["0", "7", "30"],
    "days_since_last_order": ["30", "100"],
    "order_count": ["0", "1", "2"],
    "profile_completeness": ["0", "0.5", "0.857143"],
}
TRAIT_BOOLEANS = "is_email_opted_out has_marketing_consent clicked_last_3_emails is_free_email is_internal is_lapsed".split()
TRAIT_DATES = ["created_at", "consented_at", "enriched_at"]
TRAIT_DAYS = [7, 30, 100, 250]
"""Ages of the dates that rules name and contacts have."""
EXCLUSIONS = [
    ("is_internal", "eq", "true"),
    ("industry", "in", "consulting | school"),
    ("job_title", "matches", "student|intern"),
    ("email_domain", "ends_with", ".edu"),
    ("is_email_opted_out", "eq", "TRUE"),
]
PROFILE_FIELDS = ["email", "first_name", "last_name", "company", "job_title", "country", "is_email_opted_out"]
FREE_DOMAINS = ["gmail.com", "web.example"]
INTERNAL_DOMAINS = ["us.example"]
PERSON_DOMAINS = ["gmail.com", "acme.example", "globex.example", "small.example", "us.example", "uni.edu"]

# Half-lives whose factors keep a distance of 1e-15 from every rounding tie that is not an exact one, up to 999 days.
SAFE_HALF_LIVES = ["3", "3.5", "5", "9", "13", "19", "27", "82", "101", "130", "151", "186"]
DECAYS: list[dict[str, str]] = [
    {},
    *({"decay": "half_life", "decay_days": days} for days in SAFE_HALF_LIVES),
    *({"decay": "linear", "decay_days": days} for days in ("10.5", "30", "90", "365")),
    *({"decay": "step", "decay_days": "30", "decay_percent": percent} for percent in ("12.5", "50", "100")),
    *({"decay": "step_compound", "decay_days": days, "decay_percent": "20"} for days in ("7", "30")),
    *({"decay": "step_compound", "decay_days": "14", "decay_percent": percent} for percent in ("12.5", "50", "100")),
    *({"decay": "window", "decay_days": days} for days in ("1", "30", "90")),
]
COUNT_ONCE = [
    *(None, None, None, "lead", "day", "email_id", "page_path", "properties.plan", "properties.seats"),
    *("session_id", "asset", "amount", "source", "email", "contact_id", "anonymous_id"),
]
TEXT_OPERATORS = "eq ne in not_in starts_with ends_with contains matches is_null not_null".split()
NUMBER_OPERATORS = "eq ne in not_in gt gte lt lte is_null not_null".split()
BOOLEAN_OPERATORS = "eq ne in not_in is_null not_null".split()
PROPERTY_OPERATORS = [*TEXT_OPERATORS, "gt", "gte", "lt", "lte"]
OPERATORS = {
    "text": TEXT_OPERATORS,
    "number": NUMBER_OPERATORS,
    "boolean": BOOLEAN_OPERATORS,
    "date": NUMBER_OPERATORS,
    "property": PROPERTY_OPERATORS,
}
RULE_KINDS = {"event": 11, "frequency": 4, "attribute": 5, "reset": 1, "shortcut": 1, "exclude": 1}
COMMON_TYPES = (
    "page_viewed page_viewed page_viewed email_opened email_clicked email_delivered form_submitted file_downloaded"
    " webinar_attended quote_requested order_completed email_opened_by_machine form_failed email_unsubscribed"
).split()
WEB_TYPES = frozenset("page_viewed session_started form_submitted file_downloaded quote_requested".split())
QUARANTINE_REASONS = (
    "missing_event_id missing_event_type unknown_event_type missing_occurred_at missing_loaded_at impossible_time"
    " future_event no_identity negative_duration impossible_number"
).split()

FEATURES: frozenset[str] = frozenset(
    [
        *(f"kind:{kind}" for kind in RULE_KINDS),
        *(f"fired:{kind}" for kind in ("event", "frequency", "attribute")),
        *(f"decay:{family}" for family in ("none", "half_life", "linear", "step", "step_compound", "window")),
        *("decay_from:event", "decay_from:last_activity"),
        *(f"count_once_per:{value or 'each'}" for value in COUNT_ONCE),
        *("max_per_day", "max_points", "max_points:reached", "active_from", "active_to", "several_event_types", "stage"),
        *("frequency:min_count", "frequency:max_count", "frequency:both", "frequency:max_count_0", "frequency:admits_0"),
        *(f"operator:{kind}:{operator}" for kind, operators in OPERATORS.items() for operator in operators),
        *(f"trait:{name}" for name in oracle.TRAIT_KINDS),
        *("conditions:none", "conditions:one", "conditions:several"),
        *("group:sum", "group:max", "group:min_points", "group:max_points", "subscore_bounds"),
        *("weight:0", "weight:1", "weight:other", "points_scaling:min_max"),
        *(f"normalisation:{name}" for name in ("clamp", "scale", "sqrt", "scale:largest", "sqrt:largest")),
        *(f"grade_axes:{axes}" for axes in ("fit", "behaviour", "score", "fit+behaviour", "fit+score", "behaviour+score")),
        *("cycle:cv_limit", "cycle:grace", "cycle:min_orders", "cycle:points_only", "cycle:with_season", "cycle:no_points"),
        *("cycle:stated", "cycle:stated_below_one", "cycle:estimated", "cycle:irregular", "cycle:lapsed", "cycle:two_on_a_day"),
        *("cycle:3_months", "cycle:4_months"),
        *("season:years", "season:industry"),
        *(f"entry:{name}" for name in ("rule", "cycle", "season", "manual", "group_combine", "group_bound")),
        *(f"entry:{name}" for name in ("subscore_bound", "subscore_weight", "normalisation", "score_bound")),
        *(f"trend:{name}" for name in ("rising", "steady", "falling", "new")),
        *("segment:excluded", "segment:shortcut", "reset:effective", "stage:exploration", "faded_to_0"),
        *(f"status:{name}" for name in ("accepted", "duplicate", "deleted", "quarantined", "erased")),
        *(f"quarantine:{reason}" for reason in QUARANTINE_REASONS),
        *("conflict:same_version", "conflict:other_version", "redelivery:same_content", "redelivery:null_first"),
        *("event:late", "event:waits", "event:near_midnight", "event:dst_spring", "event:dst_autumn", "event:same_instant"),
        *("visit:silence", "visit:campaign", "visit:continued", "tagged_link"),
        *("event:loaded_before_it_occurred", "event:no_json_object", "event:code_in_other_case"),
        *("email:case", "email:white_space", "email:zero_width", "email:nfd", "email:opaque"),
        *("identity:email", "identity:contact", "identity:contact_without_row", "identity:anonymous_later"),
        *("identity:anonymous_before", "identity:shared_device", "identity:tie", "identity:contact_evidence"),
        *("identity:unidentified", "identity:email_against_contact"),
        *("merge:chain", "merge:cycle", "merge:itself", "merge:again", "merge:target_without_row", "merge:email_of_member"),
        *("contact:versions", "contact:changed_email", "contact:former_email_used", "contact:two_of_one_lead"),
        *("contact:tie", "contact:unreadable", "contact:updated_later", "contact:without_email", "contact:opted_out"),
        *("contact:opaque_email", "account:joined", "account:versions"),
        *("adjustment:expired", "adjustment:later", "adjustment:replaced", "adjustment:by_contact", "adjustment:by_email"),
        *("erasure:by_email", "erasure:by_contact", "erasure:of_nobody", "outcome", "known_at:less"),
    ]
)


@dataclass(frozen=True, slots=True)
class Case:
    """Where a case was written and how to score it; ``known_at`` is a moment at which part of the rows was not yet loaded."""

    seed: int
    seeds_dir: Path
    raw_dir: Path
    as_of_date: date
    scoring_timezone: str
    known_at: datetime


def make_case(
    seed: int,
    out_seeds_dir: Path | str,
    out_raw_dir: Path | str,
    score_models: int = 20,
    leads: int = 60,
    base_date: date = BASE_DATE,
    rules_per_model: int = 10,
    events_per_lead: int = 20,
    event_types: Sequence[Mapping[str, Any]] = EVENT_TYPES,
) -> Case:
    """Write the seeds and the raw tables of case ``seed``; the same arguments give the same bytes.

    ``leads`` are the ordinary people; some fifty more are there for one special situation each. ``event_types`` are rows of
    event_types.csv.
    """
    rng = random.Random(seed)
    seeds_dir, raw_dir = Path(out_seeds_dir), Path(out_raw_dir)
    seeds = GridMaker(rng, base_date).make(score_models, rules_per_model)
    _write_seeds(seeds_dir, {**seeds, "event_types": [dict(row) for row in event_types]})
    write_raw(raw_dir, RawMaker(rng, base_date).make(leads, events_per_lead))
    known_at = datetime(base_date.year, base_date.month, base_date.day, 6) - timedelta(days=rng.randint(1, 60))
    return Case(seed, seeds_dir, raw_dir, base_date, TIME_ZONES[seed % len(TIME_ZONES)], known_at)


class Deck:
    """Cards drawn in a shuffled order, so that each comes up before any comes up again."""

    def __init__(self, rng: random.Random, cards: Iterable[Any]) -> None:
        """``cards`` may repeat to be drawn more often."""
        self._rng = rng
        self._cards = list(cards)
        self._left: list[Any] = []

    def draw(self) -> Any:
        """The next card."""
        if not self._left:
            self._left = self._rng.sample(self._cards, len(self._cards))
        return self._left.pop()


# --------------------------------------------------------------------------------------------------------------------
# Seeds
# --------------------------------------------------------------------------------------------------------------------

SEED_COLUMNS: dict[str, list[str]] = {
    "point_grid": (
        "score_model rule_id subscore rule_group stage label kind event_type field operator operand points decay decay_days"
        " decay_percent decay_from count_once_per max_per_day max_points window_days min_count max_count target_segment"
        " active_from active_to note"
    ).split(),
    "point_grid_conditions": "score_model rule_id field operator operand".split(),
    "rule_groups": "score_model rule_group subscore combine min_points max_points".split(),
    "subscore_bounds": "score_model subscore min_points max_points weight".split(),
    "score_models": (
        "score_model label is_default normalisation raw_max score_min score_max cycle_points cycle_min_orders cycle_grace"
        " cycle_max_cv season_points trend_threshold points_scaling scaled_points_min scaled_points_max"
    ).split(),
    "grade_scales": "score_model axis grade lower_bound".split(),
    "segments": "score_model segment label rank lower_bound temperature enter_margin min_days".split(),
    "next_actions": "score_model segment trend channel action template delay_hours sla_hours".split(),
    "event_types": "event_type category is_engagement is_machine description".split(),
    "seasons": "industry month label".split(),
    "free_email_domains": ["domain"],
    "internal_domains": ["domain"],
    "profile_fields": ["field"],
    "tagged_links": "utm_source utm_medium utm_campaign event_type note".split(),
    "cross_source_duplicates": "event_types sources window_seconds note".split(),
    # Nothing is sent anywhere.
    "audiences": "audience label score_model min_days note".split(),
    "audience_conditions": "audience field operator operand".split(),
    "destinations": "destination provider contacts max_share max_changes is_on note".split(),
    "destination_lists": "destination list_id source name score_model mode note".split(),
    "destination_fields": "destination attribute field score_model".split(),
    "destination_actions": "destination channel note".split(),
}
NORMALISATIONS: list[dict[str, Any]] = [
    {"normalisation": "clamp", "score_min": 0, "score_max": 100},
    {"normalisation": "clamp", "score_min": -50, "score_max": 1000},
    {"normalisation": "scale", "raw_max": 150, "score_min": 0, "score_max": 100},
    {"normalisation": "scale", "raw_max": "70.5", "score_min": -30, "score_max": 100},
    {"normalisation": "sqrt", "raw_max": 90, "score_min": 0, "score_max": 100},
    {"normalisation": "sqrt", "raw_max": 200, "score_min": 5, "score_max": 80},
    {"normalisation": "scale", "score_min": -20, "score_max": 100},
    {"normalisation": "sqrt", "score_min": 0, "score_max": 100},
]
SCALINGS: list[dict[str, Any]] = [
    {},
    {},
    {"points_scaling": "min_max", "scaled_points_min": 20, "scaled_points_max": 100},
    {"points_scaling": "Min_Max", "scaled_points_min": "-0.3333", "scaled_points_max": "7.1234"},
]
WEIGHTS: list[Any] = [None, None, 0, 1, "0.3333", "2.5"]
CYCLES: list[dict[str, Any]] = [
    {"cycle_points": 60},
    {"cycle_points": 60, "season_points": "7.5", "cycle_max_cv": "0.5"},
    {"cycle_points": "33.3333", "cycle_min_orders": 2, "cycle_grace": "0.5"},
    {"season_points": 10},
    {},
]
BOUNDS: list[tuple[Any, Any]] = [(None, 15), (-10, None), (-5, 20), (3, 25), (None, None), ("-2.5", "12.5")]
COUNT_RANGES: list[tuple[Any, Any]] = [(1, None), (2, None), (1, 2), (None, 0), (0, 0), (None, 3), (0, 2), (3, None)]
GRADE_LETTERS = {"fit": ["A", "B", "C"], "behaviour": ["1", "2", "3"], "score": ["X", "Y", "Z"]}
SCORE_BANDS = [("warm", 15), ("qualified", 40), ("ready", 70)]


class GridMaker:
    """Draws valid seeds; decks see to it that every feature comes up."""

    def __init__(self, rng: random.Random, base_date: date) -> None:
        """``base_date`` is the scored date, about which dates in rules lie."""
        self._rng = rng
        self._base_date = base_date

        def deck(cards: Iterable[Any]) -> Deck:
            return Deck(rng, cards)

        self._kinds = deck(kind for kind, times in RULE_KINDS.items() for _ in range(times))
        self._decays = deck([*DECAYS, {}, {}])
        self._decay_from = deck([None, None, "last_activity"])
        self._count_once = deck(COUNT_ONCE)
        self._types = deck(COMMON_TYPES)
        self._type_counts = deck([1, 1, 1, 1, 2, 3])
        self._condition_counts = deck([0, 0, 0, 1, 1, 1, 2, 3])
        self._event_fields = deck(self._event_field_cards())
        self._operators = {kind: deck(operators) for kind, operators in OPERATORS.items()}
        self._traits = deck([*oracle.TRAIT_KINDS, *TRAIT_DATES * 4, *TRAIT_BOOLEANS])
        self._exclusions = deck(EXCLUSIONS)
        self._count_ranges = deck(COUNT_RANGES)
        self._windows = deck([1, 7, 30, 45, 90])
        self._resets = deck([20, 45, 60])
        self._points = deck([5, 10, 10, 20, 3, 40, "12.5", "7.1234", "0.3333", -5, -20])
        self._stages = deck([None, *oracle.STAGES])
        self._bounds = deck(BOUNDS)
        self._combines = deck(["sum", "max"])
        self._normalisations = deck(NORMALISATIONS)
        self._scalings = deck(SCALINGS)
        self._weights = deck(WEIGHTS)
        self._cycles = deck(CYCLES)
        self._axes = deck([("fit",), ("behaviour",), ("score",), ("fit", "behaviour"), ("fit", "score"), ("behaviour", "score")])
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def make(self, score_models: int, rules_per_model: int) -> dict[str, list[dict[str, Any]]]:
        """Rows of every seed but event_types."""
        self._rows = {seed: [] for seed in SEED_COLUMNS}
        default = self._rng.randrange(score_models)
        for number in range(score_models):
            self._add_model(f"model_{number:02}", number == default, rules_per_model)
        month = self._base_date.month
        self._rows["seasons"] = [
            {"industry": "shoes", "month": month, "label": "spring, shoes"},
            {"industry": "Consulting", "month": month % 12 + 1, "label": "next month"},
        ]
        self._rows["free_email_domains"] = [{"domain": domain} for domain in FREE_DOMAINS]
        self._rows["internal_domains"] = [{"domain": domain} for domain in INTERNAL_DOMAINS]
        self._rows["profile_fields"] = [{"field": name} for name in PROFILE_FIELDS]
        self._rows["tagged_links"] = [
            {"utm_source": " ADS", "event_type": "ad_clicked"},
            {"utm_medium": "cpc", "utm_campaign": "2026-q1", "event_type": "Ad_Clicked "},
            {"utm_source": "partner", "utm_medium": "email", "event_type": "signature_clicked"},
        ]
        return self._rows

    def _event_field_cards(self) -> list[str]:
        texts = [name for name in EVENT_VALUES if name != "source"]
        properties = [f"properties.{key}" for key in PROPERTY_VALUES]
        return ["source", *texts, "page_path", "asset", *EVENT_NUMBERS, *EVENT_NUMBERS, *properties, *properties]

    def _add_model(self, code: str, is_default: bool, rules: int) -> None:
        bands = SCORE_BANDS[: self._rng.randint(1, len(SCORE_BANDS))]
        segments = ["cold", *(name for name, _ in bands)]
        grid = [self._rule(code, f"r{number:02}", self._kinds.draw(), segments) for number in range(rules)]
        self._add_groups(code, grid)
        self._rows["point_grid"] += grid
        for subscore in self._rng.sample(oracle.SUBSCORES, self._rng.randint(0, 2)):
            low, high = self._bounds.draw()
            weight = self._weights.draw()
            if low is not None or high is not None or weight is not None:
                self._add("subscore_bounds", score_model=code, subscore=subscore, min_points=low, max_points=high, weight=weight)
        self._add(
            "score_models",
            score_model=code,
            label=f'Model "{code}", drawn',
            is_default=str(is_default).lower(),
            trend_threshold=self._rng.choice([1, 3, 10]),
            **self._normalisations.draw(),
            **self._cycles.draw(),
            **self._scalings.draw(),
        )
        for axis in self._axes.draw():
            letters = GRADE_LETTERS[axis]
            for grade, bound in zip(letters, sorted(self._rng.sample(range(-5, 40), len(letters)), reverse=True), strict=True):
                self._add("grade_scales", score_model=code, axis=axis, grade=grade, lower_bound=bound)
        for rank, (segment, bound) in enumerate([("cold", None), *bands]):
            heat = "cold" if bound is None else "hot" if rank == len(bands) else "warm"
            self._add(
                "segments",
                score_model=code,
                segment=segment,
                label=segment.title(),
                rank=10 * rank + 1,
                lower_bound=bound,
                temperature=heat,
            )
        self._add(
            "next_actions",
            score_model=code,
            segment=segments[-1],
            trend=self._rng.choice([None, "rising"]),
            channel="email",
            action="write",
            template="hello",
            delay_hours=4,
            sla_hours=24,
        )

    def _add(self, seed: str, **row: Any) -> None:
        self._rows[seed].append(row)

    def _add_groups(self, code: str, grid: Sequence[dict[str, Any]]) -> None:
        """Put some rules of one subscore together."""
        for subscore in ("behaviour", "fit", "negative"):
            members = [row for row in grid if row["subscore"] == subscore and row.get("points") is not None]
            if len(members) < 2 or self._rng.random() < 0.25:
                continue
            low, high = self._bounds.draw()
            name = f"{subscore}_group"
            for row in self._rng.sample(members, self._rng.randint(2, min(4, len(members)))):
                row["rule_group"] = name
            self._add(
                "rule_groups",
                score_model=code,
                rule_group=name,
                subscore=subscore,
                combine=self._combines.draw(),
                min_points=low,
                max_points=high,
            )

    def _rule(self, code: str, rule_id: str, kind: str, segments: Sequence[str]) -> dict[str, Any]:
        """One valid row of the point grid; its further conditions go to their own seed."""
        row: dict[str, Any] = {"score_model": code, "rule_id": rule_id, "kind": kind, "note": "drawn"}
        row["label"] = f"{kind}, {rule_id}"
        row |= getattr(self, f"_{kind}_columns")(segments)
        first, *further = row.pop("conditions") or [None]
        if first is not None:
            row |= dict(zip(("field", "operator", "operand"), first, strict=True))
        for condition in further:
            columns = dict(zip(("field", "operator", "operand"), condition, strict=True))
            self._add("point_grid_conditions", score_model=code, rule_id=rule_id, **columns)
        return row

    def _event_columns(self, _segments: Sequence[str]) -> dict[str, Any]:
        rng = self._rng
        points = self._points.draw()
        subscore = "negative" if str(points).startswith("-") else rng.choice(["behaviour"] * 4 + ["fit"])
        row = {
            "subscore": subscore,
            "event_type": self._event_types(),
            "conditions": self._event_conditions(),
            "points": points,
            "stage": self._stages.draw(),
            "count_once_per": self._count_once.draw(),
            "max_per_day": rng.choice([None, None, 1, 2]),
            "max_points": rng.choice([None, None, 25, "8.5"]),
            **self._decays.draw(),
        }
        if "decay" in row:
            row["decay_from"] = self._decay_from.draw()
        if rng.random() < 0.2:
            row["active_from"] = self._near(-250, -20)
        if rng.random() < 0.2:
            row["active_to"] = self._near(-19, 40)
        return row

    def _frequency_columns(self, _segments: Sequence[str]) -> dict[str, Any]:
        low, high = self._count_ranges.draw()
        return {
            "subscore": self._rng.choice(["behaviour", "behaviour", "negative", "fit"]),
            "event_type": self._event_types(),
            "conditions": self._event_conditions(),
            "points": self._points.draw(),
            "count_once_per": self._rng.choice([None, None, "day", "page_path"]),
            "window_days": self._windows.draw(),
            "min_count": low,
            "max_count": high,
        }

    def _attribute_columns(self, _segments: Sequence[str]) -> dict[str, Any]:
        count = self._rng.choice([1, 1, 1, 1, 2, 3])
        return {
            "subscore": self._rng.choice(["fit", "fit", "fit", "negative"]),
            "conditions": [self._trait_condition() for _ in range(count)],
            "points": self._points.draw(),
        }

    def _reset_columns(self, _segments: Sequence[str]) -> dict[str, Any]:
        types = "|".join(row["event_type"] for row in EVENT_TYPES if row["is_engagement"] == "true")
        event_type = self._rng.choice([types, "email_opened|email_clicked|page_viewed"])
        return {"subscore": "behaviour", "event_type": event_type, "conditions": [], "window_days": self._resets.draw()}

    def _shortcut_columns(self, segments: Sequence[str]) -> dict[str, Any]:
        return {
            "subscore": "behaviour",
            "event_type": self._rng.choice(["quote_requested", "quote_requested|demo_requested", "file_downloaded"]),
            "conditions": self._event_conditions() if self._rng.random() < 0.3 else [],
            "window_days": self._windows.draw(),
            "target_segment": self._rng.choice(segments[1:]),
        }

    def _exclude_columns(self, _segments: Sequence[str]) -> dict[str, Any]:
        return {"subscore": "fit", "conditions": [self._exclusions.draw()]}

    def _event_types(self) -> str:
        types = dict.fromkeys(self._types.draw() for _ in range(self._type_counts.draw()))
        return self._rng.choice(["|", " | "]).join(types)

    def _event_conditions(self) -> list[tuple[str, str, str | None]]:
        return [self._event_condition() for _ in range(self._condition_counts.draw())]

    def _event_condition(self) -> tuple[str, str, str | None]:
        name = self._event_fields.draw()
        kind = oracle.field_kind(name, on_traits=False)
        operator = self._operators[kind].draw()
        if kind == "number":
            return name, operator, self._operand(operator, [str(value) for value in EVENT_NUMBERS[name]])
        if kind == "text":
            return name, operator, self._text_operand(operator, EVENT_VALUES[name])
        if operator in ("gt", "gte", "lt", "lte"):
            numeric = self._rng.choice(["properties.seats", "properties.ratio", "properties.team size"])
            return numeric, operator, self._rng.choice(["1", "5", "1.5", "2.5", "0"])
        values = [str(value) for value in PROPERTY_VALUES[name.removeprefix("properties.")] if value]
        return name, operator, self._text_operand(operator, values)

    def _trait_condition(self) -> tuple[str, str, str | None]:
        name = self._traits.draw()
        kind = oracle.field_kind(name, on_traits=True)
        operator = self._operators[kind].draw()
        if kind == "text":
            return name, operator, self._text_operand(operator, TRAIT_TEXTS[name])
        if kind == "number":
            return name, operator, self._operand(operator, TRAIT_NUMBERS[name])
        if kind == "boolean":
            return name, operator, self._operand(operator, ["true", "false", "TRUE"])
        return name, operator, self._operand(operator, [self._near(-days, -days) for days in TRAIT_DAYS])

    def _operand(self, operator: str, values: Sequence[str]) -> str | None:
        """An operand of values that are compared whole."""
        if operator in ("is_null", "not_null"):
            return None
        if operator in ("in", "not_in"):
            return self._rng.choice(["|", " | "]).join(self._rng.sample(values, min(2, len(values))))
        return self._rng.choice(values)

    def _text_operand(self, operator: str, values: Sequence[str]) -> str | None:
        """An operand that some of ``values`` meet, in another case now and then."""
        recase: Callable[[str], str] = self._rng.choice([str, str.lower, str.upper])
        value = oracle.trimmed(self._rng.choice(values))
        cut = self._rng.randint(1, len(value))
        if operator == "matches":
            return self._rng.choice(PATTERNS)
        if operator == "starts_with":
            return oracle.trimmed(recase(value[:cut]))
        if operator in ("ends_with", "contains"):
            return oracle.trimmed(recase(value[-cut:]))
        return self._operand(operator, [recase(oracle.trimmed(value)) for value in values])

    def _near(self, earliest: int, latest: int) -> str:
        """A date so many days after the base date."""
        return (self._base_date + timedelta(days=self._rng.randint(earliest, latest))).isoformat()


def _write_seeds(folder: Path, seeds: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed, columns in SEED_COLUMNS.items():
        with (folder / f"{seed}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: _cell(row.get(name)) for name in columns} for row in seeds[seed])


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


# --------------------------------------------------------------------------------------------------------------------
# Raw tables
# --------------------------------------------------------------------------------------------------------------------

ARROW_TYPES: dict[str, pyarrow.DataType] = {
    "text": pyarrow.string(),
    "time": pyarrow.timestamp("us"),
    "date": pyarrow.date32(),
    "int": pyarrow.int64(),
    "double": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "decimal": pyarrow.decimal128(10, 4),
}
SMALL_INTEGERS = {"event_version", "age", "cycle_months"}
DELAYS = [timedelta(minutes=1), timedelta(hours=3), timedelta(days=1), timedelta(days=9), timedelta(days=45)]


class RawMaker:
    """Invents people, what they did and how it was delivered."""

    def __init__(self, rng: random.Random, base_date: date) -> None:
        """``base_date`` is the scored date; most events lie in the 400 days before it."""
        self._rng = rng
        self._now = datetime(base_date.year, base_date.month, base_date.day, 12)
        self._rows: dict[str, list[dict[str, Any]]] = {table: [] for table in oracle.RAW_TABLES}
        self._quarantine = Deck(rng, QUARANTINE_REASONS)

    def make(self, leads: int, events_per_lead: int) -> dict[str, list[dict[str, Any]]]:
        """Rows of every raw table, shuffled."""
        for number in range(leads):
            self._add_person(number, events_per_lead)
        self._merge_some(leads)
        self._redeliver_some()
        for situation in (
            self._accounts,
            self._anonymous_visitors,
            self._merged_contacts,
            self._changed_emails,
            self._deliveries,
            self._unreadable_rows,
            self._clocks,
            self._buyers,
            self._email_readers,
            self._idle_people,
            self._adjusted_people,
            self._erased_people,
        ):
            situation()
        for rows in self._rows.values():
            self._rng.shuffle(rows)
        return self._rows

    # ---- small pieces

    def _add(self, table: str, **row: Any) -> dict[str, Any]:
        self._rows[table].append(row)
        return row

    def _ago(self, days: float, hours: float = 0) -> datetime:
        """A moment before noon of the base date; negative days lie after it."""
        return self._now - timedelta(days=days, hours=hours)

    def _some_time(self) -> datetime:
        """A moment of the last 420 days, recent ones more often; sometimes a few days ahead."""
        if self._rng.random() < 0.03:
            return self._ago(-self._rng.uniform(0.5, 5))
        days = min(self._rng.expovariate(1 / 70), 420.0)
        return self._ago(days) + timedelta(microseconds=self._rng.randrange(10**6))

    def _event(self, event_type: str, occurred_at: datetime | None, **columns: Any) -> dict[str, Any]:
        """An event with an id of its own; loaded some time later unless said."""
        row = {"event_id": f"e{len(self._rows['events']):05}", "event_type": event_type, "occurred_at": occurred_at, **columns}
        if "loaded_at" not in row:
            row["loaded_at"] = occurred_at + self._rng.choice(DELAYS)
        return self._add("events", **row)

    def _contact(self, contact_id: str, updated_at: datetime, **columns: Any) -> dict[str, Any]:
        """A version of a contact, created and loaded when it was updated unless said."""
        row = {"created_at": updated_at, "loaded_at": updated_at, "updated_at": updated_at, "contact_id": contact_id, **columns}
        return self._add("contacts", **row)

    def _profile(self) -> dict[str, Any]:
        """Fields of a contact, some null, some blank."""
        rng = self._rng
        texts = {name: rng.choice([*values, None, None, " \u00a0"]) for name, values in CONTACT_VALUES.items()}
        return {
            **texts,
            "employee_count": rng.choice([None, 1, 10, 250, 5000]),
            "annual_revenue": rng.choice([None, 1e6, 2500000.5]),
            "age": rng.choice([None, 17, 35, 64]),
            "cycle_months": rng.choice([None, None, None, 0, 3, 4, 12]),
            "is_email_opted_out": rng.choice([None, False, False, True]),
            "has_marketing_consent": rng.choice([None, False, True]),
            "consented_at": rng.choice([None, self._some_time(), *(self._ago(days) for days in TRAIT_DAYS)]),
            "enriched_at": rng.choice([None, self._some_time(), *(self._ago(days, 11.9) for days in TRAIT_DAYS)]),
        }

    def _as_typed(self, email: str) -> str:
        """``email`` as people and systems write it."""
        return self._rng.choice(
            [
                email,
                email,
                email,
                email.upper(),
                f" {email.title()}\t",
                f"\u00a0{email}\u3000",
                f"\u200b{email}\ufeff",
                unicodedata.normalize("NFD", email),
            ]
        )

    def _properties(self) -> str | None:
        rng = self._rng
        if rng.random() < 0.15:
            return rng.choice([None, " ", "[1, 2]", '"text"', "42", "no json", '{"plan": "pro"', "true", "null"])
        keys = rng.sample(list(PROPERTY_VALUES), rng.randint(0, len(PROPERTY_VALUES)))
        values = {key: rng.choice(PROPERTY_VALUES[key]) for key in keys}
        if rng.random() < 0.1:
            values["nested"] = {"plan": "inner", "list": [1, 2.5]}
        return json.dumps(values, ensure_ascii=rng.random() < 0.5)

    def _details(self, event_type: str, who: str) -> dict[str, Any]:
        """The columns that suit an event type, some null, some blank."""
        rng = self._rng
        row: dict[str, Any] = {"properties": self._properties() if rng.random() < 0.6 else None}

        def fill(*names: str) -> None:
            for name in names:
                row[name] = rng.choice([*EVENT_VALUES[name], None, rng.choice([None, "  "])])

        if event_type in WEB_TYPES:
            fill("page_path", "page_title", "referrer", "utm_source", "utm_medium", "utm_campaign", "asset")
            row["session_id"] = rng.choice([None, *(f"{who}-s{number}" for number in range(4)), *EVENT_VALUES["session_id"]])
            row["duration_seconds"] = rng.choice([None, *EVENT_NUMBERS["duration_seconds"]])
        if event_type.startswith("email_"):
            fill("email_id", "campaign", "link_url")
        if event_type in ("webinar_attended", "form_submitted", "file_downloaded"):
            fill("asset", "campaign")
        if event_type in ("order_completed", "quote_requested"):
            row["amount"] = rng.choice([None, *EVENT_NUMBERS["amount"]])
        return row

    # ---- ordinary people

    def _add_person(self, number: int, events: int) -> None:
        """One person: up to two contacts with versions, a device, and events that name one or several of them."""
        rng = self._rng
        email = f"user{number}@{PERSON_DOMAINS[number % len(PERSON_DOMAINS)]}"
        contact_ids = [f"c{number}", f"d{number}"][: rng.choice([0, 1, 1, 1, 2])]
        device = f"dev{number if rng.random() < 0.8 else rng.randrange(max(number, 1))}"
        for contact_id in contact_ids:
            self._add_versions(contact_id, email, device)
        contact_id = contact_ids[0] if contact_ids else rng.choice([None, f"x{number}"])
        for _ in range(rng.randint(0, 2 * events)):
            identity = rng.choice(
                [
                    {"email": self._as_typed(email)},
                    {"email": self._as_typed(f"old.{email}")},
                    {"email": self._as_typed(email), "anonymous_id": device},
                    {"anonymous_id": device, "email": rng.choice([None, " "])},
                    {"contact_id": contact_id or f"x{number}"},
                    {"contact_id": contact_id, "email": self._as_typed(email)},
                ]
            )
            event_type = rng.choice(COMMON_TYPES)
            code = event_type if rng.random() < 0.95 else f" {event_type.title()} "
            self._event(code, self._some_time(), **identity, **self._details(event_type, device))
        if rng.random() < 0.3:
            self._add_adjustments(number, email, contact_id)
        if rng.random() < 0.3:
            self._add(
                "outcomes",
                outcome_id=f"o{number}",
                email=email,
                outcome=rng.choice(["won", "lost", "accepted", "rejected", "contacted", "meeting"]),
                reason=rng.choice([None, "budget"]),
                occurred_at=self._some_time(),
                loaded_at=self._ago(0),
                amount=rng.choice([None, 1200.0]),
            )

    def _add_versions(self, contact_id: str, email: str, device: str) -> None:
        """One to four versions of a contact, from its creation on, now and then one after the base date."""
        rng = self._rng
        created_at = rng.choice([self._ago(rng.uniform(5, 500)), self._ago(rng.choice(TRAIT_DAYS), -11.9)])
        moments = sorted({created_at, *(self._ago(rng.uniform(-3, 400)) for _ in range(rng.randint(0, 3)))})
        for updated_at in moments:
            self._contact(
                contact_id,
                updated_at,
                email=rng.choice([*(self._as_typed(address) for address in (email, email, email, f"old.{email}")), None]),
                created_at=created_at,
                loaded_at=updated_at + rng.choice(DELAYS),
                anonymous_id=rng.choice([None, device]),
                **self._profile(),
            )

    def _add_adjustments(self, number: int, email: str, contact_id: str | None) -> None:
        """Up to three adjustments of one person in different score models."""
        rng = self._rng
        for part in range(rng.randint(1, 3)):
            effective_on = self._some_time().date()
            self._adjustment(
                f"adj{number}-{part}",
                points=rng.choice(["5", "-12.5", "0.1234", "30"]),
                effective_on=effective_on,
                expires_on=rng.choice([None, effective_on + timedelta(days=rng.choice([1, 30, 200]))]),
                **rng.choice([{"email": self._as_typed(email)}, {"contact_id": contact_id or f"x{number}"}]),
            )

    def _adjustment(self, adjustment_id: str, points: str, effective_on: date, **columns: Any) -> None:
        """An adjustment in one of the first models, loaded on the day it takes effect unless said."""
        row = {
            "adjustment_id": adjustment_id,
            "score_model": f"model_{self._rng.randrange(2):02}",
            "points": Decimal(points),
            "reason": self._rng.choice(["met at fair", "call, no budget"]),
            "author": "jo",
            "effective_on": effective_on,
            "loaded_at": datetime(effective_on.year, effective_on.month, effective_on.day, 8),
            **columns,
        }
        self._add("adjustments", **row)

    def _merge_some(self, leads: int) -> None:
        """Merge the contacts of some people into those of others, or of themselves; erase a few."""
        rng = self._rng
        for number in range(leads):
            if rng.random() < 0.08:
                target = f"{rng.choice('cdx')}{rng.choice([number, rng.randrange(leads)])}"
                self._link(f"{rng.choice('cd')}{number}", target, rng.uniform(0, 60))
            if rng.random() < 0.02:
                who = rng.choice(
                    [{"email": f"USER{number}@{PERSON_DOMAINS[number % len(PERSON_DOMAINS)]}"}, {"contact_id": f"c{number}"}]
                )
                self._add("erasures", requested_at=self._ago(3), loaded_at=self._ago(rng.uniform(0, 3)), **who)

    def _redeliver_some(self) -> None:
        """Deliver a part of the events again, as they were or changed, corrected or deleted."""
        rng = self._rng
        for row in rng.sample(self._rows["events"], len(self._rows["events"]) // 15):
            again = {**row, "loaded_at": row["loaded_at"] + rng.choice([timedelta(0), timedelta(hours=2), timedelta(days=20)])}
            again |= rng.choice(
                [
                    {},
                    {"page_path": rng.choice(EVENT_VALUES["page_path"])},
                    {"email": "else@delivery.example"},
                    {"occurred_at": row["occurred_at"] - timedelta(hours=30)},
                    {"event_version": 1, "amount": 12.5},
                    {"event_version": rng.choice([None, 1]), "is_deleted": True},
                    {"properties": '{"plan": "pro", "seats": 25}'},
                ]
            )
            self._add("events", **again)

    # ---- special situations

    def _accounts(self) -> None:
        """Three companies, one in several versions and spellings, one of them only later."""
        values = {"name": "Acme", "industry": "Manufacturing", "country": "DE", "employee_count": 250}
        for days, domain, revenue in ((300, "acme.example", 5e5), (20, "Acme.Example ", 9e6), (-2, "ACME.example", 1.0)):
            times = {"updated_at": self._ago(days), "loaded_at": self._ago(days)}
            self._add("accounts", company_domain=domain, **{**values, "annual_revenue": revenue}, **times)
        for domain, name, days in (("globex.example", "Globex Corp", 100), ("nobody.example", "Nobody", 50)):
            times = {"updated_at": self._ago(days), "loaded_at": self._ago(days - 1)}
            self._add("accounts", company_domain=domain, name=name, industry="SOFTWARE", country="us", **times)

    def _anonymous_visitors(self) -> None:
        """Identification after and before a visit, one device for two people, a tie, a contact row, and nobody."""
        for days in (40, 30, 10, 1):
            self._event("page_viewed", self._ago(days), anonymous_id="shared", page_path="/pricing")
        self._event("form_submitted", self._ago(35), anonymous_id="shared", email="first@share.example")
        self._event("form_submitted", self._ago(20), anonymous_id="shared", email="second@share.example")
        self._event("form_submitted", self._ago(20), anonymous_id="shared", email="first@share.example", page_path="/tie")
        for email in ("tie1@share.example", "tie2@share.example"):
            self._event("email_clicked", self._ago(15), anonymous_id="tied", email=email)
        self._event("page_viewed", self._ago(15), anonymous_id="tied", page_path="/same-instant")
        self._event("page_viewed", self._ago(16), anonymous_id="tied")
        self._contact("by-row", self._ago(3), email="row@share.example", anonymous_id="rowdev", created_at=self._ago(60))
        self._event("page_viewed", self._ago(61), anonymous_id="rowdev")
        self._event("page_viewed", self._ago(59), anonymous_id="rowdev")
        self._event("page_viewed", self._ago(5), anonymous_id="stranger")
        self._event("page_viewed", self._ago(12), anonymous_id="knows-contact")
        self._event("chat_started", self._ago(11), anonymous_id="knows-contact", contact_id="no-row")
        # Identified only after the scored date: all evidence known counts.
        self._event("page_viewed", self._ago(2), anonymous_id="later")
        self._event("form_submitted", self._ago(-2), anonymous_id="later", email="later@share.example")

    def _link(self, contact_id: str, target: str, days: float) -> None:
        self._add(
            "identity_links",
            contact_id=contact_id,
            merged_into_contact_id=target,
            occurred_at=self._ago(days),
            loaded_at=self._ago(days - self._rng.choice([0, 1])),
        )

    def _merged_contacts(self) -> None:
        """A chain, a cycle with a tail, a self-link, a second merge, a target that is no contact, e-mail of a member."""
        for contact_id, email in (("ma", "ma@merge.example"), ("mb", None), ("mc", "mc@merge.example"), ("md", None)):
            self._contact(contact_id, self._ago(self._rng.uniform(10, 90)), email=email, **self._profile())
        for contact_id in ("ka", "kb", "kc"):
            self._contact(contact_id, self._ago(50), email=None, **self._profile())
        for email, days in (("old@member.example", 80), ("new@member.example", 40)):
            self._contact("me", self._ago(days), email=email, **self._profile())
        self._contact("mf", self._ago(40), email="other@member.example", **self._profile())
        for contact_id, target, days in (
            ("ma", "mb", 30),
            ("mb", "mc", 20),
            ("mb", "md", 25),
            ("kc", "kb", 20),
            ("kb", "ka", 20),
            ("ka", "kc", 20),
            ("tail", "kb", 15),
            ("self", "self", 10),
            ("me", "gone", 12),
            ("mf", "gone", 11),
        ):
            self._link(contact_id, target, days)
        for contact_id in ("ma", "mb", "mc", "md", "ka", "kc", "tail", "self", "me", "gone"):
            self._event("email_clicked", self._ago(self._rng.uniform(1, 60)), contact_id=contact_id, email_id="m1")
        for email in ("ma@merge.example", "MC@merge.example", "old@member.example", "other@member.example"):
            self._event("page_viewed", self._ago(self._rng.uniform(1, 60)), email=email, page_path="/pricing")

    def _changed_emails(self) -> None:
        """An old address that follows its owner, one that another person bears now, keys without @, and ties."""
        for contact_id, email, days in (
            ("ch1", "before@change.example", 90),
            ("ch1", "AFTER@change.example ", 30),
            ("ch1", None, 5),
            ("ch2", "wanted@change.example", 100),
            ("ch2", "left@change.example", 10),
            ("ch3", " Wanted@change.example", 20),
            ("ch4", "opaque key", 40),
            ("ch5", None, 60),
            ("ch6", "both@change.example", 70),
            ("ch7", "both@change.example", 70),
        ):
            version = self._contact(contact_id, self._ago(days), email=email, **self._profile())
            if contact_id == "ch6":
                version["is_email_opted_out"] = True
        emails = ("before@change.example", "wanted@change.example", "after@change.example", "opaque key", "Two@@signs")
        for email in (*emails, "m\u00fcller@change.example", "mu\u0308LLER@change.example"):
            for days in (95, 50, 3):
                self._event("page_viewed", self._ago(days), email=email, page_path=self._rng.choice(["/", "/pricing"]))
        self._event("page_viewed", self._ago(4), email="somebody@change.example", contact_id="ch5")
        tied = {"updated_at": self._ago(9), "loaded_at": self._ago(8), "created_at": self._ago(9)}
        for job_title, city in (("CTO", None), ("CTO", "Berlin"), (None, "Paris")):
            self._add("contacts", contact_id="ch8", email="tied@change.example", job_title=job_title, city=city, **tied)

    def _deliveries(self) -> None:
        """The same event again: unchanged, contradicting, corrected, deleted, restored, and with null against a value."""
        who = {"email": "again@delivery.example"}
        seen = self._ago(6)
        for days in (0, 1):
            self._event("page_viewed", seen, event_id="dup-same", loaded_at=seen + timedelta(days=days), **who, page_path="/a")
        for path in ("/b", "/a", None):
            self._event("page_viewed", seen, event_id="dup-path", loaded_at=seen, **who, page_path=path)
        for amount, properties in ((5.0, None), (None, '{"plan": "pro"}'), (None, '{"plan": "free"}')):
            columns = {**who, "amount": amount, "properties": properties}
            self._event("quote_requested", seen, event_id="dup-amount", loaded_at=seen, **columns)
        for title in ("Home", None, "Pricing"):
            self._event("page_viewed", seen, event_id="dup-title", loaded_at=seen, **who, page_title=title)
        for email in ("b@delivery.example", "a@delivery.example"):
            self._event("form_submitted", seen, event_id="dup-email", loaded_at=seen, email=email)
        for version, days, path in ((None, 6, "/v0"), (1, 3, "/v1"), (2, 2, "/v2"), (2, 1, "/v2-again")):
            columns = {**who, "page_path": path, "event_version": version}
            self._event("page_viewed", seen, event_id="corrected", loaded_at=self._ago(days), **columns)
        for event_id, versions in (("deleted", [(0, None), (1, True)]), ("restored", [(0, False), (1, True), (2, False)])):
            for version, is_deleted in versions:
                columns = {**who, "event_version": version, "is_deleted": is_deleted}
                self._event("file_downloaded", seen, event_id=event_id, loaded_at=self._ago(5 - version), **columns)
        self._event("file_downloaded", seen, event_id="deleted-at-once", loaded_at=seen, is_deleted=True, **who)
        self._event("file_downloaded", seen, event_id="deleted-at-once", loaded_at=seen, **who)
        # A correction that cannot be read does not replace what can.
        self._event("no_such_type", seen, event_id="corrected", event_version=9, **who)
        # Delivered late, weeks after it happened, and a correction not known on the earlier dates.
        self._event("webinar_attended", self._ago(80), loaded_at=self._ago(2), **who)

    def _unreadable_rows(self) -> None:
        """Every reason for the quarantine, alone and together with a later one; and contacts that cannot be read."""
        seen, who = self._ago(8), {"email": "broken@quarantine.example"}
        faults: dict[str, list[dict[str, Any]]] = {
            "missing_event_id": [{"event_id": None}, {"event_id": "  ", "event_type": None}],
            "missing_event_type": [{"event_type": None}, {"event_type": "\u2003", "occurred_at": None}],
            "unknown_event_type": [{"event_type": "page view"}, {"event_type": "queued", "loaded_at": None}],
            "missing_occurred_at": [{"occurred_at": None}, {"occurred_at": None, "loaded_at": None}],
            "missing_loaded_at": [{"loaded_at": None}],
            "impossible_time": [
                {"occurred_at": datetime(1969, 12, 31, 23, 59, 59)},
                {"occurred_at": oracle.YEAR_10000},
                {"occurred_at": datetime(1901, 1, 1), "email": None},
            ],
            "future_event": [{"occurred_at": self._ago(-9), "loaded_at": seen}, {"loaded_at": self._ago(9, 0.001)}],
            "no_identity": [{"email": None}, {"email": "\u00a0", "duration_seconds": -1.0}],
            "negative_duration": [{"duration_seconds": -0.001}, {"duration_seconds": -5.0, "amount": float("inf")}],
            "impossible_number": [
                {"duration_seconds": 1e9},
                {"amount": 1e12},
                {"amount": float("-inf")},
                {"duration_seconds": float("inf")},
            ],
        }
        for rows in faults.values():
            for columns in rows:
                self._event(**{"event_type": "page_viewed", "occurred_at": seen, "loaded_at": seen, **who, **columns})
        # Just still events.
        self._event("page_viewed", seen, loaded_at=self._ago(9), **who)
        self._event("page_viewed", seen, duration_seconds=0.0, amount=-1000.0, **who)
        self._event("order_completed", datetime(1970, 1, 1), amount=1e11, email="old@quarantine.example")
        for column in ("contact_id", "created_at", "updated_at", "loaded_at"):
            self._contact("unread", seen, email="unread@quarantine.example")[column] = None

    def _clocks(self) -> None:
        """Visits around midnight and in the hours that clocks skip or repeat, in Europe and America."""
        spring, autumn = datetime(self._now.year, 3, 1), datetime(self._now.year - 1, 10, 1)
        moments = [self._ago(days).replace(hour=0, minute=0) + timedelta(seconds=s) for days in (7, 30) for s in (-1, 0, 1)]
        moments += [self._ago(days).replace(hour=hour, minute=30) for days in (0, 1, 7, 8) for hour in (3, 4, 18, 22, 23)]
        sundays = {
            "spring": [_nth_sunday(spring, -1), _nth_sunday(spring, 1)],
            "autumn": [_nth_sunday(autumn, -1), _nth_sunday(datetime(autumn.year, 11, 1), 0)],
        }
        for days in sundays.values():
            for day in days:
                moments += [day + timedelta(hours=hour, minutes=30) for hour in (-1.5, -0.5, 0.5, 1.5, 4.5, 5.5, 6.5, 22.5)]
        for moment in moments:
            self._event("page_viewed", moment, email="clock@time.example", loaded_at=moment + timedelta(hours=1))

    def _order(self, email: str, *days: float, **columns: Any) -> None:
        for days_ago in days:
            self._event("order_completed", self._ago(days_ago), email=email, amount=100.0, **columns)

    def _buyers(self) -> None:
        """Cycles of three and four months stated and estimated, irregular and lapsed ones, and seasons."""
        stated = (
            ("three", 3, (65,)),
            ("four", 4, (100, 230)),
            ("none", 0, (30, 60, 90)),
            ("lapsed", 3, (300,)),
            ("noorder", 3, ()),
            ("yearly", 12, (365, 730, 800)),
        )
        for name, months, days in stated:
            self._contact(f"buy-{name}", self._ago(390), email=f"{name}@buyer.example", cycle_months=months, industry="hats")
            self._order(f"{name}@buyer.example", *days)
        self._contact("buy-shoes", self._ago(390), email="shoes@buyer.example", cycle_months=6, industry=" SHOES")
        self._order("shoes@buyer.example", 20, 20.2)
        self._order("regular3@buyer.example", 50, 141, 233, 324)
        self._order("regular4@buyer.example", 10, 132, 253)
        self._order("irregular@buyer.example", 5, 10, 200, 210)
        self._order("twoorders@buyer.example", 40, 100)
        self._order("frequent@buyer.example", 3, 5, 7, 7.1, 12)
        self._order("monthend@buyer.example", 46, 74, 105, 135)
        self._order("lapsedest@buyer.example", 300, 330, 361)

    def _email_readers(self) -> None:
        """Deliveries, opens and clicks that fill the rates, with ties, machines and mails out of the window."""
        for who, clicked in (("all", "mail1 mail2 mail3 mail4"), ("some", "mail1 mail3"), ("early", "mail1 mail2 mail9")):
            email = f"{who}@reader.example"
            for number in range(1, 5):
                self._event("email_delivered", self._ago(20 - number // 2), email=email, email_id=f"mail{number}")
            self._event("email_delivered", self._ago(90), email=email, email_id="mail9")
            for email_id in clicked.split():
                self._event("email_clicked", self._ago(9), email=email, email_id=email_id)
            self._event("email_opened", self._ago(9), email=email, email_id="mail2")
            self._event("email_opened", self._ago(9), email=email, email_id="never-delivered")
            self._event("email_opened_by_machine", self._ago(9), email=email, email_id="mail4")
        for seconds in (0, 45, 300):
            moment = self._ago(4) + timedelta(seconds=seconds, microseconds=seconds)
            columns = {"session_id": "visit", "page_path": f"/{seconds}", "duration_seconds": 61.25}
            self._event("page_viewed", moment, email="all@reader.example", **columns)
        self._event("page_viewed", self._ago(3), email="all@reader.example", session_id="bounce")
        self._visits_without_sessions()

    def _visits_without_sessions(self) -> None:
        """Page views just inside and just outside of a visit, on two browsers, with campaigns that come, stay and go."""
        half_an_hour = 1800
        steps: list[tuple[float, str | None, dict[str, str]]] = [
            (0, "b1", {}),
            (half_an_hour - 0.000001, "b1", {}),
            (2 * half_an_hour - 0.000001, "b1", {}),
            (2 * half_an_hour + 5, "b1", {"utm_source": "Ads"}),
            (2 * half_an_hour + 6, "b1", {}),
            (2 * half_an_hour + 7, "b1", {"utm_source": "Ads"}),
            (2 * half_an_hour + 8, "b1", {"utm_source": "Ads", "utm_medium": "cpc"}),
            (2 * half_an_hour + 8, "b2", {"utm_medium": "cpc", "utm_campaign": "2026-q1"}),
            (2 * half_an_hour + 9, None, {"utm_source": "partner", "utm_medium": "email"}),
            (4 * half_an_hour, "b1", {"utm_source": "Ads", "utm_medium": "cpc"}),
        ]
        for seconds, browser, tags in steps:
            moment = self._ago(5) + timedelta(seconds=seconds)
            path = f"/step/{len(tags)}"
            self._event(
                "page_viewed", moment, email="steps@visit.example", anonymous_id=browser, session_id=None, page_path=path, **tags
            )

    def _idle_people(self) -> None:
        """Last seen just inside and just outside of the windows that resets and frequency rules use."""
        for days in (19, 20, 21, 44, 45, 46, 59, 60, 61, 6, 7, 8, 29, 30, 31, 89, 90, 91, 0, -1):
            self._event("page_viewed", self._ago(days), email=f"idle{days}@idle.example", page_path="/pricing")
            self._contact(f"idle{days}", self._ago(days), email=f"created{days}@idle.example")
        for gap in (20, 21, 45, 46, 60, 61):
            for days in (5, 5 + gap, 5 + 2 * gap):
                self._event("page_viewed", self._ago(days), email=f"gap{gap}@idle.example", page_path="/pricing")

    def _adjusted_people(self) -> None:
        """Adjustments before, on and after their dates, and two rows of one id."""
        who = {"email": "adjusted@manual.example"}
        self._event("meeting_held", self._ago(40), **who)
        self._contact("adjusted", self._ago(40), email=None)
        today = self._now.date()
        day = timedelta(days=1)
        self._adjustment("expired", "50", today - 9 * day, expires_on=today, **who)
        self._adjustment("lasts", "5", today - 9 * day, expires_on=today + day, **who)
        self._adjustment("later", "70", today + day, loaded_at=self._ago(2), **who)
        self._adjustment("week", "11", today - 7 * day, **who)
        self._adjustment("by-contact", "2.5", today - 30 * day, contact_id="adjusted")
        for points, loaded_at in (("1", self._ago(20)), ("2", self._ago(10)), ("3", self._ago(10))):
            columns = {"score_model": "model_00", "reason": "same", "loaded_at": loaded_at}
            self._adjustment("replaced", points, today - 25 * day, **columns, **who)
        self._adjustment("nobody", "9", today - 25 * day, email="never-seen@manual.example")

    def _erased_people(self) -> None:
        """People erased by e-mail, by contact id and by an old address, with their devices; and one nobody knows."""
        for name in ("mail", "id", "former"):
            email = f"erased-{name}@gone.example"
            self._contact(f"gone-{name}", self._ago(99), email=email, **self._profile())
            self._event("form_submitted", self._ago(70), email=email.upper(), anonymous_id=f"gone-{name}")
            self._event("page_viewed", self._ago(69), anonymous_id=f"gone-{name}")
            self._event("no_such_type", self._ago(69), contact_id=f"gone-{name}")
            self._event("email_opened", self._ago(68), contact_id=f"gone-{name}")
        self._contact("gone-former", self._ago(9), email="erased-now@gone.example")
        times = {"requested_at": self._ago(3), "loaded_at": self._ago(2)}
        self._add("erasures", email=" Erased-Mail@gone.example", **times)
        self._add("erasures", contact_id="gone-id", **times)
        self._add("erasures", email="erased-former@gone.example", **times)
        self._add("erasures", email="unheard-of@gone.example", **times)


def _nth_sunday(first_of_month: datetime, number: int) -> datetime:
    """The Sunday ``number`` (from 0; -1 is the last) of a month, at midnight UTC."""
    days = (first_of_month + timedelta(days=offset) for offset in range(31))
    sundays = [day for day in days if day.weekday() == 6 and day.month == first_of_month.month]
    return sundays[number]


def write_raw(folder: Path, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write ``generic/<table>.parquet``; events as a folder of two files."""
    generic = folder / "generic"
    (generic / "events").mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        if table == "events":
            middle = len(rows) // 2
            _write_parquet(generic / "events" / "part-0.parquet", table, rows[:middle])
            _write_parquet(generic / "events" / "part-1.parquet", table, rows[middle:])
        else:
            _write_parquet(generic / f"{table}.parquet", table, rows)


def _write_parquet(file: Path, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    arrays = {}
    for name, kind in oracle.RAW_TABLES[table].items():
        kind = kind.rstrip("*")
        values = [row.get(name) for row in rows]
        if kind == "time":
            values = [oracle.micros(value) if isinstance(value, datetime) else value for value in values]
        arrow_type = pyarrow.int32() if name in SMALL_INTEGERS else ARROW_TYPES[kind]
        arrays[name] = pyarrow.array(values, arrow_type)
    pyarrow.parquet.write_table(pyarrow.table(arrays), file)


# --------------------------------------------------------------------------------------------------------------------
# Coverage
# --------------------------------------------------------------------------------------------------------------------


def coverage(config: oracle.Config, raw: oracle.Raw, as_of_date: date = BASE_DATE) -> set[str]:
    """The FEATURES that a case has: in its grid, in its rows and in what comes out of them in UTC."""
    features = _grid_features(config) | _cycle_parameter_features(config)
    scorer = oracle.Scorer(config, raw, "UTC", None, 90)
    day = as_of_date.toordinal()
    features |= _event_features(scorer, day) | _email_features(raw) | _delivery_features(scorer)
    features |= _anonymous_features(scorer) | _merge_features(scorer, raw) | _contact_features(scorer, raw, day)
    features |= _buyer_features(scorer, day) | _other_table_features(raw, scorer, day)
    return features | _result_features(config, raw, as_of_date)


def _grid_features(config: oracle.Config) -> set[str]:
    found: set[str] = set()
    for rule in config.rules:
        found.add(f"kind:{rule.kind}")
        found.add(f"conditions:{('none', 'one', 'several')[min(len(rule.conditions), 2)]}")
        on_traits = rule.kind in ("attribute", "exclude")
        for condition in rule.conditions:
            found.add(f"operator:{oracle.field_kind(condition.field, on_traits)}:{condition.operator}")
            if on_traits:
                found.add(f"trait:{condition.field}")
        if rule.kind == "event":
            found.add(f"decay:{rule.decay or 'none'}")
            found.add(f"decay_from:{rule.decay_from or 'event'}")
            found.add(f"count_once_per:{rule.count_once_per or 'each'}")
        if rule.kind == "frequency":
            low, high = rule.min_count, rule.max_count
            found.add("frequency:both" if None not in (low, high) else f"frequency:{'max' if low is None else 'min'}_count")
            found |= {"frequency:max_count_0"} if high == 0 else set()
            found |= {"frequency:admits_0"} if high and not low else set()
        for name in ("max_per_day", "max_points", "active_from", "active_to", "stage"):
            found |= {name} if getattr(rule, name) is not None else set()
        found |= {"several_event_types"} if len(rule.event_types) > 1 else set()
    for group in config.rule_groups.values():
        found.add(f"group:{group.combine}")
        found |= {"group:min_points"} if group.bounds.lowest is not None else set()
        found |= {"group:max_points"} if group.bounds.highest is not None else set()
    found |= {"subscore_bounds"} if config.subscore_bounds else set()
    found |= {f"weight:{weight if weight in (0, 1) else 'other'}" for weight in config.subscore_weights.values()}
    for code, model in config.score_models.items():
        found.add(f"normalisation:{model.normalisation}")
        if model.normalisation != "clamp" and model.raw_max is None:
            found.add(f"normalisation:{model.normalisation}:largest")
        found |= {f"points_scaling:{model.points_scaling}"} if model.points_scaling else set()
        axes = sorted(axis for model_code, axis in config.grade_scales if model_code == code)
        found.add("grade_axes:" + "+".join(sorted(axes, key=oracle.GRADE_AXES.index)))
    return {feature.replace("grade_axes:behaviour+fit", "grade_axes:fit+behaviour") for feature in found}


def _cycle_parameter_features(config: oracle.Config) -> set[str]:
    found = set()
    for model in config.score_models.values():
        has_cycle, has_season = model.cycle_points is not None, model.season_points is not None
        found.add(f"cycle:{('no_points', 'points_only', 'with_season')[has_cycle * (1 + has_season)]}")
        found |= {"cycle:cv_limit"} if model.cycle_max_cv is not None else set()
        found |= {"cycle:grace"} if model.cycle_grace != 1 else set()
        found |= {"cycle:min_orders"} if model.cycle_min_orders != 3 else set()
    return found


def _event_features(scorer: oracle.Scorer, day: int) -> set[str]:
    found = {f"status:{status.status}" for status in scorer.event_statuses()}
    found |= {f"quarantine:{status.reason}" for status in scorer.event_statuses() if status.reason}
    minute = 60_000_000
    instants: dict[tuple[str, int], int] = {}
    for number, event in scorer.intake.events.items():
        row = scorer.raw_events[number]
        instant = event.occurred_at
        found |= {"event:late"} if row["loaded_at"] - instant > 7 * oracle.DAY_MICROS else set()
        found |= {"event:loaded_before_it_occurred"} if row["loaded_at"] < instant else set()
        found |= {"event:waits"} if event.day > day else set()
        found |= {"event:near_midnight"} if (instant + minute) % oracle.DAY_MICROS < 2 * minute else set()
        found |= {"event:code_in_other_case"} if row["event_type"] != event.event_type else set()
        if row["properties"] and not oracle.property_texts(row["properties"]) and not row["properties"].startswith("{}"):
            found.add("event:no_json_object")
        moment = oracle.moment(instant)
        if moment.weekday() == 6 and moment.hour < 2:
            found |= {"event:dst_spring"} if (moment.month, moment.day > 24) == (3, True) else set()
            found |= {"event:dst_autumn"} if (moment.month, moment.day > 24) == (10, True) else set()
        lead_id = scorer.row_leads[number]
        if lead_id is not None:
            instants[lead_id, instant] = instants.get((lead_id, instant), 0) + 1
        found.add(_identity_feature(row, lead_id, scorer))
    found |= {"event:same_instant"} if max(instants.values()) > 1 else set()
    return found | _visit_features(scorer)


def _visit_features(scorer: oracle.Scorer) -> set[str]:
    found = set()
    for lead in scorer.leads.values():
        visited = [event for event in lead.events if (event.row["session_id"] or "").startswith("visit:")]
        for event in visited:
            tags = any(event.row[name] for name in oracle.TAGS)
            begins = event.row["session_id"] == f"visit:{event.event_key}"
            found.add("visit:continued" if not begins else "visit:campaign" if tags and len(visited) > 1 else "visit:silence")
        if any(event.event_key.endswith((":ad_clicked", ":signature_clicked")) for event in lead.events):
            found.add("tagged_link")
    return found


def _identity_feature(row: oracle.RawRow, lead_id: str | None, scorer: oracle.Scorer) -> str:
    """By what an event found its lead."""
    if row["email"] is not None:
        contact_id = row["contact_id"]
        against = contact_id is not None and scorer.identity.lead_of_contact(contact_id) != lead_id
        return "identity:email_against_contact" if against else "identity:email"
    if row["contact_id"] is not None:
        lead = scorer.leads.get(lead_id)
        return "identity:contact" if lead and row["contact_id"] in lead.contacts else "identity:contact_without_row"
    return "identity:unidentified" if lead_id is None else "identity:anonymous_later"


def _email_features(raw: oracle.Raw) -> set[str]:
    found = set()
    for row in [*raw.events, *raw.contacts]:
        email = row["email"]
        if email is None:
            continue
        found |= {"email:opaque"} if email.count("@") != 1 else set()
        found |= {"email:case"} if email != email.lower() else set()
        found |= {"email:white_space"} if oracle.trimmed(email) != email else set()
        found |= {"email:zero_width"} if email.strip(oracle.ZERO_WIDTH) != email else set()
        found |= {"email:nfd"} if unicodedata.normalize("NFC", email) != email else set()
    return found


def _delivery_features(scorer: oracle.Scorer) -> set[str]:
    found = {f"conflict:{'same' if conflict.is_same_version else 'other'}_version" for conflict in scorer.intake.conflicts}
    contradicting = {conflict.loser_row_number for conflict in scorer.intake.conflicts}
    for number, status in enumerate(scorer.intake.statuses):
        found |= {"redelivery:same_content"} if status == "duplicate" and number not in contradicting else set()
    for conflict in scorer.intake.conflicts:
        winner, loser = (scorer.raw_events[n] for n in (conflict.winner_row_number, conflict.loser_row_number))
        is_null_first = winner["loaded_at"] == loser["loaded_at"] and winner["page_path"] is None and loser["page_path"]
        found |= {"redelivery:null_first"} if is_null_first else set()
    return found


def _anonymous_features(scorer: oracle.Scorer) -> set[str]:
    found = set()
    people: dict[str, dict[int, set[str]]] = {}
    for number, event in scorer.intake.events.items():
        row = event.row
        if row["anonymous_id"] and (row["email"] or row["contact_id"]):
            people.setdefault(row["anonymous_id"], {}).setdefault(event.occurred_at, set()).add(scorer.row_leads[number])
    found |= {"identity:tie"} if any(len(leads) > 1 for at in people.values() for leads in at.values()) else set()
    found |= {"identity:shared_device"} if any(len(set().union(*at.values())) > 1 for at in people.values()) else set()
    for number, event in scorer.intake.events.items():
        row = event.row
        if row["email"] or row["contact_id"] or scorer.row_leads[number] is None:
            continue
        known = people.get(row["anonymous_id"])
        if known is None:
            found.add("identity:contact_evidence")
        elif event.occurred_at < min(known):
            found.add("identity:anonymous_before")
    return found


def _merge_features(scorer: oracle.Scorer, raw: oracle.Raw) -> set[str]:
    found = set()
    rows = {row["contact_id"] for row in raw.contacts}
    targets: dict[str, set[str]] = {}
    for link in raw.identity_links:
        targets.setdefault(link["contact_id"], set()).add(link["merged_into_contact_id"])
        root = scorer.identity.root(link["contact_id"])
        found |= {"merge:itself"} if link["contact_id"] == link["merged_into_contact_id"] else set()
        found |= {"merge:target_without_row"} if root not in rows else set()
        found |= {"merge:cycle"} if root in targets and root != link["merged_into_contact_id"] else set()
        lead = scorer.leads.get(scorer.identity.lead_of_contact(link["contact_id"]))
        found |= {"merge:email_of_member"} if lead and lead.email and root not in rows else set()
    for contact_id, merged_into in targets.items():
        found |= {"merge:again"} if len(merged_into) > 1 else set()
        onward = [target for target in merged_into if target in targets and target != contact_id]
        found |= {"merge:chain"} if onward else set()
    return found


def _contact_features(scorer: oracle.Scorer, raw: oracle.Raw, day: int) -> set[str]:
    found = set()
    found |= {"contact:unreadable"} if not all(map(oracle.is_readable_contact, raw.contacts)) else set()
    former = set(scorer.identity.former_emails)
    used = {oracle.normalised_email(row["email"]) for row in raw.events if row["email"]}
    found |= {"contact:former_email_used"} if former & used else set()
    for lead in scorer.leads.values():
        found |= {"contact:two_of_one_lead"} if len(lead.contacts) > 1 else set()
        found |= {"contact:without_email"} if lead.contacts and lead.email is None else set()
        found |= {"contact:opaque_email"} if lead.contacts and lead.email and lead.email.count("@") != 1 else set()
        for rows in lead.contacts.values():
            found |= {"contact:versions"} if len(rows) > 1 else set()
            times = [(row["updated_at"], row["loaded_at"]) for row in rows]
            found |= {"contact:tie"} if len(set(times)) < len(times) else set()
            emails = {oracle.normalised_email(row["email"]) for row in rows} - {None}
            found |= {"contact:changed_email"} if len(emails) > 1 else set()
            found |= {"contact:updated_later"} if any(scorer.calendar.day(row["updated_at"]) > day for row in rows) else set()
            found |= {"contact:opted_out"} if any(row["is_email_opted_out"] for row in rows) else set()
        if lead.contacts and oracle.Traits(lead, day, scorer).value("account_name") is not None:
            found.add("account:joined")
    domains = [oracle.comparable(row["company_domain"]) for row in raw.accounts]
    return found | ({"account:versions"} if len(set(domains)) < len(domains) else set())


def _buyer_features(scorer: oracle.Scorer, day: int) -> set[str]:
    found = set()
    for lead in scorer.leads_on(day):
        traits = oracle.Traits(lead, day, scorer)
        stated = traits.value("cycle_months")
        orders = sum(event.event_type == "order_completed" for event in lead.events)
        found |= {"cycle:two_on_a_day"} if orders > len(lead.order_days) else set()
        for planned in scorer.models:
            cycle = traits.cycle(planned.model)
            if stated is not None:
                found.add("cycle:stated" if stated >= 1 else "cycle:stated_below_one")
            elif cycle.months is not None:
                found |= {"cycle:estimated", f"cycle:{cycle.months}_months"} & FEATURES
            elif planned.model.cycle_max_cv is not None and len(cycle.order_days) >= planned.model.cycle_min_orders > 1:
                found.add("cycle:irregular")
            found |= {"cycle:lapsed"} if cycle.is_lapsed else set()
            if cycle.is_running and planned.is_in_season(traits, cycle.order_days, day):
                industry = oracle.comparable(traits.value("industry") or "")
                by_industry = (industry, date.fromordinal(day).month) in planned.seasons
                found.add("season:industry" if by_industry else "season:years")
    return found


def _other_table_features(raw: oracle.Raw, scorer: oracle.Scorer, day: int) -> set[str]:
    found = set()
    for row in raw.adjustments:
        found.add("adjustment:by_email" if row["email"] is not None else "adjustment:by_contact")
        found |= {"adjustment:expired"} if row["expires_on"] is not None and row["expires_on"] <= day else set()
        found |= {"adjustment:later"} if row["effective_on"] > day else set()
    ids = [row["adjustment_id"] for row in raw.adjustments]
    found |= {"adjustment:replaced"} if len(set(ids)) < len(ids) else set()
    seen = set(scorer.row_leads)
    for row in raw.erasures:
        found.add("erasure:by_email" if row["email"] is not None else "erasure:by_contact")
        found |= {"erasure:of_nobody"} if scorer.identity.lead_of(row["email"], row["contact_id"]) not in seen else set()
    found |= {"outcome"} if raw.outcomes else set()
    known_at = oracle.micros(datetime.combine(date.fromordinal(day - 30), datetime.min.time()))
    found |= {"known_at:less"} if 0 < len(oracle.known_rows(raw.events, known_at)) < len(raw.events) else set()
    return found


def _result_features(config: oracle.Config, raw: oracle.Raw, as_of_date: date) -> set[str]:
    result = oracle.score(config, raw, as_of_date)
    rules = {(rule.score_model, rule.rule_id): rule for rule in config.rules}
    bands = {code: {segment.segment: segment for segment in segments} for code, segments in config.segments.items()}
    found = set()
    for entry in result.contributions:
        found.add(f"entry:{entry.entry_type}")
        rule = rules.get((entry.score_model, entry.rule_id))
        if rule is not None:
            found.add(f"fired:{rule.kind}")
            found |= {"max_points:reached"} if entry.points != entry.points_uncapped else set()
            found |= {"faded_to_0"} if rule.kind == "event" and entry.points == 0 else set()
    for row in result.scores:
        found.add(f"trend:{row.trend}")
        found |= {"segment:excluded"} if row.is_excluded else set()
        by_score = oracle.band(config.segments[row.score_model], row.score)
        is_short_cut = row.segment in bands[row.score_model] and row.segment != by_score.segment
        found |= {"segment:shortcut"} if is_short_cut else set()
        found |= {"stage:exploration"} if row.stage == "exploration" else set()
    return found | ({"reset:effective"} if _resets_matter(config, raw, as_of_date, result) else set())


def _resets_matter(config: oracle.Config, raw: oracle.Raw, as_of_date: date, result: oracle.Result) -> bool:
    """Whether leaving the reset rules out changes a score."""
    without = tuple(rule for rule in config.rules if rule.kind != "reset")
    grid = {name: getattr(config, name) for name in oracle.Config.__dataclass_fields__}
    return oracle.score(oracle.Config(**{**grid, "rules": without}), raw, as_of_date).scores != result.scores
