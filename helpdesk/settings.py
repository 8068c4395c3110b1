"""All settings, read top to bottom, from the environment by the strict readers of ``env``.

``HELPDESK_ENV`` says what kind of house this is: ``development`` (the default: everything works without one
variable set), ``test``, or ``production``, which refuses to start on a missing or placeholder secret.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from helpdesk import env
from helpdesk.core import admin_look, embedded
from helpdesk.core.secret_key import kept_secret_key

# --- What kind of house ---------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = env.choice("HELPDESK_ENV", "development", among=("development", "test", "production"))
PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"
DEBUG = env.flag("HELPDESK_DEBUG", default=False)
# The demonstration shows its people and their password on the sign-in page.
HELPDESK_DEMO = env.flag("HELPDESK_DEMO", default=False)
if PRODUCTION and (DEBUG or HELPDESK_DEMO):
    raise ImproperlyConfigured("HELPDESK_DEBUG and HELPDESK_DEMO must be off in production.")

# Everything that this process writes lies in one folder: embedded PostgreSQL, files, caught mail.
DATA_DIR = env.folder("HELPDESK_DATA", BASE_DIR / "var")

# --- Secrets and addresses ------------------------------------------------------------------------------

SECRET_KEY = env.secret("SECRET_KEY") if PRODUCTION else env.text("SECRET_KEY", "") or kept_secret_key(DATA_DIR)
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS")

# Letters are written by the worker, which has no request to learn the address from.
BASE_URL = env.address("BASE_URL", None if PRODUCTION else "http://localhost:8000")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]"))
if PRODUCTION:
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS is required and must name hosts, not '*'.")
    if not BASE_URL.startswith("https://"):
        raise ImproperlyConfigured("BASE_URL must be an https:// address.")
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS")

# --- The apps, lowest floor first -----------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",  # before the admin, whose templates it replaces
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_q",
    "django_htmx",
    "helpdesk.core",
    "helpdesk.people",
    "helpdesk.notifications",
    "attachments",
    "tickets",
    "approvals",
    "surveys",
    "reports",
]

MIDDLEWARE = [
    "helpdesk.core.middleware.RequestIdMiddleware",  # first: every line below it carries the id
    "helpdesk.core.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "helpdesk.core.middleware.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "helpdesk.people.middleware.FirstRunMiddleware",
    # Nothing is visible by default: a view for strangers says so itself, with @login_not_required.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "helpdesk.people.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "helpdesk.people.middleware.ReadOnlyMiddleware",  # last: its page is drawn like every other
]

ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "helpdesk.core.context.house",
                "helpdesk.people.context.account",
            ],
        },
    },
]
# Forms are drawn by our own templates where templates/ has them.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database and cache ---------------------------------------------------------------------------------

DATABASE = env.database("DATABASE_URL") or embedded.database(DATA_DIR / "postgres")
if password := env.text("DATABASE_PASSWORD", ""):  # so that it can be a file, and the address need not
    if DATABASE.get("PASSWORD"):
        raise ImproperlyConfigured("The password stands in both DATABASE_URL and DATABASE_PASSWORD.")
    DATABASE["PASSWORD"] = password
# Our queries begin at one selective table and follow keys: to weigh every order of their joins would take PostgreSQL
# longer than to execute them. (A connection pooler between has to let the parameter ``options`` through.)
DATABASE["OPTIONS"].setdefault("options", "-c join_collapse_limit=4")
# Threads of a web process share a pool. The worker forks, and a pool does not survive a fork.
if env.flag("HELPDESK_POOL", default=False):
    DATABASE["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.number("HELPDESK_POOL_SIZE", 12, at_least=2, at_most=200),
        "timeout": 10,
        # Whoever asks after an outage finds the server at once; attempts that go on for minutes grow ever rarer.
        "reconnect_timeout": 4,
    }
else:
    DATABASE["CONN_MAX_AGE"] = 60
# Also for a pool: after a restart of PostgreSQL every connection in it is dead, and somebody's page would be each one's
# first to find out.
DATABASE["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": DATABASE}

CACHES = {
    # Rate limits must hold across processes, so they are counted in the database. Nothing hot goes here.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        # Django's 300 could be overrun on purpose, and a counter that is thrown out is a limit lifted.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# --- Who is who -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ANONYMOUS_USER_NAME = None  # guardian: strangers are granted nothing, so they need no row
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "helpdesk.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses are given by administrators, nobody signs up
ACCOUNT_LOGOUT_REDIRECT_URL = "/account/login/"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers cannot make us write to addresses that we do not know
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_URL.partition(":")[0]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Helpdesk"
USERSESSIONS_TRACK_ACTIVITY = False  # would write a row on every page
# How many proxies stand before us: the rate limits count what the outermost trusted one saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0, at_most=5)

# --- Safety ---------------------------------------------------------------------------------------------

SECURE_CSP: dict[str, Any] = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
# The admin's interface evaluates expressions in attributes and sets styles inline; only its pages may.
ADMIN_CSP: dict[str, Any] = SECURE_CSP | {
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_SSL_REDIRECT = env.flag("SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = env.flag("HSTS_PRELOAD", default=True)
    # Only to be set when a proxy stands before us that always overwrites this header.
    if header := env.text("PROXY_SSL_HEADER", ""):
        if not ALLAUTH_TRUSTED_PROXY_COUNT:
            raise ImproperlyConfigured(
                "PROXY_SSL_HEADER says that a proxy stands in front, so TRUSTED_PROXIES must say how many (usually 1): "
                "otherwise everybody shares the proxy's address, and one person's attempts to sign in lock out all."
            )
        SECURE_PROXY_SSL_HEADER = (f"HTTP_{header.upper().replace('-', '_')}", "https")

# How many tickets one person may open through the form; each of them writes to a whole group.
OPENINGS_A_MINUTE = env.number("OPENINGS_A_MINUTE", 5, at_least=1)
OPENINGS_AN_HOUR = env.number("OPENINGS_AN_HOUR", 20, at_least=1)
# How many people the managers of one organization may invite in the portal within 24 hours.
INVITATIONS_A_DAY = env.number("INVITATIONS_A_DAY", 50, at_least=1)

# --- Files ----------------------------------------------------------------------------------------------

FILES_DIR = env.folder("HELPDESK_FILES", DATA_DIR / "files")
MEDIA_ROOT = FILES_DIR
MEDIA_URL = ""  # stored files have no public address: they are served through the permission check
ATTACHMENT_MAX_BYTES = env.number("ATTACHMENT_MAX_BYTES", 25 * 1024 * 1024, at_least=1024)
ATTACHMENT_MAX_FILES = 25
FILE_UPLOAD_HANDLERS = ["helpdesk.core.uploads.StreamingUploadHandler"]
FILE_UPLOAD_TEMP_DIR = env.text("HELPDESK_UPLOAD_TEMP", "") or None
# Above our own limit, so that the form can say "at most 25 files" itself.
DATA_UPLOAD_MAX_NUMBER_FILES = 200

if bucket := env.text("S3_BUCKET", ""):
    FILE_STORAGE: dict[str, Any] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.address("S3_ENDPOINT_URL", "") if env.text("S3_ENDPOINT_URL", "") else None,
            "region_name": env.text("S3_REGION", "") or None,
            "access_key": env.text("S3_ACCESS_KEY", "") or None,
            "secret_key": env.text("S3_SECRET_KEY", "") or None,
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }
else:
    FILE_STORAGE = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FILES_DIR, "base_url": None},
    }

STATIC_URL = "/static/"
STATIC_ROOT = env.folder("HELPDESK_STATIC", BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
PLAIN_STATIC = DEBUG or TESTING
STORAGES = {
    "default": FILE_STORAGE,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PLAIN_STATIC
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = PLAIN_STATIC
WHITENOISE_AUTOREFRESH = DEBUG

# --- Language and time ----------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("pt-br", _("Portuguese (Brazil)")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Mail -----------------------------------------------------------------------------------------------

MAILERS = {
    # Without an address nothing is sent: a refused connection is visible on the letter, a lost one is not.
    "default": env.mailer("EMAIL_URL")
    or {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "localhost", "port": 2525, "timeout": 20},
    }
}
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "helpdesk@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The right side of every Message-ID.
MAIL_DOMAIN = urlsplit(BASE_URL).hostname or "localhost"

# --- The live channel -----------------------------------------------------------------------------------

# The server that answers /live/ says so (helpdesk/asgi.py); elsewhere, or with HELPDESK_LIVE=0, pages poll their bell.
LIVE = env.flag("HELPDESK_LIVE", default=False)
LIVE_CHANNELS = env.number("LIVE_CHANNELS", 5000, at_least=1, at_most=100_000)  # open tabs of one process
# Below the silence after which the proxy hangs up. Sessions that have ended lose their stream at the next one.
LIVE_HEARTBEAT = env.number("LIVE_HEARTBEAT", 25, at_least=1, at_most=30)
# What pages can follow, by the first word of what they ask for; each says whether this person may.
LIVE_PAGES = {
    "ticket": "tickets.live.own_ticket",
    "tickets": "tickets.live.own_tickets",
    "organization": "tickets.live.organization_tickets",
    "desk": "tickets.live.served_ticket",
    "queue": "tickets.live.queue",
    "start": "approvals.live.start",
    "consents": "approvals.live.waiting",
    "consent": "approvals.live.request",
}

# --- The worker -----------------------------------------------------------------------------------------

Q_CLUSTER: dict[str, Any] = {
    "name": "helpdesk",
    "label": _("Worker"),
    "orm": "default",
    "cache": "process",
    "workers": env.number("WORKER_PROCESSES", 2, at_least=1, at_most=32),
    "poll": 1,
    "guard_cycle": 1,
    "timeout": 120,
    "retry": 300,  # well above the timeout, or a slow task would be started twice
    "max_attempts": 3,
    "catch_up": False,  # after a night off, a recurring job runs once and not once a minute missed
    "recycle": 500,
    "max_rss": 180_000,
    "save_limit": 500,
    "bulk": 1,
    "queue_limit": 10,
    "log_level": "INFO",
}

# What /readyz asks, by dotted name; each returns a helpdesk.core.health.Finding.
HEALTH_CHECKS = [
    "helpdesk.core.health.database",
    "helpdesk.core.health.worker",
    "helpdesk.core.health.storage",
    "helpdesk.core.audit.checking.audit_log",
    "helpdesk.notifications.health.mail",
    "tickets.indicators.health.daily_totals",
]
# Which of them administrators read about on every page: only checks that cost one indexed query.
BANNER_CHECKS = ["worker", "mail", "audit_log"]

# --- The admin ------------------------------------------------------------------------------------------

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Helpdesk administration"),
    "SITE_HEADER": _("Administration"),
    "SITE_URL": "/",
    "SITE_ICON": "helpdesk.core.admin_look.logo",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "helpdesk.core.admin_look.icon"}],
    "STYLES": ["helpdesk.core.admin_look.styles"],
    "SCRIPTS": ["helpdesk.core.admin_look.scripts"],
    "COLORS": admin_look.COLORS,
    "BORDER_RADIUS": "6px",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "helpdesk.people.checklist.dashboard",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "helpdesk.core.admin_look.navigation",
    },
    "ACCOUNT": {"navigation": "helpdesk.core.admin_look.own_links"},
}

# --- Logs -----------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "helpdesk.core.logs.JsonFormatter"},
        "plain": {"()": "helpdesk.core.logs.PlainFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json" if PRODUCTION else "plain"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "helpdesk": {"level": LOG_LEVEL},
        "tickets": {"level": LOG_LEVEL},
        "attachments": {"level": LOG_LEVEL},
        "approvals": {"level": LOG_LEVEL},
        "surveys": {"level": LOG_LEVEL},
        "reports": {"level": LOG_LEVEL},
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # The line of our own middleware says the same without the address, which may hold a token.
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django-q": {"level": "WARNING"},
        "uvicorn": {"level": "WARNING"},
    },
}
