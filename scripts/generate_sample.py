"""Make up a B2B marketing department: the raw `generic` tables of a company that does not exist.

The rows are a pure function of the parameters. Every choice is an integer hash of (seed, who, what for), so neither
DuckDB's version, nor its threads, nor the chunk size can change a row, and no row depends on how many were drawn before
it. For the same reason nothing here uses `random()`, `hash()`, logarithms or sums of doubles.

The generation is set-wise SQL over chunks of people; Python only holds the vocabulary and the order of the steps.
"""

from __future__ import annotations

import calendar
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import duckdb
import typer

DEFAULT_SEED = 20260310
DEFAULT_LAST_DAY = datetime(2026, 3, 10)
DEFAULT_MONTHS = 14

# DuckDB's share of the 4 GiB that the largest sample may take; beyond it, it spills to disk.
MEMORY_LIMIT = "3GB"

# A chunk is what DuckDB holds in memory at once: about 30 events a lead, so some 600,000 rows.
LEADS_PER_CHUNK = 20_000

# Column names and types of docs/interfaces.md section 1, in its order.
SCHEMAS: dict[str, dict[str, str]] = {
    "events": {
        "event_id": "VARCHAR",
        "event_type": "VARCHAR",
        "occurred_at": "TIMESTAMP",
        "loaded_at": "TIMESTAMP",
        "event_version": "INTEGER",
        "is_deleted": "BOOLEAN",
        "email": "VARCHAR",
        "contact_id": "VARCHAR",
        "anonymous_id": "VARCHAR",
        "session_id": "VARCHAR",
        "page_path": "VARCHAR",
        "page_title": "VARCHAR",
        "referrer": "VARCHAR",
        "email_id": "VARCHAR",
        "link_url": "VARCHAR",
        "asset": "VARCHAR",
        "campaign": "VARCHAR",
        "utm_source": "VARCHAR",
        "utm_medium": "VARCHAR",
        "utm_campaign": "VARCHAR",
        "duration_seconds": "DOUBLE",
        "amount": "DOUBLE",
        "properties": "VARCHAR",
    },
    "contacts": {
        "contact_id": "VARCHAR",
        "email": "VARCHAR",
        "loaded_at": "TIMESTAMP",
        "created_at": "TIMESTAMP",
        "updated_at": "TIMESTAMP",
        "anonymous_id": "VARCHAR",
        "first_name": "VARCHAR",
        "last_name": "VARCHAR",
        "company": "VARCHAR",
        "company_domain": "VARCHAR",
        "job_title": "VARCHAR",
        "seniority": "VARCHAR",
        "department": "VARCHAR",
        "industry": "VARCHAR",
        "country": "VARCHAR",
        "city": "VARCHAR",
        "employee_count": "BIGINT",
        "annual_revenue": "DOUBLE",
        "lead_source": "VARCHAR",
        "persona": "VARCHAR",
        "phone": "VARCHAR",
        "age": "INTEGER",
        "cycle_months": "INTEGER",
        "is_email_opted_out": "BOOLEAN",
        "has_marketing_consent": "BOOLEAN",
        "consented_at": "TIMESTAMP",
        "owner": "VARCHAR",
        "lifecycle_stage": "VARCHAR",
        "enriched_at": "TIMESTAMP",
    },
    "accounts": {
        "company_domain": "VARCHAR",
        "name": "VARCHAR",
        "industry": "VARCHAR",
        "country": "VARCHAR",
        "employee_count": "BIGINT",
        "annual_revenue": "DOUBLE",
        "updated_at": "TIMESTAMP",
        "loaded_at": "TIMESTAMP",
    },
    "identity_links": {
        "contact_id": "VARCHAR",
        "merged_into_contact_id": "VARCHAR",
        "occurred_at": "TIMESTAMP",
        "loaded_at": "TIMESTAMP",
    },
    "adjustments": {
        "adjustment_id": "VARCHAR",
        "email": "VARCHAR",
        "contact_id": "VARCHAR",
        "score_model": "VARCHAR",
        "points": "DECIMAL(10,4)",
        "reason": "VARCHAR",
        "author": "VARCHAR",
        "effective_on": "DATE",
        "expires_on": "DATE",
        "loaded_at": "TIMESTAMP",
    },
    "outcomes": {
        "outcome_id": "VARCHAR",
        "email": "VARCHAR",
        "contact_id": "VARCHAR",
        "outcome": "VARCHAR",
        "reason": "VARCHAR",
        "occurred_at": "TIMESTAMP",
        "loaded_at": "TIMESTAMP",
        "amount": "DOUBLE",
    },
    "erasures": {
        "email": "VARCHAR",
        "contact_id": "VARCHAR",
        "requested_at": "TIMESTAMP",
        "loaded_at": "TIMESTAMP",
    },
}


def words(text: str) -> list[str]:
    """Return the words of `text`, which blanks and line ends separate."""
    return text.split()


# --- Vocabulary ---------------------------------------------------------------------------------------------------------
# Names of companies and their domains are combinations under `.example`, which nobody can own (RFC 2606). Free-mail
# addresses carry a local part with hyphens that says it is made up.

FIRST_NAMES = words("""
    Anna Ben Clara David Elena Felix Greta Hugo Ines Jonas Katja Leon Maria Nils Olga Paul Rosa Simon Tara Uwe Vera Walter
    Xenia Yusuf Zoë René Chloé Björn Amélie Nicolás Sofía João Łucja Søren Aoife Bilal Chen Dalia Emeka Farah Giulia Hana
    Ivan Jasmin Karim Lena Marco Nadia Omar Priya Quentin Ravi Sana Tom Ursula Victor Wanda Yara Zain Alice Bruno Carla Dirk
    Emma Frank Gina Henrik Isabel Jan Kim Lucas Mona Noah Oscar Petra Ruth Sven Thea Ulla Vincent Willem Ada Boris Celia Dario
    Esther Finn Gerd Heidi Igor Julia Kurt Lydia Milan Nora
""")

LAST_NAMES = words("""
    Abel Adler Albrecht Almeida Andersen Arnaud Bach Baker Barros Bauer Becker Berg Bianchi Blanc Bosch Brandt Braun Brook
    Bruun Carter Castillo Chen Clark Conti Costa Cruz Dahl Dekker Delgado Diaz Dubois Duran Eder Eriksen Esposito Evans Faber
    Farkas Fischer Fleming Fontaine Fuchs Gallo Garcia Gardner Gerber Girard Gomez Graf Green Gruber Haas Hagen Hansen Hart
    Hoffmann Holm Horvat Huber Iversen Jansen Jensen Jung Kaiser Keller King Klein Koch Kovac Krause Kruger Lang Larsen Laurent
    Lehmann Leroy Lind Lopez Lorenz Maas Maier Marino Martin Mayer Mendes Meyer Molina Moreau Moser Muller Navarro Neumann
    Nielsen Novak Olsen Ortega Palmer Parker Pereira Peters Petit Pohl Popov Prieto Ramos Reed Reyes Ricci Richter Rinaldi
    Romano Rossi Roth Roux Russo Sala Santos Schmid Schulz Silva Simon Sommer Stone Svensson Torres Vidal Vogel Wagner Weber
    Winter
""")

COMPANY_WORDS = words("""
    Alder Amber Anchor Arbor Ashfield Aurora Beacon Birch Bluestone Bramble Bright Brook Canyon Cedar Cinder Cliff Clover Cobalt
    Copper Coral Crescent Crown Dawn Delta Drift Eagle Echo Elm Ember Evergreen Falcon Fern Fjord Flint Forge Garnet Glacier
    Granite Harbour Hazel Heron Hollow Horizon Indigo Iris Ivory Jade Juniper Kestrel Lantern Larch Laurel Linden Lumen Maple
    Marble Meadow Merlin Mistral Moss Nimbus North Oak Onyx Orchid Osprey Pebble Pine Quartz Raven Ridge River Rowan Sable
    Saffron Silver Summit Tidal Willow Wren
""")

COMPANY_TRADES = words("""
    Logistics Systems Foods Textiles Energy Software Motors Optics Health Media Retail Packaging Robotics Chemicals Telecom Steel
    Furniture Labs Freight Insurance Capital Farms Hotels Pharma Printing Plastics Tools Security Learning Travel Marine Timber
    Ceramics Aviation Mining Water Analytics Networks Bakery Outdoor
""")

PLACES = words("""
    Lund Graz Porto Ghent Turin Basel Leeds Lyon Bergen Malmo Utrecht Bilbao Cork Gdansk Aarhus Tampere Brno Zadar Riga Tartu
    Vilnius Nantes Parma Bonn Essen Kiel Ulm Trier Linz Bern Zug Namur Delft Breda Girona Vigo Braga Faro Pisa Siena Bari Bath
    York Derby Perth Galway Limerick Oulu Turku Lahti Odense Vejle Uppsala Gavle Bodo Molde Austin Boise Denver Fargo Tulsa
    Salem Dayton Reno
""")

# (industry, what selling there is worth to the fit, the calendar month in which its seasonal buyers order)
INDUSTRIES = [
    ("software", 20, 12), ("software", 20, 12), ("manufacturing", 18, 9), ("manufacturing", 18, 1), ("logistics", 17, 10),
    ("finance", 15, 1), ("retail", 14, 11), ("healthcare", 14, 9), ("telecommunications", 13, 6), ("professional services", 12, 2),
    ("agriculture", 4, 3), ("hospitality", 4, 4), ("education", 3, 8), ("public sector", 3, 11), ("construction", 5, 3),
    ("energy", 7, 5),
]  # fmt: skip

# (spelling of the country, worth, city, telephone numbers that regulators reserve for drama or that lead nowhere)
COUNTRIES = [
    ("DE", 15, "Hamburg", "+49 30 23125 "), ("DE", 15, "Munich", "+49 89 99998 "), ("Germany", 15, "Leipzig", "+49 30 23125 "),
    ("FR", 15, "Lyon", "+33 1 99 00 0"), ("FR", 15, "Nantes", "+33 1 99 00 0"), ("GB", 14, "Leeds", "+44 20 7946 0"),
    ("United Kingdom", 14, "York", "+44 20 7946 0"), ("US", 14, "Austin", "+1 202-555-0"), ("us", 14, "Denver", "+1 202-555-0"),
    ("NL", 13, "Utrecht", None), ("BE", 13, "Ghent", None), ("AT", 13, "Graz", None), ("CH", 13, "Basel", None),
    ("ES", 12, "Bilbao", None), ("Italy", 12, "Turin", None), ("SE", 9, "Lund", None), ("PL", 8, "Gdansk", None),
    ("PT", 8, "Porto", None), ("BR", 4, "Recife", None), ("IN", 4, "Pune", None), ("AU", 4, "Perth", "+61 2 5550 0"),
    ("JP", 3, "Kobe", None), ("ZA", 3, "Durban", None), ("NG", 2, "Ibadan", None),
]  # fmt: skip

# (audience, job title, seniority, department, persona, worth to the fit)
TITLES = [
    ("business", "Chief Executive Officer", "c-level", "management", "decision_maker", 35),
    ("business", "CTO", "c-level", "it", "decision_maker", 33),
    ("business", "Chief Marketing Officer", "c-level", "marketing", "decision_maker", 35),
    ("business", "Founder", "founder", "management", "decision_maker", 30),
    ("business", "Owner", "owner", None, "decision_maker", 26),
    ("business", "Managing Director", "director", "management", "decision_maker", 34),
    ("business", "VP Sales", "vp", "sales", "decision_maker", 35),
    ("business", "Vice President Operations", "vp", "operations", "decision_maker", 34),
    ("business", "Head of Marketing", "head", "marketing", "decision_maker", 34),
    ("business", "Head of Procurement", "head", "procurement", "decision_maker", 33),
    ("business", "Director of Engineering", "director", "engineering", "decision_maker", 31),
    ("business", "IT Director", "director", "it", "decision_maker", 32),
    ("business", "Sales Director", "director", "sales", "decision_maker", 33),
    ("business", "Marketing Manager", "manager", "marketing", "champion", 24),
    ("business", "Marketing Manager", "manager", "marketing", "champion", 24),
    ("business", "Sales Manager", "manager", "sales", "champion", 23),
    ("business", "Operations Manager", "manager", "operations", "champion", 23),
    ("business", "IT Manager", "manager", "it", "champion", 22),
    ("business", "Procurement Manager", "manager", "procurement", "champion", 23),
    ("business", "Project Manager", "manager", None, "practitioner", 15),
    ("business", "Product Manager", "manager", "product", "practitioner", 16),
    ("business", "Marketing Specialist", "specialist", "marketing", "practitioner", 14),
    ("business", "CRM Specialist", "specialist", "marketing", "practitioner", 16),
    ("business", "Sales Representative", "specialist", "sales", "practitioner", 12),
    ("business", "Data Analyst", "specialist", "it", "practitioner", 12),
    ("business", "Software Engineer", "specialist", "engineering", "practitioner", 11),
    ("business", "System Administrator", "specialist", "it", "practitioner", 11),
    ("business", "Buyer", "specialist", "procurement", "practitioner", 13),
    ("business", "Accountant", "specialist", "finance", None, 6),
    ("business", "HR Business Partner", "specialist", "human resources", None, 4),
    ("business", "Office Assistant", "junior", "administration", None, 3),
    ("business", "Marketing Assistant", "junior", "marketing", None, 7),
    ("business", None, None, None, None, 5),
    ("business", None, None, None, None, 5),
    ("student", "Student", None, None, "student", 0),
    ("student", "PhD candidate", None, "research", "student", 0),
    ("student", "Trainee", "junior", None, None, 1),
    ("student", None, None, None, "student", 0),
    ("consultant", "Independent consultant", None, None, "consultant", 3),
    ("consultant", "Consultant", "specialist", "consulting", None, 3),
    ("consultant", "Senior Consultant", "manager", "consulting", "consultant", 4),
    ("consultant", "Managing Partner", "partner", "consulting", "consultant", 8),
    ("competitor", "Product Marketing Manager", "manager", "marketing", "competitor", 10),
    ("competitor", "Competitive Intelligence Analyst", "specialist", "marketing", "competitor", 5),
    ("competitor", "Head of Product", "head", "product", None, 12),
    ("staff", "Account Executive", "specialist", "sales", None, 0),
    ("staff", "Web Editor", "specialist", "marketing", None, 0),
    ("staff", "Support Engineer", "specialist", "it", None, 0),
]  # fmt: skip

# How people behave. Counts follow scale / u with u uniform in (0, 1]: many have few, a few have hundreds (Zipf).
#   visits    = floor + scale / 100 / u, at most cap; downloads, webinars and product uses likewise without a floor
#   subscribes in per mille, opens in per cent; days = how long they stay around: least + up to spread
#   wins      = per mille of middling fit that buy without ever having asked, the noise that no behaviour foretells
#   topics    = what their visits are about: h(ome), b(log), p(roduct), $ (pricing), d(ocs), c(areers), s(tories)
JOURNEYS = [
    # journey, visits: floor, scale, cap, downloads, webinars, subscribes, opens, uses, days: least, spread, wins, topics
    ("listed", 0, 0, 0, 0, 0, 500, 12, 0, 60, 300, 4, "hhhhhhhhhhhhhhhh"),
    ("glance", 0, 15, 30, 5, 0, 200, 18, 0, 1, 25, 4, "bbbbbbhhhhppps$c"),
    ("reader", 1, 32, 120, 9, 7, 650, 42, 0, 40, 360, 16, "bbbbbbbbbbhhppsd"),
    ("learner", 1, 45, 140, 38, 42, 550, 40, 0, 40, 300, 32, "bbbbpppphsssdd$$"),
    ("evaluator", 1, 45, 160, 34, 30, 500, 48, 15, 60, 320, 0, "ppppphhssdd$$$bb"),
    ("customer", 1, 30, 150, 10, 20, 500, 38, 75, 300, 900, 0, "ddddddddpphhbs$h"),
    ("consultant", 1, 40, 80, 30, 45, 550, 35, 0, 30, 300, 2, "bbbbppppddss$$hh"),
    ("student", 1, 50, 100, 60, 45, 350, 30, 0, 20, 120, 0, "bbbbbbddddddpphc"),
    ("competitor", 2, 60, 110, 30, 30, 300, 30, 0, 60, 400, 0, "pppp$$$$$ddssbbh"),
    ("jobseeker", 1, 35, 25, 3, 0, 120, 25, 0, 5, 60, 1, "cccccccccchhhbpp"),
    ("staff", 5, 250, 260, 30, 30, 900, 60, 150, 300, 900, 0, "hhhhbbbbpppp$ddc"),
    ("visitor", 1, 16, 60, 0, 0, 0, 0, 0, 1, 60, 0, "bbbbbbhhhhppd$cs"),
]  # fmt: skip

# topic -> (path, title), the likeliest first
PAGES: dict[str, list[tuple[str, str | None]]] = {
    "h": [
        ("/", "Home"), ("/", "Home"), ("/", "Home"), ("/about", "About us"), ("/contact", "Contact"),
        ("/product/overview", "Product"), ("/newsletter", "Newsletter"), ("/partners", None),
    ],
    "b": [
        ("/blog/lead-scoring-basics", "Lead scoring basics"), ("/blog/five-mistakes", "Five mistakes in lead scoring"),
        ("/blog/why-cycles-matter", "Why buying cycles matter"), ("/blog/email-that-works", "E-mail that works"), ("/blog", "Blog"),
        ("/blog/sales-and-marketing", "Sales and marketing, one team"), ("/blog/étude-de-cas", "Étude de cas"),
        ("/blog/privacy-by-design", "Privacy by design"),
    ],
    "p": [
        ("/product/overview", "Product"), ("/product/scoring", "Scoring"), ("/product/segments", "Segments"),
        ("/product/automation", "Automation"), ("/product/integrations", "Integrations"), ("/product/security", "Security"),
        ("/product/tour?step=2", "Product tour"), ("/pricing", "Pricing"),
    ],
    "$": [
        ("/pricing", "Pricing"), ("/pricing", "Pricing"), ("/pricing", "Pricing"), ("/pricing/enterprise", "Enterprise"),
        ("/plans", "Plans"), ("/plans/pro", "Plan Pro"), ("/pricing-guide", "A guide to pricing"), ("/product/scoring", "Scoring"),
    ],
    "d": [
        ("/docs/start", "Getting started"), ("/docs", "Documentation"), ("/docs/api", "API"),
        ("/docs/import", "Importing contacts"), ("/docs/rules", "Writing rules"), ("/docs/webhooks", "Webhooks"), ("/docs/faq", None),
        ("/product/integrations", "Integrations"),
    ],
    "c": [
        ("/careers", "Careers"), ("/careers/account-executive", "Account executive"), ("/careers/data-engineer", "Data engineer"),
        ("/careers", "Careers"), ("/about", "About us"), ("/careers/apply", "Apply"), ("/", "Home"), ("/blog", "Blog"),
    ],
    "s": [
        ("/customers", "Customers"), ("/customers/alder-logistics", "Alder Logistics"), ("/customers/heron-foods", "Heron Foods"),
        ("/customers/cobalt-optics", "Cobalt Optics"), ("/product/overview", "Product"),
        ("/customers/willow-health", "Willow Health"), ("/pricing", "Pricing"), ("/blog", "Blog"),
    ],
}  # fmt: skip

# Where a visit comes from: (referrer, utm_source, utm_medium), the likeliest several times.
ORIGINS: list[tuple[str | None, str | None, str | None]] = [
    (None, None, None), (None, None, None), (None, None, None), (None, None, None), (None, None, None),
    ("https://search.example/", None, None), ("https://search.example/", None, None), ("https://search.example/", None, None),
    ("https://search.example/", None, None), ("https://duck.example/", None, None),
    ("https://search.example/", "search", "cpc"), ("https://social.example/feed", "social", "cpc"),
    ("https://social.example/", "social", "social"), ("https://social.example/", "social", "social"),
    ("https://partner.example/blog", "partner", "referral"), ("https://reviews.example/crm", None, None),
]  # fmt: skip

LISTS: dict[str, Sequence[str | int]] = {
    "first_names": FIRST_NAMES,
    "last_names": LAST_NAMES,
    "company_words": COMPANY_WORDS,
    "company_trades": COMPANY_TRADES,
    "places": PLACES,
    "free_domains": ["gmail.com", "gmail.com", "outlook.com", "yahoo.com", "gmx.de", "web.de", "orange.fr", "hotmail.co.uk"],
    "campaigns": ["spring-launch", "scoring-guide", "always-on", "fair-follow-up", "winback", "café-sessions"],
    "guides": words(
        "guide-lead-scoring checklist-eight-steps whitepaper-cycles template-point-grid report-benchmarks case-heron-foods"
    ),
    "videos": ["video-tour", "video-setup", "video-customer-story"],
    "searches": ["price", "api", "import contacts", "gdpr", "single sign-on", "jobs", "prix"],
    "features": ["reports", "segments", "rules", "import", "api"],
    "plans": ["starter", "pro", "pro", "enterprise"],
    "lost_reasons": ["price", "no decision", "chose a competitor", "missing feature", "budget cut", "timing"],
    "rejected_reasons": ["not a decision maker", "no budget", "wrong contact", "duplicate", "student", "competitor", "no need"],
    "adjustment_reasons": [
        "met at the fair", "knows our founder", "asked for a call next quarter", "bad payer", "strategic account", "left the company",
    ],
    # Hours of the day (UTC) as often as people work in them; the late ones make events that cross midnight in other zones.
    "hours": [
        0, 5, 6, 7, 7, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 11, 11, 11, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 16, 17, 19, 21, 22, 23,
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    """What the rows are a function of.

    `leads` people (1,000 to 1,000,000), `seed` any integer from 0 to 2**63 - 1, `last_day` the sample's as_of_date,
    `months` of history before it (3 to 60).
    """

    leads: int
    seed: int
    last_day: date
    months: int

    @property
    def first_day(self) -> date:
        """The first day of behaviour: the same day of the month, `months` earlier (or the last day of a shorter one)."""
        year, month = divmod(self.last_day.year * 12 + self.last_day.month - 1 - self.months, 12)
        return date(year, month + 1, min(self.last_day.day, calendar.monthrange(year, month + 1)[1]))

    @property
    def days(self) -> int:
        """Days of history, both ends counted."""
        return (self.last_day - self.first_day).days + 1

    @property
    def companies(self) -> int:
        """Companies that the leads share; at least enough for one of each kind."""
        return max(200, self.leads // 5)

    @property
    def visitors(self) -> int:
        """Visitors that nobody ever identifies, on top of the leads."""
        return self.leads * 3 // 10


def literal(value: str | int | None) -> str:
    """Return `value` as a SQL literal."""
    if value is None:
        return "null"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def values_table(name: str, columns: str, rows: Iterable[Sequence[str | int | None]]) -> str:
    """Return the SQL that makes table `name` (`columns`: comma-separated names) of `rows`, each as long as `columns`."""
    body = ",\n    ".join("(" + ", ".join(literal(cell) for cell in row) + ")" for row in rows)
    return f"create table {name} as select * from (values\n    {body}\n) as rows ({columns});"


# --- Chance -------------------------------------------------------------------------------------------------------------
# A key is an integer below 2**32. `draw(key, purpose)` is a new key: the multiply and xor-shift finaliser of 32-bit hashes
# (C. Wellons, "lowbias32") on key + md5(purpose). Every product stays below 2**64, so plain UBIGINT arithmetic never
# overflows, and it is some thirty times cheaper than an md5 of a string. The last xor-shift is left out: it only mends
# low bits, and `below` reads the high ones.
CHANCE = """
create macro stirred(key) as
    (xor(key, key >> 16::ubigint) * 2146121005::ubigint) & 4294967295::ubigint;
create macro mixed(key) as
    (xor(stirred(key), stirred(key) >> 15::ubigint) * 2221713035::ubigint) & 4294967295::ubigint;
create macro salt(purpose) as cast('0x' || left(md5(purpose), 8) as ubigint);
create macro draw(key, purpose) as mixed((cast(key as ubigint) + salt(purpose)) & 4294967295::ubigint);
create macro draw_nth(key, purpose, nth) as
    mixed((key + salt(purpose) + cast(nth as ubigint) * 2654435769::ubigint) & 4294967295::ubigint);

-- an integer from 0 to n - 1
create macro below(key, purpose, n) as cast((draw(key, purpose) * cast(n as ubigint)) >> 32::ubigint as bigint);
create macro pick(key, purpose, options) as options[1 + below(key, purpose, len(options))];
-- true for so many of a thousand
create macro happens(key, purpose, per_mille) as below(key, purpose, 1000) < per_mille;
-- scale / 100 / u, at most cap, with u uniform in (0, 1]: the discrete kin of Zipf
create macro zipf(key, purpose, scale, cap) as
    least(cast(cap as bigint), (cast(scale as bigint) * 4294967296) // (100 * (1 + cast(draw(key, purpose) as bigint))));
"""

# Days are counted from the first day of history. Most weekend days move to the Thursday or Friday before: it is B2B.
CALENDAR = """
create macro first_day() as date '{first_day}';
create macro last_day() as date '{last_day}';
create macro days() as {days};
-- the raw files were pulled three days after the last day, in the morning: what had not been loaded by then is not there
create macro ended_at() as cast(last_day() + 4 as timestamp);
create macro pulled_at() as ended_at() + to_hours(6);
create macro imported_at() as cast(first_day() as timestamp) + to_hours(4);

create macro on_day(day) as first_day() + cast(day as integer);
create macro working(day_on, key, purpose) as
    day_on - cast(case when isodow(day_on) >= 6 and below(key, purpose || ' weekend', 4) > 0 then 2 else 0 end as integer);
create macro clock(key, purpose) as
    to_seconds(pick(key, purpose || ' hour', getvariable('hours')) * 3600 + below(key, purpose || ' second', 3600));
create macro moment(day, key, purpose) as
    cast(working(on_day(day), key, purpose) as timestamp) + clock(key, purpose);
create macro later(since, key, purpose, least_seconds, spread_seconds) as
    since + to_seconds(least_seconds + below(key, purpose, spread_seconds));
-- so many days later at work; what falls on a weekend moves on to Monday, so that an answer never precedes its question
create macro forward(day_on) as day_on + cast(greatest(0, 8 - isodow(day_on)) * cast(isodow(day_on) >= 6 as bigint) as integer);
create macro days_later(since, key, purpose, least_days, spread_days) as
    cast(forward(cast(since as date) + cast(least_days + below(key, purpose, spread_days) as integer)) as timestamp)
    + clock(key, purpose);
create macro days_before(day_on, key, purpose, spread_days) as
    cast(day_on - cast(1 + below(key, purpose, spread_days) as integer) as timestamp) + clock(key, purpose);
create macro nightly(since) as date_trunc('day', since) + to_hours(26) + to_minutes(30);

-- a newsletter leaves every fourth Tuesday
create macro newsletter_at(number) as
    cast(first_day() + cast((9 - isodow(first_day())) % 7 + 28 * number as integer) as timestamp) + to_minutes(510);
create macro newsletter_from(day) as cast(greatest(0, (cast(day as bigint) - (9 - isodow(first_day())) % 7 + 28) // 28) as bigint);
create macro webinar_at(number) as cast(first_day() + cast(17 + 30 * number as integer) as timestamp) + to_hours(14);
create macro fair_on(number) as first_day() + cast(45 + 180 * number as integer);
-- the letters that stripping accents leaves alone are spelled out
create macro plain(name) as translate(lower(strip_accents(name)), 'øł', 'ol');
create macro entity_text(entity) as lpad(cast(entity as varchar), 7, '0');
create macro contact_name(entity, number) as 'c' || entity_text(entity) || '-' || number;
"""

# Newsletters, webinars and fairs are the same for everybody. Two webinars of one month share a name: the first stands.
EDITIONS = """
create table newsletters as
select range as newsletter_no, newsletter_at(range) as sent_at
from range(1 + days() // 28)
where newsletter_at(range) < ended_at();

create table webinars as
select webinar_at(range) as starts_at, 'webinar-' || strftime(webinar_at(range), '%Y-%m') as asset
from range(1 + days() // 30)
qualify row_number() over (partition by asset order by starts_at) = 1;

create table fairs as
select fair_on(range) as opens_on, 'fair-' || strftime(fair_on(range), '%Y-%m') as asset
from range(1 + days() // 180);
"""

# --- Who there is -------------------------------------------------------------------------------------------------------
# Companies come first in blocks by kind (our own, competitors, consultancies, universities), so that people of a kind can
# be sent to a company of that kind by arithmetic instead of by a search.
COMPANIES = """
create table companies as
with numbered as (

    select
        range as company_no,
        draw(range, 'company {seed}') as key,
        case
            when range = 1 then 'own'
            when range <= 1 + {competitors} then 'competitor'
            when range <= 1 + {competitors} + {consultancies} then 'consultancy'
            when range <= 1 + {competitors} + {consultancies} + {universities} then 'university'
            else 'prospect'
        end as kind
    from range(1, {companies} + 1)

),

-- Word, trade and place are digits of the company's number: every name and domain is there once, without a search.
named as (

    select
        *,
        (company_no * 1471) % ({words} * {trades}) as base,
        company_no // ({words} * {trades}) as place_no,
        company_no % {places} as kind_place_no,
        (company_no // {places}) % {words} as kind_word_no
    from numbered

),

worded as (

    select
        -- three kinds of firms: a plain Zipf law would leave hardly any of the size that we sell to
        zipf(
            key,
            'size',
            case when happens(key, 'is small', 450) then 300 when happens(key, 'is large', 300) then 40000 else 4000 end,
            180000
        ) as employee_count,
        company_no,
        key,
        kind,
        case kind
            when 'own' then 'Example Vendor'
            when 'prospect'
                then getvariable('company_words')[1 + base % {words}] || ' ' || getvariable('company_trades')[1 + base // {words}]
                    || case when place_no > 0 then ' ' || getvariable('places')[place_no] else '' end
            when 'university'
                then 'University of ' || getvariable('company_words')[1 + kind_word_no] || ' '
                    || getvariable('places')[1 + kind_place_no]
            else getvariable('company_words')[1 + kind_word_no] || ' ' || getvariable('places')[1 + kind_place_no]
                || case kind when 'competitor' then ' Leadworks' else ' Consulting' end
        end as name
    from named

)

select
    worded.company_no,
    worded.key,
    worded.kind,
    worded.name,
    -- the grid excludes two competitors by their domain, the others are known by their people's persona
    case
        when worded.kind = 'own' then 'example-vendor.com'
        when worded.company_no = 2 then 'example-competitor.com'
        when worded.company_no = 3 then 'example-rival.com'
        else replace(lower(worded.name), ' ', '-') || '.example'
    end as domain,
    case worded.kind
        when 'own' then 'software'
        when 'competitor' then 'software'
        when 'consultancy' then 'professional services'
        when 'university' then 'education'
        else industries.industry
    end as industry,
    industries.worth as industry_worth,
    industries.season_month,
    countries.country,
    countries.city,
    countries.phone_prefix,
    countries.worth as country_worth,
    worded.employee_count,
    worded.employee_count * (60 + below(worded.key, 'revenue', 240)) * 1000 as annual_revenue,
    -- a gateway that follows every link before the reader does
    happens(worded.key, 'gateway', 120) as has_link_scanner
from worded
inner join industries on industries.slot = below(worded.key, 'industry', {industries})
inner join countries on countries.slot = below(worded.key, 'country', {countries});
"""

# One row a lead, and behind them the visitors who stay anonymous. Rare situations hang on the remainder of the lead's number
# and not on chance, so that the smallest sample has each of them, too.
PEOPLE = """
create table people as
with numbered as (

    select
        range as entity,
        draw(range, 'person {seed}') as key
    from range(1, {leads} + 1)

),

kinds as (

    select
        *,
        below(key, 'intent', 101) as intent,
        case
            when below(key, 'kind', 1000) < 10 then 'staff'
            when below(key, 'kind', 1000) < 30 then 'competitor'
            when below(key, 'kind', 1000) < 60 then 'consultant'
            when below(key, 'kind', 1000) < 100 then 'student'
            when below(key, 'kind', 1000) < 130 then 'jobseeker'
            when below(key, 'kind', 1000) < 220 then 'customer'
            else 'prospect'
        end as kind
    from numbered

),

employed as (

    select
        *,
        -- the product of two draws crowds the first numbers of a block: a few companies send many people
        case kind
            when 'staff' then 1
            when 'competitor' then 2 + (below(key, 'company', {competitors}) * below(key, 'company again', 1000)) // 1000
            when 'consultant'
                then 2 + {competitors} + (below(key, 'company', {consultancies}) * below(key, 'company again', 1000)) // 1000
            when 'student' then 2 + {competitors} + {consultancies} + below(key, 'company', {universities})
            else 2 + {competitors} + {consultancies} + {universities}
                + (below(key, 'company', {prospects}) * below(key, 'company again', 1000)) // 1000
        end as company_no,
        kind in ('prospect', 'customer', 'student', 'jobseeker', 'consultant')
            and happens(
                key,
                'free mail',
                case kind when 'jobseeker' then 800 when 'student' then 400 when 'customer' then 60 else 130 end
            ) as writes_from_free_mail,
        case when kind in ('staff', 'competitor', 'consultant', 'student') then kind else 'business' end as audience
    from kinds

),

-- Colleagues count through the names, so that no two people of a company share an address.
seated as (

    select
        *,
        row_number() over (partition by company_no order by entity) as member_no
    from employed

),

described as (

    select
        seated.*,
        (seated.member_no * 1009 + seated.company_no * 37) % ({first_names} * {last_names}) as name_no,
        companies.domain,
        companies.has_link_scanner and not seated.writes_from_free_mail as has_link_scanner,
        titles.job_title,
        titles.seniority,
        titles.department,
        titles.persona,
        titles.worth
            + case
                when companies.employee_count < 10 then 4
                when companies.employee_count < 50 then 14
                when companies.employee_count < 1000 then 30
                else 22
            end
            + companies.industry_worth
            + companies.country_worth as fit,
        companies.season_month
    from seated
    inner join companies on companies.company_no = seated.company_no
    inner join audiences on audiences.audience = seated.audience
    inner join titles on titles.audience = seated.audience and titles.slot = below(seated.key, 'title', audiences.titles)

),

-- Who fits and wants to buy evaluates more often; the rest of the prospects sort by how curious they are.
travelling as (

    select
        *,
        getvariable('first_names')[1 + name_no % {first_names}] as first_name,
        getvariable('last_names')[1 + name_no // {first_names}] as last_name,
        case
            when kind <> 'prospect' then kind
            when happens(key, 'evaluates', 15 + intent * intent * fit // 1700) then 'evaluator'
            when below(key, 'journey', 80) + intent // 5 < 16 then 'listed'
            when below(key, 'journey', 80) + intent // 5 < 54 then 'glance'
            when below(key, 'journey', 80) + intent // 5 < 76 then 'reader'
            else 'learner'
        end as journey
    from described

),

dated as (

    select
        travelling.*,
        journeys.opens,
        journeys.wins,
        case
            -- the rare merges must have happened by the last day
            when kind in ('customer', 'staff') or entity % 499 in (17, 31, 47) then below(key, 'arrival', days() // 3)
            when happens(key, 'early', 100) then below(key, 'arrival', days() // 2)
            else below(key, 'arrival', days() - 1)
        end as arrived_on_day,
        journeys.days_least + below(key, 'days', journeys.days_spread) as stays_days,
        least(45, zipf(key, 'identified after', 180, 45)) as anonymous_days,
        happens(key, 'subscribes', journeys.subscribes) and entity % 53 <> 8 as subscribes
    from travelling
    inner join journeys on journeys.journey = travelling.journey

),

planned as (

    select
        *,
        least(
            days() - 1,
            arrived_on_day + case when journey = 'glance' then least(anonymous_days, stays_days) else anonymous_days end
        ) as identified_on_day,
        case
            when journey = 'evaluator' then arrived_on_day + anonymous_days + below(key, 'evaluates after', 110)
            when journey = 'customer' and happens(key, 'buys more', 150) then arrived_on_day + below(key, 'evaluates after', days())
        end as evaluation_on_day
    from dated

),

-- What follows is counted from moments and not from days: a call must not come before the request it answers.
evaluating as (

    select
        *,
        moment(identified_on_day, key, 'identified') as identified_at,
        case when evaluation_on_day < days()
            then moment(evaluation_on_day + 3 + below(key, 'requests after', 12), key, 'requested') end as requested_at,
        case when evaluation_on_day < days()
            then happens(key, 'wins', greatest(30, 7 * fit + 2 * intent - 180)) end as wins_evaluation,
        case when evaluation_on_day is null and happens(key, 'wins directly', wins * fit // 40)
            then moment(identified_on_day + 20 + below(key, 'wins after', 150), key, 'won directly') end as won_directly_at,
        case when subscribes then newsletter_from(identified_on_day + 2) end as newsletter_first,
        not (entity % 19 = 6 and journey <> 'listed' and kind <> 'customer' and entity % 53 <> 8) as has_contact,
        entity % 53 <> 8 as has_email
    from planned

),

closing as (

    select
        *,
        days_later(requested_at, key, 'contacted', 1, 3) as contacted_at,
        days_later(requested_at, key, 'met', 7, 12) as met_at,
        days_later(requested_at, key, 'closed', 22, 90) as closed_at,
        case when happens(key, 'unsubscribes', 85) then newsletter_first + below(key, 'unsubscribes with', 7) end
            as newsletter_left,
        case when happens(key, 'bounces', 22) then newsletter_first + below(key, 'bounces with', 5) end as newsletter_bounced,
        case
            when not has_contact or not has_email then 'none'
            when entity % 499 = 17 then 'cycle'
            when entity % 499 = 31 then 'dangling'
            when entity % 499 = 47 then 'merged twice'
            when happens(key, 'second contact', 45) then 'other system'
            when below(key, 'second contact', 1000) < 85 then 'merged'
            when below(key, 'second contact', 1000) < 97 then 'chain'
            else 'none'
        end as second_contact
    from evaluating

),

buying as (

    select
        *,
        coalesce(case when wins_evaluation then closed_at end, won_directly_at) as won_at,
        case
            when journey = 'customer' and below(key, 'cycle', 100) < 28 then '3 months'
            when journey = 'customer' and below(key, 'cycle', 100) < 52 then '4 months'
            when journey = 'customer' and below(key, 'cycle', 100) < 74 then 'irregular'
            when journey = 'customer' and below(key, 'cycle', 100) < 90 then 'season'
            when journey = 'customer' then 'once'
            when below(key, 'cycle', 100) < 40 then '3 months'
            when below(key, 'cycle', 100) < 70 then '4 months'
            else 'once'
        end as cycle,
        -- old customers ordered before there was any tracking; their orders were imported
        case when journey = 'customer' then moment(days() - 1150 + below(key, 'first order', 1100), key, 'first order') end
            as first_order_at
    from closing

),

addressed as (

    select
        *,
        case when has_email then
            case
                -- an international local part, which events spell in another Unicode form than the contact does
                when entity % 313 = 21 then 'ren' || chr(233) || 'e.' || plain(last_name) || entity || '@' || domain
                when writes_from_free_mail
                    then 'fictitious-' || plain(first_name) || '-' || entity || '@'
                        || pick(key, 'free domain', getvariable('free_domains'))
                else plain(first_name) || '.' || plain(last_name) || '@' || domain
            end
        end as email,
        case when has_email and second_contact in ('merged', 'chain', 'merged twice', 'cycle')
            then 'fictitious-' || plain(first_name) || '-' || entity || '-b@'
                || pick(key, 'second domain', getvariable('free_domains'))
        end as second_email,
        case when has_email and has_contact and happens(key, 'changes employer', 35) and identified_on_day + 70 < days()
            then days_later(identified_at, key, 'changes employer on', 40, days() - 40 - identified_on_day) end as changed_email_at,
        -- 1150 steps further on is another prospect, whose domain the new address has
        2 + {competitors} + {consultancies} + {universities} + (company_no + 1150) % {prospects} as next_company_no
    from buying

)

select
    addressed.* exclude (
        audience, domain, name_no, member_no, opens, wins, first_order_at, evaluation_on_day
    ),
    case when addressed.changed_email_at is not null
        then left(plain(addressed.first_name), 1) || '.' || plain(addressed.last_name) || addressed.entity
            || '@' || next_companies.domain end as next_email,
    -- every fiftieth works at the desk of the one before
    case when addressed.entity % 50 = 12 then addressed.entity - 1 else addressed.entity end as device_owner,
    happens(addressed.key, 'two devices', 220) as has_two_devices,
    happens(addressed.key, 'prefetch', 340) as has_mail_proxy,
    happens(addressed.key, 'silence', 180) and addressed.stays_days > 150 as falls_silent,
    greatest(2, least(95, addressed.opens + (addressed.intent - 50) // 3)) as opens,
    -- the contact may be older than the tracking: customers, imports, an early trade fair
    addressed.identified_at - case
        when happens(addressed.key, 'early', 100) or addressed.kind in ('customer', 'staff') or addressed.journey = 'listed'
            then to_days(cast(30 + below(addressed.key, 'created before', 600) as integer))
        else to_days(0)
    end as created_at,
    newsletter_at(addressed.newsletter_left) + to_seconds(1800 + below(addressed.key, 'unsubscribes at', 30000)) as unsubscribed_at,
    case when happens(addressed.key, 'returns', 300)
        then newsletter_at(addressed.newsletter_left + 3 + below(addressed.key, 'returns with', 3)) - to_days(3) end as returned_at,
    case when addressed.evaluation_on_day < days() then addressed.evaluation_on_day end as evaluation_on_day,
    coalesce(addressed.first_order_at, days_later(addressed.won_at, addressed.key, 'orders', 1, 4)) as first_order_at,
    case when happens(addressed.key, 'lapses', 250) then 2 + below(addressed.key, 'lapses after', 4) else 40 end as orders_at_most,
    (1 + below(addressed.key, 'budget', 60)) * (100 + 5 * addressed.fit) as order_value
from addressed
inner join companies as next_companies on next_companies.company_no = addressed.next_company_no

union all by name

select
    range as entity,
    draw(range, 'person {seed}') as key,
    'visitor' as kind,
    'visitor' as journey,
    range as device_owner,
    below(draw(range, 'person {seed}'), 'arrival', days() - 1) as arrived_on_day,
    1 + zipf(draw(range, 'person {seed}'), 'days', 300, 300) as stays_days,
    happens(draw(range, 'person {seed}'), 'two devices', 100) as has_two_devices,
    false as has_contact,
    false as has_email,
    false as falls_silent
from range({leads} + 1, {leads} + {visitors} + 1)

order by entity;
"""

# --- What they do, one chunk of people at a time --------------------------------------------------------------------------
COHORT = """
create or replace temp table cohort as
select people.*, journeys.* exclude (journey, opens, wins, subscribes, topics)
from people
inner join journeys on journeys.journey = people.journey
where people.entity between {first} and {last};
"""

# What somebody does on the site and leaves a name with. Each of them gets a visit of its own around it, so that a form
# never comes out of nowhere.
CONVERSIONS = """
create or replace temp table conversions as
with identifications as (

    select
        entity,
        0 as conversion_no,
        case
            when subscribes then 'email_subscribed'
            when happens(key, 'first request', 60) then 'contact_requested'
            else 'form_submitted'
        end as event_type,
        identified_at as occurred_at,
        'form-' || pick(key, 'first form', ['newsletter', 'contact', 'guide']) as asset,
        '{"form":"' || pick(key, 'first form', ['newsletter', 'contact', 'guide']) || '"}' as properties,
        'h' as topic
    from cohort
    where journey not in ('listed', 'visitor')

),

returns as (

    select
        entity,
        1 as conversion_no,
        'email_subscribed' as event_type,
        returned_at as occurred_at,
        'form-newsletter' as asset,
        '{"form":"newsletter"}' as properties,
        'b' as topic
    from cohort
    where returned_at is not null

),

download_counts as (

    select
        *,
        zipf(key, 'downloads', downloads_scale, 14) as downloads
    from cohort

),

downloads as (

    select
        entity,
        10 + unnest(range(downloads)) as conversion_no,
        key,
        identified_at,
        stays_days
    from download_counts

),

webinar_counts as (

    select
        *,
        zipf(key, 'webinars', webinars_scale, 7) as webinars
    from cohort

),

webinars as (

    select
        entity,
        30 + unnest(range(webinars)) as conversion_no,
        key,
        identified_at,
        stays_days
    from webinar_counts

),

webinars_chosen as (

    select
        *,
        draw_nth(key, 'webinar', conversion_no) as webinar_key,
        below(draw_nth(key, 'webinar', conversion_no), 'number', 1 + days() // 30) as webinar_no
    from webinars

),

requests as (

    select
        entity,
        50 as conversion_no,
        pick(key, 'request', [
            'demo_requested', 'demo_requested', 'quote_requested', 'quote_requested', 'contact_requested', 'trial_started'
        ]) as event_type,
        requested_at as occurred_at,
        'form-' || pick(key, 'request', ['demo', 'demo', 'quote', 'quote', 'contact', 'trial']) as asset,
        '{"form":"' || pick(key, 'request', ['demo', 'demo', 'quote', 'quote', 'contact', 'trial']) || '"}' as properties,
        '$' as topic
    from cohort
    where requested_at is not null

)

select * from identifications
union all
select * from returns
union all
select
    entity,
    conversion_no,
    'file_downloaded' as event_type,
    days_later(identified_at, draw_nth(key, 'download', conversion_no), 'day', 1, stays_days) as occurred_at,
    pick(draw_nth(key, 'download', conversion_no), 'guide', getvariable('guides')) as asset,
    null as properties,
    'b' as topic
from downloads
union all
select
    entity,
    conversion_no,
    'webinar_registered' as event_type,
    days_before(cast(webinar_at(webinar_no) as date), webinar_key, 'ahead', 12) as occurred_at,
    'webinar-' || strftime(webinar_at(webinar_no), '%Y-%m') as asset,
    null as properties,
    'b' as topic
from webinars_chosen
where webinar_at(webinar_no) between identified_at + to_days(13) and identified_at + to_days(cast(30 + stays_days as integer))
qualify row_number() over (partition by entity, webinar_no order by conversion_no) = 1
union all
select * from requests
union all
-- a quote is often asked for once the demonstration convinced
select
    entity,
    51 as conversion_no,
    'quote_requested' as event_type,
    days_later(met_at, key, 'second request', 1, 8) as occurred_at,
    'form-quote' as asset,
    '{"form":"quote","seats":' || (5 + below(key, 'seats', 200)) || '}' as properties,
    '$' as topic
from cohort
where met_at is not null and happens(key, 'asks for a quote', case when wins_evaluation then 450 else 200 end)
union all
select
    entity,
    52 as conversion_no,
    'event_registered' as event_type,
    days_before(fair_on(below(key, 'fair', 1 + days() // 180)), key, 'fair ahead', 25) as occurred_at,
    'fair-' || strftime(fair_on(below(key, 'fair', 1 + days() // 180)), '%Y-%m') as asset,
    null as properties,
    'h' as topic
from cohort
where journey not in ('listed', 'visitor', 'glance') and happens(key, 'goes to a fair', 70)
    and fair_on(below(key, 'fair', 1 + days() // 180)) >= on_day(arrived_on_day)
union all
-- consultants, students and the like ask, too: behaviour alone must not make a lead
select
    entity,
    53 as conversion_no,
    pick(key, 'asks anyway', ['contact_requested', 'demo_requested', 'form_submitted', 'form_submitted']) as event_type,
    days_later(identified_at, key, 'asks anyway on', 1, stays_days) as occurred_at,
    'form-contact' as asset,
    '{"form":"contact","topic":"thèse"}' as properties,
    'p' as topic
from cohort
where journey in ('consultant', 'student', 'competitor', 'learner', 'jobseeker') and happens(key, 'asks at all', 150)
union all
select
    entity,
    54 as conversion_no,
    'form_submitted' as event_type,
    days_later(identified_at, key, 'second form', 1, stays_days) as occurred_at,
    'form-' || pick(key, 'second form kind', ['survey', 'profile', 'guide']) as asset,
    '{"form":"' || pick(key, 'second form kind', ['survey', 'profile', 'guide']) || '"}' as properties,
    'p' as topic
from cohort
where journey not in ('listed', 'visitor') and happens(key, 'sends another form', case journey when 'glance' then 50 else 300 end);
"""

# Newsletters to subscribers, two e-mails after each download, three from sales after a request.
MAILS = """
create or replace temp table mails as
with sent as (

    select
        cohort.entity,
        cohort.key,
        newsletters.newsletter_no as mail_no,
        newsletters.sent_at,
        'newsletter-' || strftime(newsletters.sent_at, '%Y-%m-%d') as email_id,
        'newsletter' as campaign,
        cohort.newsletter_bounced is not distinct from newsletters.newsletter_no as is_bounced,
        cohort.newsletter_left is not distinct from newsletters.newsletter_no as is_farewell
    from cohort
    inner join newsletters
        on newsletters.newsletter_no >= cohort.newsletter_first
        and newsletters.newsletter_no <= coalesce(cohort.newsletter_bounced, 1000)
        and (newsletters.newsletter_no <= coalesce(cohort.newsletter_left, 1000) or newsletters.sent_at > cohort.returned_at)

    union all

    select
        cohort.entity,
        cohort.key,
        100 + conversions.conversion_no * 2 + steps.step as mail_no,
        conversions.occurred_at + to_days(2 + 5 * steps.step) as sent_at,
        'nurture-' || conversions.asset || '-' || (1 + steps.step) as email_id,
        'nurture' as campaign,
        false as is_bounced,
        false as is_farewell
    from cohort
    inner join conversions on conversions.entity = cohort.entity and conversions.event_type = 'file_downloaded'
    cross join (select unnest([0, 1]) as step) as steps
    where cohort.subscribes and cohort.newsletter_left is null and cohort.newsletter_bounced is null

    union all

    select
        cohort.entity,
        cohort.key,
        200 + steps.step as mail_no,
        cohort.contacted_at + to_days(1 + 4 * steps.step) as sent_at,
        'sales-' || cohort.entity || '-' || (1 + steps.step) as email_id,
        'sales' as campaign,
        false as is_bounced,
        false as is_farewell
    from cohort
    cross join (select unnest([0, 1, 2]) as step) as steps
    where cohort.has_email and cohort.contacted_at is not null

),

keyed as (

    select
        sent.*,
        draw_nth(sent.key, 'mail', sent.mail_no) as mail_key,
        -- readers who fall silent do so in the middle third of their time
        case when cohort.falls_silent
                and sent.sent_at between cohort.identified_at + to_days(cast(cohort.stays_days // 3 as integer))
                and cohort.identified_at + to_days(cast(cohort.stays_days * 2 // 3 as integer))
            then 0 else cohort.opens * case sent.campaign when 'sales' then 14 else 9 end end as opens_per_mille,
        cohort.has_mail_proxy,
        cohort.has_link_scanner
    from sent
    inner join cohort on cohort.entity = sent.entity
    where sent.sent_at < ended_at()

),

fated as (

    select
        *,
        not is_bounced and happens(mail_key, 'soft bounce', 12) as is_soft_bounced,
        is_farewell or happens(mail_key, 'opened', opens_per_mille) as wants_to_open
    from keyed

)

select
    entity,
    key,
    mail_no,
    mail_key,
    sent_at,
    email_id,
    campaign,
    is_bounced,
    is_soft_bounced,
    is_farewell,
    not is_bounced and not is_soft_bounced as is_delivered,
    wants_to_open and not is_bounced and not is_soft_bounced as is_opened,
    wants_to_open and not is_bounced and not is_soft_bounced and not is_farewell
        and happens(mail_key, 'clicked', 120 + opens_per_mille * 2 // 5) as is_clicked,
    has_mail_proxy and not is_bounced and not is_soft_bounced as is_prefetched,
    has_link_scanner and not is_bounced and not is_soft_bounced as is_scanned,
    later(sent_at, mail_key, 'delivered at', 5, 90) as delivered_at,
    -- most open within hours, some after days
    sent_at + to_seconds(300 + zipf(mail_key, 'opened after', 300000, 6 * 86400)) as opened_at,
    sent_at + to_seconds(310 + zipf(mail_key, 'opened after', 300000, 6 * 86400) + below(mail_key, 'clicked after', 200))
        as clicked_at,
    'https://www.example-vendor.com' || pick(mail_key, 'link', [
        '/blog/why-cycles-matter', '/blog/email-that-works', '/product/scoring', '/customers', '/pricing', '/'
    ]) as link_url
from fated;
"""

VISITS = """
create or replace temp table visits as
with regular_days as (

    select
        entity,
        key,
        journey,
        arrived_on_day,
        stays_days,
        falls_silent,
        has_two_devices,
        unnest(range(visits_floor + zipf(key, 'visits', visits_scale, visits_cap))) as visit_no
    from cohort

),

regular_keys as (

    select
        *,
        draw_nth(key, 'visit', visit_no) as visit_key
    from regular_days

),

regular_spread as (

    select
        *,
        -- the first visit is the arrival; whoever falls silent leaves the middle third of the time empty
        case
            when visit_no = 0 then 0
            when falls_silent and below(visit_key, 'day', 1000) >= 333
                then 667 + (below(visit_key, 'day', 1000) - 333) // 2
            else below(visit_key, 'day', 1000)
        end as share
    from regular_keys

),

regular as (

    select
        entity,
        visit_no,
        visit_key,
        moment(arrived_on_day + share * stays_days // 1000, visit_key, 'visit') as started_at,
        journey_topics.topic,
        has_two_devices and happens(visit_key, 'device', 300) as is_second_device,
        1 + zipf(visit_key, 'pages', 36, 14) as pages,
        origins.referrer,
        origins.utm_source,
        origins.utm_medium,
        case when origins.utm_source is not null then pick(visit_key, 'campaign', getvariable('campaigns')) end as utm_campaign
    from regular_spread
    inner join journey_topics
        on journey_topics.journey = regular_spread.journey and journey_topics.slot = below(visit_key, 'topic', 16)
    inner join origins on origins.slot = below(visit_key, 'origin', {origins})

),

evaluation_days as (

    select
        entity,
        key,
        evaluation_on_day,
        has_two_devices,
        500 + unnest(range(1 + intent // 25 + zipf(key, 'evaluation visits', 60, 30))) as visit_no
    from cohort
    where evaluation_on_day is not null

),

evaluation_keys as (

    select
        *,
        draw_nth(key, 'visit', visit_no) as visit_key
    from evaluation_days

),

evaluation as (

    select
        entity,
        visit_no,
        visit_key,
        moment(evaluation_on_day + below(visit_key, 'day', 45), visit_key, 'visit') as started_at,
        pick(visit_key, 'topic', ['$', '$', '$', 'p', 'p', 'd', 's', 's']) as topic,
        has_two_devices and happens(visit_key, 'device', 300) as is_second_device,
        1 + zipf(visit_key, 'pages', 90, 14) as pages,
        null as referrer,
        null as utm_source,
        null as utm_medium,
        null as utm_campaign
    from evaluation_keys

),

conversion_keys as (

    select
        conversions.*,
        draw_nth(cohort.key, 'visit', 1000 + conversions.conversion_no) as visit_key,
        cohort.has_two_devices
    from conversions
    inner join cohort on cohort.entity = conversions.entity

),

converting as (

    select
        entity,
        1000 + conversion_no as visit_no,
        visit_key,
        occurred_at - to_seconds(90 + below(visit_key, 'before', 500)) as started_at,
        topic,
        has_two_devices and happens(visit_key, 'device', 250) as is_second_device,
        1 + zipf(visit_key, 'pages', 40, 3) as pages,
        null as referrer,
        null as utm_source,
        null as utm_medium,
        null as utm_campaign
    from conversion_keys

),

clicking as (

    select
        entity,
        2000 + mail_no as visit_no,
        draw(mail_key, 'visit') as visit_key,
        later(clicked_at, mail_key, 'lands', 1, 5) as started_at,
        case
            when ends_with(link_url, '/pricing') then '$'
            when contains(link_url, '/blog') then 'b'
            when contains(link_url, '/product') then 'p'
            when contains(link_url, '/customers') then 's'
            else 'h'
        end as topic,
        happens(mail_key, 'reads on the way', 100) as is_second_device,
        1 + zipf(mail_key, 'pages', 45, 8) as pages,
        null as referrer,
        campaign as utm_source,
        'email' as utm_medium,
        email_id as utm_campaign
    from mails
    where is_clicked

)

-- holidays are quiet
select * from regular
where not (
    (month(started_at) = 8 and day(started_at) <= 21 or month(started_at) = 12 and day(started_at) >= 22)
    and visit_no > 0 and happens(visit_key, 'holiday', 500)
)
union all
select * from evaluation
union all
select * from converting
union all
select * from clicking;
"""

DRAFTS = """
create or replace temp table drafts (
    entity bigint, draft_no bigint, carrier varchar, occurred_at timestamp, event_type varchar, visit_no bigint,
    is_second_device boolean, page_path varchar, page_title varchar, referrer varchar, email_id varchar, link_url varchar,
    asset varchar, campaign varchar, utm_source varchar, utm_medium varchar, utm_campaign varchar,
    duration_seconds double, amount double, properties varchar
);

insert into drafts by name
select
    entity,
    visit_no * 100 as draft_no,
    'web' as carrier,
    started_at as occurred_at,
    'session_started' as event_type,
    visit_no,
    is_second_device,
    referrer,
    utm_source,
    utm_medium,
    utm_campaign
from visits
where started_at < ended_at();

insert into drafts by name
with paged as (

    select
        *,
        unnest(range(pages)) as page_no,
        12 + zipf(visit_key, 'pace', 2500, 400) as pace
    from visits
    where started_at < ended_at()

),

keyed as (

    select
        *,
        draw_nth(visit_key, 'page', page_no) as page_key
    from paged

)

select
    keyed.entity,
    keyed.visit_no * 100 + 1 + keyed.page_no as draft_no,
    'web' as carrier,
    keyed.started_at + to_seconds(1 + keyed.page_no * keyed.pace) as occurred_at,
    'page_viewed' as event_type,
    keyed.visit_no,
    keyed.is_second_device,
    topic_pages.page_path,
    topic_pages.page_title,
    case when keyed.page_no = 0 then keyed.utm_source end as utm_source,
    case when keyed.page_no = 0 then keyed.utm_medium end as utm_medium,
    case when keyed.page_no = 0 then keyed.utm_campaign end as utm_campaign,
    cast(keyed.pace - below(keyed.page_key, 'leaves', 10) as double) as duration_seconds
from keyed
inner join topic_pages
    on topic_pages.topic = keyed.topic
    and topic_pages.slot = least(
        below(keyed.page_key, 'page', 8),
        case when keyed.page_no = 0 then below(keyed.page_key, 'page again', 8) else 7 end
    );

-- What else happens during a visit. The numbers of what does are listed first and looked up afterwards: a join on a condition
-- would meet every visit with every extra.
insert into drafts by name
with extended as (

    select
        *,
        unnest(list_where([0, 1, 2, 3, 4], [
            utm_medium is not null and utm_medium = 'cpc',
            happens(visit_key, 'searches', 25),
            happens(visit_key, 'watches', 25),
            happens(visit_key, 'chats', 7),
            topic = '$' and visit_no between 500 and 1999 and happens(visit_key, 'fills a cart', 120)
        ])) as extra_no
    from visits
    where started_at < ended_at()

)

select
    visits.entity,
    visits.visit_no * 100 + 20 + extras.extra_no as draft_no,
    'web' as carrier,
    visits.started_at + to_seconds(extras.after_seconds) as occurred_at,
    extras.event_type,
    visits.visit_no,
    visits.is_second_device,
    case when extras.event_type in ('video_viewed', 'chat_started') then '/product/overview' end as page_path,
    case
        when extras.event_type = 'video_viewed' then pick(visits.visit_key, 'video', getvariable('videos'))
    end as asset,
    case when extras.event_type = 'ad_clicked' then visits.utm_campaign end as campaign,
    case when extras.event_type = 'video_viewed' then cast(5 + below(visits.visit_key, 'watched', 240) as double) end
        as duration_seconds,
    case when extras.event_type = 'cart_abandoned' then cast(50 * (1 + below(visits.visit_key, 'cart', 90)) as double) end
        as amount,
    case extras.event_type
        when 'video_viewed' then '{"percent":' || (5 * (1 + below(visits.visit_key, 'percent', 20))) || '}'
        when 'site_searched' then '{"query":"' || pick(visits.visit_key, 'search', getvariable('searches')) || '"}'
        when 'cart_abandoned' then '{"plan":"' || pick(visits.visit_key, 'plan', getvariable('plans')) || '"}'
    end as properties
from extended as visits
inner join (values
    (0, 'ad_clicked', -2), (1, 'site_searched', 9), (2, 'video_viewed', 14), (3, 'chat_started', 31), (4, 'cart_abandoned', 95)
) as extras (extra_no, event_type, after_seconds)
    on extras.extra_no = visits.extra_no;

insert into drafts by name
select
    conversions.entity,
    2000000 + conversions.conversion_no * 10 as draft_no,
    'form' as carrier,
    conversions.occurred_at,
    conversions.event_type,
    1000 + conversions.conversion_no as visit_no,
    visits.is_second_device,
    case conversions.topic when '$' then '/pricing' when 'b' then '/blog' when 'p' then '/product/overview' else '/contact' end
        as page_path,
    conversions.asset,
    case when conversions.event_type = 'file_downloaded' then 'scoring-guide' end as campaign,
    case when conversions.event_type = 'trial_started' then 0.0 end as amount,
    conversions.properties
from conversions
inner join visits on visits.entity = conversions.entity and visits.visit_no = 1000 + conversions.conversion_no;

-- Some need two attempts; some mistype even their address, and it stays what it is: no address.
insert into drafts by name
select
    conversions.entity,
    3000000 + conversions.conversion_no * 10 as draft_no,
    case when cohort.entity % 97 = 13 then 'typo' else 'form' end as carrier,
    conversions.occurred_at - to_seconds(40) as occurred_at,
    'form_failed' as event_type,
    1000 + conversions.conversion_no as visit_no,
    '/contact' as page_path,
    'form-contact' as asset,
    '{"error":"' || pick(cohort.key, 'error', ['phone', 'email', 'captcha']) || '"}' as properties
from conversions
inner join cohort on cohort.entity = conversions.entity
where cohort.entity % 97 = 13 and conversions.conversion_no = 0
    or happens(draw_nth(cohort.key, 'attempt', conversions.conversion_no), 'fails', 35);

-- half of those who register come, and stay for as long as they like
insert into drafts by name
with attending as (

    select
        conversions.entity,
        conversions.conversion_no,
        conversions.event_type,
        conversions.asset,
        cohort.has_contact,
        draw_nth(cohort.key, 'attends', conversions.conversion_no) as key,
        case conversions.event_type
            when 'webinar_registered' then webinars.starts_at
            else cast(fairs.opens_on as timestamp) + to_hours(10)
        end as starts_at
    from conversions
    inner join cohort on cohort.entity = conversions.entity
    left join webinars on webinars.asset = conversions.asset
    left join fairs on fairs.asset = conversions.asset
    where conversions.event_type in ('webinar_registered', 'event_registered')

)

select
    entity,
    4000000 + conversion_no * 10 as draft_no,
    'mail' as carrier,
    starts_at + to_seconds(below(key, 'late', 900)) as occurred_at,
    replace(event_type, '_registered', '_attended') as event_type,
    asset,
    case event_type when 'webinar_registered' then cast(60 * (3 + below(key, 'minutes', 55)) as double) end as duration_seconds,
    case event_type when 'webinar_registered' then '{"minutes":' || (3 + below(key, 'minutes', 55)) || '}' end as properties
from attending
where happens(key, 'comes', 560);

insert into drafts by name
select
    mails.entity,
    5000000 + mails.mail_no * 10 + traces.trace_no as draft_no,
    'mail' as carrier,
    case traces.event_type
        when 'email_sent' then mails.sent_at
        when 'email_opened' then mails.opened_at
        when 'email_clicked' then mails.clicked_at
        when 'email_opened_by_machine' then later(mails.delivered_at, mails.mail_key, 'prefetched', 20, 1800)
        when 'email_clicked_by_machine' then later(mails.delivered_at, mails.mail_key, 'scanned', 1, 40)
        when 'email_replied' then later(mails.opened_at, mails.mail_key, 'replied', 300, 9000)
        when 'email_unsubscribed' then cohort.unsubscribed_at
        when 'email_marked_spam' then mails.opened_at + to_seconds(20)
        else mails.delivered_at
    end as occurred_at,
    traces.event_type,
    mails.email_id,
    case when traces.event_type in ('email_clicked', 'email_clicked_by_machine') then mails.link_url end as link_url,
    mails.campaign,
    case traces.event_type when 'email_bounced_hard' then '{"code":550}' when 'email_bounced_soft' then '{"code":452}' end
        as properties
from mails
inner join cohort on cohort.entity = mails.entity
inner join (values
    (0, 'email_sent'), (1, 'email_delivered'), (2, 'email_bounced_hard'), (3, 'email_bounced_soft'), (4, 'email_opened_by_machine'),
    (5, 'email_clicked_by_machine'), (6, 'email_opened'), (7, 'email_clicked'), (8, 'email_replied'), (9, 'email_unsubscribed')
) as traces (trace_no, event_type)
    on case traces.event_type
        when 'email_sent' then mails.campaign = 'sales' or happens(mails.mail_key, 'send is logged', 60)
        when 'email_delivered' then mails.is_delivered
        when 'email_bounced_hard' then mails.is_bounced
        when 'email_bounced_soft' then mails.is_soft_bounced
        when 'email_opened_by_machine' then mails.is_prefetched
        when 'email_clicked_by_machine' then mails.is_scanned
        when 'email_opened' then mails.is_opened
        when 'email_clicked' then mails.is_clicked
        when 'email_replied' then mails.is_opened and mails.campaign = 'sales' and happens(mails.mail_key, 'replies', 400)
        when 'email_unsubscribed' then mails.is_farewell and mails.is_delivered
    end;

insert into drafts by name
select
    mails.entity,
    6000000 + mails.mail_no * 10 as draft_no,
    'mail' as carrier,
    later(mails.opened_at, mails.mail_key, 'spam', 5, 60) as occurred_at,
    'email_marked_spam' as event_type,
    mails.email_id,
    mails.campaign
from mails
where mails.is_farewell and mails.is_delivered and happens(mails.mail_key, 'spam', 150);

-- Talks: sales works what was asked for, and calls a few lists besides.
insert into drafts by name
select
    cohort.entity,
    7000000 + talks.talk_no as draft_no,
    'crm' as carrier,
    case talks.talk_no
        when 0 then cohort.contacted_at
        when 1 then later(cohort.contacted_at, cohort.key, 'books', 300, 5000)
        when 2 then cohort.met_at
        when 3 then later(cohort.met_at, cohort.key, 'opens', 3600, 9000)
        when 4 then days_later(cohort.met_at, cohort.key, 'calls again', 3, 9)
        else cohort.closed_at
    end as occurred_at,
    case
        when talks.event_type <> 'opportunity' then talks.event_type
        when cohort.wins_evaluation then 'opportunity_won'
        else 'opportunity_lost'
    end as event_type,
    case when talks.event_type = 'call_completed'
        then cast(15 + below(draw_nth(cohort.key, 'talk', talks.talk_no), 'lasted', 1500) as double) end as duration_seconds,
    case when talks.talk_no in (3, 5) then cast(cohort.order_value as double) end as amount,
    case talks.event_type
        when 'call_completed' then '{"direction":"outbound","result":"reached"}'
        when 'meeting_booked' then '{"via":"calendar"}'
    end as properties
from cohort
inner join (values
    (0, 'call_completed'), (1, 'meeting_booked'), (2, 'meeting_held'), (3, 'opportunity_created'), (4, 'call_completed'),
    (5, 'opportunity')
) as talks (talk_no, event_type)
    on cohort.requested_at is not null
    and case talks.talk_no
        when 0 then happens(cohort.key, 'reached', 700)
        when 2 then happens(cohort.key, 'shows up', 850)
        when 4 then happens(cohort.key, 'reached again', 500)
        else true
    end;

insert into drafts by name
select
    entity,
    7000010 as draft_no,
    'crm' as carrier,
    days_later(identified_at, key, 'cold call', 1, 60) as occurred_at,
    'call_completed' as event_type,
    cast(5 + below(key, 'cold call talked', 300) as double) as duration_seconds,
    '{"direction":"outbound","result":"voicemail"}' as properties
from cohort
where requested_at is null and journey in ('listed', 'reader', 'learner', 'glance') and happens(key, 'is called', 60);

-- Orders, with an opportunity won before the first of a customer who came without asking.
insert into drafts by name
with ordering as (

    select
        *,
        unnest(range(case
            when cycle = 'once' then 1
            when cycle = 'season' then 5
            when cycle = 'irregular' then least(orders_at_most, 9)
            else least(orders_at_most, 16)
        end)) as order_no
    from cohort
    where first_order_at is not null

),

keyed as (

    select
        *,
        draw_nth(key, 'order', order_no) as order_key
    from ordering

),

timed as (

    select
        *,
        case cycle
            when '3 months' then first_order_at + to_months(cast(3 * order_no as integer))
                + to_days(cast(case when order_no = 0 then 0 else below(order_key, 'jitter', 9) - 4 end as integer))
            when '4 months' then first_order_at + to_months(cast(4 * order_no as integer))
                + to_days(cast(case when order_no = 0 then 0 else below(order_key, 'jitter', 9) - 4 end as integer))
            when 'irregular'
                then first_order_at + to_days(cast(45 * order_no * order_no // 2 + below(order_key, 'whim', 110) as integer))
            -- once a year in the season of the industry, or in the month of the last day: a season that is now
            when 'season' then cast(make_date(
                    year(last_day()) - 4 + order_no, case when entity % 2 = 0 then month(last_day()) else season_month end,
                    1 + below(order_key, 'day', 27)
                ) as timestamp) + clock(order_key, 'season')
            else first_order_at
        end as ordered_at
    from keyed

)

select
    entity,
    8000000 + order_no as draft_no,
    'crm' as carrier,
    ordered_at as occurred_at,
    'order_completed' as event_type,
    cast(order_value as double) + 25 * below(order_key, 'extras', 40) as amount,
    '{"plan":"' || pick(key, 'plan', getvariable('plans')) || '"}' as properties
from timed
where ordered_at < ended_at();

insert into drafts by name
with using_it as (

    select
        *,
        unnest(range(case
            when first_order_at is not null then zipf(key, 'uses', greatest(uses_scale, 60), 300)
            -- the same draw as of the request: who asked for a trial tries
            when requested_at is not null and pick(key, 'request', ['d', 'd', 'q', 'q', 'c', 'trial']) = 'trial'
                then 2 + zipf(key, 'uses', 80, 30)
            else zipf(key, 'uses', case journey when 'staff' then uses_scale else 0 end, 300)
        end)) as use_no
    from cohort

),

keyed as (

    select
        *,
        draw_nth(key, 'use', use_no) as use_key,
        greatest(0, date_diff('day', first_day(), cast(coalesce(requested_at, first_order_at, identified_at) as date))) as begins_on_day
    from using_it

)

select
    entity,
    9000000 + use_no as draft_no,
    'crm' as carrier,
    moment(begins_on_day + below(use_key, 'day', greatest(1, least(stays_days, days() + 3 - begins_on_day))), use_key, 'use')
        as occurred_at,
    'product_used' as event_type,
    '{"feature":"' || pick(use_key, 'feature', getvariable('features')) || '"}' as properties
from keyed;

insert into drafts by name
with chosen as (

    select
        *,
        unnest(list_where([0, 1, 2, 3, 4, 5, 6, 7], [
            happens(key, 'follows', 40),
            happens(key, 'shares', 18),
            happens(key, 'comments', 40),
            happens(key, 'clicks a text message', 14),
            happens(key, 'clicks a signature', 22),
            happens(key, 'watches elsewhere', 20),
            happens(key, 'searches elsewhere', 12),
            entity % 149 = 5 and has_contact
        ])) as rarity_no
    from cohort
    where journey not in ('visitor', 'listed')

)

select
    cohort.entity,
    9900000 + rarities.rarity_no as draft_no,
    rarities.carrier,
    days_later(cohort.identified_at, draw_nth(cohort.key, 'rarity', rarities.rarity_no), 'day', 1, cohort.stays_days)
        as occurred_at,
    rarities.event_type,
    rarities.asset,
    rarities.properties
from chosen as cohort
inner join (values
    (0, 'social_followed', 'form', 'network', null),
    (1, 'social_shared', 'form', 'post-cycles', '{"network":"example"}'),
    (2, 'social_engaged', 'form', 'post-cycles', '{"kind":"comment"}'),
    (3, 'sms_clicked', 'crm', null, null),
    (4, 'signature_clicked', 'mail', 'banner-fair', null),
    (5, 'video_viewed', 'form', 'video-setup', 'percent=80'),
    (6, 'site_searched', 'web', null, '["price","api"]'),
    (7, 'contact_deleted', 'crm', null, null)
) as rarities (rarity_no, event_type, carrier, asset, properties)
    on rarities.rarity_no = cohort.rarity_no;
"""

# Numbers the events of a person in time, and gives each what its carrier knows of the person.
NUMBERED = """
create or replace temp table numbered as
with counted as (

    -- keys alone: a window that carries the whole rows along takes five times as long
    select
        entity,
        draft_no,
        row_number() over (partition by entity order by occurred_at, draft_no) as event_no
    from drafts
    where occurred_at < ended_at()

),

ordered as (

    select
        drafts.*,
        counted.event_no
    from drafts
    inner join counted on counted.entity = drafts.entity and counted.draft_no = drafts.draft_no

),

keyed as (

    select
        ordered.*,
        cohort.journey,
        cohort.has_contact,
        cohort.has_email,
        cohort.second_contact,
        cohort.device_owner,
        draw_nth(cohort.key, 'event', ordered.event_no) as event_key,
        case
            when cohort.changed_email_at <= ordered.occurred_at then cohort.next_email
            -- the spelling with a combining accent, which is the same address after normalisation
            when cohort.entity % 313 = 21 then replace(cohort.email, chr(233), 'e' || chr(769))
            when cohort.second_email is not null and happens(draw_nth(cohort.key, 'event', ordered.event_no), 'second address', 300)
                then cohort.second_email
            else cohort.email
        end as known_email
    from ordered
    inner join cohort on cohort.entity = ordered.entity

),

addressed as (

    select
        *,
        case
            when carrier = 'typo' then replace(known_email, '@', ' at ')
            when carrier in ('form', 'mail') or not has_contact and carrier <> 'web' then
                -- people and systems type addresses as they like
                case below(event_key, 'spelling', 150)
                    when 0 then upper(known_email)
                    when 1 then upper(left(known_email, 1)) || substr(known_email, 2)
                    when 2 then ' ' || known_email || ' '
                    when 3
                        then case when happens(event_key, 'zero width', 300) then chr(8203) || known_email || chr(160) else known_email end
                    else known_email
                end
        end as email,
        case
            when not has_contact then null
            when carrier = 'crm'
                or carrier in ('form', 'mail') and not has_email
                or carrier = 'mail' and below(event_key, 'names contact', 10) < 3
                or carrier = 'web' and journey = 'customer' and below(event_key, 'logged in', 10) < 2
                then contact_name(
                    entity,
                    case when second_contact not in ('none', 'dangling') and below(event_key, 'second contact', 10) < 3 then 2 else 1 end
                )
        end as contact_id,
        case when carrier in ('web', 'typo') or carrier = 'form' and below(event_key, 'cookie', 10) > 0
            then 'a' || entity_text(device_owner) || case when is_second_device then '-2' else '-1' end end as anonymous_id,
        case
            -- what was there before the tracking came in one import
            when occurred_at < cast(first_day() as timestamp) then imported_at()
            when below(event_key, 'delivery time', 1000) < 20
                then date_trunc('day', occurred_at) + to_days(cast(2 + below(event_key, 'late by', 38) as integer)) + to_minutes(255)
            -- a clock that is ahead, within the day that is tolerated
            when below(event_key, 'delivery time', 1000) < 22
                then occurred_at - to_seconds(60 + below(event_key, 'clock ahead', 20000))
            when carrier = 'crm' then nightly(occurred_at)
            when carrier = 'mail' then date_trunc('hour', occurred_at) + to_minutes(95)
            else date_trunc('hour', occurred_at) + to_minutes(65)
        end as loaded_at
    from keyed

)

select
    entity,
    event_no,
    event_key,
    0 as delivery_no,
    'e' || entity_text(entity) || '-' || lpad(cast(event_no as varchar), 4, '0') as event_id,
    event_type,
    occurred_at,
    loaded_at,
    cast(null as integer) as event_version,
    cast(null as boolean) as is_deleted,
    email,
    contact_id,
    anonymous_id,
    case when visit_no is not null then 's' || entity_text(entity) || '-' || visit_no end as session_id,
    page_path,
    page_title,
    referrer,
    email_id,
    link_url,
    asset,
    campaign,
    utm_source,
    utm_medium,
    utm_campaign,
    duration_seconds,
    amount,
    properties
from addressed
where loaded_at <= pulled_at();
"""

# Systems deliver twice, correct, delete, restore and break. Broken rows are rows of their own, so that what is broken on
# purpose takes nothing away from anybody's journey.
DELIVERIES = """
create or replace temp table redelivered as
with repeats as (

    select
        *,
        below(event_key, 'redelivery', 10000) as fate
    from numbered
    where below(event_key, 'redelivery', 10000) < 165

)

select
    repeats.* exclude (
        fate, delivery_no, loaded_at, occurred_at, event_version, is_deleted, page_title, campaign, duration_seconds, amount
    ),
    copies.copy_no as delivery_no,
    case
        when copies.content = 'identical' then loaded_at
        -- of equal load times the earlier event wins: a tie that only the full order breaks
        when copies.content = 'shifted' then loaded_at
        else loaded_at + to_hours(cast(copies.copy_no + below(event_key, 'again', 70) as integer))
    end as loaded_at,
    case when copies.content = 'shifted' then occurred_at - to_seconds(1) else occurred_at end as occurred_at,
    case when copies.content in ('corrected', 'deleted', 'restored') then copies.copy_no else event_version end as event_version,
    case when copies.content = 'deleted' then true when copies.content = 'restored' then false else is_deleted end as is_deleted,
    case when copies.content = 'changed' then 'Untitled' else page_title end as page_title,
    case when copies.content = 'changed' then 'unattributed' else campaign end as campaign,
    case when copies.content = 'corrected' then coalesce(duration_seconds, 0) + 7 else duration_seconds end as duration_seconds,
    case when copies.content = 'corrected' and amount is not null then amount / 2 else amount end as amount
from repeats
inner join (values
    ('again', 0, 80, 1), ('identical', 80, 95, 1), ('changed', 95, 106, 1), ('shifted', 106, 112, 1),
    ('corrected', 112, 144, 1), ('deleted', 144, 160, 1), ('deleted', 160, 165, 1), ('restored', 160, 165, 2)
) as copies (content, fate_from, fate_to, copy_no)
    on repeats.fate >= copies.fate_from and repeats.fate < copies.fate_to;

create or replace temp table broken as
with chosen as (

    select
        *,
        entity // 14 % 17 as fault
    from numbered
    where entity % 14 = 5 and event_no = 1

)

select
    chosen.* exclude (
        fault, delivery_no, event_id, event_type, occurred_at, loaded_at, email, contact_id, anonymous_id, duration_seconds, amount
    ),
    9 as delivery_no,
    case fault when 0 then null when 1 then '  ' else 'x' || entity_text(entity) end as event_id,
    case fault when 2 then null when 3 then 'newsletter_forwarded' when 4 then 'pageview' else event_type end as event_type,
    case fault
        when 5 then null
        when 7 then timestamp '1969-12-31 23:59:59'
        when 8 then timestamp '10026-01-05 08:00:00'
        when 9 then loaded_at + to_days(cast(2 + below(event_key, 'ahead', 400) as integer))
        else occurred_at
    end as occurred_at,
    case fault when 6 then null else loaded_at end as loaded_at,
    case fault when 10 then null when 11 then ' ' else email end as email,
    case fault when 10 then null when 11 then chr(160) else contact_id end as contact_id,
    case fault when 10 then null when 11 then '' else anonymous_id end as anonymous_id,
    case fault when 12 then -30.0 when 14 then cast('infinity' as double) when 16 then 1e9 else duration_seconds end
        as duration_seconds,
    case fault when 13 then cast('nan' as double) when 15 then 1e12 else amount end as amount
from chosen;
"""

# A code in another case or with blanks around it is still that code.
EVENTS = """
select
    {columns}
from (
    select
        * replace (
            case below(event_key, 'code spelling', 2000)
                when 0 then upper(event_type)
                when 1 then ' ' || event_type || ' '
                else event_type
            end as event_type
        )
    from numbered
    union all by name
    select * from redelivered where loaded_at <= pulled_at()
    union all by name
    select * from broken
) as deliveries
order by entity, event_no, delivery_no
"""

# --- What is known of them ----------------------------------------------------------------------------------------------
# A contact has a row for each moment at which something about it changed; what the row says is what was known then.
CONTACTS = """
with moments as (

    select
        people.*,
        case when happens(key, 'enriched', 380) then later(created_at, key, 'enriched at', 86400, 25 * 86400) end as enriched_at,
        case when happens(key, 'promoted', 300) then days_later(created_at, key, 'promoted at', 5, 150) end as promoted_at,
        case when happens(key, 'sloppy', 60) then true else false end as is_sloppy
    from people
    where has_contact

),

changes as (

    select
        *,
        unnest(list_distinct([
            created_at, enriched_at, promoted_at, changed_email_at, requested_at, won_at,
            greatest(created_at, unsubscribed_at), returned_at
        ])) as updated_at
    from moments

),

versions as (

    select
        *,
        coalesce(enriched_at <= updated_at, false) as is_enriched,
        coalesce(changed_email_at <= updated_at, false) as has_changed_employer
    from changes

),

first_contacts as (

    select
        versions.entity,
        versions.key,
        1 as contact_no,
        versions.updated_at,
        contact_name(versions.entity, 1) as contact_id,
        case when versions.has_changed_employer then versions.next_email else versions.email end as email,
        versions.created_at,
        case when happens(versions.key, 'cookie is known', 400) then 'a' || entity_text(versions.device_owner) || '-1' end
            as anonymous_id,
        versions.first_name,
        case when versions.is_sloppy then '' else versions.last_name end as last_name,
        case when versions.is_enriched or not versions.writes_from_free_mail then companies.name end as company,
        case
            when versions.writes_from_free_mail then null
            when versions.is_sloppy then upper(companies.domain)
            else companies.domain
        end as company_domain,
        case when versions.is_sloppy then ' ' || versions.job_title || chr(160) else versions.job_title end as job_title,
        case
            when versions.promoted_at <= versions.updated_at and versions.seniority in ('specialist', 'junior') then 'manager'
            else versions.seniority
        end as seniority,
        versions.department,
        case when versions.is_enriched or happens(versions.key, 'industry is known', 500) then companies.industry end as industry,
        case when versions.is_enriched or happens(versions.key, 'country is known', 750) then companies.country end as country,
        case when happens(versions.key, 'city is known', 350) then companies.city end as city,
        case when versions.is_enriched then companies.employee_count end as employee_count,
        case when versions.is_enriched then cast(companies.annual_revenue as double) end as annual_revenue,
        case
            when versions.journey = 'listed' then 'import'
            else pick(versions.key, 'lead source', [
                'organic', 'organic', 'paid', 'referral', 'partner', 'webinar', 'event', 'social'
            ])
        end as lead_source,
        versions.persona,
        case when happens(versions.key, 'phone is known', 300) and companies.phone_prefix is not null
            then companies.phone_prefix || lpad(cast(below(versions.key, 'phone', 100) as varchar), 3, '1') end as phone,
        case when happens(versions.key, 'age is known', 80) then cast(19 + below(versions.key, 'age', 48) as integer) end as age,
        -- for some, sales asked how often they buy; now and then the answer is not what they do
        case when versions.first_order_at <= versions.updated_at or versions.journey = 'customer' then
            case
                when below(versions.key, 'cycle is stated', 10) >= 4 then null
                when versions.cycle = '3 months' then 3
                when versions.cycle = '4 months' then 4
                when versions.cycle = 'season' then 12
                when versions.cycle = 'irregular' then 6
                when versions.cycle = 'once' then 0
            end
        end as cycle_months,
        case
            when versions.unsubscribed_at <= versions.updated_at then coalesce(versions.returned_at > versions.updated_at, true)
            when happens(versions.key, 'opt-out is unknown', 200) then null
            else false
        end as is_email_opted_out,
        case when happens(versions.key, 'consent is known', 850) then versions.subscribes end as has_marketing_consent,
        case
            when versions.subscribes and happens(versions.key, 'consent is known', 850) and happens(versions.key, 'consent is dated', 800)
                then versions.created_at
        end as consented_at,
        case when versions.requested_at <= versions.updated_at or happens(versions.key, 'owner', 200)
            then 'rep-' || lpad(cast(1 + below(versions.key, 'owner is', 12) as varchar), 2, '0') end as owner,
        case
            when versions.won_at <= versions.updated_at or versions.journey = 'customer' then 'customer'
            when versions.requested_at <= versions.updated_at then 'opportunity'
            when versions.promoted_at <= versions.updated_at then 'lead'
            else 'subscriber'
        end as lifecycle_stage,
        case when versions.is_enriched then versions.enriched_at end as enriched_at
    from versions
    inner join companies
        on companies.company_no = case when versions.has_changed_employer then versions.next_company_no else versions.company_no end

),

-- The same person again: from another system with the same address, or under a private address until somebody merges them.
further as (

    select
        people.*,
        numbers.contact_no,
        people.second_contact = 'other system' as is_other_system,
        days_later(people.identified_at, draw_nth(people.key, 'contact', numbers.contact_no), 'created', 1, 20) as known_at
    from people
    cross join (select unnest([2, 3]) as contact_no) as numbers
    where people.second_contact not in ('none', 'dangling') and (numbers.contact_no = 2 or people.second_contact = 'chain')

),

further_contacts as (

    select
        further.entity,
        further.key,
        further.contact_no,
        further.known_at as updated_at,
        contact_name(further.entity, further.contact_no) as contact_id,
        case
            when further.contact_no = 3 then null
            when further.is_other_system then upper(further.email)
            else further.second_email
        end as email,
        further.known_at as created_at,
        further.first_name,
        further.last_name,
        case when further.is_other_system then upper(companies.name) end as company,
        case when further.is_other_system and happens(further.key, 'shop knows industry', 500) then companies.industry end as industry,
        companies.country,
        case when further.is_other_system and happens(further.key, 'shop knows size', 500) then companies.employee_count end
            as employee_count,
        pick(further.key, 'second source', ['shop', 'import', 'event']) as lead_source,
        happens(further.key, 'opted out elsewhere', 120) as is_email_opted_out
    from further
    inner join companies on companies.company_no = further.company_no

),

united as (

    select *, 0 as delivery_no from first_contacts
    union all by name
    select *, 0 as delivery_no from further_contacts

),

versioned as (

    select
        *,
        draw_nth(key, 'contact version', epoch_ms(updated_at) // 1000) as version_key
    from united
    where updated_at < ended_at()

),

loaded as (

    select
        *,
        case
            when updated_at < cast(first_day() as timestamp) then imported_at()
            when happens(version_key, 'late', 25)
                then nightly(updated_at) + to_days(cast(1 + below(version_key, 'late by', 38) as integer))
            else nightly(updated_at)
        end as loaded_at
    from versioned

),

delivered as (

    select * from loaded
    union all by name
    select * replace (1 as delivery_no) from loaded where happens(version_key, 'again', 8)
    union all by name
    select
        * replace (
            2 as delivery_no,
            case when entity // 101 % 4 = 0 then null else contact_id end as contact_id,
            case when entity // 101 % 4 = 1 then null else created_at end as created_at,
            case when entity // 101 % 4 = 2 then null else updated_at end as updated_at,
            case when entity // 101 % 4 = 3 then null else loaded_at end as loaded_at
        )
    from loaded
    where entity % 101 = 9 and contact_no = 1
    qualify row_number() over (partition by entity order by updated_at) = 1

)

select
    {columns}
from delivered
where loaded_at is null or loaded_at <= pulled_at()
order by entity, contact_no, updated_at nulls last, delivery_no
"""

ACCOUNTS = """
with versions as (

    select
        *,
        unnest([0, 1]) as version_no
    from companies
    where happens(key, 'is an account', 850) or company_no <= 3

),

dated as (

    select
        *,
        cast(on_day(below(key, 'account version', days() // 2) + version_no * days() // 2 - 60) as timestamp) + to_hours(3)
            as updated_at
    from versions
    where version_no = 0 or happens(key, 'account grows', 200)

),

loaded as (

    select
        case when happens(key, 'domain in capitals', 40) then upper(domain) else domain end as company_domain,
        name,
        case when happens(key, 'industry is missing', 100) then null else industry end as industry,
        country,
        case when happens(key, 'size is missing', 120) then null else employee_count * (10 + 3 * version_no) // 10 end
            as employee_count,
        case when happens(key, 'revenue is missing', 300) then null else cast(annual_revenue as double) end as annual_revenue,
        updated_at,
        greatest(updated_at, cast(first_day() as timestamp)) + to_hours(1) as loaded_at
    from dated

)

select
    {columns}
from loaded
where loaded_at <= pulled_at()
order by company_domain, updated_at
"""

IDENTITY_LINKS = """
with linked as (

    select
        *,
        days_later(identified_at, key, 'merged', 25, 45) as merged_at
    from people
    where second_contact not in ('none', 'other system')

),

-- what merges into what, and how many days from the first merge; of one merged twice the first was a stranger, by mistake
links as (

    select
        contact_name(linked.entity, merges.from_no) as contact_id,
        contact_name(linked.entity - merges.stranger, merges.into_no) as merged_into_contact_id,
        linked.merged_at + to_days(merges.after_days) as occurred_at,
        linked.key
    from linked
    inner join (values
        ('merged', 2, 0, 1, 0), ('chain', 2, 0, 1, 0), ('chain', 3, 0, 2, 2), ('cycle', 2, 0, 1, 0), ('cycle', 1, 0, 2, 9),
        ('merged twice', 2, 3, 1, -20), ('merged twice', 2, 0, 1, 0), ('dangling', 1, 0, 9, 0)
    ) as merges (second_contact, from_no, stranger, into_no, after_days)
        on merges.second_contact = linked.second_contact

),

delivered as (

    select *, nightly(occurred_at) as loaded_at from links
    union all
    select *, nightly(occurred_at) + to_days(1) as loaded_at from links where happens(key, 'link again', 80)

)

select
    {columns}
from delivered
where loaded_at <= pulled_at()
order by contact_id, occurred_at, merged_into_contact_id, loaded_at
"""

ADJUSTMENTS = """
with adjusted as (

    select
        *,
        case
            when below(key, 'adjusted when', 10) < 2 then last_day() + cast(1 + below(key, 'starts in', 40) as integer)
            else greatest(on_day(identified_on), last_day() - cast(below(key, 'started ago', 200) as integer))
        end as effective_on
    from (
        select *, date_diff('day', cast(first_day() as timestamp), identified_at) as identified_on
        from people
        where kind <> 'visitor' and (has_email or has_contact) and happens(key, 'adjusted', 40)
    ) as candidates

),

rows_told as (

    select
        entity,
        key,
        0 as delivery_no,
        'adj-' || entity_text(entity) as adjustment_id,
        case when has_email and (not has_contact or entity % 2 = 0) then email end as email,
        case when has_contact and (not has_email or entity % 2 = 1) then contact_name(entity, 1) end as contact_id,
        -- one score model's adjustment must not leak into another
        case when happens(key, 'other score model', 120) then 'brevo' else 'default' end as score_model,
        cast(cast(below(key, 'points', 29) * 2.5 - 30 as decimal(10, 4)) as decimal(10, 4)) as points,
        pick(key, 'adjustment reason', getvariable('adjustment_reasons')) as reason,
        'rep-' || lpad(cast(1 + below(key, 'author', 12) as varchar), 2, '0') as author,
        effective_on,
        case
            when below(key, 'expires', 10) < 4 then null
            else effective_on + cast(30 + below(key, 'expires after', 120) as integer)
        end as expires_on,
        cast(least(effective_on, last_day()) as timestamp) + to_hours(9) as loaded_at
    from adjusted

)

select
    {columns}
from (
    select * from rows_told
    union all
    -- somebody thought better of it: the same id, later, with half the points
    select * replace (1 as delivery_no, cast(points / 2 as decimal(10, 4)) as points, loaded_at + to_hours(30) as loaded_at)
    from rows_told
    where happens(key, 'thinks better', 100)
) as told
where loaded_at <= pulled_at()
order by entity, delivery_no
"""

OUTCOMES = """
with worked as (

    select
        *,
        -- sales also rings people who did not ask, and learns mostly that they will not buy
        requested_at is null
            and kind not in ('customer', 'staff', 'visitor')
            and happens(key, 'is worked anyway', case journey when 'consultant' then 150 when 'student' then 120 else 60 end)
            as is_worked_anyway,
        case
            when journey = 'customer' and cycle = 'season' then cast(make_date(year(last_day()) - 4, 6, 15) as timestamp)
            when journey = 'customer' then first_order_at
        end as first_won_at
    from people
    where kind <> 'visitor'

),

numbered as (

    select
        worked.*,
        numbers.outcome_no,
        case numbers.outcome_no
            when 1 then contacted_at
            when 2 then case when contacted_at is not null then days_later(contacted_at, key, 'accepted', 1, 2) end
            when 3 then case when happens(key, 'shows up', 850) then met_at end
            when 4 then closed_at
            when 5 then case when requested_at is null then won_at end
            when 6 then first_won_at
            when 7 then case when is_worked_anyway then days_later(identified_at, key, 'cold call', 1, 60) end
            when 8 then case when is_worked_anyway and won_at is null then days_later(identified_at, key, 'rejected', 61, 20) end
            when 9
                then case when requested_at is null and won_at is null and kind = 'prospect' and happens(key, 'loses directly', 25)
                    then days_later(identified_at, key, 'lost directly', 20, 150) end
        end as occurred_at,
        case numbers.outcome_no
            when 1 then 'contacted'
            when 2 then 'accepted'
            when 3 then 'meeting'
            when 4 then case when wins_evaluation then 'won' else 'lost' end
            when 7 then 'contacted'
            when 8 then 'rejected'
            when 9 then 'lost'
            else 'won'
        end as outcome
    from worked
    cross join (select unnest(range(1, 10)) as outcome_no) as numbers

),

delivered as (

    select
        entity,
        outcome_no,
        key,
        'o' || entity_text(entity) || '-' || outcome_no as outcome_id,
        case when has_email and (not has_contact or below(key, 'outcome by', 10) < 6) then email end as email,
        case when has_contact and (not has_email or below(key, 'outcome by', 10) >= 4) then contact_name(entity, 1) end as contact_id,
        outcome,
        case
            when outcome = 'lost' then pick(key, 'lost because', getvariable('lost_reasons'))
            when outcome = 'rejected' then pick(key, 'rejected because', getvariable('rejected_reasons'))
            when outcome_no = 6 then 'old customer'
        end as reason,
        occurred_at,
        greatest(nightly(occurred_at), imported_at()) as loaded_at,
        case when outcome = 'won' then cast(order_value as double) end as amount
    from numbered
    where occurred_at < ended_at()

)

select
    {columns}
from (
    select *, 0 as delivery_no from delivered
    union all by name
    select * replace (loaded_at + to_days(1) as loaded_at, reason || ' (checked)' as reason), 1 as delivery_no
    from delivered
    where happens(key, 'outcome again', 20)
) as outcomes
where loaded_at <= pulled_at()
order by entity, outcome_no, delivery_no
"""

# The right to be forgotten, asked for by address (in any spelling) or by contact, merged contacts and strangers included.
ERASURES = """
with chosen as (

    select
        *,
        entity // 191 % 3 as way
    from people
    where kind <> 'visitor' and (entity % 191 = 100 or entity % 499 = 47)

),

requests as (

    select
        case
            when has_email and (way = 0 or not has_contact) then email
            when has_email and way = 1 then ' ' || upper(email)
        end as email,
        case when has_contact and (way = 2 or not has_email)
            then contact_name(entity, case when second_contact = 'merged twice' then 2 else 1 end) end as contact_id,
        cast(last_day() - cast(below(key, 'erased', 60) as integer) as timestamp) + to_hours(11) as requested_at,
        entity
    from chosen

    union all

    select
        'fictitious-nobody@' || getvariable('free_domains')[1] as email,
        null as contact_id,
        cast(last_day() - 5 as timestamp) + to_hours(12) as requested_at,
        0 as entity

)

select
    email,
    contact_id,
    requested_at,
    requested_at + to_hours(2) as loaded_at
from requests
order by entity
"""


# --- The steps ----------------------------------------------------------------------------------------------------------


def select_list(table: str) -> str:
    """Return the columns of raw table `table` with their contract types, as the body of a `select`."""
    return ",\n    ".join(f"cast({name} as {kind}) as {name}" for name, kind in SCHEMAS[table].items())


def sql_string(path: Path) -> str:
    """Return `path` as a SQL string literal."""
    return literal(str(path))


def write_table(connection: duckdb.DuckDBPyConnection, query: str, target: Path, *, final: bool = True) -> None:
    """Write the rows of `query`, in its order, to the Parquet file `target`.

    What is not `final` is read once and thrown away, so it is packed lightly. Raises `duckdb.IOException` when the file cannot
    be written.
    """
    packing = "compression zstd" if final else "compression lz4"
    connection.execute(f"copy (\n{query}\n) to {sql_string(target)} (format parquet, {packing})")


def make_vocabulary(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> None:
    """Make the macros, list variables and small lookup tables that every later step reads."""
    connection.execute(CHANCE)
    connection.execute(CALENDAR.format(first_day=parameters.first_day, last_day=parameters.last_day, days=parameters.days))
    for name, options in LISTS.items():
        connection.execute(f"set variable {name} = [{', '.join(literal(option) for option in options)}]")

    slot_of: dict[str, int] = {}
    titles: list[tuple[str | int | None, ...]] = []
    for audience, *rest in TITLES:
        slot = slot_of.get(str(audience), 0)
        slot_of[str(audience)] = slot + 1
        titles.append((audience, slot, *rest))
    statements = [
        values_table("industries", "slot, industry, worth, season_month", [(i, *row) for i, row in enumerate(INDUSTRIES)]),
        values_table("countries", "slot, country, worth, city, phone_prefix", [(i, *row) for i, row in enumerate(COUNTRIES)]),
        values_table("titles", "audience, slot, job_title, seniority, department, persona, worth", titles),
        values_table("audiences", "audience, titles", list(slot_of.items())),
        values_table(
            "journeys",
            "journey, visits_floor, visits_scale, visits_cap, downloads_scale, webinars_scale, subscribes, opens, uses_scale,"
            " days_least, days_spread, wins, topics",
            JOURNEYS,
        ),
        values_table(
            "journey_topics",
            "journey, slot, topic",
            [(str(row[0]), slot, topic) for row in JOURNEYS for slot, topic in enumerate(str(row[-1]))],
        ),
        values_table(
            "topic_pages",
            "topic, slot, page_path, page_title",
            [(topic, slot, *page) for topic, pages in PAGES.items() for slot, page in enumerate(pages)],
        ),
        values_table("origins", "slot, referrer, utm_source, utm_medium", [(i, *row) for i, row in enumerate(ORIGINS)]),
        EDITIONS,
    ]
    for statement in statements:
        connection.execute(statement)


def make_people(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> None:
    """Make the tables `companies` (one row a company) and `people` (one row a lead or anonymous visitor)."""
    # kinds of companies beyond the names there are for them would repeat a domain
    competitors = min(2_000, max(4, parameters.companies // 40))
    consultancies = min(2_000, max(5, parameters.companies // 30))
    universities = min(2_000, max(3, parameters.companies // 40))
    numbers = {
        "seed": parameters.seed,
        "leads": parameters.leads,
        "visitors": parameters.visitors,
        "companies": parameters.companies,
        "competitors": competitors,
        "consultancies": consultancies,
        "universities": universities,
        "prospects": parameters.companies - 1 - competitors - consultancies - universities,
        "industries": len(INDUSTRIES),
        "countries": len(COUNTRIES),
        "first_names": len(FIRST_NAMES),
        "last_names": len(LAST_NAMES),
        "words": len(COMPANY_WORDS),
        "trades": len(COMPANY_TRADES),
        "places": len(PLACES),
    }
    connection.execute(COMPANIES.format(**numbers))
    connection.execute(PEOPLE.format(**numbers))


def write_events(connection: duckdb.DuckDBPyConnection, parameters: Parameters, folder: Path) -> None:
    """Write `folder`/events.parquet chunk by chunk, so that memory does not grow with the number of leads."""
    everybody = parameters.leads + parameters.visitors
    query = EVENTS.format(columns=select_list("events"))
    chunks: list[Path] = []
    for first in range(1, everybody + 1, LEADS_PER_CHUNK):
        last = min(everybody, first + LEADS_PER_CHUNK - 1)
        connection.execute(COHORT.format(first=first, last=last))
        connection.execute(CONVERSIONS)
        connection.execute(MAILS)
        connection.execute(VISITS.format(origins=len(ORIGINS)))
        connection.execute(DRAFTS)
        connection.execute(NUMBERED)
        connection.execute(DELIVERIES)
        if last == everybody and not chunks:
            write_table(connection, query, folder / "events.parquet")
            return
        chunks.append(folder / f"events-{len(chunks):04}.parquet")
        write_table(connection, query, chunks[-1], final=False)
    for name in ("cohort", "conversions", "mails", "visits", "drafts", "numbered", "redelivered", "broken"):
        connection.execute(f"drop table {name}")
    listed = ", ".join(sql_string(chunk) for chunk in chunks)
    write_table(connection, f"select * from read_parquet([{listed}])", folder / "events.parquet")
    for chunk in chunks:
        chunk.unlink()


def generate(
    parameters: Parameters,
    output: Path,
    *,
    threads: int | None = None,
) -> dict[str, int]:
    """Write the seven tables of `parameters` to `output`/generic/ and return their numbers of rows by table name.

    Files are written beside the old ones and moved in at the end, so an interrupted run leaves the old sample whole.
    `threads` is DuckDB's setting (default: all cores) and has no influence on the rows. Raises `OSError` when the folder
    cannot be made, `duckdb.OutOfMemoryException` or `duckdb.IOException` when memory or disk run out.
    """
    folder = output / "generic"
    folder.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".generate-", dir=folder))
    try:
        # on disk, so that 1,000,000 people may leave memory while their events are made
        connection = duckdb.connect(str(workshop / "workshop.duckdb"))
        try:
            connection.execute(f"set memory_limit = {literal(MEMORY_LIMIT)}")
            connection.execute(f"set temp_directory = {sql_string(workshop / 'spill')}")
            connection.execute("set preserve_insertion_order = true")
            connection.execute("set enable_progress_bar = false")
            connection.execute("set timezone = 'UTC'")
            if threads is not None:
                connection.execute(f"set threads = {threads}")
            make_vocabulary(connection, parameters)
            make_people(connection, parameters)
            write_events(connection, parameters, workshop)
            for table, query in {
                "contacts": CONTACTS,
                "accounts": ACCOUNTS,
                "identity_links": IDENTITY_LINKS,
                "adjustments": ADJUSTMENTS,
                "outcomes": OUTCOMES,
                "erasures": ERASURES,
            }.items():
                write_table(connection, query.format(columns=select_list(table)), workshop / f"{table}.parquet")
            rows = {
                table: int(
                    connection.execute(
                        f"select count(*) from read_parquet({sql_string(workshop / f'{table}.parquet')})"
                    ).fetchall()[0][0]
                )
                for table in SCHEMAS
            }
        finally:
            connection.close()
        for table in SCHEMAS:
            (workshop / f"{table}.parquet").replace(folder / f"{table}.parquet")
        return rows
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def main(
    output: Annotated[Path, typer.Option(help="Raw folder; the files go to OUTPUT/generic/.", file_okay=False)],
    leads: Annotated[int, typer.Option(min=1_000, max=1_000_000, help="People who are or could become leads.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Another seed, another sample.")] = DEFAULT_SEED,
    last_day: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="The as_of_date that the sample is for.", show_default="2026-03-10"),
    ] = DEFAULT_LAST_DAY,
    months: Annotated[int, typer.Option(min=3, max=60, help="Months of behaviour before the last day.")] = DEFAULT_MONTHS,
    threads: Annotated[int | None, typer.Option(min=1, help="DuckDB threads; changes no row.", show_default="all cores")] = None,
) -> None:
    """Generate a made-up B2B sample: same parameters, same rows.

    Exit codes: 0 done, 2 wrong usage (a value out of range, a folder that cannot be made), 6 out of disk or memory.
    """
    if not 2000 <= last_day.year <= 2099:
        raise typer.BadParameter("the year must lie between 2000 and 2099", param_hint="--last-day")
    parameters = Parameters(leads=leads, seed=seed, last_day=last_day.date(), months=months)
    try:
        rows = generate(parameters, output, threads=threads)
    except OSError as error:
        raise typer.BadParameter(f"cannot write there: {error}", param_hint="--output") from error
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        typer.echo(f"out of memory or disk: {error}", err=True)
        raise typer.Exit(6) from error
    for table, count in rows.items():
        size = (output / "generic" / f"{table}.parquet").stat().st_size
        typer.echo(f"{table:<15} {count:>12,} rows {size:>14,} bytes")


if __name__ == "__main__":
    typer.run(main)
