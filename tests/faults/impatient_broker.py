"""The site's settings, with a broker that hands out again what nobody confirmed for a second (fault 12).

A task is confirmed when it is done, and the drain loop leaves everything to tasks.
"""

from statuspage import settings as production

globals().update({name: value for name, value in vars(production).items() if name.isupper()})
CELERY_BROKER_TRANSPORT_OPTIONS = production.CELERY_BROKER_TRANSPORT_OPTIONS | {
    "visibility_timeout": 1,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
CELERY_TASK_ACKS_LATE = True
CELERY_BEAT_SCHEDULE: dict[str, object] = {}
DELIVERY_SMS_DEADLINE_SECONDS = 30.0
