"""The application's role in PostgreSQL: what it may do with each table, and whether it may do no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from environ import Env
from psycopg import sql

READ: Final = ("SELECT",)
APPEND: Final = ("SELECT", "INSERT")
CHANGE: Final = ("SELECT", "INSERT", "UPDATE")
DELETE: Final = (*CHANGE, "DELETE")
EVERY_RIGHT: Final = (*DELETE, "TRUNCATE", "REFERENCES", "TRIGGER")

# Written by the owner's commands only (migrate, sync_roles): nobody gives himself a right through the site.
READ_ONLY: Final = frozenset(
    {"auth_group", "auth_group_permissions", "auth_permission", "accounts_staffuser_user_permissions"}
    | {"django_content_type", "django_migrations"}
)
# Where the services delete: signing out, changing somebody's roles, resetting the second factor, opening a
# closed door again, and what is past its term (a trigger keeps the pictures of whatever was ever filed).
DELETABLE: Final = frozenset(
    {"accounts_signintries", "accounts_staffuser_groups", "django_session", "mfa_authenticator"}
    | {"accounts_signincode", "accounts_membertoken", "accounts_usedticket", "accounts_refusedclaim"}
    | {"applications_idempotencykey", "applications_attachment", "applications_certificate"}
)
APPENDED: Final = frozenset({"django_admin_log"})
ADVICE: Final = "请用表的所有者依次运行 manage.py 的 migrate、grant_app_role、sync_roles。"
UNKNOWN_ROLE, NO_RIGHT, MADE_MEANWHILE = "22023", "42501", ("42710", "23505")

TABLES = """
SELECT c.relname, EXISTS (
    SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = c.relname || '_append_only'
) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
"""
HELD = """
SELECT c.relname, array_agg(r.name ORDER BY r.place) FILTER (WHERE has_table_privilege(c.oid, r.name))
FROM pg_class c, unnest(%s::text[]) WITH ORDINALITY r (name, place)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') GROUP BY 1
"""
OWNED = """
SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
WHERE r.rolname = %s AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S') ORDER BY 1
"""
# The rights are given anew, in one transaction, so that a right taken off the lists is gone as well.
SCHEMA = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {role}",
)


class RoleRefused(RuntimeError):
    """The role cannot be what the application needs; the message says why and what to do."""


@dataclass(frozen=True)
class Granted:
    """What `grant` left behind: the role, the roles it had to create, the rights per table."""

    role: str
    created: list[str]
    tables: dict[str, tuple[str, ...]]


def rights() -> dict[str, tuple[str, ...]]:
    """Return what the application may do with each table of the database as it stands."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return {table: _rights(table, append_only=append_only) for table, append_only in cursor.fetchall()}


def _rights(table: str, *, append_only: bool) -> tuple[str, ...]:
    if table in READ_ONLY:
        return READ
    if append_only or table in APPENDED:
        return APPEND
    return DELETE if table in DELETABLE else CHANGE


@transaction.atomic
def grant() -> Granted:
    """Create the application's role if it is missing, and give it its rights and no others.

    Runs as the owner of the tables, after every migration; may be repeated. Raises `RoleRefused`.
    """
    role, tables = settings.APP_ROLE, rights()
    try:
        created = _roles_made(role)
        _refuse_unfit(role)
        _run(SCHEMA, role=role, database=connection.settings_dict["NAME"])
        for table, names in tables.items():
            _run([f"GRANT {', '.join(names)} ON {{table}} TO {{role}}"], role=role, table=table)
    except DatabaseError as error:
        if _state(error) != NO_RIGHT:
            raise
        raise RoleRefused(
            f"当前的数据库账号无权建立角色 {role} 或授权：请改用表的所有者（MIGRATION_DATABASE_URL），"
            f"或先由数据库管理员执行 CREATE ROLE {role} NOLOGIN 并把它授予所有者。数据库的回答：{error}"
        ) from error
    return Granted(role, created, tables)


def _roles_made(role: str) -> list[str]:
    """Create what is missing: the role, and the log-in of `DATABASE_URL` if it is not the owner's own."""
    login, me, created = settings.APP_LOG_IN, str(_one("SELECT session_user")), []
    for name in dict.fromkeys((role, login or me)):
        if _one("SELECT count(*) FROM pg_roles WHERE rolname = %s", name):
            continue
        options = _log_in(name) if name == login else sql.SQL("NOLOGIN")
        if _was_made(name, options):
            created.append(name)
    if not _one("SELECT rolsuper FROM pg_roles WHERE rolname = %s", me):
        _run(["GRANT {role} TO {member}"], role=role, member=me)
    if login not in ("", role, me):
        _run(["GRANT {role} TO {member}"], role=role, member=login)
    return created


def _was_made(name: str, options: sql.Composable) -> bool:
    """Create a role; roles belong to the whole server, so another database may be ahead of us."""
    try:
        with transaction.atomic():
            _run(["CREATE ROLE {name} {options}"], name=name, options=options)
    except DatabaseError as error:
        if _state(error) not in MADE_MEANWHILE:
            raise
        return False
    return True


def _log_in(name: str) -> sql.Composable:
    """Return the options of a log-in; its password leaves this process as a digest only."""
    password = Env.db_url_config(settings.DATABASE_URL)["PASSWORD"]
    if not password:
        return sql.SQL("LOGIN")
    connection.ensure_connection()
    assert connection.connection is not None  # noqa: S101 - for the type checker
    digest = connection.connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    return sql.SQL("LOGIN PASSWORD {}").format(digest.decode())


def _refuse_unfit(role: str) -> None:
    if _one("SELECT rolsuper FROM pg_roles WHERE rolname = %s", role):
        raise RoleRefused(f"角色 {role} 是数据库超级用户，应用不能用它运行：请设置另一个 APP_ROLE。")
    with connection.cursor() as cursor:
        cursor.execute(OWNED, [role])
        owned = [name for (name,) in cursor.fetchall()]
    if owned:
        raise RoleRefused(
            f"角色 {role} 是 {owned[0]} 等 {len(owned)} 个对象的所有者，应用不能用它运行："
            "请用 MIGRATION_DATABASE_URL 的账号建表，或设置另一个 APP_ROLE。"
        )


@contextmanager
def as_application() -> Iterator[None]:
    """Work as the application for one block, in a process that is the owner, on new connections too."""
    connection.settings_dict["OPTIONS"]["assume_role"] = settings.APP_ROLE
    _run(["SET ROLE {role}"], role=settings.APP_ROLE)
    try:
        yield
    finally:
        del connection.settings_dict["OPTIONS"]["assume_role"]
        if not connection.in_atomic_block:
            connection.close()
        elif not connection.needs_rollback:  # a transaction that fails takes the role along
            _run(["RESET ROLE"])


def shortcoming() -> str:
    """Return a sentence on what keeps this process from being the application, or "" if it is."""
    if settings.OWNER:
        return ""
    try:
        wanted, held = rights(), _held()
    except DatabaseError as error:
        return advice(error) or "数据库没有应答。"
    wrong = sorted(table for table in wanted if wanted[table] != held.get(table))
    if not wanted or wrong:
        named = f"（{wrong[0]} 等 {len(wrong)} 张表）" if wrong else ""
        return f"数据库角色 {settings.APP_ROLE} 的权限与本版本不符{named}：{ADVICE}"
    return ""


def _held() -> Mapping[str, tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(HELD, [list(EVERY_RIGHT)])
        return {table: tuple(names or ()) for table, names in cursor.fetchall()}


def advice(error: BaseException) -> str:
    """Return what to run when the database refused us for want of the role or of its rights, else ""."""
    state, role = _state(error), settings.APP_ROLE
    if state == UNKNOWN_ROLE and role in str(error):
        return f"数据库角色 {role} 还不存在：{ADVICE}"
    if state == NO_RIGHT:
        return f"数据库角色 {role} 的权限不够（{error}）：{ADVICE}"
    return ""


def _state(error: BaseException) -> str:
    known = error if isinstance(error, psycopg.Error) else error.__cause__
    return (known.sqlstate or "") if isinstance(known, psycopg.Error) else ""


def _one(query: str, *values: str) -> str | int | bool:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: str | int | bool = cursor.fetchone()[0]
        return found


def _run(statements: Iterable[str], **parts: str | sql.Composable) -> None:
    names = {key: sql.Identifier(part) if isinstance(part, str) else part for key, part in parts.items()}
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(sql.SQL(statement).format(**names))
