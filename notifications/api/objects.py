"""A subscriber as Statuspage answers it, and as it is sent. For a whole page of them in a few statements."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.db.models import QuerySet
from ninja import Schema
from phonenumbers import PhoneNumberFormat
from pydantic import BeforeValidator, ConfigDict, Field

from notifications.models import LinkToken, Subscription
from notifications.states import Channel
from notifications.subscriptions import VOUCHED
from notifications.tokens import Purpose
from statuspage.api.answers import Sent, time

from .standing import everybody, quarantined_at

Type = Literal["email", "sms", "webhook", "slack", "integration_partner"]
State = Literal["active", "unconfirmed", "quarantined", "all"]
Flag = Annotated[bool | None, BeforeValidator(lambda sent: sent or False)]
"""Also what a form leaves empty."""

Mail = Annotated[str, Field(pattern=r"^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$")] | Literal[""] | None
Number = Annotated[str, Field(pattern=r"^\s*\+?[0-9 ()./-]{3,40}$")] | Literal[""] | None
Hook = Annotated[str, Field(pattern=r"^https?://[^\s/]")] | Literal[""] | None
"""How an address looks at all; whether it can be used, `addresses` says."""
Chosen = Annotated[list[str], Field(min_length=1)]

KINDS: Any = [
    {"required": [field], "properties": {field: {"type": "string", "minLength": 1}}}
    for field in ("email", "phone_number", "endpoint")
]
MOST_AT_ONCE = 100
"""So many are named in one request, or ended by "all", as at Statuspage."""


class Subscriber(Schema):
    """Somebody who is told, in Statuspage's fields.

    `components` names components and groups; null: told of everything. `email` of a webhook is its owner's.
    """

    id: str
    skip_confirmation_notification: bool
    mode: str
    email: str | None
    endpoint: str | None
    phone_number: str | None
    phone_country: str | None
    display_phone_number: str | None
    obfuscated_channel_name: str | None
    workspace_name: str | None
    quarantined_at: str | None
    purge_at: str | None
    components: list[str] | None
    page_access_user_id: str | None
    created_at: str


class NewSubscriber(Sent):
    """`email` alone, `phone_number` with its country, or `endpoint` with the `email` of its owner."""

    model_config = ConfigDict(json_schema_extra={"anyOf": KINDS})

    email: Mail = None
    endpoint: Hook = None
    phone_country: str | None = None
    phone_number: Number = None
    skip_confirmation_notification: Flag = False
    component_ids: Chosen | None = None


class SubscriberIn(Sent):
    subscriber: NewSubscriber


class NewFollower(Sent):
    """`email` alone, or `phone_number` with its country."""

    model_config = ConfigDict(json_schema_extra={"anyOf": KINDS[:2]})

    email: Mail = None
    phone_country: str | None = None
    phone_number: Number = None
    skip_confirmation_notification: Flag = False


class FollowerIn(Sent):
    subscriber: NewFollower


class Components(Sent):
    component_ids: Chosen | None = None


class ChosenComponents(Components):
    """Components and groups to be told of; without the list it is everything.

    The list may stand in `subscriber`, as that of a new one does.
    """

    subscriber: Components | None = None

    def chosen(self) -> list[str] | None:
        """The list, wherever it stood: nobody who asks for one component is to be told of all."""
        return self.component_ids or (self.subscriber.component_ids if self.subscriber else None)


class Several(Sent):
    """Ids of subscribers, or "all"."""

    subscribers: Annotated[list[str], Field(max_length=MOST_AT_ONCE)] | Literal["all"]


class SeveralOfAType(Several):
    type: Type | None = None


class Leaving(SeveralOfAType):
    """`skip_unsubscription_notification`: nothing is said to them."""

    state: State = "active"
    skip_unsubscription_notification: Flag = False


class Count(Schema):
    """Subscribers by type."""

    email: int = 0
    sms: int = 0
    webhook: int = 0
    integration_partner: int = 0
    slack: int = 0


class CountByState(Schema):
    """Subscribers of one type."""

    active: int = 0
    unconfirmed: int = 0
    quarantined: int = 0
    total: int = 0


class Histogram(Schema):
    """Subscribers by type and state."""

    email: CountByState = CountByState()
    sms: CountByState = CountByState()
    webhook: CountByState = CountByState()
    integration_partner: CountByState = CountByState()
    slack: CountByState = CountByState()


class Done(Schema):
    """For how many of them something was done."""

    count: int


# --- From rows -------------------------------------------------------------------------------------


def objects_of(found: QuerySet[Subscription]) -> list[dict[str, Any]]:
    """The rows of `standing.everybody`, as Subscriber."""
    rows = list(found)
    owners = dict(
        Subscription.objects.filter(endpoints__in=[row.pk for row in rows]).values_list("endpoints", "address")
    )
    chosen = components_of(rows)
    return [facts(row, owners.get(row.pk), chosen[row.pk]) for row in rows]


def object_of(row: Subscription) -> dict[str, Any]:
    """The same of one."""
    return objects_of(everybody().filter(pk=row.pk))[0]


def facts(row: Subscription, owner: str | None, components: list[str] | None) -> dict[str, Any]:
    stopped = quarantined_at(row)
    return {
        "id": str(row.pk),
        "skip_confirmation_notification": row.consent_wording_version == VOUCHED,
        "mode": row.channel,
        "email": row.address if row.channel == Channel.EMAIL else owner,
        "endpoint": row.address if row.channel == Channel.WEBHOOK else None,
        **number(row.address if row.channel == Channel.SMS else None),
        "obfuscated_channel_name": None,
        "workspace_name": None,
        "quarantined_at": time(stopped) if stopped else None,
        "purge_at": time(stopped + timedelta(days=settings.RETAIN_ADDRESS_DAYS)) if stopped else None,
        "components": components,
        "page_access_user_id": None,
        "created_at": time(row.created_at),
    }


def number(e164: str | None) -> dict[str, str | None]:
    """A number in its country's digits, the country, and as people read it."""
    if not e164:
        return {"phone_number": None, "phone_country": None, "display_phone_number": None}
    parsed = phonenumbers.parse(e164)
    return {
        "phone_number": phonenumbers.national_significant_number(parsed),
        "phone_country": phonenumbers.region_code_for_number(parsed),
        "display_phone_number": phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL),
    }


def components_of(rows: Iterable[Subscription]) -> dict[UUID, list[str] | None]:
    """What each chose, or asked for where they have not confirmed: components, then groups. None: everything."""
    ids = [row.pk for row in rows]
    chosen: dict[UUID, list[str] | None] = {row.pk: None if row.all_components else [] for row in rows}
    for through, field in (
        (Subscription.components.through, "component"),
        (Subscription.groups.through, "componentgroup"),
    ):
        for pk, what in through._default_manager.filter(subscription__in=ids).values_list("subscription", field):
            if (theirs := chosen[pk]) is not None:
                theirs.append(what)
    return {pk: sorted(theirs) if theirs is not None else None for pk, theirs in chosen.items()} | asked_for(rows)


def asked_for(rows: Iterable[Subscription]) -> dict[UUID, list[str] | None]:
    """What the newest link of each who has not confirmed would put into force."""
    ids = [row.pk for row in rows if not row.is_in_force]
    links = LinkToken.objects.filter(
        subscription__in=ids, purpose=Purpose.CONFIRM, used_at=None, payload__has_key="choices"
    )
    asked = dict(links.order_by("created_at").values_list("subscription", "payload"))
    return {pk: named(payload["choices"]) for pk, payload in asked.items()}


def named(choices: dict[str, Any]) -> list[str] | None:
    if choices["all_components"]:
        return None
    return sorted([*choices["component_ids"], *choices["group_ids"]])
