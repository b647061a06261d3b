"""Limits on the public form: who is counted, what is counted, and what happens at the end of it."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from notifications import addresses, limits, subscriptions
from notifications.choices import Choices
from notifications.limits import Limit
from notifications.models import LinkToken, OutboxEvent, RateCounter
from statuspage.public import strangers

from .snapshots import NOON

NETWORK = "a network"


def minutes(count):
    return timedelta(minutes=count)


def ask(value="reader@example.com", network=NETWORK, now=NOON):
    """Ask for a message; True where one is sent."""
    before = OutboxEvent.objects.count()
    address = addresses.email(value) if "@" in value else addresses.phone(value)
    subscriptions.request_subscription(address=address, choices=Choices(), network=network, now=now)
    return OutboxEvent.objects.count() > before


# --- Who asks ------------------------------------------------------------------------------------


def network(remote, forwarded=None):
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    return strangers.client_network(RequestFactory(headers=headers).get("/", REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1234:56ff::1", "2001:db8:1234:5600::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/56"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_a_network_is_a_household(address, expected):
    assert network(address) == expected


@pytest.mark.parametrize("claimed", ["203.0.113.9", "203.0.113.9, 198.51.100.7", "", "x" * 1000, "127.0.0.1"])
def test_fault_72_nobody_chooses_their_network_by_a_header(claimed):
    assert network("192.0.2.77", claimed) == "192.0.2.0/24"


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        (["10.0.0.1"], "10.0.0.1", "203.0.113.9", "203.0.113.0/24"),
        (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, 203.0.113.9, 10.9.9.9", "203.0.113.0/24"),
        (["10.0.0.1"], "10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.0/24"),
        (["10.0.0.1"], "10.0.0.1", "", "10.0.0.0/24"),
        (["10.0.0.1"], "10.0.0.1", "203.0.113.9, nonsense", "unknown"),
        (["unix"], "", "203.0.113.9", "203.0.113.0/24"),
        (["::1"], "::1", "2001:db8::1", "2001:db8::/56"),
    ],
)
def test_a_trusted_proxys_word_counts_from_its_right_end(settings, proxies, remote, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    assert network(remote, forwarded) == expected


# --- Counting --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_limit_is_full_and_then_begins_anew():
    limit = [Limit("k", 2, minutes(15))]
    assert [limits.take(limit, NOON + minutes(at)) for at in (0, 14, 14.9, 15, 16, 17)] == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]


@pytest.mark.django_db
def test_a_full_limit_uses_up_no_other():
    shared = Limit("shared", 10, minutes(60))
    assert [limits.take([Limit("own", 1, minutes(15)), shared], NOON) for _ in range(5)].count(True) == 1
    assert RateCounter.objects.get(key="shared").count == 1


@pytest.mark.django_db
def test_a_clock_that_went_back_closes_nothing():
    assert limits.take([Limit("k", 1, minutes(15))], NOON)
    assert limits.take([Limit("k", 1, minutes(15))], NOON - minutes(60))


@pytest.mark.django_db
def test_no_counter_knows_an_address_or_a_network():
    ask("reader@example.com", network=limits.keyed_hash("network", "192.0.2.0/24"))
    keys = " ".join(RateCounter.objects.values_list("key", flat=True))
    assert "reader" not in keys
    assert "192.0.2" not in keys


@pytest.mark.django_db
def test_old_counters_are_forgotten():
    ask(now=NOON)
    assert limits.forget_old(NOON + timedelta(days=3)) == 4
    assert not RateCounter.objects.exists()


# --- Mail --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_fault_72_one_address_gets_one_confirmation_in_a_quarter_of_an_hour_and_three_a_day():
    sent = [at for at in range(0, 24 * 60, 5) if ask(network=f"network {at}", now=NOON + minutes(at))]
    assert sent == [0, 15, 30]
    assert ask(now=NOON + timedelta(days=1))


@pytest.mark.django_db
def test_fault_72_another_spelling_is_no_way_around():
    assert ask("reader@example.com")
    assert not ask("READER@EXAMPLE.COM", network="another")


@pytest.mark.django_db
def test_fault_72_a_network_asks_for_so_many_in_an_hour(settings):
    settings.SUBSCRIBE_PER_NETWORK_HOUR = 5
    assert [ask(f"victim{number}@example.com") for number in range(8)].count(True) == 5
    assert ask("victim9@example.com", network="another")
    assert ask("victim9@example.com", now=NOON + minutes(60))


@pytest.mark.django_db
def test_fault_72_all_networks_together_ask_for_so_many_in_an_hour(settings):
    settings.SUBSCRIBE_PER_HOUR = 5
    assert [ask(f"victim{number}@example.com", network=f"botnet {number}") for number in range(8)].count(True) == 5


# --- Texts -------------------------------------------------------------------------------------------


@pytest.fixture
def countries(settings):
    settings.SMS_COUNTRIES = ["NL", "GB"]


@pytest.mark.django_db
def test_fault_74_a_block_of_a_thousand_numbers_gets_so_many_texts(settings, countries):
    settings.SUBSCRIBE_SMS_PER_BLOCK_DAY = 4
    block = [f"+31612345{number:03}" for number in range(20)]
    assert [ask(number, network=number) for number in block].count(True) == 4
    assert ask("+31612346000")


@pytest.mark.django_db
@pytest.mark.django_db
def test_fault_74_ten_thousand_numbers_in_a_row_get_a_handful_of_texts(countries):
    """A pumper with a network for each number, and as many numbers as an afternoon allows."""
    numbers = [f"+3161234{number:04}" for number in range(0, 10_000, 50)]
    sent = [ask(number, network=number, now=NOON + minutes(at)) for at, number in enumerate(numbers)]
    assert sent.count(True) < 40


@pytest.mark.django_db
@pytest.mark.parametrize(("confirmed", "goes_on"), [(0, False), (1, False), (2, True), (9, True)])
def test_fault_74_a_country_whose_texts_are_not_confirmed_gets_no_more(settings, countries, confirmed, goes_on):
    settings.SUBSCRIBE_SMS_SAMPLE = 10
    for number in range(10):
        assert ask(f"+3161{number:02}45678", network=str(number))
    for link in LinkToken.objects.all()[:confirmed]:
        LinkToken.objects.filter(pk=link.pk).update(used_at=NOON)
    assert ask("+31619945678", network="x", now=NOON + minutes(6)) is goes_on
    assert ask("+447400123456", network="y", now=NOON + minutes(6)), "another country goes on"
    assert ask("+31618845678", network="z", now=NOON + timedelta(days=1, minutes=7)), "and so does the next day"


@pytest.mark.django_db
def test_fault_74_a_day_has_so_many_texts_and_the_form_causes_a_quarter_of_them(settings, countries):
    settings.SMS_DAILY_LIMIT = 8
    numbers = [f"+3161{number:02}45678" for number in range(10, 20)]
    assert [ask(number, network=number) for number in numbers].count(True) == 2
    assert ask("reader@example.com"), "mail is not held back by it"
    assert ask(numbers[-1], now=NOON + timedelta(days=1))


@pytest.mark.parametrize(
    ("hop", "network"),
    [
        ("203.0.113.7:51234", "203.0.113.0/24"),
        ("[2001:db8::1]:51234", "2001:db8::/56"),
        ("2001:db8::1", "2001:db8::/56"),
        ("nonsense", "unknown"),
    ],
)
def test_a_proxy_that_names_the_socket_is_understood(hop, network):
    assert strangers.network_of(hop) == network
