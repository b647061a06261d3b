"""The admin site's application, with the console as its site."""

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    default_site = "statuspage.console.site.Console"
