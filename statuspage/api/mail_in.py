"""/hooks/mail: mail to a component's own address, handed on whole by a mail server (deploy/README.md)."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from statuspage import handed_mail, mail_addresses, selectors
from statuspage.actions import hook_calls, mail_words
from statuspage.alerting import mails
from statuspage.models import CallSource, Component
from statuspage.vocabulary import ComponentStatus

from . import errors


@csrf_exempt
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """204 whatever the mail says, 403 without a token of ours, 413 where it is too long, 503 to try again."""
    if handed_mail.is_too_long(request):
        return HttpResponse(status=413)
    try:
        meant = mail_addresses.meant_by(handed_mail.places(request))
        return HttpResponse(status=took(request, *meant) if meant else 403)
    except Exception as error:
        return errors.answer(request, error)


def took(request: HttpRequest, component: Component, down: ComponentStatus) -> int:
    mail, now = mails.read(request.body), selectors.database_now()
    with transaction.atomic():
        did = mail_words.take(component=component, down=down, mail=mail, now=now)
        hook_calls.record(
            source=CallSource.MAIL,
            status=204,
            component=component,
            written_at=mail_words.usable_date(mail, now),
            caller=mail.subject[:255],
            did="ignored" if did in mail_words.IGNORED else did,
            said=mail_words.IGNORED.get(did, ""),
            now=now,
        )
    return 204
