"""The tests' own Valkey: killed, paused and emptied on demand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.servers.valkey import Valkey


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    """A running Valkey."""
    valkey = Valkey(tmp_path / "valkey").start()
    yield valkey
    valkey.kill()


@pytest.fixture
def client(server: Valkey) -> Iterator[redis.Redis]:
    """A client that waits half a second for an answer."""
    with redis.Redis.from_url(server.url, socket_timeout=0.5, decode_responses=True) as connected:
        yield connected


def test_it_keeps_what_was_written_on_the_same_port_after_an_orderly_end(server, client):
    client.set("bell", "rung")
    server.stop()
    with pytest.raises(redis.ConnectionError):
        client.get("bell")
    server.start()
    assert client.get("bell") == "rung"


def test_it_starts_again_after_kill_9(server, client):
    server.kill()
    server.start()
    assert client.ping()


def test_paused_it_takes_connections_and_says_nothing(server, client):
    server.pause()
    with pytest.raises(redis.TimeoutError):
        client.ping()
    server.resume()
    assert client.ping()


def test_flushed_it_has_forgotten_everything(server, client):
    client.set("bell", "rung")
    server.flush()
    assert client.get("bell") is None


def test_a_full_doorbell_says_so_instead_of_forgetting(client):
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("appendonly") == {"appendonly": "yes"}
