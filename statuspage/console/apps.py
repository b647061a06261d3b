"""The admin site's application, with the console as its site."""

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """Django's admin, its site replaced by ours."""

    default_site = "statuspage.console.site.Console"
