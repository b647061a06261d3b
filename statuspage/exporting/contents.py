"""What of this package's tables an export holds, and what is left out, with the reason."""

from django.contrib.auth.hashers import make_password

from . import tables
from .tables import Table

A_COPY = "made anew from the other tables"

EXPORTED = (
    Table("statuspage.publication", is_single=True, without={
        "published_revision": "what this machine's folder shows; another one renders it",
        "published_at": "what this machine's folder shows; another one renders it",
    }),
    # Who wrote what: names and roles. Nobody can sign in with them before a password is chosen.
    Table("auth.user", filled={"password": lambda: make_password(None)}, without={
        "password": "a secret; whoever is to sign in again is sent an invitation",
        "last_login": "of sessions that stay behind",
    }),
    Table("statuspage.componentgroup"),
    Table("statuspage.component"),
    Table("statuspage.componentmirror"),
    Table("statuspage.embedconfig"),
    Table("statuspage.incident"),
    Table("statuspage.incidentcomponent"),
    Table("statuspage.incidentupdate"),
    Table("statuspage.maintenanceseries"),
    Table("statuspage.maintenance"),
    Table("statuspage.maintenancecomponent"),
    Table("statuspage.maintenancewindow"),
    Table("statuspage.maintenanceupdate"),
    Table("statuspage.emergencyapproval"),
    Table("statuspage.noticesummary"),
    Table("statuspage.client"),
    Table("statuspage.incominghook"),
    Table("statuspage.alertgroup"),
    Table("statuspage.alertnote"),
    Table("statuspage.outage"),
    Table("statuspage.template"),
    Table("statuspage.draft"),
    Table("statuspage.contracttype"),
    Table("statuspage.contract"),
    Table("statuspage.contractversion"),
    Table("statuspage.contractservice"),
    Table("statuspage.contractcoverage"),
    Table("statuspage.contractcontact"),
    Table("statuspage.failurereport"),
    Table("statuspage.clientreport"),
    Table("statuspage.reportseverity"),
    Table("statuspage.reportstep"),
    Table("statuspage.clockalarm"),
    Table("statuspage.frozenstatement"),
    Table("statuspage.statementlink"),
    Table("statuspage.statementsweep", is_single=True),
    Table("statuspage.creditclaim"),
    Table("statuspage.refunddecision"),
    Table("statuspage.auditentry"),
)  # fmt: skip

LEFT_OUT = {
    "statuspage.contractstanding": A_COPY,
    "statuspage.apikey": "a secret; whoever has a program makes it another key",
    "statuspage.hookcall": "what machines said to this address in the last week",
    "statuspage.apianswer": "answers that are repeated for a day, to keys that stay behind",
    "auth.group": "roles are part of the program; who has which is exported",
    "auth.group_permissions": "rights come from roles alone",
    "auth.permission": "rights come from roles alone",
    "auth.user_user_permissions": "rights come from roles alone",
    "admin.logentry": "the audit log says it, and more",
    "contenttypes.contenttype": A_COPY,
    "sessions.session": "a secret; everybody signs in again",
}


def register() -> None:
    """Enter them; called when the application is ready."""
    tables.register(EXPORTED, LEFT_OUT)
