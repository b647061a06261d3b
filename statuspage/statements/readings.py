"""Every rule of a statement in words: how the contract is read, under a name that the docs explain, and its clause.

The names (A-a to A-y, B-a to B-s) are those of docs/service-levels.md.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from statuspage.sla.excuses import Rule

RULES: dict[Rule, tuple[str, Promise]] = {
    Rule.INTERRUPTION: ("A-f", _("Interruption of the service: counts to the second.")),
    Rule.OUTSIDE_WINDOW: (
        "A-m",
        _("Work outside its window: only the announced window is excluded, an early start and an overrun count."),
    ),
    Rule.LATE_NOTICE: (
        "A-k",
        _("More than 30 minutes of work without 24 hours' notice, and without an approved emergency: counts."),
    ),
    Rule.CHAINED: (
        "A-i",
        _(
            "Short windows without notice whose starts are less than 24 hours apart come to more than 30 minutes: "
            "counts."
        ),
    ),
    Rule.CALLED_OFF: ("A-o", _("Work in a window that was called off: such a window never excludes anything.")),
    Rule.BOTH_GATEWAYS: ("B-b", _("Neither of the two gateways served: counts.")),
    Rule.OVERLAP: ("A-h", _("Overlaps with an earlier line: counted there, once.")),
    Rule.NOTICED: ("A-j", _("Inside a window that was announced 24 hours ahead or more: excluded.")),
    Rule.MOVED: (
        "A-n",
        _("Inside the last window, in a part that was announced 24 hours ahead or more before it was moved or since."),
    ),
    Rule.SHORT: ("A-i", _("Work of at most 30 minutes needs no notice: excluded.")),
    Rule.EMERGENCY: (
        "A-k",
        _("Notice was not reasonably possible: recorded before the start, with its reason, by two people. Excluded."),
    ),
    Rule.OUTAGE_IN_WINDOW: (
        "A-p",
        _("Inside a noticed window of the same component: excluded there, counted before and after it."),
    ),
    Rule.OTHER_GATEWAY: ("B-b", _("The other gateway served: not counted.")),
    Rule.THIRD_PARTY: (
        "A-q",
        _("Caused by a third party alone: not counted. What is our own at the same time counts."),
    ),
    Rule.BEYOND_CONTROL: ("A-q", _("Beyond our control: not counted.")),
    Rule.MAINTENANCE: ("A-j", _("Planned maintenance: judged by its windows.")),
    Rule.CLIENT: ("A-q", _("Caused by the client: not counted.")),
    Rule.OWN: ("A-q", _("Not counted under this contract.")),
    Rule.NO_INTERRUPTION: ("A-r", _("The service was not interrupted: weighs nothing.")),
}

INTERRUPTED = "Definitions, “Service Interruption”"
NOTICE = "Service Availability (24 hours' advance notice of scheduled maintenance in excess of 30 minutes)"
CLAUSES: dict[str, dict[Rule, str]] = {
    "enterprise": {
        **dict.fromkeys(Rule, INTERRUPTED),
        **dict.fromkeys((Rule.LATE_NOTICE, Rule.CHAINED, Rule.NOTICED, Rule.MOVED, Rule.SHORT, Rule.EMERGENCY), NOTICE),
        Rule.THIRD_PARTY: "Definitions, “API Interruptions”",
    },
    "platform": {
        **dict.fromkeys(Rule, "3.1, 3.2"),
        **dict.fromkeys((Rule.BOTH_GATEWAYS, Rule.OTHER_GATEWAY), "3.1"),
        **dict.fromkeys(
            (Rule.LATE_NOTICE, Rule.CHAINED, Rule.NOTICED, Rule.MOVED, Rule.SHORT, Rule.EMERGENCY, Rule.CALLED_OFF),
            "3.3",
        ),
    },
}
"""Where a shipped contract says it, in the contract's own language. Another type has no clauses here."""


def code(rule: str) -> str:
    return RULES[Rule(rule)][0]


def words(rule: str) -> str:
    return str(RULES[Rule(rule)][1])


def clause(kind: str, rule: str) -> str:
    """ "" where the text of the contract is not known."""
    return CLAUSES.get(kind, {}).get(Rule(rule), "")


def of_total(is_yearly: bool) -> tuple[str, Promise]:
    """How long the period is."""
    if is_yearly:
        return "B-f", _("The total is the part of the period that is under contract, as real elapsed time.")
    return "A-x", _("The total is the whole calendar month, as real elapsed time; maintenance does not shorten it.")


OF_UNION = ("A-h", _("Interruptions that overlap count once. The lines below add up to the downtime."))
OF_COMPARISON = ("A-c", _("The fraction is compared with the target as it is; only its display is cut off."))
OF_WINDOWS = (
    "A-p",
    _("An outage inside a noticed window is excluded. Judged by its cause, %(seconds)s s more would count."),
)
OF_CREDIT = ("A-t", _("One band a month; a credit is days added to the term, never money."))
OF_CHANGE = (
    "B-f",
    _("Each part of the period is judged by the version in force then; the target is weighed by length."),
)
