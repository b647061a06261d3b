"""nginx serves the published folder itself: every file has there the type it has from the program."""

import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from deploy import commands, nginx_headers
from statuspage.public import answers
from statuspage.public.serve import SHARED, first_segments
from statuspage.publishing import publish, store, widget

from .given import component

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

UNITS = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
WEBS = {"web": "status_page", "console": "status_page_console"}
CONF = (Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf").read_text()


def test_nginx_knows_the_type_of_everything_that_is_published():
    component("API")
    publish.publish()
    block = re.search(r"types \{(.*?)\}", CONF, re.DOTALL)[1]
    types = {suffix: kind for kind, *suffixes in map(str.split, block.split(";")[:-1]) for suffix in suffixes}
    with_charset = {"text/html", *re.search(r"charset_types ([^;]+);", CONF)[1].split()}
    for path, held in store.read_manifest(store.root()).documents.items():
        kind = types.get(Path(held.file).suffix.removeprefix("."))
        assert f"{kind}; charset=utf-8" == held.content_type, path
        assert kind in with_charset, path


def test_nginx_sends_the_headers_that_the_program_sends(settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    publish.publish()
    conf, manifest = nginx_headers.policy_map(store.root()) + CONF, store.read_manifest(store.root())
    for path, held in manifest.documents.items():
        is_framed = path.endswith(widget.PATH)
        headers = dict(answers.headers_of(held.content_type, manifest.csp, held.modified, is_framed=is_framed))
        facts = {"$sent_http_content_type": held.content_type, "$uri": f"/{held.file}", "$status": "200"}
        assert added_by(conf, facts) == {name: headers[name] for name in headers.keys() - OF_ANY_FILE}, path


OF_ANY_FILE = {"Content-Type", "Last-Modified", "Vary"}
"""What nginx says of whatever file it sends: by `types` and `charset`, the file's own time, `gzip_vary`."""
OF_AN_ANSWER = {"X-Revision"}
"""What no document has by itself."""


def added_by(conf, facts):
    """The headers that nginx adds to a document of which it knows these facts; what has no value is not sent."""
    added = re.findall(r'^    add_header (\S+) (?:"(.*)"|(\S+))(?: always)?;', conf, re.MULTILINE)
    found = {name: quoted or chosen(conf, bare, facts) for name, quoted, bare in added if name not in OF_AN_ANSWER}
    return {name: value for name, value in found.items() if value}


def chosen(conf, value, facts):
    """A value without quotes: as it stands, or as its map has it."""
    if not value.startswith("$"):
        return value
    ((fact, rules),) = re.findall(rf"map (\S+) {re.escape(value)} \{{(.*?)\n\}}", conf, re.DOTALL)
    by_pattern = dict(re.findall(r'(\S+) "(.*)";', rules))
    default = by_pattern.pop("default", "")
    matching = (held for rule, held in by_pattern.items() if re.search(rule.removeprefix("~"), facts[fact]))
    return next(matching, default)


@pytest.mark.parametrize(
    "path",
    [
        "/subscriptions/token",
        "/unsubscribe/token",
        "/hooks/bounce?recipient=bounce%2Btoken",
        "/v1/pages?api_key=secret",
    ],
)
def test_fault_75_addresses_that_let_their_reader_act_get_into_no_log(path):
    kept_out = "|".join(re.findall(r"~\*(\S+) 0;", CONF))
    assert re.search(kept_out, path) and not re.search(kept_out, "/subscribe")
    assert CONF.count("if=$status_page_logged;") == len(re.findall(r"^server \{", CONF, re.MULTILINE))


def test_nginx_knows_the_programs_own_addresses_and_takes_all_others_for_files():
    (known,) = re.findall(r"location ~ \^/\(([a-z0-9|]+)\)\(/\|\$\) \{", CONF)
    own = set(first_segments(get_resolver().url_patterns))
    beside_published = {each for each in own if each.split("/")[0] == SHARED}
    assert set(known.split("|")) == own - beside_published
    (shared,) = re.findall(r"location ~ (\^/api\S*) \{", CONF)
    assert all(re.match(shared, f"/{each}") for each in beside_published)
    assert not re.match(shared, "/api/v2/summary.json")


def test_fault_93_what_is_not_published_is_asked_for_slowly_and_what_is_published_without_a_limit():
    (asked_of_the_program,) = re.findall(r"location @program \{(.*?)\}", CONF, re.DOTALL)
    assert "limit_req zone=status_page_program" in asked_of_the_program
    assert CONF.count("limit_req zone=") == 2, "the other one is for signing in"
    exempt = re.search(r"~(\S+) \"\";", CONF)[1]
    assert re.match(exempt, "/hooks/twilio/status") and re.match(exempt, "/v1/pages")
    assert not re.match(exempt, "/subscribe")


def test_fault_94_staff_have_a_process_of_their_own_and_a_slow_door():
    doors = dict(re.findall(r"location (?:\^~|=) (/admin/\S*) \{(.*?)\}", CONF, re.DOTALL))
    assert set(doors) == {"/admin/", "/admin/login/"}
    assert all("proxy_pass http://status_page_console;" in each for each in doors.values())
    assert "limit_req zone=status_page_sign_in" in doors["/admin/login/"]
    ports = {name: re.search(r"--port (\d+)", (UNITS / f"status-page-{name}.service").read_text())[1] for name in WEBS}
    for name, upstream in WEBS.items():
        assert re.search(rf"upstream {upstream} \{{\s+server 127.0.0.1:{ports[name]};", CONF)


@pytest.mark.parametrize("name", ["web", "console"])
def test_a_units_command_is_the_programs_own(name):
    unit = (UNITS / f"status-page-{name}.service").read_text()
    command = re.search(r"^ExecStart=\S+python (.*)$", unit, re.MULTILINE)[1].split()
    port = command[command.index("--port") + 1]
    assert command == commands.web(int(port))[1:]
