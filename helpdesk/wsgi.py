"""The pages' door."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
os.environ.setdefault("HELPDESK_POOL", "1")  # many threads, one pool of connections

application = get_wsgi_application()
