"""Tokens: good for one purpose and one subscription, through every rotation of the key."""

import hashlib
from uuid import UUID, uuid4

import pytest

from notifications import tokens
from notifications.models import LinkToken, Subscription
from notifications.tokens import KeyLost, Purpose


@pytest.fixture
def subscription():
    return Subscription(pk=uuid4(), address_version=3)


@pytest.fixture
def link():
    return make_link(Purpose.CONFIRM)


def make_link(purpose, row_id=None):
    row_id = row_id or uuid4()
    return LinkToken(pk=row_id, purpose=purpose, digest=tokens.first_digest(purpose, row_id))


def test_an_unsubscribe_token_names_its_subscription(subscription):
    token = tokens.unsubscribe_token(subscription)
    assert tokens.subscription_id(token) == subscription.pk
    assert tokens.is_unsubscribe_token(token, subscription)


def test_an_unsubscribe_token_is_stable_short_and_survives_mail_programs(subscription):
    token = tokens.unsubscribe_token(subscription)
    assert token == tokens.unsubscribe_token(subscription)
    assert len(token) == 48
    assert token.isalnum()
    assert tokens.is_unsubscribe_token(token.upper(), subscription)


def test_fault_75_a_tampered_unsubscribe_token_is_nothing(subscription):
    token = tokens.unsubscribe_token(subscription)
    for place, letter in enumerate(token):
        other = token[:place] + ("b" if letter == "a" else "a") + token[place + 1 :]
        named = tokens.subscription_id(other)
        assert named != subscription.pk or not tokens.is_unsubscribe_token(other, subscription)


def test_fault_75_an_unsubscribe_token_ends_with_its_address_version(subscription):
    token = tokens.unsubscribe_token(subscription)
    subscription.address_version += 1
    assert not tokens.is_unsubscribe_token(token, subscription)


def test_fault_75_one_subscriptions_token_is_not_anothers(subscription):
    other = Subscription(pk=uuid4(), address_version=3)
    forged = tokens.encode(other.pk.bytes + tokens.decode(tokens.unsubscribe_token(subscription))[16:])
    assert not tokens.is_unsubscribe_token(forged, other)


@pytest.mark.parametrize("token", ["", "a", "ä", "../..", "=" * 48, "a" * 48 + "a", "1" * 48, "\x00" * 48])
def test_rubbish_is_no_token(token, subscription):
    assert tokens.subscription_id(token) != subscription.pk
    assert not tokens.is_unsubscribe_token(token, subscription)


def test_fault_75_only_the_digest_of_a_link_token_is_in_its_row(link):
    token = tokens.link_token(link)
    assert link.digest == hashlib.sha256(token.encode()).hexdigest()
    assert token not in repr(vars(link))


def test_fault_75_tokens_are_bound_to_their_purpose():
    row_id = UUID(int=7)
    made = {tokens.link_token(make_link(purpose, row_id)) for purpose in (Purpose.CONFIRM, Purpose.MANAGE)}
    unsubscribe = tokens.unsubscribe_token(Subscription(pk=row_id, address_version=1))
    assert len(made | {unsubscribe}) == 3
    assert all(tokens.subscription_id(token) is None for token in made)


def test_every_token_survives_a_rotation_of_the_key(settings, subscription, link):
    unsubscribe, confirm = tokens.unsubscribe_token(subscription), tokens.link_token(link)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert tokens.is_unsubscribe_token(unsubscribe, subscription)
    assert tokens.link_token(link) == confirm
    assert tokens.unsubscribe_token(subscription) != unsubscribe


def test_a_key_that_is_gone_takes_its_tokens_along(settings, subscription, link):
    unsubscribe = tokens.unsubscribe_token(subscription)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", []
    assert not tokens.is_unsubscribe_token(unsubscribe, subscription)
    with pytest.raises(KeyLost):
        tokens.link_token(link)


def test_fault_79_links_are_made_from_the_sites_own_address(settings, subscription, link):
    settings.SITE_URL = "https://status.example.com"
    assert tokens.unsubscribe_url(subscription).startswith("https://status.example.com/unsubscribe/")
    assert tokens.confirm_url(link) == f"https://status.example.com/subscriptions/{tokens.link_token(link)}"
    assert tokens.manage_url(link) == tokens.confirm_url(link)
