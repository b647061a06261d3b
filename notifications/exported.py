"""What of this package's tables an export of the site holds, and what is left out, with the reason."""

from statuspage.exporting import tables
from statuspage.exporting.tables import Table

from . import pseudonyms

A_MOMENT = "how things stand at this moment, on this site"

EXPORTED = (
    Table("notifications.subscriber"),
    Table("notifications.subscription"),
    Table("notifications.endpoint", without={
        "secret": "a secret; the endpoint's owner makes another with the link that is sent",
    }),
    Table("notifications.following"),
    Table("notifications.suppression"),
    Table("notifications.outboxevent"),
    Table("notifications.delivery"),
    Table("notifications.attempt"),
    Table("notifications.receipt"),
    Table("notifications.staffroute"),
)  # fmt: skip

LEFT_OUT = {
    "notifications.linktoken": "links that work for minutes or hours; whoever needs one asks again",
    "notifications.instance": "whose database this is; an import begins another, on hold",
    "notifications.alarm": A_MOMENT,
    "notifications.staffalarm": "told to staff of this site; which limits have passed is exported with the clocks",
    "notifications.breaker": A_MOMENT,
    "notifications.suspicion": A_MOMENT,
    "notifications.pace": A_MOMENT,
    "notifications.ratecounter": A_MOMENT,
}


def register() -> None:
    """Enter them; called when the application is ready."""
    tables.register(EXPORTED, LEFT_OUT, {"address_keys": address_keys})


def address_keys() -> str:
    """The same on every site whose pseudonyms of addresses are made with the same secret.

    With another one nobody who said STOP would be known by their number.
    """
    return pseudonyms.address_key("address keys of an export")
