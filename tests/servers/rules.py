"""Owns the scripted misbehaviour of a test server: which request meets which fault, and how often."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Rule:
    """One fault: the facts it applies to, what happens then, and how many times more (None: for ever)."""

    facts: dict[str, Any]
    fault: dict[str, Any]
    times: int | None = None

    def fits(self, facts: dict[str, Any]) -> bool:
        """Whether every fact that the rule names is as the rule says; an address may be named by its @domain."""
        return all(agrees(wanted, facts.get(name)) for name, wanted in self.facts.items())


def agrees(wanted: object, found: object) -> bool:
    """Whether a fact is the wanted one; `@example.org` stands for every address there, None for anything."""
    if isinstance(wanted, str) and wanted.startswith("@"):
        return str(found).lower().endswith(wanted.lower())
    return wanted is None or wanted == found


@dataclass
class Rules:
    """Rules in the order they were given; the first that fits is used."""

    _rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, facts: dict[str, Any], fault: dict[str, Any], times: int | None) -> None:
        """From now on, `fault` meets what has these facts."""
        with self._lock:
            self._rules.append(Rule(facts, fault, times))

    def clear(self) -> None:
        """No more faults."""
        with self._lock:
            self._rules.clear()

    def take(self, **facts: Any) -> dict[str, Any] | None:
        """The fault that these facts meet now, counted as used; None where all is well."""
        with self._lock:
            rule = next((rule for rule in self._rules if rule.fits(facts)), None)
            if rule and rule.times is not None:
                rule.times -= 1
                if not rule.times:
                    self._rules.remove(rule)
        return rule.fault if rule else None

    def holds(self, test: Callable[[Rule], bool]) -> bool:
        """Whether any rule passes the test."""
        with self._lock:
            return any(map(test, self._rules))
