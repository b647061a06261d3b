"""The link with which somebody chooses a password: shown once, valid for a day, works once.

It carries the account's number, signed together with a digest of its password and its last
sign-in: either changing makes it void. Nothing of it is stored.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from statuspage.actions import staff
from statuspage.roles import Ability

from . import doors

SALT = "statuspage.console.invitation"
VALID_SECONDS = 24 * 3600


def token_for(user: User) -> str:
    return signing.dumps([user.pk, fingerprint(user)], salt=SALT)


def fingerprint(user: User) -> str:
    """Changes as soon as the link has served, or its account is used otherwise."""
    facts = f"{user.pk} {user.password} {user.last_login} {user.is_active} {user.email}"
    return salted_hmac(SALT, facts, algorithm="sha256").hexdigest()[:32]


def whose(token: str) -> User | None:
    """The account a link is for; None where it is void, for whatever reason."""
    try:
        pk, print_then = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True, is_staff=True).first()
    return user if user and fingerprint(user) == print_then else None


@require_POST
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link for somebody who has an account."""
    doors.actor(request).require(Ability.OWN)
    return shown(request, get_object_or_404(User, pk=pk, is_staff=True, is_active=True))


def shown(request: HttpRequest, user: User) -> HttpResponse:
    """The link, for an owner's eyes, this once."""
    staff.invite(user=user, actor=doors.actor(request))
    link = settings.SITE_URL + reverse("admin:invitation", args=[token_for(user)])
    context = {"title": _("A link to choose a password"), "person": user, "link": link}
    return doors.page(request, "console/invited.html", context)


@never_cache
@csrf_protect
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password with a link; nobody is signed in by it."""
    user = whose(token)
    context = {"title": _("Choose a password"), "person": user}
    if user is None:
        return render(request, "console/invitation.html", context, status=404)
    form = SetPasswordForm(user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "console/invitation.html", {**context, "form": form}, status=status)
    staff.accept_invitation(user=user, password=form.cleaned_data["new_password1"])
    messages.success(request, _("Your password is set. Sign in with it."))
    return redirect("admin:login")
