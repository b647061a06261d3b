"""The room of recurring maintenance: a rhythm, the windows that follow, and whom they are told to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from statuspage.actions import series
from statuspage.models import Maintenance, MaintenanceSeries
from tests.notifications.given import subscribers
from tests.statuspage.given import ALICE, component, recurring

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

NEW = "/admin/series/new/"
WEEK = timedelta(days=7)


def soon():
    """A start in three days, on the wall in UTC."""
    return (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0, tzinfo=None)


def typed(**others) -> dict:
    return {
        "name": "Database upgrade",
        "body": "Read-only for two hours.",
        "time_zone": "Europe/Amsterdam",
        "starts": f"{soon():%Y-%m-%dT%H:%M}",
        "minutes": "120",
        "rhythm": "weekly",
        "rule": "",
        "last_day": "",
        "notify": "on",
        "start_by": "itself",
        "end_by": "itself",
        "remind": "usual",
        "key": "one-form",
    } | others


def text_of(answer) -> str:
    return answer.content.decode()


def test_the_review_shows_the_next_ten_in_both_zones_and_names_people_and_windows(publisher):
    subscribers(email=3)
    answer = publisher.post(NEW, typed(step="review"))
    text = text_of(answer)
    assert answer.status_code == 200
    assert text.count("<li>") >= 10
    assert len(answer.context["coming"]) == 10
    assert "UTC" in text and ("CET" in text or "CEST" in text)
    assert "5 windows are announced at once, in one message" in text
    assert "Publish and tell 3 subscribers" in text
    assert not MaintenanceSeries.objects.exists()


def test_the_review_says_of_listed_windows_that_their_own_notice_comes_later(publisher):
    subscribers(email=1)
    first, second, *_ = publisher.post(NEW, typed(step="review")).context["coming"]
    assert "2 days 2" in first["verdict"].sentence and first["verdict"].is_kept
    assert "24 h 59 min before the start" in second["verdict"].sentence and second["verdict"].is_kept
    late = typed(step="review", remind="chosen", reminders=["60"])
    _first, second, *_ = publisher.post(NEW, late).context["coming"]
    assert "9 days 2" in second["verdict"].sentence, "each has a message of its own, now"


def test_publishing_makes_the_series_once_and_announces_what_is_near(publisher):
    api = component()
    form = typed(step="publish", components=[api.pk])
    for _press in range(2):
        answer = publisher.post(NEW, form)
        each = MaintenanceSeries.objects.get()
        assert answer.status_code == 302 and answer.url == f"/admin/series/{each.pk}/"
    assert each.rule == f"FREQ=WEEKLY;BYDAY={['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'][soon().weekday()]}"
    assert Maintenance.objects.filter(series=each, components=api).count() == 5


def test_reminders_and_what_is_told_are_chosen_shown_and_kept(publisher):
    chosen = {"remind": "chosen", "reminders": ["4320", "60"], "start_by": "quietly", "end_by": "hand"}
    review = publisher.post(NEW, typed(step="review", **chosen))
    assert "3 days, 1 hour" in review.text and "when somebody completes it" in review.text
    assert "in one message" in review.text
    publisher.post(NEW, typed(step="publish", **chosen))
    made = MaintenanceSeries.objects.get()
    assert (made.reminders, made.tells_start, made.auto_start, made.auto_complete) == ([4320, 60], False, True, False)
    assert all(each.reminders == [4320, 60] for each in made.occurrences.all())
    assert "3 days, 1 hour" in publisher.get(f"/admin/series/{made.pk}/").text
    form = publisher.get(f"/admin/series/{made.pk}/change/").context["form"]
    assert (form["remind"].value(), form["start_by"].value(), form["end_by"].value()) == ("chosen", "quietly", "hand")
    assert form["reminders"].value() == [4320, 60]
    kept = typed(step="publish", remind="none", version=made.version, rhythm="weekly")
    assert publisher.post(f"/admin/series/{made.pk}/change/", kept).status_code == 302
    made.refresh_from_db()
    assert (made.reminders, made.tells_start, made.auto_complete) == ([], True, True)


def test_without_a_reminder_a_day_ahead_each_window_is_told_of_by_itself(publisher):
    assert "each in a message of its own" in publisher.post(NEW, typed(step="review", remind="none")).text


@pytest.mark.parametrize(
    ("rhythm", "rule"),
    [
        ("daily", "FREQ=DAILY"),
        ("working_days", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("fortnightly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"),
        ("first", "FREQ=MONTHLY;BYDAY=1SU"),
        ("last", "FREQ=MONTHLY;BYDAY=-1SU"),
        ("date", "FREQ=MONTHLY;BYMONTHDAY=6"),
    ],
)
def test_each_rhythm_is_a_rule_and_is_found_again(publisher, rhythm, rule):
    publisher.post(NEW, typed(step="publish", rhythm=rhythm, starts="2199-01-06T02:00", last_day="2199-12-31"))
    each = MaintenanceSeries.objects.get()
    assert each.rule == f"{rule};UNTIL=21991231"
    form = publisher.get(f"/admin/series/{each.pk}/change/").context["form"]
    assert (form["rhythm"].value(), form["rule"].value()) == (rhythm, "")
    assert f"{form['last_day'].value()}" == "2199-12-31"


def test_a_rule_of_ones_own_is_taken_and_what_is_wrong_with_it_is_said_there(publisher):
    wrong = publisher.post(NEW, typed(step="review", rhythm="rule", rule="FREQ=HOURLY"))
    assert wrong.status_code == 422 and "FREQ=DAILY, WEEKLY" in str(wrong.context["form"].errors["rule"])
    publisher.post(NEW, typed(step="publish", rhythm="rule", rule="RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1"))
    assert MaintenanceSeries.objects.get().rule == "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1"


def test_windows_that_would_overlap_are_refused_at_their_length(publisher):
    answer = publisher.post(NEW, typed(step="review", rhythm="daily", minutes="1500"))
    assert answer.status_code == 422 and "overlap" in str(answer.context["form"].errors["minutes"])


def test_a_window_without_notice_says_that_it_counts(publisher):
    subscribers(email=1)
    tomorrow = timezone.now() + timedelta(hours=2)
    starts = f"{tomorrow:%Y-%m-%dT%H:%M}"
    answer = publisher.post(NEW, typed(step="review", starts=starts, time_zone="UTC", rhythm="daily"))
    kept = [each["verdict"].is_kept for each in answer.context["coming"]]
    assert kept == [False] + [True] * 9


def test_the_room_shows_what_is_announced_and_what_comes(publisher):
    each = recurring()
    text = text_of(publisher.get(f"/admin/series/{each.pk}/"))
    assert "every week" not in text and "FREQ=WEEKLY" in text
    assert text.count("/admin/maintenance/") >= 5
    assert "Announced 35 days before each begins." in text
    window = each.occurrences.first()
    assert f"/admin/series/{each.pk}/" in text_of(publisher.get(f"/admin/maintenance/{window.pk}/"))
    assert f"/admin/series/{each.pk}/" in text_of(publisher.get("/admin/series/"))
    assert "/admin/series/" in text_of(publisher.get("/admin/maintenance/"))


def test_a_change_that_replaces_says_how_many_windows_and_people_it_concerns(publisher):
    subscribers(email=2)
    each = recurring(time_zone="Europe/Amsterdam")
    change = typed(
        step="review", version="1", minutes="60", replaces_announced="on", reason="One hour will do.",
        starts=f"{soon():%Y-%m-%dT%H:%M}",
    )  # fmt: skip
    text = text_of(publisher.post(f"/admin/series/{each.pk}/change/", change))
    assert "5 windows are called off" in text and "Publish and tell 2 subscribers" in text
    publisher.post(f"/admin/series/{each.pk}/change/", change | {"step": "publish"})
    assert each.occurrences.filter(status="cancelled").count() == 5
    assert each.occurrences.filter(status="scheduled").count() == 5


def test_a_change_without_words_for_what_is_called_off_is_asked_for_them(publisher):
    each = recurring()
    answer = publisher.post(f"/admin/series/{each.pk}/change/", typed(step="review", replaces_announced="on"))
    assert answer.status_code == 422 and "reason" in answer.context["form"].errors


def test_somebody_elses_change_is_shown_and_the_form_kept(publisher):
    each = recurring()
    series.end_series(series=each, actor=ALICE)
    answer = publisher.post(
        f"/admin/series/{each.pk}/end/", {"step": "publish", "version": "1", "key": "k", "body": ""}
    )
    assert answer.status_code == 302  # the same end
    other = recurring(name="Another")
    facts = {"components": [], "wall_start": soon(), "time_zone": "UTC", "length": WEEK / 4, "rule": "FREQ=WEEKLY"}
    series.change_series(series=other, actor=ALICE, name="Renamed", body="More.", **facts)
    answer = publisher.post(f"/admin/series/{other.pk}/change/", typed(step="publish", version="1"))
    assert answer.status_code == 409
    assert answer.context["form"]["version"].value() == "2"
    assert "changed recurring maintenance" in text_of(answer) or answer.context["missed"]


def test_the_end_calls_off_what_is_announced_where_asked(publisher):
    subscribers(email=2)
    each = recurring()
    end = f"/admin/series/{each.pk}/end/"
    asked = {"step": "review", "version": "1", "key": "k", "notify": "on", "cancels_announced": "on"}
    assert publisher.post(end, asked).status_code == 422
    text = text_of(publisher.post(end, asked | {"body": "No longer needed."}))
    assert "5 windows are called off" in text
    publisher.post(end, asked | {"body": "No longer needed.", "step": "publish"})
    each.refresh_from_db()
    assert each.ended_at and each.occurrences.filter(status="cancelled").count() == 5


def test_authors_and_viewers_look_and_change_nothing(sign_in):
    each = recurring()
    for role in ("viewer", "author"):
        client = sign_in(role)
        assert client.get(f"/admin/series/{each.pk}/").status_code == 200
        assert "/change/" not in text_of(client.get(f"/admin/series/{each.pk}/"))
        for path, data in ((NEW, typed()), (f"/admin/series/{each.pk}/end/", {"key": "k", "version": "1"})):
            assert client.post(path, data | {"step": "publish"}).status_code == 403
    each.refresh_from_db()
    assert each.ended_at is None and MaintenanceSeries.objects.count() == 1
