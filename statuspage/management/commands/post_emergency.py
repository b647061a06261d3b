"""`manage.py post_emergency`: open an incident on the page with nothing but the disk."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from statuspage.actions.base import body_text, title
from statuspage.publishing import break_glass, store
from statuspage.vocabulary import ComponentStatus


class Command(BaseCommand):
    help = "Open an incident on this machine's page at once, without database, doorbell or workers. Nobody is told."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--title", required=True, help="one line, as it stands above the incident")
        parser.add_argument("--body", required=True, help="what readers should know")
        parser.add_argument(
            "--component",
            action="append",
            default=[],
            metavar="NAME=STATUS",
            help=f"how a component is ({', '.join(ComponentStatus)}); may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            path = break_glass.post(
                title=title(options["title"], "--title"),
                body=body_text(options["body"], "--body"),
                statuses=dict(said(each) for each in options["component"]),
                now=timezone.now(),
            )
        except ValidationError as error:
            raise CommandError(one_line(error), returncode=2) from error
        except (ValueError, store.FolderUnusable) as error:
            raise CommandError(
                f"--component: {error}" if isinstance(error, ValueError) else str(error), returncode=2
            ) from error
        except (break_glass.NothingPublished, OSError) as error:
            raise CommandError(f"PUBLISH_ROOT: {error}", returncode=2) from error
        self.stdout.write(f"published: {path}. The database gets it when it is back; nobody was told.")


def said(argument: str) -> tuple[str, str]:
    """`Git operations=major_outage` -> its two parts."""
    name, found, status = argument.rpartition("=")
    if not found or status not in set(ComponentStatus):
        raise ValueError(f"{argument!r} is not NAME=STATUS with one of {', '.join(ComponentStatus)}")
    return name, status


def one_line(error: ValidationError) -> str:
    return "; ".join(f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items())
