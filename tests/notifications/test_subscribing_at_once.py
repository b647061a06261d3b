"""Two presses at one instant: real threads, each with its own connection, on whichever database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from notifications import addresses, subscriptions, tokens
from notifications.choices import Choices
from notifications.models import LinkToken, OutboxEvent, RateCounter, Subscription
from notifications.subscriptions import LinkUnusable

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def at_once(act, things):
    """What `act` gave or raised for each thing, all begun together."""
    barrier = Barrier(len(things))

    def one(thing):
        try:
            barrier.wait(10)
            return act(thing)
        except LinkUnusable as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(one, things))


def ask(value):
    subscriptions.request_subscription(address=addresses.email(value), choices=Choices(), network="n")


def test_fault_57_many_requests_for_one_new_address_send_one_message():
    at_once(ask, ["Reader@example.com", "reader@example.com"] * (THREADS // 2))
    assert Subscription.objects.count() == OutboxEvent.objects.count() == 1


def test_fault_72_a_shared_limit_is_exact_under_a_rush(settings):
    settings.SUBSCRIBE_PER_HOUR = 3
    at_once(ask, [f"reader{number}@example.com" for number in range(THREADS)])
    assert OutboxEvent.objects.count() == 3
    assert RateCounter.objects.get(key="all").count == 3


def test_fault_75_of_many_presses_of_one_button_one_counts():
    ask("reader@example.com")
    token = tokens.link_token(LinkToken.objects.get())
    results = at_once(subscriptions.confirm, [token] * THREADS)
    assert [isinstance(each, LinkUnusable) for each in results].count(False) == 1
    assert Subscription.objects.get().is_confirmed
