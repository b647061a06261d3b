"""Store an export of a whole site in a new one: all of it, or nothing.

Called by `import_site`. Emits no event and writes no audit entry, so that what is exported from here again is the
same; whoever tells people holds everything back until somebody releases it. Rows are stored as they are, past the
other actions: these made them, on the site where they come from.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Exists, OuterRef

from statuspage import audit, ports, selectors
from statuspage.exporting import files, rows, tables
from statuspage.exporting.files import Entry, Report
from statuspage.exporting.tables import Column, Table
from statuspage.exporting.values import Refused
from statuspage.importing.fields import Unusable
from statuspage.roles import ROLES, Ability

from .base import action


def import_site(*, folder: Path, actor: audit.Actor, report: Report = lambda line: None) -> int:
    """Store everything that `folder` holds; how many rows. Raises Unusable, which names file, line and field."""
    actor.require(Ability.OWN)
    entries = files.read_manifest(folder)
    for entry in entries.values():
        files.check(folder, entry)
    return store_all(folder=folder, entries=entries, report=report)


@action
def store_all(*, folder: Path, entries: Mapping[str, Entry], report: Report) -> int:
    """In one transaction, under the lock of all writers."""
    require_empty()
    held = [(table, entries[table.label]) for table in tables.exported() if table.label in entries]
    for table, entry in held:
        store(folder, table, entry)
        if entry.rows:
            report(f"{table.label}: {entry.rows:,} rows")
    for table, entry in held:
        require_references(folder, table, entry)
    require_chain(folder, entries)
    number_on([table.model for table, _ in held])
    ports.hold_after_import(selectors.database_now())
    return sum(entry.rows for _, entry in held)


def require_empty() -> None:
    """Two sites cannot be one: numbers, the audit log and what was told would mix."""
    for table in tables.exported():
        if not table.is_single and table.model._base_manager.exists():
            raise Unusable(
                f"DATABASE_URL: this site is not empty ({table.label}); begin with a new database and `migrate`"
            )


# --- Rows -------------------------------------------------------------------------------------------------------


def store(folder: Path, table: Table, entry: Entry) -> None:
    """One table, a few rows at a time."""
    if table.is_single:
        table.model._base_manager.all().delete()
    found = built(folder, table, entry)
    while batch := list(islice(found, rows.AT_ONCE)):
        store_batch(table, entry, batch)


def store_batch(table: Table, entry: Entry, batch: list[tuple[int, models.Model]]) -> None:
    """All at once; where the database refuses them, one by one, to say which."""
    try:
        with transaction.atomic():
            table.model._base_manager.bulk_create([row for _, row in batch])
    except DatabaseError:
        for number, row in batch:
            try:
                with transaction.atomic():
                    table.model._base_manager.bulk_create([row])
            except DatabaseError as error:
                raise Unusable(f"{entry.file}: line {number}: {error}") from None
        raise


def built(folder: Path, table: Table, entry: Entry) -> Iterator[tuple[int, models.Model]]:
    """Each line's number and its row. What an older version did not export is as in a new row."""
    columns = [each for each in table.columns if each.name in entry.columns]
    named = {each.name: names_of(each) for each in columns if each.leads_to in tables.NAMED}
    for number, line in files.lines(folder, entry):
        try:
            facts = {each.field.attname: value for each, value in led(named, rows.values(columns, rows.parsed(line)))}
        except Refused as error:
            raise Unusable(f"{entry.file}: line {number}: {error}") from None
        yield number, table.model(**facts, **{name: made() for name, made in table.filled.items()})


def led(named: Mapping[str, Callable[[str], Any]], found: Iterable[tuple[Column, Any]]) -> Iterator[tuple[Column, Any]]:
    """References by name become references by number. Raises Refused where nobody has that name."""
    for column, value in found:
        if column.name in named and value is not None:
            try:
                value = named[column.name](value)
            except KeyError:
                raise Refused(f"{column.name}: there is no {value!r}") from None
        yield column, value


def names_of(column: Column) -> Callable[[str], Any]:
    """Name -> number of the rows that a column leads to. There are few: people, and roles."""
    if column.leads_to == "auth.user":
        return dict(User.objects.values_list("username", "pk")).__getitem__
    return {name: Group.objects.get_or_create(name=name)[0].pk for name in ROLES}.__getitem__


# --- The whole ----------------------------------------------------------------------------------------------------


def require_references(folder: Path, table: Table, entry: Entry) -> None:
    """Every reference leads somewhere; the database itself would say so at the end, and not where."""
    for column in table.columns:
        if not column.leads_to or column.leads_to in tables.NAMED:
            continue
        key = column.field.attname
        wanted = column.field.related_model._base_manager.filter(pk=OuterRef(key))  # type: ignore[union-attr]
        lost = table.rows().filter(~Exists(wanted), **{f"{key}__isnull": False}).values_list(key, flat=True).first()
        if lost is not None:
            number = line_with(folder, entry, column.name, str(lost))
            raise Unusable(f"{entry.file}: line {number}: {column.name}: there is no {column.leads_to} {lost}")


def line_with(folder: Path, entry: Entry, name: str, value: str) -> int:
    """The first line that says so of a field."""
    return next(number for number, line in files.lines(folder, entry) if str(rows.parsed(line).get(name)) == value)


def require_chain(folder: Path, entries: Mapping[str, Entry]) -> None:
    """The audit log is whole: nothing in it was changed, and nothing cut off."""
    entry = entries.get("statuspage.auditentry")
    broken = next(audit.broken_entries(), None)
    if entry and broken:
        number = line_with(folder, entry, "id", str(broken.pk))
        raise Unusable(f"{entry.file}: line {number}: hash: the chain of the audit log breaks here")
    if missing := audit.missing_entries():
        raise Unusable(f"data/statuspage.auditentry.jsonl: rows: {missing} entries are missing at the end")


def number_on(changed: list[type[models.Model]]) -> None:
    """The next row's number follows the largest; SQLite knows by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), changed):
            cursor.execute(statement)
