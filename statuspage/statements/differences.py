"""What is not the same in the facts of two versions of a statement, and whose correction that was."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _

from statuspage.models import ContractVersion, EmergencyApproval, MaintenanceWindow, Outage

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One fact: `kind` outage, maintenance, version or period, its id, and both forms; None: it is not there."""

    kind: str
    id: str
    before: Data | None
    after: Data | None

    @property
    def fields(self) -> list[tuple[str, Any, Any]]:
        """Name, before and after of what is not the same."""
        before, after = self.before or {}, self.after or {}
        names = sorted({*before, *after})
        return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


LISTS = (("outage", "outages", "id"), ("maintenance", "maintenance", "id"), ("version", "versions", "number"))


def differences(before: Data, after: Data) -> list[Difference]:
    """In the order of their kinds; a period that was cut otherwise, or components that changed hands, come last."""
    found = [each for kind, name, key in LISTS for each in of_list(kind, before[name], after[name], key)]
    for name in ("interval", "third_party"):
        if before[name] != after[name]:
            found.append(Difference("period", name, {name: before[name]}, {name: after[name]}))
    return found


def of_list(kind: str, before: list[Data], after: list[Data], key: str) -> Iterator[Difference]:
    old, new = ({str(each[key]): each for each in rows} for rows in (before, after))
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield Difference(kind, name, old.get(name), new.get(name))


def is_correction(changed: Difference) -> bool:
    """Whether a row was put right. When contacts were told, and a component's flag, are not: both are forgotten or set
    long after the period, with nobody's reason."""
    if changed.kind == "period":
        return False
    if changed.kind != "maintenance" or changed.before is None or changed.after is None:
        return True
    return any(name != "announcements" or windows(a) != windows(b) for name, a, b in changed.fields)


def windows(announcements: Iterable[Data]) -> list[Any]:
    return [each["interval"] for each in announcements]


# --- Whose it was -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Correction:
    """Why the facts changed, and who changed them."""

    reason: str
    author: AbstractBaseUser | None = None


def correction_of(contract: str, found: list[Difference]) -> Correction:
    """The reasons that were given with each of these, joined; the author of the first that has one."""
    given = [one(contract, each) for each in found]
    words = list(dict.fromkeys(each.reason for each in given if each.reason))
    author = next((each.author for each in given if each.author), None)
    return Correction("; ".join(words) or _("The record has changed."), author)


def one(contract: str, changed: Difference) -> Correction:
    row = ROWS[changed.kind](contract, changed)
    name = {"outage": _("Outage %(id)s"), "maintenance": _("Maintenance %(id)s"), "version": _("Version %(id)s")}
    what = name.get(changed.kind, _("Period")) % {"id": changed.id}
    why = getattr(row, "reason", "") or _("changed")
    return Correction(f"{what}: {why}", getattr(row, "author", None))


def outage_row(contract: str, changed: Difference) -> Outage | None:
    """The version that counts now; of one that is gone, what replaced it."""
    rows = Outage.objects.select_related("author")
    if changed.after is None:
        return rows.filter(replaces=changed.id).first()
    return rows.filter(pk=changed.id).first()


def window_row(contract: str, changed: Difference) -> MaintenanceWindow | Correction | None:
    """The last revision of the window; the approval where that is what changed."""
    if [name for name, _before, _after in changed.fields] == ["is_emergency"]:
        approval = EmergencyApproval.objects.select_related("approved_by").filter(maintenance=changed.id).first()
        return Correction(approval.reason, approval.approved_by) if approval else None
    rows = MaintenanceWindow.objects.select_related("author").filter(maintenance=changed.id)
    return rows.order_by("-number").first()


def version_row(contract: str, changed: Difference) -> ContractVersion | None:
    """The newest change of the contract: the one that changed this version's dates, or put another in its place."""
    rows = ContractVersion.objects.select_related("author").filter(contract=contract)
    return rows.order_by("-number").first()


def no_row(contract: str, changed: Difference) -> None:
    return None


ROWS = {"outage": outage_row, "maintenance": window_row, "version": version_row, "period": no_row}
