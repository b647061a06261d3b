"""A setting that is missing or unusable is one line that says what to do, and exit status 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "SECRET_KEY": "x" * 50,
    "SITE_URL": "https://status.example.com",
}


def manage(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` with these settings and no others."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL: 'mysql'"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL: 'nonsense'"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SITE_URL": ""}, "SITE_URL is not set"),
        ({"SITE_URL": "status.example.com"}, "SITE_URL: 'status.example.com'"),
        ({"PAGE_TIME_ZONE": "Europe/Atlantis"}, "PAGE_TIME_ZONE: 'Europe/Atlantis'"),
        ({"UNDO_SECONDS": "soon"}, "UNDO_SECONDS: 'soon'"),
        ({"ALARM_URL": "https://me:secret@ntfy.example.com/site"}, "ALARM_URL: name no user and no password"),
        ({"SMS_PER_SECOND": "fast"}, "SMS_PER_SECOND: 'fast'"),
        ({"SMS_PER_SECOND": "nan"}, "SMS_PER_SECOND: 'nan'"),
        ({"DATABASE_URL": "postgresql://a@h:port/x"}, "DATABASE_URL: "),
        ({"SITE_URL": "http://[::1"}, "SITE_URL: 'http://[::1'"),
        ({"DEFAULT_LANGUAGE": "tlh"}, "DEFAULT_LANGUAGE: 'tlh'"),
        ({"LANGUAGES": "de,tlh"}, "LANGUAGES: 'tlh' is not one of en, de, nl, fr, es, ar"),
        ({"LANGUAGES": "de,nl"}, "DEFAULT_LANGUAGE: 'en' is not one of de, nl"),
        ({"EMAIL_FROM": "Acme, Inc. <status@example.com>"}, "EMAIL_FROM: 'Acme, Inc."),
        ({"BRAND_COLOUR": "red; }"}, "BRAND_COLOUR: 'red; }'"),
        ({"BRAND_LINKS": "Terms"}, "BRAND_LINKS: 'Terms' is not a link"),
        ({"BRAND_LINKS": "Terms=javascript:alert(1)"}, "BRAND_LINKS: 'Terms=javascript:alert(1)'"),
        ({"BRAND_LINKS": "Home=/,Terms=//elsewhere.example"}, "BRAND_LINKS: 'Terms=//elsewhere.example'"),
        ({"EMAIL_URL": "relay.example.com"}, "EMAIL_URL: not of the form smtp://"),
        ({"EMAIL_URL": "smtp://a:b@relay.example.com/?tls=none"}, "EMAIL_URL: tls=none would send the password"),
        ({"ALARM_EMAIL_URL": "smtp://a:b@h/?tls=perhaps"}, "ALARM_EMAIL_URL: tls='perhaps'"),
        ({"BOUNCE_DOMAIN": "a b.example"}, "BOUNCE_DOMAIN: 'a b.example'"),
        ({"WEBHOOK_ALLOWED_HOSTS": "https://hooks.example.com"}, "WEBHOOK_ALLOWED_HOSTS: 'https://hooks.example.com'"),
        ({"DEBUG": "perhaps"}, "DEBUG: 'perhaps'"),
        ({}, "DATABASE_URL: the database does not answer"),
    ],
)
@pytest.mark.parametrize("command", ["migrate", "publish"])
def test_a_wrong_setting_is_one_line_that_names_it(command, wrong, said):
    ran = manage(command, **(PRODUCTION | wrong))
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.startswith(f"error: {said}"), ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_the_consoles_style_is_served_though_nothing_was_collected():
    answer = Client().get("/static/console/console.css")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    assert b"".join(answer.streaming_content) == (ROOT / "static" / "console" / "console.css").read_bytes()
