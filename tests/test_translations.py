"""The catalogues: as the code has them, whole in each language that is switched on, fit for a screen and a phone."""

import ast
import gettext
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from babel.messages.catalog import Message
from django.conf import settings as site
from django.utils import translation
from django.utils.dateformat import format as format_date

from notifications.messages import gsm, text_of
from notifications.messages.links import STORIES
from notifications.messages.texts import link_text
from notifications.models import OutboxEvent
from statuspage.vocabulary import IncidentStatus
from tests.notifications.ledger import payload
from translations import catalogues, checks, extract

pytestmark = pytest.mark.usefixtures("all_languages")

TEMPLATE = extract.template()
LANGUAGES = tuple(catalogues.PLURALS)
SWITCHED_ON = [code for code in site.KNOWN_LANGUAGES if code != "en"]
WIDE = {"ar"}
"""Languages whose letters GSM-7 does not have."""

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ID = "abcdefghijkl"
CONFIRM_LINK = f"https://status.example.com/subscriptions/{'x' * 43}"
TITLE = "Requests to the API fail for some clients in Europe"


# --- The files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_the_texts_of_the_code_and_its_compiled_file_is_of_it(language):
    template, known = extract.template(), catalogues.read(language)
    assert list(checks.unlike_code(language, template, known)) == []
    compiled = catalogues.path_of(language).with_suffix(".mo").read_bytes()
    assert compiled == catalogues.as_mo(language, known)


@pytest.mark.parametrize("language", SWITCHED_ON)
def test_a_language_that_is_switched_on_is_whole_and_fits_its_places(language):
    assert list(checks.problems(language, TEMPLATE)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_python_counts_as_the_catalogue_says(language):
    read = gettext.GNUTranslations(BytesIO(catalogues.as_mo(language, catalogues.read(language))))
    forms = {read.plural(number) for number in range(200)}
    assert forms == set(range(catalogues.read(language).num_plurals))
    for form in catalogues.ONE_NUMBER[language]:
        assert sum(read.plural(number) == form for number in range(200)) == 1


@pytest.mark.parametrize("language", ["en", *SWITCHED_ON])
def test_every_date_format_shows_a_date(language):
    formats = [message.id for message in TEMPLATE if message.context == checks.DATE_FORMAT]
    with translation.override(language):
        shown = [format_date(date(2026, 11, 9), translation.pgettext(checks.DATE_FORMAT, each)) for each in formats]
    assert len(formats) >= 6
    assert all("9" in each for each, pattern in zip(shown, formats, strict=True) if "j" in pattern)


# --- Nothing is overlooked ---------------------------------------------------------------------------------


def test_every_name_for_gettext_is_known_to_the_extraction():
    names = set()
    for path in extract.sources(extract.ROOT):
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                names |= {each.asname or each.name for each in node.names if "gettext" in each.name}
    assert names and names <= set(extract.KEYWORDS)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% load i18n %}{% translate "Since" %}', "Since"),
        ("{% blocktranslate with a=b %}Since {{ a }}{% endblocktranslate %}", "Since %(a)s"),
        (
            "<p>\n  {% blocktranslate count n=m %}one{% plural %}{{ n }}{% endblocktranslate %}\n</p>",
            ("one", "%(n)s"),
        ),
        ('{{ names|join:_(", ") }}', ", "),
    ],
)
def test_templates_are_read(tmp_path, source, found):
    (tmp_path / "page.html").write_text(source)
    assert [message for _line, message, _comments, _context in extract.texts(tmp_path / "page.html")] == [found]


@pytest.mark.parametrize(
    "line", ["""text = f"<p>{_('Saved')}</p>\"""", """text = f"{translation.gettext('Saved')}: {1}\""""]
)
def test_a_text_inside_an_f_string_is_refused_by_its_line(tmp_path, line):
    (tmp_path / "code.py").write_text(f"first = _('Kept')\n{line}\n")
    with pytest.raises(ValueError, match="code.py:2: gettext inside an f-string"):
        extract.texts(tmp_path / "code.py")


def test_a_context_and_a_comment_are_kept(tmp_path):
    (tmp_path / "code.py").write_text('# Translators: of a door\nlabel = pgettext("of a door", "Open")\n')
    assert list(extract.texts(tmp_path / "code.py")) == [(2, "Open", ["of a door"], "of a door")]


# --- What the check would find ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("original", "string", "fault"),
    [
        ("Since %(at)s", "Seit %(zeit)s", "places"),
        ("Since %(at)s", "Seit", "places"),
        ("{time} your time", "{zeit} bei Ihnen", "places"),
        ("<b>now</b>", "<i>jetzt</i>", "tags"),
        (" and ", "und ", "spaces"),
        ("Save", "", "not translated"),
        (("%(count)s day", "%(count)s days"), ("ein Tag", "Tage"), "places"),
    ],
)
def test_a_fault_is_named(original, string, fault):
    assert any(fault in each for each in checks.faults(Message(original, string), "de"))


@pytest.mark.parametrize(
    ("original", "string"),
    [
        ("Since %(at)s", "Seit %(at)s"),
        (("%(count)s day", "%(count)s days"), ("ein Tag", "%(count)s Tage")),
    ],
)
def test_a_good_translation_passes(original, string):
    assert list(checks.faults(Message(original, string), "de")) == []


def test_what_is_fuzzy_or_shows_other_parts_of_a_date_is_found():
    fuzzy = Message("Save", "Sichern", flags={"fuzzy"})
    dated = Message("j F", "j. M", context=checks.DATE_FORMAT)
    assert list(checks.faults(fuzzy, "de")) == ["is marked as fuzzy"]
    assert list(checks.faults(dated, "de")) == ["'j. M' shows other parts of the date"]


def test_an_old_translation_is_kept_and_an_unused_one_goes():
    known = catalogues.Catalogue("de", fuzzy=False)
    known.add("Save", "Sichern")
    known.add("Gone", "Weg")
    template = extract.Catalog()
    template.add("Save")
    template.add("New")
    kept = {message.id: message.string for message in catalogues.renewed("de", template, known) if message.id}
    assert kept == {"Save": "Sichern", "New": None}


# --- On a phone ---------------------------------------------------------------------------------


def event(kind: str, **facts) -> OutboxEvent:
    """An event that is nowhere stored."""
    subject = "incident" if kind == "incident_update" else "maintenance"
    start = NOON + timedelta(days=7)
    window = {"scheduled_for": start.isoformat(), "scheduled_until": (start + timedelta(hours=2)).isoformat()}
    said = payload(**{"published_at": NOON.isoformat(), "name": TITLE, **window, **facts})
    return OutboxEvent(
        kind=kind, subject_kind=subject, subject_id=ID, payload=said, audience="members", published_at=NOON
    )


IN_PHASE = {"ahead": "scheduled", "delayed": "scheduled", "running": "in_progress", "over": "completed"}
"""How a window stands in a message that comes late -> the maintenance's status then."""

EVENTS = [
    *(
        event("incident_update", status=status, next_update_by=(NOON + timedelta(hours=20)).isoformat())
        for status in IncidentStatus
    ),
    *(
        event(kind, status="scheduled")
        for kind in (
            "maintenance_scheduled",
            "maintenance_moved",
            "maintenance_advance",
            "maintenance_reminder",
            "maintenance_delayed",
        )
    ),
    *(
        event(kind, status="in_progress")
        for kind in ("maintenance_started", "maintenance_updated", "maintenance_overran")
    ),
    event("maintenance_overran", status="verifying", published_at=(NOON + timedelta(days=8)).isoformat()),
    *(event("maintenance_current", status=status, phase=phase) for phase, status in IN_PHASE.items()),
    *(event(kind, status="completed") for kind in ("maintenance_completed", "maintenance_cancelled")),
]


@pytest.mark.parametrize("language", ["en", *SWITCHED_ON])
@pytest.mark.parametrize(
    "row", EVENTS, ids=lambda row: "-".join([row.kind, row.payload["status"], row.payload.get("phase", "")])
)
def test_a_text_holds_its_news_in_two_segments(settings, language, row):
    settings.SITE_URL = "https://status.example.com"
    text = text_of(row, language, "Europe/Amsterdam")
    wide = language in WIDE
    prefix = "" if language == "en" else f"/{language}"
    assert gsm.segments(text) <= 2
    assert text.endswith(f" https://status.example.com{prefix}/incidents/{ID}")
    assert (gsm.encoding(text) == gsm.Encoding.UCS_2) == wide
    assert (TITLE[:15] if wide else TITLE) in text
    has_time = row.payload["status"] not in {"completed", "cancelled"}
    assert (":00 CET" in text) == has_time


@pytest.mark.parametrize("language", ["en", *SWITCHED_ON])
@pytest.mark.parametrize("kind", ["confirmation", "already_subscribed", "still_yours", "farewell", "manage_link"])
def test_a_text_with_a_link_says_all_of_its_words_in_two_segments(language, kind):
    with translation.override(language):
        story = STORIES[kind]("Example", CONFIRM_LINK)
        text = link_text(story.short, story.url)
    assert text == f"Example: {gsm.plain(story.short)} {CONFIRM_LINK}"
    assert gsm.segments(text) <= 2
    assert (gsm.encoding(text) == gsm.Encoding.UCS_2) == (language in WIDE)
