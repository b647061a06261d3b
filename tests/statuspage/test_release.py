"""A release, another name, an import: history is to look otherwise. Readers have the news at once, old pages follow."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection

from deploy.processes import poll_until
from statuspage.actions import components, groups
from statuspage.audit import SYSTEM
from statuspage.models import Publication
from statuspage.public import serve
from statuspage.publishing import assets, look, pages, publish, store

from .given import HISTORY, NOON, component, group, history, incident, minutes
from .test_serve import Reader

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = 2
"""The tests' own."""
STYLE, SCRIPT = re.compile(r"<style>(.*?)</style>", re.DOTALL), re.compile(r"<script>(.*?)</script>", re.DOTALL)


@pytest.fixture
def released(settings, monkeypatch, tmp_path_factory):
    """Makes this process the next release's: another style and another script, started just now."""

    def release() -> None:
        settings.BASE_DIR = tmp_path_factory.mktemp("release")
        shutil.copytree(ROOT / "static", settings.BASE_DIR / "static")
        for name, added in (("page.css", "#new { color: red }"), ("page.js", "\nconst release = 2;\n")):
            with (settings.BASE_DIR / "static" / name).open("a") as file:
                file.write(added)
        forget()
        monkeypatch.setattr(look, "STARTED", time.time())

    yield release
    settings.BASE_DIR = ROOT
    forget()


def forget() -> None:
    """What a process reads once."""
    assets.source.cache_clear()
    look.program.cache_clear()


def is_new(path: str) -> bool:
    return b"#new{" in (store.root() / "pages" / store.file_of(path)).read_bytes()


def front() -> bytes:
    return (store.current(store.root()) / "index.html").read_bytes()


def backlog() -> tuple[look.Backlog, ...]:
    return look.read(store.root()).backlog


# --- A release -------------------------------------------------------------------------------------------------------


def test_after_a_release_readers_have_the_new_page_before_any_old_one_is_rendered(released, rendered):
    paths = history()
    rendered.clear()
    released()
    assert publish.publish() is True
    assert (rendered, b"#new{" in front()) == ([], True)
    assert publish.publish() is False
    publish.finish()
    assert all(is_new(path) and is_new(f"/ar{path}") for path in paths)
    months = {path for path in rendered if "/history/" in path}
    assert len(rendered) == LANGUAGES * HISTORY + len(months) and is_new("/history/2026-10")
    assert backlog() == ()


def test_staff_publish_between_two_batches(released):
    history()
    released()
    publish.publish()
    hand = threading.Thread(target=caught_up)
    hand.start()
    poll_until(lambda: backlog() and backlog()[0].after, 30, "a first batch")
    incident(name="Amid the release", now=NOON)
    assert b"Amid the release" in front() and backlog()
    hand.join()
    assert backlog() == () and is_new("/incidents/000000000299")


def caught_up() -> None:
    publish.finish()
    connection.close()


def test_a_sweep_does_a_part_of_it_and_the_next_goes_on(released, rendered):
    history()
    released()
    publish.publish()
    rendered.clear()
    assert publish.catch_up(seconds=0) is False
    assert len(rendered) == LANGUAGES * pages.BATCH
    assert publish.catch_up(seconds=0) is False
    assert len(set(rendered)) == len(rendered) == LANGUAGES * 2 * pages.BATCH


def test_killed_in_the_middle_another_goes_on_from_there(settings):
    settings.BRAND = settings.BRAND | {"colour": "#123456"}
    paths = history()
    killed = program()
    poll_until(lambda: backlog() and backlog()[0].after, 60, "a batch is done")
    killed.kill()
    killed.wait()
    (left,) = backlog()
    done = [path for path in paths if not is_blue(path)]
    assert left.after and len(done) >= pages.BATCH and len(done) < HISTORY
    inodes = {path: inode_of(path) for path in done}
    assert program().wait(60) == 0
    assert not any(is_blue(path) or is_blue(f"/ar{path}") for path in paths) and backlog() == ()
    assert {path: inode_of(path) for path in done} == inodes


def program() -> subprocess.Popen[str]:
    """`manage.py publish` in a process of its own."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    database = f"sqlite:///{name}" if connection.vendor == "sqlite" else url
    environment = os.environ | {"DATABASE_URL": database, "PUBLISH_ROOT": str(store.root())}
    call = [sys.executable, "manage.py", "publish"]
    return subprocess.Popen(call, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, text=True)


def is_blue(path: str) -> bool:
    return b"#123456" in (store.root() / "pages" / store.file_of(path)).read_bytes()


def inode_of(path: str) -> int:
    return (store.root() / "pages" / store.file_of(path)).stat().st_ino


def test_the_program_that_is_being_replaced_leaves_the_new_look_alone(released, rendered, monkeypatch, settings):
    """Old and new workers take turns for a while: neither renders history for that."""
    history(40)
    released()
    publish.publish()
    publish.finish()
    rendered.clear()
    new = settings.BASE_DIR
    settings.BASE_DIR = ROOT
    forget()
    monkeypatch.setattr(look, "STARTED", time.time() - 3600)
    assert publish.publish() is False and publish.catch_up() and rendered == []
    opened = incident(name="By the old one", now=NOON)
    assert b"By the old one" in front() and b"#new{" not in front() and not is_new(f"/incidents/{opened.pk}")
    assert len(rendered) < 10 and publish.catch_up()
    settings.BASE_DIR = new
    forget()
    rendered.clear()
    assert publish.publish() and publish.catch_up()
    assert b"#new{" in front() and is_new(f"/incidents/{opened.pk}") and is_new("/history/2026-11")
    assert len(rendered) < 10 and backlog() == ()


@pytest.mark.parametrize(
    "file", ["statuspage/markup.py", "notifications/formats/atom.py", "templates/a.html", "static/a.css"]
)
def test_whatever_renders_decides_the_look(settings, tmp_path, file):
    settings.BASE_DIR = tmp_path
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("before")
    forget()
    before = look.render_key()
    (tmp_path / file).write_text("after")
    assert look.render_key() == before, "read once a process"
    forget()
    assert look.render_key() != before
    forget()


def test_another_picture_in_the_same_file_is_another_look(settings, tmp_path):
    picture = tmp_path / "logo.png"
    picture.write_bytes(b"before")
    settings.BRAND = settings.BRAND | {"logo": str(picture)}
    before = look.render_key()
    picture.write_bytes(b"after")
    assert look.render_key() != before


# --- Its policy ------------------------------------------------------------------------------------------------------


def permits_itself(reader: Reader, path: str) -> bool:
    """Whether the policy that this page comes with permits its own style and script."""
    status, headers, body = reader.ask(path)
    policy = headers["Content-Security-Policy"]
    inlined = [STYLE.search(body.decode())[1], SCRIPT.search(body.decode())[1]]
    return status == 200 and all(f"'{assets.integrity(each)}'" in policy for each in inlined)


def test_every_page_that_is_read_during_a_release_may_use_its_own_style_and_script(released, monkeypatch):
    paths = history(30)
    some = ["/", "/ar", "/history", "/history/2026-11", f"/ar{paths[0]}", *paths[::4]]
    reader, refused, write, switch = Reader(), [], store.write, store.switch

    def looking(do):
        def run(*arguments, **options):
            do(*arguments, **options)
            refused.extend(path for path in some if not permits_itself(reader, path))

        return run

    incident(name="Before", now=NOON)
    released()
    monkeypatch.setattr(store, "write", looking(write))
    monkeypatch.setattr(store, "switch", looking(switch))
    incident(name="The first that the new one publishes", now=NOON + minutes(1))
    publish.finish()
    assert refused == [] and is_new(paths[-1])
    publish.publish(refresh=True)
    assert refused == []
    policy = reader.ask("/")[1]["Content-Security-Policy"]
    assert policy == assets.csp() and policy.count("sha256-") == 2, "the old ones go with the last page that has them"


def test_a_policy_can_be_permitted_before_anything_is_published(released, capsys):
    """For a web server in front, whose configuration has the policy."""
    history(30)
    before, reader = store.read_manifest(store.root()), Reader()
    old = assets.csp()
    released()
    call_command("publish", "--permit")
    assert capsys.readouterr().out == "permitted\n"
    after = store.read_manifest(store.root())
    assert (after.revision, after.documents) == (before.revision, before.documents)
    for policy in (old, assets.csp()):
        assert set(re.findall(r"sha256-[^']+", policy)) <= set(re.findall(r"sha256-[^']+", after.csp))
    assert permits_itself(reader, "/") and b"#new{" not in reader.ask("/")[2]
    call_command("publish")
    assert permits_itself(reader, "/") and b"#new{" in reader.ask("/")[2] and backlog() == ()


def test_with_nothing_published_there_is_nothing_to_permit(capsys):
    call_command("publish", "--permit")
    assert capsys.readouterr().out == "nothing is published yet\n"


def test_a_page_that_is_replaced_while_it_is_asked_for_comes_with_the_newer_policy(released, monkeypatch):
    path = history(3)[0]
    reader, read = Reader(), serve.read_page
    reader.ask("/")
    released()

    def replaced_meanwhile(*arguments):
        monkeypatch.setattr(serve, "read_page", read)
        publish.publish()
        publish.finish()
        return read(*arguments)

    monkeypatch.setattr(serve, "read_page", replaced_meanwhile)
    assert permits_itself(reader, path) and is_new(path)


def test_a_policy_is_added_to_once():
    ours = assets.csp()
    assert assets.csp(ours) == ours
    other = ours.replace("sha256-", "sha256-x")
    both = assets.csp(other)
    assert both.count("sha256-") == 4 and assets.csp(both) == both
    assert re.sub(r"'sha256-[^']+' ?", "", both) == re.sub(r"'sha256-[^']+' ?", "", ours)


# --- Another name ----------------------------------------------------------------------------------------------------


def test_a_description_is_no_matter_of_old_pages(rendered):
    api = component("API", group=group("Core"))
    history(touched=api)
    rendered.clear()
    components.edit_component(component=api, actor=SYSTEM, description="What programs talk to.")
    groups.save_group(group=api.group, name="Core", description="The core.", actor=SYSTEM)
    assert b"What programs talk to." in front() and rendered == [] and backlog() == ()


def test_another_name_is_where_readers_are_led_at_once_and_then_everywhere(rendered):
    api = component("API")
    paths = history(touched=api)
    rendered.clear()
    components.edit_component(component=api, actor=SYSTEM, name="Web API")
    assert all(b"Web API" in body_of(path) for path in paths[:50])
    assert len(rendered) < LANGUAGES * 60 and b"Web API" not in body_of(paths[-1])
    publish.finish()
    assert all(b"Web API" in body_of(f"/ar{path}") for path in paths) and backlog() == ()


def body_of(path: str) -> bytes:
    return (store.root() / "pages" / store.file_of(path)).read_bytes()


def test_a_batch_is_not_rendered_from_a_database_that_is_older_than_the_page(released):
    """A restored backup, before a publication has raised its revision."""
    history(30)
    incident(name="After the backup", now=NOON)
    released()
    publish.publish()
    manifest = store.read_manifest(store.root())
    with suppress(TimeoutError), store.lock(store.root()):
        assert publish.catch_up() is False, "another process publishes"
    Publication.objects.update(revision=manifest.revision - 1, published_revision=0)
    assert publish.catch_up() is True and len(backlog()) == 1
