"""The site's settings with one of `mutants` installed: for programs of a storm that must be noticed."""

from statuspage.settings import *  # noqa: F403
from statuspage.settings import INSTALLED_APPS as OWN

INSTALLED_APPS = [*OWN, "tests.chaos.mutants.Mutated"]
