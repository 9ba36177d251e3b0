"""Settings: every value comes from the environment, or from the embedded default when there is none."""

from __future__ import annotations

import base64
import os
from datetime import datetime, timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from subsidy import embedded, startup

BASE_DIR = Path(__file__).resolve().parent.parent
EMBEDDED = "DATABASE_URL" not in os.environ
if EMBEDDED:
    for name, value in embedded.demo_environment().items():
        os.environ.setdefault(name, value)

env = environ.Env()


def _secret(name: str) -> str:
    value = env.str(name, default="")
    if not value or value.startswith(("change-me", "insecure")):
        raise ImproperlyConfigured(f"环境变量 {name} 没有设置或仍是示例值；请按 .env.example 设置后再启动。")
    return value


def _key(text: str, name: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ImproperlyConfigured(f"环境变量 {name} 不是合法的 base64。") from error
    if len(raw) != 32:
        raise ImproperlyConfigured(f"环境变量 {name} 的密钥应为 32 字节，现为 {len(raw)} 字节。")
    return raw


def _field_keys(text: str, name: str = "FIELD_KEYS") -> list[tuple[str, bytes]]:
    pairs = [item.partition(":") for item in text.split(",") if item.strip()]
    if any(not separator for _, separator, _ in pairs):
        raise ImproperlyConfigured(f"环境变量 {name} 应写成 k2:base64,k1:base64。")
    return [(kid.strip(), _key(raw.strip(), name)) for kid, _, raw in pairs]


DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DJANGO_DEBUG", default=False)
SECRET_KEY = _secret("DJANGO_SECRET_KEY")
FIELD_KEYS = _field_keys(_secret("FIELD_KEYS"))
BLIND_INDEX_KEY = _key(_secret("BLIND_INDEX_KEY"), "BLIND_INDEX_KEY")
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def _business_offset() -> timedelta:
    seconds = env.int("BUSINESS_CLOCK_OFFSET", default=0)
    day = env.str("BUSINESS_DATE", default="")
    if (seconds or day) and not DEMO:
        raise ImproperlyConfigured("BUSINESS_DATE 只能在演示环境（DEMO=1）使用。")
    if day:
        return timedelta(days=(datetime.strptime(day, "%Y-%m-%d").date() - datetime.now().date()).days)
    return timedelta(seconds=seconds)


BUSINESS_CLOCK_OFFSET = _business_offset()

INSTALLED_APPS = [
    "subsidy.apps.SubsidyConfig",
    "subsidy.audit",
    "subsidy.notices",
    "subsidy.accounts",
    "subsidy.schemes",
    "subsidy.registers",
    "applications",
    "review",
    "payouts",
    "subsidy.apps.upkeep",
    "subsidy.demo",
    "subsidy.apps.SubsidyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]
MIDDLEWARE = [
    "subsidy.headers.HeadersMiddleware",
    "subsidy.headers.PolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "subsidy.accounts.middleware.MemberMiddleware",
    "subsidy.accounts.middleware.StaffSessionMiddleware",
    "subsidy.accounts.middleware.StaffGateMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "subsidy.apps.gate.GateMiddleware",
]
ROOT_URLCONF = "subsidy.urls"
WSGI_APPLICATION = "subsidy.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["subsidy.templatetags.house"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "subsidy.context.house",
            ],
        },
    }
]

# Two log-ins: the owner of the tables runs the commands that manage.py names and the set-up of tests; every
# other process is the application, which owns nothing (docs/operations.md).
OWNER = os.environ.pop("SUBSIDY_OWNER", "") == "1"  # taken out again: children are not owners
APP_ROLE = env.str("APP_ROLE", default="subsidy_app")
DATABASE_URL = env.str("DATABASE_URL", default="") or embedded.database_url()
MIGRATION_DATABASE_URL = env.str("MIGRATION_DATABASE_URL", default="")
_application = environ.Env.db_url_config(DATABASE_URL)
APP_LOG_IN = _application["USER"] or _application.get("OPTIONS", {}).get("user", "")
DATABASES = {"default": environ.Env.db_url_config((OWNER and MIGRATION_DATABASE_URL) or DATABASE_URL)}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {"options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=300s"}
)
if not OWNER and APP_LOG_IN != APP_ROLE:
    DATABASES["default"]["OPTIONS"]["assume_role"] = APP_ROLE
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url()
startup.refuse(globals())
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_ENABLE_UTC = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "max_retries": 1,  # a publisher gives up at once: what must happen lies in a table and a sweep finds it
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE = {
    "notices": {"task": "subsidy.notices.tasks.send_due_notices", "schedule": 30.0},
    "audit-seal": {"task": "subsidy.audit.tasks.seal_audit", "schedule": 60.0},
    "payout-exports": {"task": "payouts.tasks.finish_exports", "schedule": 60.0},
    "retention": {"task": "subsidy.apps.upkeep.tasks.purge_expired", "schedule": 6 * 3600.0},
}

AUTH_USER_MODEL = "accounts.StaffUser"
AUTHENTICATION_BACKENDS = ["subsidy.accounts.backends.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "subsidy.accounts.passwords.NotLikeOwner",
        "OPTIONS": {"user_attributes": ("username", "display_name")},
    },
    {"NAME": "subsidy.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "subsidy.accounts.passwords.NotCommon"},
    {"NAME": "subsidy.accounts.passwords.NotDigitsAlone"},
    {"NAME": "subsidy.accounts.passwords.NotOurWords"},
]
ACCOUNT_ADAPTER = "subsidy.accounts.adapters.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {"change_password": "subsidy.accounts.sign_in_forms.OwnPasswordForm"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# By address generously, for a whole office behind one; by account in subsidy.accounts.services.tries.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "120/m/ip"} | dict.fromkeys(
    ("reauthenticate", "change_password"), "30/m/user"
)
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_ADAPTER = "subsidy.accounts.adapters.StaffMFAAdapter"
MFA_FORMS = {
    "authenticate": "subsidy.accounts.sign_in_forms.CodeForm",
    "reauthenticate": "subsidy.accounts.sign_in_forms.AskAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "职业发展助推计划"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# The 12351 app's signed tickets (subsidy/accounts/tickets.py): no adapter, no such door.
APP_TICKET_BACKEND = env.str("APP_TICKET_BACKEND", default="")
APP_TICKET_AUDIENCE = env.str("APP_TICKET_AUDIENCE", default="subsidy")
APP_TICKET_KEYS = dict(_field_keys(env.str("APP_TICKET_KEYS", default=""), "APP_TICKET_KEYS"))
SMS_BACKEND = env.str("SMS_BACKEND", default="subsidy.notices.backends.ConsoleBackend")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["applications.api.authentication.MemberSessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["applications.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "subsidy.errors.problem_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "在职职工职业发展助推计划 API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no personal text in a cookie
if not DEMO and not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "subsidy.logs.DiscreetFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
