"""One process that sends texts, as a worker's does: `python -m benchmarks.texter`, in a site's environment.

Says "ready" once it is warm, begins with the first line on stdin, ends when nothing is left
and says how much CPU it took.
"""

import json
import sys
import time

import django


def main() -> None:
    django.setup()
    from notifications import delivery
    from notifications.delivery import claim, senders
    from notifications.models import Delivery
    from notifications.states import Channel, State

    warm = senders.senders_for(Channel.SMS).one()
    assert hasattr(warm, "find"), warm
    Delivery.objects.exists()
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.process_time()
    while claim.due(Channel.SMS).exists() or Delivery.objects.filter(state=State.SENDING).exists():
        if not delivery.work(Channel.SMS):
            time.sleep(0.02)
    print(json.dumps({"cpu_seconds": time.process_time() - began}), flush=True)


if __name__ == "__main__":
    main()
