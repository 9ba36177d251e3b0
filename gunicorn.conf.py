"""How gunicorn serves the site; the command line and GUNICORN_CMD_ARGS override it."""

from __future__ import annotations

bind = "0.0.0.0:8000"  # inside a container; the published port is on loopback only
wsgi_app = "subsidy.wsgi"
workers = 2
threads = 4
timeout = 60
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
worker_tmp_dir = "/dev/shm"  # noqa: S108 - heartbeats must not wait for a disk
accesslog = "-"
# Without the query: a number typed into an address is refused, but the log would have it already.
access_log_format = "%(h)s %({x-forwarded-for}i)s %(m)s %(U)s %(s)s %(B)s %(M)sms"
