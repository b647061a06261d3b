"""The one settings module: everything from the environment, checked where it enters.

A setting that is missing or unusable is one line that names it, and exit status 2
(`manage.py`). README.md has the table of these variables; a test keeps both the same.
"""

from email.utils import formataddr
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .environment import (
    between,
    colour,
    domain,
    env,
    hosts,
    links,
    local_secret_key,
    number,
    one_of,
    required,
    sender,
    some_of,
    switch,
    web_address,
    whole,
    zone,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

DEBUG = switch("DEBUG")

# --- Where the site is, and what it is called -----------------------------------------

IS_EMBEDDED = not env.str("DATABASE_URL", default="")
"""No database named: one machine, SQLite, everything below var/. Then keys may be made here."""

SECRET_KEY = env.str("SECRET_KEY", default="") or (
    local_secret_key(VAR_DIR) if IS_EMBEDDED else required("SECRET_KEY", "give at least 50 random characters")
)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SITE_URL = web_address(
    "SITE_URL",
    env.str("SITE_URL", default="http://127.0.0.1:8000")
    if IS_EMBEDDED
    else required("SITE_URL", "name the address readers use, such as https://status.example.com"),
)
SITE_NAME = env.str("SITE_NAME", default="Example")
PAGE_TIME_ZONE = zone("PAGE_TIME_ZONE", "Etc/UTC")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or [
    str(urlsplit(SITE_URL).hostname),
    "127.0.0.1",
    "localhost",
]
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
"""Addresses of proxies whose X-Forwarded-For is believed; nobody else's is."""
IS_HTTPS = SITE_URL.startswith("https://")

BRAND = {
    "logo": env.str("BRAND_LOGO", default=""),
    "colour": colour("BRAND_COLOUR"),
    "support_url": env.str("BRAND_SUPPORT_URL", default=""),
    "home_url": env.str("BRAND_HOME_URL", default=""),
    "links": links("BRAND_LINKS"),
    "footer": env.str("BRAND_FOOTER", default=""),
}

# --- Applications -------------------------------------------------------------------------

INSTALLED_APPS = [
    "statuspage.console.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "statuspage",
    "notifications",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "statuspage.middleware.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "statuspage.middleware.StaffLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "statuspage.patience.NotNow",
    "statuspage.api.paths.Paths",
]
ROOT_URLCONF = "statuspage.urls"
WSGI_APPLICATION = "statuspage.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Database -----------------------------------------------------------------------------

DATABASE_SCHEMES = {"postgres", "postgresql", "sqlite"}
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
"""A transaction that reads, then writes, must take the lock first, or it fails at once."""
POSTGRESQL_OPTIONS = {"connect_timeout": 5, "prepare_threshold": 2}


def database() -> dict[str, object]:
    """DATABASE_URL as Django's dictionary; SQLite below var/ where none is given."""
    url = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'statuspage.sqlite3'}"
    if url.split(":", 1)[0] not in DATABASE_SCHEMES:
        raise ImproperlyConfigured(
            f"DATABASE_URL: {url.split('://')[0]!r} is not a database this program speaks; "
            "use postgresql://user:password@host/name or sqlite:////folder/file"
        )
    try:
        config: dict[str, object] = dict(env.db_url_config(url))
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL: {error}") from None
    is_sqlite = str(config["ENGINE"]).endswith("sqlite3")
    config["OPTIONS"] = {
        **(SQLITE_OPTIONS if is_sqlite else POSTGRESQL_OPTIONS),
        **(config.get("OPTIONS") or {}),  # type: ignore[dict-item]
    }
    config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True
    return config


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Language and time -----------------------------------------------------------------------

KNOWN_LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "nl": "Nederlands",
    "fr": "Français",
    "es": "Español",
    "ar": "العربية",
}
"""Those with a whole catalogue, each by its own name for itself."""
LANGUAGES = some_of("LANGUAGES", KNOWN_LANGUAGES)
"""What the page is published in, and what people may read their messages in."""
LANGUAGE_CODE = one_of("DEFAULT_LANGUAGE", "en", [code for code, _ in LANGUAGES])
LOCALE_PATHS = [BASE_DIR / "statuspage" / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["statuspage.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Publication -----------------------------------------------------------------------------

PUBLISH_ROOT = Path(env.str("PUBLISH_ROOT", default=str(VAR_DIR / "public")))
OUTGOING_ROOT = VAR_DIR / "outgoing"
"""Where messages go when no relay or no Twilio account is set: never silently nowhere."""
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
STALE_AFTER_SECONDS = whole("STALE_AFTER_SECONDS", 300)
"""A heartbeat older than this makes the server say in words that the page is old."""
PAGE_REFRESH_SECONDS = whole("PAGE_REFRESH_SECONDS", 60)
"""How often the page is rendered again though nothing changed: its `as of` and its bars move on."""

# --- Doorbell --------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A broker that is full refuses to note that a task was taken: the worker tries again rather than end.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_CONSUMER = "statuspage.consumer:Consumer"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY = False
"""A bell that does not ring is let be: staff do not wait for it, the sweep comes anyway."""
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "socket_keepalive": True,
}
SWEEP_SECONDS = whole("SWEEP_SECONDS", 5)
"""How often due work is looked for in the database, with or without a doorbell."""
SERIES_DAYS_AHEAD = between("SERIES_DAYS_AHEAD", 35, 3, 366)
"""How long before it begins a window that recurs is announced; less than three would leave no time for notice."""
STANDING_SECONDS = 60
"""How often it is looked whether the figures of the console's list of contracts are still those of the records."""
MIRROR_SECONDS = between("MIRROR_SECONDS", 60, 30, 86_400)
"""How often the page of a provider is asked whose status a component follows."""
MIRROR_ALLOWED_HOSTS = hosts("MIRROR_ALLOWED_HOSTS")
"""Hosts, or host:port, that may be asked for their status page though they are not public."""
CELERY_BEAT_SCHEDULE = {
    "tend the page": {"task": "statuspage.tasks.tend", "schedule": SWEEP_SECONDS},
    "ask providers": {"task": "statuspage.tasks.ask_providers", "schedule": SWEEP_SECONDS},
    "see where contracts stand": {
        "task": "statuspage.tasks.see_where_contracts_stand",
        "schedule": STANDING_SECONDS,
    },
    "sweep deliveries": {"task": "notifications.tasks.sweep", "schedule": SWEEP_SECONDS},
}

# --- Telling people ----------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", default="")
EMAIL_FROM = sender("EMAIL_FROM", formataddr((f"{SITE_NAME} Status", f"status@{urlsplit(SITE_URL).hostname}")))
BOUNCE_DOMAIN = domain("BOUNCE_DOMAIN")
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_FROM = env.str("TWILIO_FROM", default="")
TWILIO_MESSAGING_SERVICE_SID = env.str("TWILIO_MESSAGING_SERVICE_SID", default="")
TWILIO_API_URL = env.str("TWILIO_API_URL", default="")
SMS_COUNTRIES = [code.upper() for code in env.list("SMS_COUNTRIES", default=["NL"])]
SMS_DAILY_LIMIT = whole("SMS_DAILY_LIMIT", 10_000)
SMS_PER_SECOND = number("SMS_PER_SECOND", 10.0)
DELIVERY_CONNECTIONS = whole("DELIVERY_CONNECTIONS", 2)
UNDO_SECONDS = whole("UNDO_SECONDS", 30)
WEBHOOKS = switch("WEBHOOKS")
WEBHOOK_ALLOWED_HOSTS = hosts("WEBHOOK_ALLOWED_HOSTS")
"""Hosts, or host:port, that webhooks may call though they are not public."""

# --- Subscribing -------------------------------------------------------------------------------

SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = whole("SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR", 1)
SUBSCRIBE_PER_ADDRESS_DAY = whole("SUBSCRIBE_PER_ADDRESS_DAY", 3)
"""Confirmations and links that one address gets, whoever asks for them."""
SUBSCRIBE_PER_NETWORK_HOUR = whole("SUBSCRIBE_PER_NETWORK_HOUR", 30)
"""Requests of one network, an IPv4 /24 or an IPv6 /56."""
SUBSCRIBE_PER_HOUR = whole("SUBSCRIBE_PER_HOUR", 1_000)
SUBSCRIBE_SMS_PER_BLOCK_DAY = whole("SUBSCRIBE_SMS_PER_BLOCK_DAY", 10)
"""Texts to a thousand neighbouring numbers, which whoever pumps texts has in a row."""
SUBSCRIBE_SMS_SAMPLE = whole("SUBSCRIBE_SMS_SAMPLE", 30)
SUBSCRIBE_SMS_CONVERSION_PERCENT = whole("SUBSCRIBE_SMS_CONVERSION_PERCENT", 20)
"""Of a country's texts of the last day, from SAMPLE on, fewer confirmed than this: no more are sent."""

# --- Delivery ----------------------------------------------------------------------------------

DELIVERY_MAIL_DEADLINE_SECONDS = number("DELIVERY_MAIL_DEADLINE_SECONDS", 60.0)
DELIVERY_SMS_DEADLINE_SECONDS = number("DELIVERY_SMS_DEADLINE_SECONDS", 20.0)
DELIVERY_WEBHOOK_DEADLINE_SECONDS = number("DELIVERY_WEBHOOK_DEADLINE_SECONDS", 30.0)
"""The longest one call may take in all. A lease is two and a half times as long."""
DELIVERY_RETRY_SECONDS = number("DELIVERY_RETRY_SECONDS", 60.0)
DELIVERY_SMS_RETRY_SECONDS = number("DELIVERY_SMS_RETRY_SECONDS", 10.0)
DELIVERY_WEBHOOK_RETRY_SECONDS = number("DELIVERY_WEBHOOK_RETRY_SECONDS", 10.0)
DELIVERY_RETRY_LONGEST_SECONDS = number("DELIVERY_RETRY_LONGEST_SECONDS", 3600.0)
"""The first wait before a message is tried again, doubled each time up to the longest."""
DELIVERY_RECONCILE_SECONDS = number("DELIVERY_RECONCILE_SECONDS", 30.0)
"""How long after an unanswered call Twilio is asked whether it took the message."""
DELIVERY_RECEIPT_SECONDS = number("DELIVERY_RECEIPT_SECONDS", 300.0)
"""How long the receipt of a text may be missing before Twilio is asked for it."""
DELIVERY_BREAKER_SECONDS = number("DELIVERY_BREAKER_SECONDS", 60.0)
"""How long a relay, a mail domain or a country that refuses us is left alone, at first."""
CANARY_EMAIL = env.str("CANARY_EMAIL", default="")
CANARY_SECONDS = number("CANARY_SECONDS", 60.0)
"""How often a message is sent through the whole path to show that it is open. 0: never."""

# --- Programs that write -------------------------------------------------------------------------

API_RATE = number("API_RATE", 1.0)
"""Requests a second that one key may make, averaged over a minute, and as many calls of hooks; 0: no limit."""

ALERT_FLAP_SECONDS = whole("ALERT_FLAP_SECONDS", 600)
"""A failure that alerts report again so soon after its end flaps: its incident is opened again, and its end is told
when nothing fired for as long. 0: every time is an incident of its own."""
ALERT_ORDER_SECONDS = whole("ALERT_ORDER_SECONDS", 10)
"""Reports of alerts that come within so long may have overtaken each other."""

# --- Watching ----------------------------------------------------------------------------------

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
"""Whoever brings it reads /metrics; without one nobody does, but this machine itself where SITE_URL leads to it."""
ALARM_EMAIL = env.str("ALARM_EMAIL", default="")
ALARM_EMAIL_URL = env.str("ALARM_EMAIL_URL", default="")
"""Another relay than EMAIL_URL, so that its trouble can still be told."""
ALARM_URL = env.str("ALARM_URL", default="") and web_address("ALARM_URL", env.str("ALARM_URL", default=""))
ALARM_FORMAT = one_of("ALARM_FORMAT", "json", ["json", "text"])
ALARM_REPEAT_SECONDS = whole("ALARM_REPEAT_SECONDS", 14_400)
ALARM_UNSENT_SECONDS = whole("ALARM_UNSENT_SECONDS", 900)
ALARM_PAGE_SECONDS = whole("ALARM_PAGE_SECONDS", 60)
ALARM_DEAD_LETTERS = whole("ALARM_DEAD_LETTERS", 10)
"""Messages given up in an hour, by no fault of their recipients, from which on staff are told."""

# --- How long it is kept (docs/security.md 36) -------------------------------------------------------

SMS_SILENCE_DAYS = whole("SMS_SILENCE_DAYS", 365)
"""A number that was not texted for so long is asked again whether it is still the subscriber's; 0: never."""
RETAIN_UNCONFIRMED_DAYS = whole("RETAIN_UNCONFIRMED_DAYS", 7)
"""An address whose owner never used the link, and links that are over."""
RETAIN_ADDRESS_DAYS = whole("RETAIN_ADDRESS_DAYS", 90)
"""The address of somebody who left, or who cannot be reached; the network consent came from."""
RETAIN_REFERENCE_DAYS = whole("RETAIN_REFERENCE_DAYS", 396)
"""Providers' ids of messages: 13 months."""
RETAIN_LEDGER_DAYS = whole("RETAIN_LEDGER_DAYS", 1_096)
"""Who was told what, under a pseudonym: 36 months."""

INSTANCE_ID = env.str("INSTANCE_ID", default="")
"""Whose database this is, for machines whose disk does not last; elsewhere a file remembers it."""

# --- Staff ---------------------------------------------------------------------------------------

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Headers and cookies (docs/security.md 1 to 7) ----------------------------------------------

SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
"""Asked by load balancers and monitors from inside, without TLS."""
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS and TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
"""Not `no-referrer`: browsers would then send `Origin: null` with a form, and sign-in would be refused."""
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "__Host-sid" if IS_HTTPS else "sid"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_AGE = 12 * 3600
LANGUAGE_COOKIE_NAME = "__Host-language" if IS_HTTPS else "language"
"""Set where staff choose the console's language; readers get none."""
LANGUAGE_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 31_536_000
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}
