"""The site's settings, on a machine whose clock is wrong by CLOCK_IS_WRONG_BY seconds (fault 51)."""

import os
from datetime import UTC, datetime, timedelta

import time_machine

from statuspage import settings as production

globals().update({name: value for name, value in vars(production).items() if name.isupper()})
wrong = timedelta(seconds=int(os.environ["CLOCK_IS_WRONG_BY"]))
time_machine.travel(datetime.now(UTC) + wrong, tick=True).start()
