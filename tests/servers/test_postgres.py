"""The tests' own PostgreSQL: it keeps what was committed, and starts as whoever the tests run as."""

import os
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.servers import postgres
from tests.servers.postgres import LONGEST_SOCKET_PATH, Postgres


@pytest.fixture
def make_server() -> Iterator[Callable[..., Postgres]]:
    """Starts servers and removes them."""
    servers: list[Postgres] = []

    def make(**options: bool) -> Postgres:
        servers.append(Postgres(**options))
        return servers[-1].start()

    yield make
    for server in servers:
        server.remove()


def committed_row(server: Postgres) -> str:
    """A database with one committed row; its address."""
    url = server.create_database("facts")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE fact AS SELECT 42 AS answer")
    return url


def answer(url: str) -> object:
    """The row of that database."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT answer FROM fact").fetchone()
    return row and row[0]


@pytest.mark.parametrize("durable", [False, True])
def test_what_was_committed_survives_an_immediate_restart(make_server, durable):
    server = make_server(durable=durable)
    url = committed_row(server)
    server.restart("immediate")
    assert answer(url) == 42


def test_what_was_committed_survives_kill_9(make_server):
    server = make_server()
    url = committed_row(server)
    server.kill()
    with pytest.raises(psycopg.OperationalError):
        answer(url)
    server.start()
    assert answer(url) == 42


def test_removing_it_leaves_nothing(make_server):
    server = Postgres().start()
    server.remove()
    assert not server.folder.exists()


def test_it_listens_on_a_socket_alone_whose_path_is_short_enough(make_server):
    server = make_server()
    socket = server.folder / ".s.PGSQL.5432"
    assert socket.is_socket()
    assert len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_runs_it_as_nobody(make_server, monkeypatch):
    monkeypatch.setattr(postgres, "user_namespaces_work", lambda: False)
    server = make_server()
    assert answer(committed_row(server)) == 42
    assert (server.folder / "data").owner() == "nobody"
