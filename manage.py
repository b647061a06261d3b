#!/usr/bin/env python3
"""Django's command line for the status page; errors of set-up are one line and exit status 2."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        # Asked here, because Django would go on without settings and call our commands unknown.
        settings.INSTALLED_APPS  # noqa: B018
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        return refuse(str(error))
    except OperationalError as error:
        return refuse(f"DATABASE_URL: the database does not answer: {error}")
    return 0


def refuse(reason: str) -> int:
    """Say in one line what to do; 2 is the exit status for unusable input."""
    print("error:", " ".join(reason.split()), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
