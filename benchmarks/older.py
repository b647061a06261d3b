"""Store the rest of a long history on a site that has published its newest part: `python -m benchmarks.older FOLDER`.

FOLDER holds the whole history. The rows are written by the import itself. Their pages are
taken for rendered: each is a hard link to one of those that are.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

import django
from django.db import connection, connections, transaction


def main() -> None:
    django.setup()
    store_rows(sys.argv[1])
    stand_in()
    take_for_published()
    connections.close_all()


def store_rows(folder: str) -> None:
    """All that is not there yet, in one transaction, and no page."""
    from statuspage import audit
    from statuspage.actions.importing import import_history
    from statuspage.importing import parse, source

    with transaction.atomic():
        import_history.__wrapped__(history=parse.history(source.read(folder)), actor=audit.SYSTEM)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def stand_in() -> None:
    """A page in each language for each incident, and one for each month, that has none."""
    from statuspage.models import Incident
    from statuspage.publishing import capture, languages, store

    starts = Incident.objects.values_list("started_at", flat=True)
    paths = [f"/incidents/{pk}" for pk in Incident.objects.values_list("pk", flat=True)]
    paths += [f"/history/{key}" for key in sorted({capture.month_key(at) for at in starts})]
    for language in languages.published():
        pages = [store.root() / "pages" / store.file_of(language.place(path)) for path in paths]
        for folder in {page.parent for page in pages}:
            link([page for page in pages if page.parent == folder])


def link(pages: list[Path]) -> None:
    """Those that are not there to those that are, by turns."""
    rendered = [page for page in pages if page.exists()]
    for number, page in enumerate(page for page in pages if not page.exists()):
        for suffix in ("", ".gz", ".br"):
            source = rendered[number % len(rendered)]
            os.link(source.with_name(source.name + suffix), page.with_name(page.name + suffix))


def take_for_published() -> None:
    """The folder has all that is stored by now; then one publication, by which the front page has it too."""
    from statuspage.models import Incident, Publication
    from statuspage.publishing import capture, publish, store

    keys = {capture.month_key(at) for at in Incident.objects.values_list("started_at", flat=True)}
    counts = {key: capture.count_month(key) for key in keys}
    months = {key: (each.incidents, each.maintenances) for key, each in counts.items()}
    revision = Publication.objects.current().revision
    hot, held = store.current(store.root()), store.read_manifest(store.root())
    assert hot and held
    store.write_manifest(hot, replace(held, revision=revision, stored_revision=revision, months=months))
    assert publish.publish(refresh=True)


if __name__ == "__main__":
    main()
