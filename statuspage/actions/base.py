"""What every action shares: the wrapper that publishes, the revision, errors and input rules."""

import functools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from statuspage.models import Component, Publication
from statuspage.publishing import publish, store
from statuspage.text import clean_line, clean_text
from statuspage.vocabulary import ComponentStatus

P = ParamSpec("P")
R = TypeVar("R")

NAME_MAX = 255
BODY_MAX = 25_000
"""Characters; Statuspage's own limits, so that what it took, this takes."""


UNKNOWN, CONFLICT = "unknown", "conflict"
"""Codes of a refusal: it names what is not there; each value is possible, not beside the others or what is stored."""


def conflict(field: str, words: str) -> ValidationError:
    """A refusal of what each value alone would allow."""
    return ValidationError({field: ValidationError(words, code=CONFLICT)})


class StaleEdit(Exception):
    """Somebody changed this since it was opened; look at their change, then send yours again."""


class FormUsed(Exception):
    """This form was published before, with other words; open a fresh one for new words."""


class IncidentClosed(Exception):
    """The incident is resolved; reopen it before updating."""


class MaintenanceClosed(Exception):
    """The maintenance is over or cancelled; schedule a new one."""


def action(write: Callable[P, R]) -> Callable[P, R]:
    """One write: the folder tested first, one transaction, the page rendered after commit.

    A folder that takes no file refuses the write before anything is stored, because
    staff would otherwise believe that readers were told. A rendering that fails after
    the commit leaves the write in place; the sweep repairs the page.
    """

    @functools.wraps(write)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        store.require_writable(store.root())
        with transaction.atomic():
            # First of all: what an action reads must not change before it writes, and whoever
            # took a row before this lock would wait for a writer that waits for that row.
            Publication.objects.lock()
            # Asked for before the write: who rings a doorbell does it when the page is there.
            transaction.on_commit(publish.after_commit, robust=True)
            return write(*args, **kwargs)

    return run


def bump(now: datetime) -> int:
    """Raise the publication's revision and return it; holds the writers' lock from here on."""
    publication = Publication.objects.lock()
    publication.revision += 1
    publication.changed_at = now
    publication.save(update_fields=["revision", "changed_at"])
    return publication.revision


def claim_version(row: models.Model, expected: int | None, changes: Mapping[str, Any]) -> None:
    """Write `changes` and raise the version, only if nobody else did since `expected`.

    Raises StaleEdit where somebody did. None: whoever asks does not mind.
    """
    rows = type(row)._default_manager.filter(pk=row.pk)
    if expected is not None:
        rows = rows.filter(version=expected)
    if rows.update(version=models.F("version") + 1, **changes) != 1:
        raise StaleEdit(_("Somebody else changed this in the meantime. Nothing was published."))
    row.refresh_from_db()


def title(value: str, field: str = "name") -> str:
    """A title: one line, not empty, at most NAME_MAX characters."""
    cleaned = clean_line(value)
    if not cleaned:
        raise ValidationError({field: _("Give it a title.")})
    if len(cleaned) > NAME_MAX:
        over = len(cleaned) - NAME_MAX
        words = ngettext(
            "The title is %(over)d character too long; %(max)d fit.",
            "The title is %(over)d characters too long; %(max)d fit.",
            over,
        )
        raise ValidationError({field: words % {"over": over, "max": NAME_MAX}})
    return cleaned


def body_text(value: str, field: str = "body") -> str:
    """The text of an update: not empty, at most BODY_MAX characters."""
    cleaned = clean_text(value)
    if not cleaned:
        raise ValidationError({field: _("Say in a sentence what readers should know.")})
    require_length(cleaned, BODY_MAX, field)
    return cleaned


def require_length(text: str, most: int, field: str) -> None:
    """Refuse a text of more than `most` characters."""
    over = len(text) - most
    if over > 0:
        words = ngettext(
            "The text is %(over)d character too long; %(max)d fit.",
            "The text is %(over)d characters too long; %(max)d fit.",
            over,
        )
        raise ValidationError({field: words % {"over": over, "max": most}})


def moment(value: datetime, field: str) -> datetime:
    """An instant in UTC; a time without an offset is refused, since it names no instant."""
    if not isinstance(value, datetime) or timezone.is_naive(value):
        raise ValidationError({field: _("Give this time with its zone or offset.")})
    return value.astimezone(UTC)


def zone_name(value: str, field: str = "time_zone") -> str:
    """An IANA zone name."""
    if value not in available_timezones():
        raise ValidationError({field: _("%(zone)s is not a time zone.") % {"zone": clean_line(value)[:64]}})
    return value


def known_components(ids: list[str], field: str = "components", *, archived: bool = False) -> dict[str, Component]:
    """The components of these ids, in the given order; an unknown id is refused by name.

    Nothing new is said of what is archived, so its id is unknown; but `archived`: the past may be meant.
    """
    rows = Component.objects.select_related("group")
    found = (rows if archived else rows.filter(archived_at=None)).in_bulk([each for each in ids if is_id(each)])
    missing = [each for each in ids if each not in found]
    if missing:
        words = _("There is no component %(id)s.") % {"id": clean_line(missing[0])[:64]}
        raise ValidationError({field: ValidationError(words, code=UNKNOWN)})
    return {each: found[each] for each in ids}


def is_id(text: str) -> bool:
    """Whether it could be one of ours; the database is not shown what is no id at all."""
    return text.isascii() and text.isalnum()


def component_statuses(wanted: Mapping[str, str]) -> dict[Component, ComponentStatus]:
    """Component id -> status as asked for, checked."""
    components = known_components(list(wanted))
    return {component: one_of(ComponentStatus, wanted[pk], "components") for pk, component in components.items()}


E_ = TypeVar("E_")


def one_of(words: Callable[[Any], E_], value: Any, field: str) -> E_:
    """`value` as a word of that vocabulary."""
    try:
        return words(value)
    except ValueError:
        raise ValidationError(
            {field: _("%(value)s is not known here.") % {"value": clean_line(str(value))[:64]}}
        ) from None
