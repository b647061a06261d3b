"""The same page as an ordinary Django view renders it: read from the database for each reader. A WSGI application.

The same queries, templates and middleware as the product has; the difference is when they run.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - settings must be there first
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

from statuspage.models import Publication  # noqa: E402
from statuspage.public.views import healthz  # noqa: E402
from statuspage.publishing import capture, html  # noqa: E402


def front(request: HttpRequest) -> HttpResponse:
    """The front page; it shows no months, so they are not counted."""
    snapshot = capture.take(Publication.objects.current(), as_of=timezone.now(), months={})
    return HttpResponse(html.front(snapshot))


urlpatterns = [path("", front), path("healthz", healthz)]
settings.ROOT_URLCONF = "benchmarks.viewed"
