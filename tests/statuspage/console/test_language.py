"""The console's language: what the browser asks for, or what a member of staff chose."""

import pytest
from django.test import Client
from django.utils import translation
from lxml import html

from statuspage import own_words
from tests.statuspage.given import component, scheduled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_languages(settings):
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]


def spoken(response) -> tuple[str, str]:
    tree = html.document_fromstring(response.content.decode())
    return tree.get("lang"), tree.get("dir")


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de", ("de", "ltr")),
        ("ar-EG, en;q=0.5", ("ar", "rtl")),
        ("tlh, de;q=0.3", ("de", "ltr")),
        ("tlh", ("en", "ltr")),
        ("", ("en", "ltr")),
    ],
)
def test_the_browsers_language_is_spoken(publisher, asked, language):
    for client in (publisher, Client()):
        response = client.get("/admin/", headers={"Accept-Language": asked}, follow=True)
        assert spoken(response) == language
        assert response.headers["Content-Language"] == language[0]


def test_a_choice_wins_and_can_be_changed_again(publisher):
    tree = html.document_fromstring(publisher.get("/admin/audit/").content.decode())
    (form,) = [form for form in tree.forms if form.action == "/admin/language/"]
    assert form.xpath(".//button/@value") == ["de", "ar"]
    for language in ("ar", "en"):
        response = publisher.post("/admin/language/", {"language": language, "next": form.fields["next"]})
        assert (response.status_code, response.headers["Location"]) == (302, "/admin/audit/")
        assert spoken(publisher.get("/admin/", headers={"Accept-Language": "de"}))[0] == language


def test_the_choice_is_a_cookie_that_leads_nowhere_else(publisher, settings):
    response = publisher.post("/admin/language/", {"language": "de", "next": "https://elsewhere.example/"})
    assert response.headers["Location"] == "/"
    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("de", True, "Lax")


def test_what_is_not_spoken_here_cannot_be_chosen(publisher):
    publisher.post("/admin/language/", {"language": "tlh", "next": "/admin/"})
    assert spoken(publisher.get("/admin/")) == ("en", "ltr")


def test_asking_for_another_language_changes_nothing_but_the_console(client):
    response = client.post(
        "/subscribe", {"email": "nobody"}, headers={"Accept-Language": "ar", "Sec-Fetch-Site": "same-origin"}
    )
    assert spoken(response) == ("en", "ltr")
    assert "Content-Language" not in response.headers
    assert translation.get_language() == "en"


def test_the_pages_own_words_are_offered_in_the_pages_language(publisher, publish_root):
    """Readers get them in theirs; a translation of the console's would be one language for all."""
    planned = scheduled(component())
    response = publisher.get(f"/admin/maintenance/{planned.pk}/start/", headers={"Accept-Language": "de"})
    assert spoken(response)[0] == "de"
    assert html.document_fromstring(response.text).xpath("//textarea/text()")[0].strip() == str(own_words.STARTED)


def test_a_site_with_one_language_offers_none(publisher, settings):
    settings.LANGUAGES = [("en", "English")]
    assert "/admin/language/" not in publisher.get("/admin/").content.decode()
