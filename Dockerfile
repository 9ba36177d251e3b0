# The site, the worker, beat and the migration are one image; no secret is needed to build it.
FROM python:3.13-slim AS packages
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=subsidy.settings \
    MEDIA_ROOT=/srv/subsidy/media
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin subsidy \
 && install -d -o subsidy -g subsidy -m 0700 /srv/subsidy/media
WORKDIR /srv/subsidy/app
COPY --from=packages /opt/venv /opt/venv
COPY . .
RUN python -m compileall -q -j 0 /opt/venv/lib applications payouts review subsidy
USER 10001:10001
VOLUME /srv/subsidy/media
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "deploy/probe.py", "/healthz"]
CMD ["gunicorn"]
