"""The smallest pieces of SQL, each against plain Python on values that hypothesis makes: texts, e-mails, numbers, quotients, roots, times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any

import duckdb
import oracle
import pytest
from building import REPOSITORY, Project
from hypothesis import given, settings
from hypothesis import strategies as st
from lead_scoring import explain

settings.register_profile("project", deadline=None, max_examples=100, derandomize=True)
settings.load_profile("project")

EXPRESSIONS = {
    "email": "lead_scoring.normalised_email('text')",
    "comparable": "lead_scoring.comparable('text')",
    "not_blank": "lead_scoring.blank_to_null('text')",
    "number": "lead_scoring.text_to_double(lead_scoring.trimmed('text'), allows_exponent=false)",
    "integer": "lead_scoring.text_to_integer('text')",
    "moment": "lead_scoring.text_to_timestamp('text')",
    "berlin": "lead_scoring.local_to_utc('cast(text as timestamp)', 'Europe/Berlin')",
    "quotient": "lead_scoring.divided('dividend', 'divisor')",
    "root": "lead_scoring.square_root('share')",
}
"""What is tried, by name; the columns that stand in them are those of `inputs`."""

INPUTS = {"text": "varchar", "dividend": "decimal(28,10)", "divisor": "decimal(18,6)", "share": "decimal(38,12)"}

Evaluate = Callable[..., Any]


@pytest.fixture(scope="module")
def evaluate(tmp_path_factory: pytest.TempPathFactory) -> Evaluate:
    """A function of an expression's name and its inputs; compiled once by dbt, carried out by DuckDB."""
    project = Project(tmp_path_factory.mktemp("expressions") / "project")
    columns = ", ".join(f"{{{{ {expression} }}}} as {name}" for name, expression in EXPRESSIONS.items())
    outcome = project.dbt("compile", "--inline", f"select {columns} from inputs", raw=REPOSITORY / "sample" / "raw", variables={})
    assert outcome.success, outcome.exception
    compiled = outcome.result.results[0].node.compiled_code
    connection = duckdb.connect()

    def run(name: str, **values: Any) -> Any:
        given_inputs = ", ".join(f"cast(${column} as {kind}) as {column}" for column, kind in INPUTS.items())
        query = f"with inputs as (select {given_inputs}) select {name} from ({compiled})"
        row = connection.execute(query, {**dict.fromkeys(INPUTS), "divisor": 1, **values}).fetchone()
        assert row is not None
        return row[0]

    return run


ODD_CHARACTERS = "aAbZ@. \t\n\u00a0\u200b\ufeff\u2003éÉ\u0301İΣßﬁ１'\"%_|\\"
texts = st.one_of(
    st.text(ODD_CHARACTERS, max_size=12), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
)


@given(text=texts)
def test_an_email_has_one_normal_form(text: str, evaluate: Evaluate) -> None:
    """White space, zero width, case, composed characters, none or two @."""
    assert evaluate("email", text=text) == oracle.normalised_email(text)
    assert explain.normalised_email(text) == oracle.normalised_email(text), "explain would look for another one"


@given(text=texts)
def test_texts_compare_without_case_and_outer_white_space(text: str, evaluate: Evaluate) -> None:
    """The form in which conditions see a text; white space only is none."""
    assert evaluate("comparable", text=text) == oracle.comparable(text)
    assert evaluate("not_blank", text=text) == oracle.not_blank(text)


@given(
    text=st.one_of(
        st.text("0123456789.+-eE_xnaif ", max_size=9), st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str)
    )
)
def test_only_plain_numbers_are_numbers(text: str, evaluate: Evaluate) -> None:
    """No `1_000`, no `0x10`, no `nan`, no half of a whole number."""
    assert evaluate("number", text=text) == oracle.plain_number(oracle.trimmed(text))
    whole = evaluate("integer", text=text)
    assert whole is None or Decimal(text) == whole


@given(
    dividend=st.decimals(-(10**11), 10**11, places=10),
    divisor=st.decimals(Decimal("0.000001"), 10**6, places=6),
)
def test_quotients_are_exact(dividend: Decimal, divisor: Decimal, evaluate: Evaluate) -> None:
    """Rounded once, to 12 places, half away from zero."""
    with localcontext(oracle.EXACT):
        assert evaluate("quotient", dividend=dividend, divisor=divisor) == oracle.rounded(dividend / divisor, 12)


@given(share=st.decimals(0, 1, places=12))
def test_roots_are_exact(share: Decimal, evaluate: Evaluate) -> None:
    """Rounded once, to 12 places."""
    with localcontext(oracle.EXACT):
        assert evaluate("root", share=share) == oracle.rounded(share.sqrt(), 12)


@given(
    moment=st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)),
    hours=st.integers(-12, 14),
    separator=st.sampled_from("T "),
)
def test_an_offset_is_obeyed(moment: datetime, hours: int, separator: str, evaluate: Evaluate) -> None:
    """A cast would drop it without a word; a time without one is UTC."""
    zoned = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert evaluate("moment", text=zoned.isoformat(separator)) == zoned.astimezone(UTC).replace(tzinfo=None)
    assert evaluate("moment", text=moment.isoformat(separator)) == moment


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T10:00Z", "2026-03-01 10:00 UTC", "2026-03-01T12:00+02:00", "2026-03-01 5:00-0500", "2026-03-01 10:00:00 +0000", "2026-03-01 12:00:00 +02"],
)  # fmt: skip
def test_an_offset_may_follow_minutes_or_a_space(text: str, evaluate: Evaluate) -> None:
    """Some programs leave out seconds that are 0, so one event in sixty would be quarantined."""
    assert evaluate("moment", text=text) == datetime(2026, 3, 1, 10)


@pytest.mark.parametrize(
    "text", ["03/04/2026", "2026-02-30", "infinity", "2026-01-01T00:00:60Z", "yesterday", "", "12", "2026-13-01", "1e10", "2026"]
)
def test_what_is_no_time_is_null(text: str, evaluate: Evaluate) -> None:
    """Nothing is guessed."""
    assert evaluate("moment", text=text) is None


@pytest.mark.parametrize("text", ["1767225600", "1767225600000", "1767225600000000", "1767225600.0"])
def test_epochs_are_told_apart_by_their_size(text: str, evaluate: Evaluate) -> None:
    """Seconds, milliseconds and microseconds."""
    assert evaluate("moment", text=text) == datetime(2026, 1, 1)


@pytest.mark.parametrize(
    ("clock", "utc"),
    [
        ("2026-03-29 01:59:59", datetime(2026, 3, 29, 0, 59, 59)),
        # No clock shows it.
        ("2026-03-29 02:30:00", datetime(2026, 3, 29, 1, 30)),
        ("2026-03-29 03:00:00", datetime(2026, 3, 29, 1)),
        ("2026-10-25 01:59:59", datetime(2026, 10, 24, 23, 59, 59)),
        # Every clock shows it twice.
        ("2026-10-25 02:30:00", datetime(2026, 10, 25, 1, 30)),
        ("2026-10-25 03:00:00", datetime(2026, 10, 25, 2)),
    ],
)
def test_clock_times_when_clocks_change(clock: str, utc: datetime, evaluate: Evaluate) -> None:
    """The hour that is left out is moved on by an hour; of the hour that comes twice it is the later one."""
    assert evaluate("berlin", text=clock) == utc


@pytest.mark.parametrize("offset", ["+99:00", "+14:30", "+15:00", "-24:00", "+01:60", "+0160"])
def test_an_offset_that_no_clock_has_is_none(offset: str, evaluate: Evaluate) -> None:
    """A cast would move the time by days."""
    assert evaluate("moment", text=f"2026-03-01T10:00:00{offset}") is None
