"""The Django application `statuspage`."""

from django.apps import AppConfig


class StatusPageConfig(AppConfig):
    name = "statuspage"
    verbose_name = "Status page"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Importing these registers their documents with the publication.
        from . import patience
        from .exporting import contents
        from .public import reporting  # noqa: F401
        from .publishing import api_entries, api_v2, badge, html, look, robots, widget  # noqa: F401

        contents.register()
        patience.limit_everybody()
        look.program()  # read now: later these files may be the next release's
