"""What a statement prints, in every format: the sums, each interval with its rule and evidence, how to check it."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import pypdf
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from lxml import html as lxml_html

from statuspage.actions import contracts
from statuspage.models import Outage
from statuspage.statements import render
from statuspage.statements.canonical import canonical
from statuspage.statements.gather import gather
from statuspage.statements.printed import of_record, printed
from tests.statuspage import contracting, given

from . import held

pytestmark = pytest.mark.django_db

COUNTED = 3 * 3600
"""Two hours by the incident, one after the window."""


def run(**options) -> str:
    said = io.StringIO()
    call_command("sla_report", stdout=said, **options)
    return said.getvalue()


def test_the_statement_of_a_month_in_every_format(tmp_path):
    contract, api = held.april()
    found = json.loads(run(contract="Acme", period="2026-04", format="json"))
    said = found["statement"]
    assert said["counted_seconds"] == str(COUNTED)
    assert (said["fraction"], said["availability"], said["is_met"]) == ("239/240", "99.5833", False)
    assert (said["credit_days"], said["allowed_seconds"], said["left_seconds"]) == (3, "259.2", "-10540.8")
    assert said["excluded_in_windows_seconds"] == "3600"
    rules = [(piece["rule"], piece["seconds"]) for line in said["lines"] for piece in line["pieces"]]
    assert rules == [
        ("interruption", "7200"),
        ("third_party", "3600"),
        ("no_interruption", "3600"),
        ("noticed", "14400"),
        ("outage_in_window", "3600"),
        ("interruption", "3600"),
    ]
    evidence = said["lines"][0]["evidence"]
    assert evidence["title"] == "API is down"
    assert evidence["began"]["written_at"] == "2026-04-01T01:01:00Z"
    assert evidence["ended"]["written_at"] == "2026-04-01T03:00:00Z"
    assert said["lines"][1]["evidence"]["provider"]["incident"] == "twilio-1"
    assert said["windows"][0]["verdict"] == "noticed"
    assert said["days"][0] == {"day": "2026-04-01", "counted_seconds": "7200", "excluded_seconds": "7200"}
    assert hashlib.sha256(canonical(found["inputs"])).hexdigest() == said["digest"]

    rows = list(csv.DictReader(io.StringIO(run(contract="Acme", period="2026-04", format="csv"))))
    intervals = [row for row in rows if row["record"] == "interval"]
    assert sum(int(row["counted_seconds"]) for row in intervals) == COUNTED
    assert {row["id"]: row["value"] for row in rows if row["record"] == "figure"}["digest"] == said["digest"]
    assert [row["rule"] for row in rows if row["record"] == "notice"] == ["noticed"]

    page = lxml_html.fromstring(run(contract="Acme", period="2026-04", format="html"))
    text = " ".join(page.text_content().split())
    for words in (
        "99.5833 %",
        "239/240",
        "10800 s (3:00:00)",
        "(2592000 s - 10800 s) / 2592000 s x 100",
        "3 days of credit",
        "API is down",
        "twilio-1",
        "Caused by a third party alone",
        "Definitions, “API Interruptions”",
        "Judged by its cause, 3600 s more would count.",
        "publication alone",
        said["digest"],
    ):
        assert words in text, words

    with (tmp_path / "a.pdf").open("w") as file:
        call_command("sla_report", contract="Acme", period="2026-04", format="pdf", stdout=file)
    paper = pypdf.PdfReader(tmp_path / "a.pdf")
    drawn = " ".join(" ".join(each.extract_text().split()) for each in paper.pages)
    for words in ("99.5833 %", "239/240", "Acme API", "API is down", said["digest"][:16]):
        assert words in drawn, words


def test_two_runs_give_the_same_bytes_in_every_format():
    contract, _api = held.april()
    for name, (write, _kind) in render.FORMATS.items():
        assert write(printed(contract, "2026-04", held.LATER)) == write(printed(contract, "2026-04", held.LATER)), name


def test_the_sentences_are_in_the_readers_language_and_the_facts_are_not():
    contract, _api = held.april()
    facts = printed(contract, "2026-04", held.LATER)
    with translation.override("de"):
        there = printed(contract, "2026-04", held.LATER)
        assert (there.figures, there.inputs) == (facts.figures, facts.inputs)
        assert render.as_json(there) == render.as_json(facts)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"contract": "Nobody", "period": "2026-04"}, "contract: there is none called 'Nobody'"),
        ({"contract": "Acme", "period": "2026-13"}, "period: '2026-13' is neither a month"),
        ({"contract": "Acme", "period": "2025-04"}, "period: Acme is not in force in 2025-04"),
        ({"contract": "Acme", "period": "2026"}, "period: Acme promises nothing for the year 2026"),
        ({"contract": "Acme", "period": "2199-01"}, "period: 2199-01 has not begun"),
        ({"contract": "Acme", "period": "2026-04", "number": 2}, "number: 2 is not frozen"),
    ],
)
def test_what_cannot_be_stated_is_one_clear_line(options, words):
    contracting.contract(given.component())
    with pytest.raises(CommandError) as refused:
        run(**options)
    assert refused.value.returncode == 2
    assert str(refused.value).startswith(words)
    assert "\n" not in str(refused.value)


def test_an_open_period_is_provisional_and_says_until_when():
    api = given.component()
    contract = contracting.contract(api)
    held.outage(api, 1, None)
    found = of_record(contract, "2026-04", held.at(3))
    said = found.figures
    assert said["period"] == said["period"] | {"as_of": "2026-04-01T03:00:00Z", "is_provisional": True}
    assert said["counted_seconds"] == "7200"
    page = render.as_html(found).decode()
    assert "Provisional: the period is not over. Counted until 2026-04-01 03:00:00 +00:00." in page
    assert "(goes on)" in page


def test_a_change_in_the_month_is_judged_by_what_was_in_force_when():
    """Until the 11th the enterprise contract, from then on one that counts third parties' outages too."""
    api = given.component()
    contract = contracting.contract(api)
    later = contracting.agreed(api, type="platform", redundancy="single")
    contracts.change_contract(
        contract=contract, starts_on=held.at(240).date(), agreed=later, actor=contracting.OLGA, now=given.NOON
    )
    held.outage(api, 1, 2, cause="third_party")
    held.outage(api, 300, 301, cause="third_party")
    april = of_record(contract, "2026-04", held.LATER).figures
    assert [each["rule"] for line in april["lines"] for each in line["pieces"]] == ["third_party"]
    assert [(each["number"], each["is_judged"]) for each in april["versions"]] == [(1, True), (2, False)]
    year = of_record(contract, "2026", held.LATER).figures
    assert year["counted_seconds"] == "3600"
    assert sum(int(each["total_seconds"]) for each in year["months"]) == int(year["total_seconds"])
    assert sum(int(each["counted_seconds"]) for each in year["months"]) == 3600


def test_an_outage_of_one_client_counts_for_that_client_alone():
    contract, api = held.april()
    other = contracting.contract(api, name="Beta")
    held.outage(api, 400, 401, client=other.client)
    ours, theirs = (of_record(each, "2026-04", held.LATER).figures for each in (contract, other))
    assert int(theirs["counted_seconds"]) - int(ours["counted_seconds"]) == 3600


def test_many_contracts_are_gathered_in_as_many_queries_as_one(django_assert_max_num_queries):
    contracts = [held.april(f"Client {number}")[0] for number in range(6)]
    with django_assert_max_num_queries(24):
        found = gather(contracts, "2026-04", held.LATER)
    assert len(found) == 6


def test_names_that_the_pdf_cannot_draw_and_long_reasons_do_not_break_it():
    contract, api = held.april()
    held.outage(api, 300, 301, reason="why " * 2_000)
    contract.client.name = "Große Ωμέγα 客户 <b>&"
    contract.client.save()
    found = of_record(contract, "2026-04", held.LATER)
    text = pypdf.PdfReader(io.BytesIO(render.as_pdf(found))).pages[0].extract_text()
    assert "Große Ωμέγα ?? <b>&" in text
    assert "Große Ωμέγα 客户 &lt;b&gt;&amp;" in render.as_html(found).decode()


def test_what_happens_after_a_period_does_not_touch_its_facts():
    contract, api = held.april()
    held.outage(api, 719, None)
    before = of_record(contract, "2026-04", held.LATER).figures["digest"]
    Outage.objects.filter(ended_at=None).update(ended_at=held.at(800))
    held.window(api, start=2000, end=2002, name="Much later")
    assert of_record(contract, "2026-04", held.LATER + timedelta(days=1)).figures["digest"] == before
