"""nginx with the configuration that ships, in front of a real site: readers cannot tell it from the program.

Where they differ, a test says so. The site has no worker and no scheduler, so nothing happens that no test asks for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import pytest

from deploy import commands
from deploy.processes import poll_until
from deploy.run import answers
from deploy.valkey import free_port
from statuspage.public.answers import NOT_FOUND_PATH, STALE, UNAVAILABLE_PATH
from statuspage.publishing import fresh, store
from tests.servers.nginx import NAME, Nginx
from tests.site import Response, Site

pytestmark = pytest.mark.serial

ITS_OWN = {"accept-ranges", "connection", "date", "server"}
"""A server's own headers. nginx sends parts of files, the program does not."""
BY_FILE = {"etag", "last-modified"}
"""nginx has them from a file's time and size, the program from the bytes' hash and the publication's time."""
OF_A_BODY = {"content-type", "content-length"}
"""nginx leaves them out of a 304, as RFC 9110 (15.4.5) has it."""
OF_NO_ADDRESS = (STALE, NOT_FOUND_PATH, f"{NOT_FOUND_PATH}.json", UNAVAILABLE_PATH)
OLD = b'<p class="old">'
SECONDS_UNTIL_OLD = fresh.SPAN_SECONDS + 5

UNKNOWN = """
/wp-login.php /nothing?page=2 /de/nothing /zz /zz/ /incidents/nonesuch0000 /history/1999-01 /index /index.html
/404 /de/404 /503 /de/503 /unavailable
/404.json /api/v2/nothing.json /api/v2/incidents/nonesuch0000.json /incidents/nonesuch0000.json /history/1999-01.json
/.stale /de/.stale /manifest.json /snapshot.json /history.rss.gz /current/index.html /heartbeat /fresh
""".split()


@dataclass
class Front:
    """nginx and what is behind it."""

    nginx: Nginx
    site: Site
    console_port: int

    @property
    def folder(self) -> Path:
        return self.nginx.published

    def paths(self) -> list[str]:
        """Everything that is published under an address of its own."""
        manifest = store.read_manifest(self.folder)
        assert manifest
        hot = [path for path in manifest.documents if not path.endswith(OF_NO_ADDRESS)]
        return [*hot, *(f"/{file.removesuffix('.html')}" for file in store.page_files(self.folder))]

    def heal(self) -> None:
        """Both programs run, and the page is kept up to date."""
        for name, port in (("web", self.site.port), ("console", self.console_port)):
            if name not in self.site.programs or not self.site.programs[name].is_alive:
                self.site.start_program(name, commands.web(port))
        for port in (self.site.port, self.console_port):
            self.site.wait_for(lambda port=port: answers(port), 60, "the program answers")
        store.beat(self.folder)

    def kill_everything(self) -> None:
        for program in self.site.programs.values():
            program.kill()


@pytest.fixture(scope="module")
def whole_front(tmp_path_factory: pytest.TempPathFactory, nginx_path: Path) -> Iterator[Front]:
    behind_tls = {"SITE_URL": f"https://{NAME}", "ALLOWED_HOSTS": f"{NAME},127.0.0.1", "TRUSTED_PROXIES": "127.0.0.1"}
    folder = tmp_path_factory.mktemp("front")
    site = Site(folder / "site", workers=0, beats=0, LANGUAGES="en,de", **behind_tls)
    console_port = free_port()
    try:
        site.start()
        for command in ("seed_example", "publish"):
            site.manage(command)
        published = Path(site.environment["PUBLISH_ROOT"])
        nginx = Nginx(nginx_path, folder / "nginx", published, web=site.port, console=console_port)
        try:
            yield Front(nginx.start(), site, console_port)
        finally:
            nginx.stop()
    finally:
        site.stop()


@pytest.fixture
def front(whole_front: Front) -> Front:
    whole_front.heal()
    return whole_front


def facts(answer: Response, *, without: set[str] = frozenset()) -> dict[str, str]:
    """The headers that are the same whoever answers."""
    return {name: text for name, text in answer.headers.items() if name not in ITS_OWN | BY_FILE | without}


# --- Like the program -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_whatever_is_published_has_the_bytes_and_the_headers_that_the_program_sends(front, encoding):
    paths = front.paths()
    assert {"/", "/de", "/history.rss", "/api/v2/summary.json", "/badge.svg", "/maintenance.ics"} <= set(paths)
    assert any(path.startswith("/incidents/") for path in paths) and any("/de/history/" in path for path in paths)
    for path in paths:
        ours = front.nginx.ask(path, Accept_Encoding=encoding)
        programs = front.site.get(path, Accept_Encoding=encoding)
        assert (ours.status, ours.body) == (programs.status, programs.body) == (200, programs.body), path
        assert facts(ours) == facts(programs), path
        assert "content-encoding" in ours.headers or encoding == "identity", path


def test_what_a_reader_has_is_304_with_the_same_headers(front):
    for path in front.paths():
        tag = front.nginx.ask(path).headers["etag"]
        ours = front.nginx.ask(path, If_None_Match=tag)
        assert (ours.status, ours.body) == (304, b""), path
        programs = front.site.get(path, If_None_Match=front.site.get(path).headers["etag"])
        assert facts(ours) == facts(programs, without=OF_A_BODY), path


def test_of_two_pages_of_one_second_and_one_length_a_reader_gets_the_second(front):
    path = "/incidents/twice"
    store.write_page(front.folder, path, b"first ")
    first = front.nginx.ask(path)
    store.write_page(front.folder, path, b"second")
    assert front.nginx.ask(path, If_None_Match=first.headers["etag"]).body == b"second"
    store.remove_page(front.folder, path)


def test_a_reader_that_knows_the_time_only_gets_304_too(front):
    modified = front.nginx.ask("/history.rss").headers["last-modified"]
    for since in (modified, formatdate(2**32, usegmt=True)):
        assert front.nginx.ask("/history.rss", If_Modified_Since=since).status == 304
    assert front.nginx.ask("/history.rss", If_Modified_Since=formatdate(0, usegmt=True)).status == 200


def test_a_delivery_network_is_sent_compressed_pages_too(front):
    assert front.nginx.ask("/", Accept_Encoding="gzip", Via="1.1 cdn").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/de", "/history", "/de/history", "/history.rss"])
def test_a_slash_at_the_end_finds_the_same_page(front, path):
    answer = front.nginx.ask(f"{path}/")
    assert (answer.status, answer.body) == (200, front.nginx.ask(path).body)


def test_what_is_posted_reaches_the_program(front):
    form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": f"https://{NAME}"}
    empty = front.nginx.ask("/report", "POST", "what=", **form)
    assert "Say in a sentence what does not work." in empty.text
    taken = front.nginx.ask("/report", "POST", "what=No+texts+arrive", **form)
    assert (taken.status, taken.headers["location"]) == (303, "/report/received")
    assert front.nginx.ask("/report/received").status == 200
    assert front.nginx.ask("/subscribe", "POST", "email=", **form).status == 422


@pytest.mark.parametrize("path", ["/", "/de", "/history", "/history.rss", "/nothing"])
def test_a_page_is_only_read(front, path):
    assert front.nginx.ask(path, "POST", "x=1").status == 405
    assert front.nginx.ask(path, "HEAD").body == b""


def test_months_of_history_come_from_the_program(front):
    for path in ("/history.json", "/history.json?page=2"):
        assert front.nginx.ask(path).body == front.site.get(path).body
    assert front.nginx.ask("/api").status == front.nginx.ask("/api/openapi.json").status == 200


def test_a_browser_may_ask_first_whether_it_may_read(front):
    answer = front.nginx.ask("/api/v2/status.json", "OPTIONS")
    assert (answer.status, answer.headers["access-control-allow-headers"]) == (204, "If-None-Match")


def test_without_its_folder_nginx_has_the_pages_from_the_programs_memory(front):
    page, feed = front.site.get("/"), front.site.get("/history.rss")
    current, away = front.folder / "current", front.folder / "away"
    current.rename(away)
    try:
        assert (front.nginx.ask("/").body, front.nginx.ask("/history.rss").body) == (page.body, feed.body)
        assert front.nginx.ask("/").status == 200
    finally:
        away.rename(current)


# --- Strangers ------------------------------------------------------------------------------------------------------


def test_fault_93_nothing_that_does_not_exist_is_asked_of_the_program(front):
    programs = {path: front.site.get(path) for path in UNKNOWN}
    front.kill_everything()
    for path, expected in programs.items():
        ours = front.nginx.ask(path)
        assert (ours.status, ours.body) == (expected.status, expected.body) == (404, expected.body), path
        assert facts(ours) == facts(expected), path
    assert {front.nginx.ask("/wp-login.php").status for _ in range(150)} == {404}


def test_fault_79_whoever_comes_without_tls_is_led_to_this_site_whatever_host_they_name(front):
    answer = front.nginx.ask_plainly("/history?page=2", Host="evil.example")
    assert (answer.status, answer.headers["location"]) == (301, f"https://{NAME}/history?page=2")


def test_fault_75_a_token_gets_into_no_log(front):
    for path in ("/subscriptions/secret", "/unsubscribe/secret", "/hooks/bounce?recipient=secret", "/feeds?end"):
        front.nginx.ask(path)
        front.nginx.ask_plainly(path)
    poll_until(lambda: front.nginx.log().count("/feeds?end") == 2, 10, "nginx writes its log")
    assert "secret" not in front.nginx.log()


def test_fault_94_staff_have_a_process_of_their_own_and_a_flood_of_sign_ins_is_slowed_down(front):
    front.site.kill_web()
    assert front.nginx.ask("/admin/login/").status == 200
    statuses = [front.nginx.ask("/admin/login/", "POST", "x=1").status for _ in range(13)]
    assert (statuses[0], statuses[-1]) == (403, 429)
    assert front.nginx.ask("/").status == 200


# --- Everything behind it is dead -----------------------------------------------------------------------------------


def test_fault_19_with_every_program_dead_all_that_is_published_is_answered(front):
    before = {path: front.nginx.ask(path).body for path in front.paths()}
    front.kill_everything()
    for path, body in before.items():
        answer = front.nginx.ask(path)
        assert (answer.status, answer.body) == (200, body), path
    assert front.nginx.ask("/report", "POST", "what=x").status == 503
    assert front.nginx.ask("/admin/").status == 502


OF_GERMANS = {"Referer": f"https://{NAME}/de/subscribe"}
OF_A_GERMAN_BROWSER = {"Accept_Language": "de-AT,de;q=0.9,en;q=0.8"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "place"),
    [
        ("POST", "/report", {}, ""),
        ("POST", "/subscribe", OF_GERMANS, "/de"),
        ("POST", "/subscribe", {"Referer": f"https://{NAME}/subscribe", "Accept-Language": "de"}, ""),
        ("GET", "/subscriptions/token", OF_A_GERMAN_BROWSER, "/de"),
        ("POST", "/unsubscribe/token", {"Accept_Language": "fr"}, ""),
        ("POST", "/de/report", {"Accept_Language": "en"}, "/de"),
        ("GET", "/report/unknown", {"Accept_Language": "../../etc"}, ""),
        ("HEAD", "/readyz", {}, ""),
        ("POST", "/hooks/bounce", {}, ""),
        ("POST", "/", {}, ""),
    ],
)
def test_with_every_program_dead_whatever_they_would_take_is_told_so_in_words(front, method, path, headers, place):
    front.kill_everything()
    body = "email=reader@example.org" if method == "POST" else None
    answer = front.nginx.ask(path, method, body, **headers)
    published = (front.folder / "current" / f".{place}/503.html").read_bytes()
    assert (answer.status, answer.body) == (503, b"" if method == "HEAD" else published)
    assert f'href="{place or "/"}">'.encode() in published  # where the status page is
    assert (answer.headers["retry-after"], answer.headers["cache-control"]) == ("120", "no-store")
    page = front.nginx.ask("/")
    of_a_file = {"cache-control", "retry-after", "content-length"}
    assert facts(answer, without=of_a_file) == facts(page, without=of_a_file)


def test_without_a_program_and_without_its_folder_nginx_still_answers(front):
    front.kill_everything()
    current, away = front.folder / "current", front.folder / "away"
    current.rename(away)
    try:
        asked = {path: front.nginx.ask(path).status for path in ("/", "/404", "/index", "/nothing", "/readyz")}
    finally:
        away.rename(current)
    assert asked == {"/": 503, "/404": 404, "/index": 404, "/nothing": 503, "/readyz": 503}


def test_what_a_program_says_of_itself_is_its_own_word(front):
    """Not ready is not dead."""
    front.site.manage("hold")
    try:
        ours, programs = front.nginx.ask("/readyz"), front.site.get("/readyz")
    finally:
        front.site.manage("release", "--confirm")
    assert (ours.status, ours.body, ours.headers["content-type"]) == (
        503,
        programs.body,
        "application/json; charset=utf-8",
    )
    assert "retry-after" not in ours.headers


def test_fault_19_with_every_program_dead_the_page_says_in_each_language_that_it_is_old(front, settings):
    front.kill_everything()
    assert not any(is_old(front, path) for path in ("/", "/de", "/de/"))
    untouched = {path: front.nginx.ask(path).body for path in ("/history", "/history.rss", "/api/v2/summary.json")}
    settings.STALE_AFTER_SECONDS = 0
    store.beat(front.folder)
    poll_until(lambda: is_old(front, "/"), SECONDS_UNTIL_OLD, "the page says that it is old")
    for path, file in {"/": ".stale.html", "/de": "de/.stale.html", "/de/": "de/.stale.html"}.items():
        answer = front.nginx.ask(path)
        assert (answer.status, answer.body) == (200, (front.folder / "current" / file).read_bytes())
        assert "content-security-policy" in answer.headers and "x-revision" in answer.headers
    assert {path: front.nginx.ask(path).body for path in untouched} == untouched
    assert front.nginx.ask("/zz").status == 404
    settings.STALE_AFTER_SECONDS = 300
    store.beat(front.folder)
    assert not any(is_old(front, path) for path in ("/", "/de", "/de/"))


def is_old(front: Front, path: str) -> bool:
    return OLD in front.nginx.ask(path).body


def test_with_every_program_dead_an_emergency_is_read_with_its_own_revision_and_no_reload(front):
    front.kill_everything()
    before = int(front.nginx.ask("/").headers["x-revision"])
    said = front.site.manage("post_emergency", "--title", "Cables were cut", "--body", "We are on it.").stdout
    page = said.removeprefix("published: ").partition(".")[0]
    for path in ("/", "/de", page, "/history.rss", "/api/v2/summary.json"):
        answer = front.nginx.ask(path)
        assert (answer.status, int(answer.headers["x-revision"])) == (200, before + 1), path
        assert "Cables were cut" in answer.text, path
    assert int(front.nginx.ask("/nothing").headers["x-revision"]) == before + 1
