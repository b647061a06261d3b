"""Owns the command lines of a site's programs: the same for `make run`, for the tests and, written out, for systemd."""

from pathlib import Path

from deploy.processes import python

WEB_THREADS = 8
"""Granian's own default opens more database connections than PostgreSQL allows."""
CELERY = python("celery", "--quiet", "--app", "statuspage")


def web(port: int) -> list[str]:
    """The web server on 127.0.0.1."""
    address = ["--host", "127.0.0.1", "--port", str(port)]
    limits = ["--interface", "wsgi", "--blocking-threads", str(WEB_THREADS), "--log-level", "error"]
    return python("granian", *limits, *address, "statuspage.wsgi:application")


def worker(name: str = "worker", *, concurrency: int = 2) -> list[str]:
    """A worker with a pool of so many processes. Workers of one machine need names of their own."""
    # Gossip and mingle are talk between workers, and one more thing to break when the doorbell restarts.
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "warning"]
    return [*CELERY, "worker", "--hostname", f"{name}@%h", "--concurrency", str(concurrency), *quiet]


def beat(schedule: Path) -> list[str]:
    """A scheduler that remembers what it did in the given file."""
    # No pid file: one that a killed scheduler left behind would keep the next from starting.
    return [*CELERY, "beat", "--schedule", str(schedule), "--pidfile", "", "--loglevel", "warning"]
