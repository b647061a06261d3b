"""The webhook channel against real HTTPS servers and a real name server: every answer, every trick (fault 77)."""

import socket
import ssl
import threading
import time
from datetime import timedelta

import pytest

from notifications.channels.base import Accepted, Ambiguous, Blame, Post, Refused, Unavailable
from notifications.channels.webhook import WebhookChannel, pause_of, signature
from statuspage.outward.addresses import NotAllowed, NotFound, Target, is_public, target_of, vetted
from tests.servers.dns import NameServer
from tests.servers.webhook import WebhookSink

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"incident":{"name":"API is down"}}'

METADATA, PRIVATE = "169.254.169.254", "10.0.0.1"


@pytest.fixture
def sink(tmp_path):
    server = WebhookSink(tmp_path / "sink", "localhost", "hook.example.test").start()
    yield server
    server.stop()


@pytest.fixture
def names():
    server = NameServer().start()
    yield server
    server.stop()


def channel(sink: WebhookSink, **facts) -> WebhookChannel:
    context = ssl.create_default_context()
    sink.authority.configure_trust(context)
    return WebhookChannel(**{"allowed": [sink.host], "deadline_seconds": 2.0, "context": context, **facts})


def post(url: str, body: bytes = BODY) -> Post:
    return Post("0b5c1a9e-1", url, body, SECRET)


# --- What is posted, and what the answers mean ------------------------------------------------------


def test_a_call_carries_the_body_its_id_and_a_signature(sink):
    assert channel(sink, clock=lambda: 1_795_000_000.7).send(post(sink.url)) == Accepted("")
    (call,) = sink.calls()
    assert call.body == BODY and call.path == "/hooks/status"
    assert call.headers["Host"] == sink.host
    assert call.headers["Content-Type"] == "application/json; charset=utf-8"
    assert call.headers["X-Delivery-ID"] == call.headers["Webhook-Id"] == "0b5c1a9e-1"
    assert call.headers["Webhook-Timestamp"] == "1795000000"
    assert call.headers["Webhook-Signature"] == signature(SECRET, "0b5c1a9e-1", "1795000000", BODY)


def test_the_signature_is_that_of_the_specification():
    """The example of the Standard Webhooks specification's own libraries."""
    body = b'{"test": 2432232314}'
    made = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_only_the_path_and_the_query_of_the_address_are_asked_for(sink):
    channel(sink).send(post(f"{sink.url}?api_key=a%20b&stream=x"))
    assert sink.calls()[0].path == "/hooks/status?api_key=a%20b&stream=x"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_success(sink, status):
    sink.script(status=status)
    assert channel(sink).send(post(sink.url)) == Accepted("")


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_other_answers_are_failures_that_are_tried_again(sink, status):
    sink.script(status=status)
    outcome = channel(sink).send(post(sink.url))
    assert isinstance(outcome, Unavailable) and outcome.code == str(status) and outcome.counts


def test_410_is_the_end(sink):
    sink.script(status=410)
    outcome = channel(sink).send(post(sink.url))
    assert isinstance(outcome, Refused) and outcome.permanent and outcome.blame == Blame.OPTED_OUT


def test_it_comes_back_when_the_endpoint_says_but_not_in_a_week():
    assert pause_of("120") == timedelta(seconds=120)
    assert pause_of("999999999999") == timedelta(hours=1)
    assert [pause_of(each) for each in (None, "", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "²")] == [None] * 5


def test_no_answer_may_have_been_taken(sink):
    sink.script(answer="drop", times=1)
    assert isinstance(channel(sink).send(post(sink.url)), Ambiguous)
    sink.script(answer="stall")
    assert isinstance(channel(sink, deadline_seconds=0.5).send(post(sink.url)), Ambiguous)


def test_an_answer_that_drips_ends_with_the_deadline(sink):
    sink.script(answer="drip")
    began = time.monotonic()
    assert isinstance(channel(sink, deadline_seconds=0.7).send(post(sink.url)), Ambiguous)
    assert time.monotonic() - began < 2


def test_an_answer_without_end_is_not_read(sink):
    sink.script(answer="endless")
    began = time.monotonic()
    assert channel(sink).send(post(sink.url)) == Accepted("")
    assert time.monotonic() - began < 2


def test_nobody_there_was_certainly_not_reached(sink):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    outcome = channel(sink, allowed=[f"localhost:{port}"]).send(post(f"https://localhost:{port}/"))
    assert isinstance(outcome, Unavailable) and outcome.code == "connection refused"


def test_a_strangers_certificate_is_not_believed(sink, names):
    unknown = WebhookChannel(allowed=[sink.host], deadline_seconds=2.0)
    assert unknown.send(post(sink.url)).code == "certificate"
    names.says("other.example.test", ["127.0.0.1"])
    host = f"other.example.test:{sink.port}"
    wrong = channel(sink, allowed=[host], resolve=names.resolve).send(post(f"https://{host}/"))
    assert wrong.code == "certificate" and sink.calls() == []


def test_no_proxy_of_the_environment_sees_it(sink, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert channel(sink).send(post(sink.url)) == Accepted("")


# --- Fault 77 ---------------------------------------------------------------------------------------


def test_fault_77_a_redirect_is_a_failure_and_not_followed(sink, tmp_path):
    inside = WebhookSink(tmp_path / "inside", "localhost", authority=sink.authority).start()
    for status in (301, 302, 303, 307, 308):
        sink.script(status=status, headers={"Location": inside.url}, times=1)
        outcome = channel(sink, allowed=[sink.host, inside.host]).send(post(sink.url))
        assert isinstance(outcome, Unavailable) and outcome.code == str(status)
    assert inside.calls() == [] and len(sink.calls()) == 5
    inside.stop()


ADDRESSES = {
    "metadata": METADATA,
    "private": PRIVATE,
    "carrier": "100.64.1.1",
    "loopback": "127.0.0.1",
    "this network": "0.0.0.0",
    "multicast": "224.0.0.1",
    "future": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "documentation": "192.0.2.1",
    "benchmark": "198.18.0.1",
    "loopback 6": "::1",
    "unspecified 6": "::",
    "unique local": "fd12:3456:789a::1",
    "link local 6": "fe80::1%eth0",
    "site local 6": "fec0::1",
    "multicast 6": "ff02::1",
    "mapped": "::ffff:10.0.0.1",
    "mapped metadata": "::ffff:a9fe:a9fe",
    "compatible": "::10.0.0.1",
    "6to4": "2002:0a00:0001::1",
    "NAT64": "64:ff9b::a9fe:a9fe",
    "Teredo": "2001:0:0a00:1::1",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_fault_77_no_address_of_ours_is_anybodys_to_call(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_the_internets_own_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_fault_77_a_name_with_such_an_address_is_not_called(names, address):
    """Also where another is public: whoever has one of each must not choose for us."""
    names.says("both.example.test", ["8.8.8.8", address.partition("%")[0]])
    outcome = WebhookChannel(resolve=names.resolve).send(post("https://both.example.test/"))
    assert outcome.code == "not allowed"


URLS = {
    "hex": "https://0x7f000001/",
    "decimal": "https://2130706433/",
    "octal": "https://0177.0.0.1/",
    "short": "https://127.1/",
    "dotted": "https://127.0.0.1/",
    "dotted, rooted": "https://127.0.0.1./",
    "a public address": "https://8.8.8.8/",
    "metadata": f"https://{METADATA}/latest/meta-data/",
    "IPv6": "https://[::1]/",
    "IPv6 mapped": "https://[::ffff:10.0.0.1]/",
    "unique local": "https://[fd00::1]/",
    "userinfo": "https://example.com@10.0.0.1/",
    "userinfo and password": "https://a:b@example.com/",
    "a bare @": "https://@example.com/",
    "another port": "https://example.com:8443/",
    "the port of a database": "https://example.com:5432/",
    "no number for a port": "https://example.com:https/",
    "plain HTTP": "http://example.com/",
    "a file": "file:///etc/passwd",
    "gopher": "gopher://example.com/",
    "no host": "https:///path",
    "one label": "https://localhost/",
    "backslash": "https://example.com\\@10.0.0.1/",
    "a space": "https://example.com /",
    "a new line": "https://example.com/\r\nHost: inside",
    "a tab": "https://exam\tple.com/",
    "half a bracket": "https://[::1/",
}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_fault_77_such_addresses_are_refused_before_any_name_is_asked_for(url, names):
    with pytest.raises(NotAllowed):
        target_of(url, [])
    assert WebhookChannel(resolve=names.resolve).send(post(url)).code == "not allowed"
    assert not names.asked


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "0177.0.0.1", "127.1"])
def test_fault_77_the_systems_own_reading_of_such_a_host_is_judged_too(host):
    """The second wall: what the resolver makes of it is 127.0.0.1."""
    with pytest.raises(NotAllowed):
        vetted(Target(host, 443, "/"), [], 5.0)


def test_fault_77_a_name_that_moves_inside_after_it_was_looked_at_is_not_called(sink, names):
    """Rebinding between subscribing and calling: public when it was typed, 127.0.0.1 when it is called."""
    names.says("rebind.example.test", ["8.8.8.8"], ["127.0.0.1"])
    target = target_of("https://rebind.example.test/", [])
    assert vetted(target, [], 5.0, names.resolve) == ["8.8.8.8"]
    outcome = channel(sink, resolve=names.resolve).send(post("https://rebind.example.test/"))
    assert outcome.code == "not allowed" and sink.calls() == []


def test_fault_77_the_connection_goes_to_the_very_address_that_was_looked_at(sink, names):
    """Rebinding within one call: the name is asked for once, and its second answer is nobody's."""
    host = f"hook.example.test:{sink.port}"
    names.says("hook.example.test", ["127.0.0.1"], ["127.0.0.2"])
    outcome = channel(sink, allowed=[host], resolve=names.resolve).send(post(f"https://{host}/x"))
    assert outcome == Accepted("")
    assert set(names.asked.values()) == {1}
    assert sink.calls()[0].headers["Host"] == host


def test_fault_77_a_slow_name_server_costs_the_deadline_and_no_more(sink):
    ended = threading.Event()
    began = time.monotonic()
    outcome = channel(sink, deadline_seconds=0.3, resolve=lambda name: ended.wait(30) and []).send(
        post("https://slow.example.test/")
    )
    ended.set()
    assert outcome.code == "not found" and time.monotonic() - began < 2


def test_a_name_that_is_nobodys_is_not_found(names):
    with pytest.raises(NotFound):
        vetted(Target("nobody.example.test", 443, "/"), [], 5.0, names.resolve)


# --- What the operator allows --------------------------------------------------------------------------


def test_a_host_is_allowed_by_its_name_and_port_and_only_there(sink):
    assert target_of(sink.url, [sink.host]).port == sink.port
    for other in (f"https://localhost:{sink.port + 1}/", "https://localhost/", f"https://sub.{sink.host}/"):
        with pytest.raises(NotAllowed):
            target_of(other, [sink.host])
    assert target_of("https://intranet/", ["intranet"]) == Target("intranet", 443, "/")


def test_fault_77_an_allowed_host_may_be_internal_but_never_where_clouds_keep_their_keys(names):
    names.says("hook.internal", [PRIVATE], [METADATA], ["fe80::1"], ["0.0.0.0"])
    target = target_of("https://hook.internal/", ["hook.internal"])
    assert vetted(target, ["hook.internal"], 5.0, lambda name: [PRIVATE]) == [PRIVATE]
    for address in (METADATA, "fe80::1", "0.0.0.0", "224.0.0.1"):
        with pytest.raises(NotAllowed):
            vetted(target, ["hook.internal"], 5.0, lambda name, address=address: [address])
    with pytest.raises(NotAllowed):
        vetted(target_of("https://hook.internal/", []), [], 5.0, lambda name: [PRIVATE])


def test_tls_of_another_authority_is_trusted_where_the_environment_names_it(sink, monkeypatch):
    """An internal authority, as SSL_CERT_FILE: what an operator of internal hosts sets."""
    monkeypatch.setenv("SSL_CERT_FILE", str(sink.ca_file))
    assert WebhookChannel(allowed=[sink.host], deadline_seconds=2.0).send(post(sink.url)) == Accepted("")


def test_the_secret_shows_in_no_representation():
    assert SECRET not in repr(post("https://example.com/"))
