"""What was in force, every interval with its seconds and its rule, and the evidence of each."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from statuspage.labels import CAUSE, COMPONENT_STATUS

from . import readings
from .figures import Figures
from .shapes import Clock, Row, Section, Table


def versions(figures: Figures, clock: Clock) -> Section:
    heads = [_("Version"), _("From"), _("Until"), _("Type"), _("Target"), _("Time zone"), _("Services")]
    rows = [
        [
            str(each["number"]),
            clock(each["interval"][0]),
            clock(each["interval"][1]),
            " ".join(part for part in (each["type"], each["redundancy"]) if part),
            f"{each['target']} %",
            each["time_zone"],
            "; ".join(service(it) for it in each["services"]),
        ]
        for each in figures["versions"]
    ]
    return Section(_("What was in force"), table=Table(heads, rows))


def service(data: Figures) -> str:
    return f"{data['name']}: {', '.join(each['name'] for each in data['components'])}"


def intervals(figures: Figures, clock: Clock) -> Iterator[Section]:
    heads = [
        _("Line"),
        _("Service, component"),
        _("Cause"),
        _("From"),
        _("Until"),
        _("Seconds"),
        _("Counted, s"),
        _("Rule"),
    ]
    rows = [row for line in figures["lines"] for row in pieces(line, clock)]
    if not rows:
        yield Section(_("Intervals"), [_("No interval on what the contract covers.")])
        return
    rows.append(["", _("Sum"), "", "", "", "", figures["counted_seconds"], ""])
    table = Table(heads, rows, frozenset({5, 6}), strong=True)
    yield Section(_("Intervals"), [str(readings.OF_UNION[1])], table)


def pieces(line: Figures, clock: Clock) -> Iterator[Row]:
    """A row a piece; what belongs to the whole line stands in the first."""
    for number, piece in enumerate(line["pieces"]):
        yield [
            str(line["number"]) if not number else "",
            place(line) if not number else "",
            str(CAUSE[line["cause"]]) if not number else "",
            clock(piece["starts_at"]),
            clock(piece["ends_at"]) + (" " + _("(goes on)") if line["is_open"] and is_last(piece, line) else ""),
            piece["seconds"],
            piece["seconds"] if piece["counts"] else "0",
            rule(piece),
        ]


def place(line: Figures) -> str:
    kind = _("maintenance") if line["kind"] == "maintenance" else ""
    return ", ".join(each for each in (line["service"], line["component"], kind) if each)


def is_last(piece: Figures, line: Figures) -> bool:
    return bool(piece["ends_at"] == line["ends_at"])


def rule(piece: Figures) -> str:
    code = readings.code(piece["rule"])
    if piece["lines"]:
        said = _("%(reading)s (line %(lines)s)")
        return said % {"reading": code, "lines": ", ".join(str(each) for each in piece["lines"])}
    return f"{code} ({piece['window']})" if piece["window"] else code


def evidence(figures: Figures, clock: Clock) -> Section:
    heads = [_("Line"), _("Record"), _("Incident, maintenance"), _("Evidence")]
    rows = [
        [str(line["number"]), record(line), title(line), "; ".join(proofs(line["evidence"], clock))]
        for line in figures["lines"]
    ]
    return Section(_("Evidence"), table=Table(heads, rows))


def record(line: Figures) -> str:
    kind = _("maintenance") if line["kind"] == "maintenance" else _("outage")
    return f"{kind} {line['id']}"


def title(line: Figures) -> str:
    held = line["evidence"]
    return " ".join(each for each in (held.get("incident"), held.get("title")) if each)


def proofs(held: Figures, clock: Clock) -> Iterator[str]:
    if held.get("status"):
        yield str(COMPONENT_STATUS[held["status"]])
    yield _("from %(start)s until %(end)s") % {
        "start": clock(held["starts_at"]) or "-",
        "end": clock(held["ends_at"]) or "-",
    }
    yield from updates(held, clock)
    if held.get("marked") is not None:
        yield _("marked as an interruption") if held["marked"] else _("marked as no interruption")
    if corrected := held.get("correction"):
        said = _("put right at %(at)s by %(who)s: %(reason)s")
        yield said % {"at": clock(corrected["at"]), "who": corrected["author"] or "-", "reason": corrected["reason"]}
    if provider := held.get("provider"):
        yield _("provider: %(what)s") % {"what": " ".join(each for each in provider.values() if each)}


def updates(held: Figures, clock: Clock) -> Iterator[str]:
    """The updates that say when it began and ended; imported ones name nobody."""
    by_somebody = {"began": _("began: update of %(at)s by %(who)s"), "ended": _("ended: update of %(at)s by %(who)s")}
    by_nobody = {"began": _("began: update of %(at)s"), "ended": _("ended: update of %(at)s")}
    for name in by_somebody:
        if told := held.get(name):
            said = (by_somebody if told["author"] else by_nobody)[name]
            yield said % {"at": clock(told["written_at"]), "who": told["author"]}
