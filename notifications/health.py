"""How the telling is: what an operator, the console and the alarms want to know. Reads only."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .clock import database_now
from .delivery import hold

HELD = {
    hold.Reason.OLDER: gettext_lazy("this database is older than what the site has seen: a backup was restored"),
    hold.Reason.STRANGER: gettext_lazy("no machine that knows this database is at work: it may be a copy"),
    hold.Reason.ASKED: gettext_lazy("an operator asked for it"),
}


def held() -> str:
    """Why nothing is sent until somebody releases it, in words; "" where messages go out."""
    reason = hold.reason(database_now())
    if reason is None:
        return ""
    return _("held: %(reason)s; look at `manage.py release`") % {"reason": HELD[reason]}
