"""Staff, one for each role, and the console as a browser sees it."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from statuspage.roles import ROLES


def person(role: str) -> User:
    """Somebody with that role; "nobody" is staff without any."""
    name = role.replace(" ", "-")
    known = User.objects.filter(username=name).first()
    user = known or User.objects.create_user(name, is_staff=True)
    if role in ROLES:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


@pytest.fixture
def sign_in(db):
    """Signs somebody of a role in; the client lets server errors through."""

    def signed_in(role: str = "publisher", **options) -> Client:
        client = Client(**options)
        client.force_login(person(role))
        return client

    return signed_in


@pytest.fixture
def publisher(sign_in) -> Client:
    return sign_in("publisher")
