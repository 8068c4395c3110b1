"""The product's settings for the suite: a data folder of its own, a fast hasher, mail kept in memory."""

import os
from pathlib import Path

os.environ.setdefault("HELPDESK_ENV", "test")
os.environ.setdefault("HELPDESK_DATA", str(Path(__file__).resolve().parent.parent / "var" / "test"))
# Several runs may share the server: each has databases of its own, named after its first process.
os.environ.setdefault("HELPDESK_TEST_RUN", str(os.getpid()))

from helpdesk.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
DATABASES["default"]["TEST"] = {"NAME": f"test_helpdesk_{os.environ['HELPDESK_TEST_RUN']}"}
Q_CLUSTER = Q_CLUSTER | {"sync": False}
MIDDLEWARE = [
    name.replace("whitenoise.middleware.WhiteNoiseMiddleware", "tests.static.FoundOnce") for name in MIDDLEWARE
]
