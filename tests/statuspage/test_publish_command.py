"""`manage.py publish`: one clear line where the folder or the database cannot be used; `--follow` waits for it."""

import io
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from statuspage.management.commands import publish as command
from statuspage.models import Incident
from statuspage.publishing import store

from .given import incident


class Stopped(BaseException):
    """An operator's Ctrl-C, from a place where no handler sees it."""


@pytest.fixture
def in_the_way(settings, tmp_path):
    """A file where the folder should be."""
    settings.PUBLISH_ROOT = str(tmp_path / "public")
    (tmp_path / "public").write_text("not a folder")
    return tmp_path / "public"


@pytest.mark.django_db(transaction=True)
def test_a_folder_that_cannot_be_used_is_one_line(in_the_way):
    with pytest.raises(CommandError, match="^PUBLISH_ROOT: .*public") as refused:
        call_command("publish")
    assert refused.value.returncode == 2 and "\n" not in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_following_waits_for_the_folder_and_complains_once(in_the_way, monkeypatch):
    rounds = []

    def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 4:
            in_the_way.unlink()
        if len(rounds) == 6:
            raise Stopped

    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=sleep))
    said = io.StringIO()
    with pytest.raises(Stopped):
        call_command("publish", "--follow", stdout=said, stderr=said)
    complaints = said.getvalue().splitlines()
    assert len(complaints) == 2 and all(each.startswith("not published: PUBLISH_ROOT: ") for each in complaints), (
        "one each for writing and for reading, and not again"
    )
    assert store.read_manifest(store.root()) is not None


@pytest.mark.django_db(transaction=True)
def test_following_outlives_a_folder_that_is_too_full_to_take_an_emergency_in(publish_root, monkeypatch):
    """Merging tests the folder first, and refuses in words of its own."""
    incident()
    call_command("post_emergency", "--title", "All is down", "--body", "We look.", stdout=io.StringIO())
    rounds = []

    def sleep(seconds: float) -> None:
        rounds.append(seconds)
        monkeypatch.setattr(store, "ROOM", 1 << 60 if len(rounds) < 3 else 0)
        if len(rounds) == 4:
            raise Stopped

    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=sleep))
    said = io.StringIO()
    with pytest.raises(Stopped):
        call_command("publish", "--follow", stdout=io.StringIO(), stderr=said)
    assert said.getvalue().startswith("not published: PUBLISH_ROOT: The published folder cannot be written")
    assert said.getvalue().count("\n") == 1 and Incident.objects.filter(name="All is down").exists()


AWAY = {"DATABASE_URL": "postgres://status:word@127.0.0.1:9/status"}


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    call = [sys.executable, "manage.py", "publish", *arguments]
    return subprocess.Popen(
        call,
        cwd=django_settings.BASE_DIR,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_without_a_database_it_is_one_line_too(tmp_path):
    out, err = start(**AWAY, PUBLISH_ROOT=str(tmp_path)).communicate(timeout=60)
    assert (
        out == "" and err.count("\n") == 1 and "DATABASE_URL: the database does not answer" in err and "word" not in err
    )


def test_following_outlives_a_database_that_is_away_at_the_start(tmp_path):
    process = start("--follow", **AWAY, PUBLISH_ROOT=str(tmp_path / "public"))
    try:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("not published: DATABASE_URL: ")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2.5)
    finally:
        process.terminate()
        process.communicate(timeout=30)
