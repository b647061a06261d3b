"""Owns the command lines of a site's programs: the same for `make run`, for the tests and, written out, for systemd."""

from pathlib import Path

from deploy.processes import python

WEB_THREADS = 8
"""Granian's own default opens more database connections than PostgreSQL allows."""
WEB_CONNECTIONS = 16_384
"""Readers keep theirs open, slow ones for long. Granian's own 1,024 would let everybody else wait until one leaves."""
CELERY = python("celery", "--quiet", "--app", "statuspage")
APPLICATION = "statuspage.wsgi:application"


def web(port: int) -> list[str]:
    """The web server on 127.0.0.1."""
    address = ["--host", "127.0.0.1", "--port", str(port)]
    limits = ["--blocking-threads", str(WEB_THREADS), "--backlog", "4096", "--backpressure", str(WEB_CONNECTIONS)]
    return python("granian", "--interface", "wsgi", *address, *limits, "--log-level", "error", APPLICATION)


def worker(name: str = "worker", *, concurrency: int = 2) -> list[str]:
    """A worker with a pool of so many processes. Workers of one machine need names of their own."""
    # Gossip and mingle are talk between workers, and one more thing to break when the doorbell restarts.
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "warning"]
    return [*CELERY, "worker", "--hostname", f"{name}@%h", "--concurrency", str(concurrency), *quiet]


def beat(schedule: Path) -> list[str]:
    """A scheduler that remembers what it did in the given file."""
    # No pid file: one that a killed scheduler left behind would keep the next from starting.
    return [*CELERY, "beat", "--schedule", str(schedule), "--pidfile", "", "--loglevel", "warning"]
