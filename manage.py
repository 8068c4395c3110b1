#!/usr/bin/env python
"""The door for everything that is done from the command line."""

import os
import sys

# These work on files only; the others may bring the embedded PostgreSQL up first.
WITHOUT_DATABASE = {
    "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "lifecycle",
    "makemessages", "up", "version", "--help", "--version", "-h",
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    if sys.argv[1:2] == ["web"]:
        os.environ.setdefault("HELPDESK_POOL", "1")  # many threads, one pool of connections
        os.environ.setdefault("HELPDESK_LIVE", "1")  # the server that will be started answers /live/
    from django.core.management import execute_from_command_line

    if set(sys.argv[1:2]) <= WITHOUT_DATABASE or not sys.argv[1:]:
        execute_from_command_line(sys.argv)
        return

    from helpdesk.core import embedded

    try:
        with embedded.server_if_needed():
            execute_from_command_line(sys.argv)
    except embedded.EmbeddedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
