"""The site works as a role that owns nothing, and that role is refused what only the owner may do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings

from subsidy import database_roles
from subsidy.checks import check_application_role
from subsidy.database_roles import advice, grant, rights, shortcoming

APPEND_ONLY = (
    "applications_consent",
    "applications_event",
    "audit_auditrow",
    "audit_auditseal",
    "payouts_payoutfile",
    "payouts_payoutsnapshot",
    "payouts_recovery",
    "payouts_resultline",
    "review_decision",
)
TABLE_CHANGES = {
    "update": "UPDATE {0} SET {key} = {key} WHERE false",
    "delete": "DELETE FROM {} WHERE false",
    "truncate": "TRUNCATE {}",
    "lock rows": "SELECT 1 FROM {} FOR UPDATE",
    "silence triggers": "ALTER TABLE {} DISABLE TRIGGER ALL",
    "silence one": "ALTER TABLE {0} DISABLE TRIGGER {0}_append_only",
    "drop trigger": "DROP TRIGGER {0}_append_only ON {0}",
    "replace trigger": "CREATE TRIGGER mine BEFORE INSERT ON {} EXECUTE FUNCTION refuse_change()",
    "add column": "ALTER TABLE {} ADD COLUMN mine text",
    "rule": "CREATE RULE mine AS ON INSERT TO {} DO INSTEAD NOTHING",
    "drop": "DROP TABLE {} CASCADE",
    "take": "ALTER TABLE {} OWNER TO {role}",
}
OTHER_CHANGES = {
    "replication role": "SET session_replication_role = replica",
    "table of its own": "CREATE TABLE mine (id int)",
    "function": "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "drop function": "DROP FUNCTION refuse_change() CASCADE",
    "superuser": "ALTER ROLE {role} SUPERUSER",
    "role": "CREATE ROLE mine",
    "drop schema": "DROP SCHEMA public CASCADE",
    "drop database": "ALTER DATABASE {database} RENAME TO mine",
    "delete case": "DELETE FROM applications_application WHERE false",
    "delete payment": "DELETE FROM payouts_payoutline WHERE false",
    "delete batch": "DELETE FROM payouts_payoutbatch WHERE false",
    "empty members": "TRUNCATE accounts_member CASCADE",
    "widen a group": "INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (1, 1)",
    "forge a migration": "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
    "read a file": "SELECT pg_read_file('/etc/hostname')",
    "run a program": "COPY django_session FROM PROGRAM 'true'",
}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("application_role")]


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def attempt(statement: str, table: str = "") -> Callable[[], None]:
    keys = {model._meta.db_table: model._meta.pk.column for model in apps.get_models()}
    database = connection.ops.quote_name(connection.settings_dict["NAME"])
    sql = statement.format(table, role=settings.APP_ROLE, key=keys.get(table, ""), database=database)
    return lambda: run(sql)


def state_of(wrong: Callable[[], None]) -> str:
    """Return the SQLSTATE of the refusal, or "" if the statement went through; undo it all."""
    try:
        with transaction.atomic():
            wrong()
            transaction.set_rollback(True)
    except DatabaseError as error:
        return getattr(error.__cause__, "sqlstate", "") or "?"
    return ""


@pytest.mark.req("A3")
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", TABLE_CHANGES)
def test_the_application_may_only_read_and_add_to_an_append_only_table(
    as_application: None, table: str, change: str
) -> None:
    assert state_of(attempt(TABLE_CHANGES[change], table)) == "42501"


@pytest.mark.req("A3")
@pytest.mark.parametrize("change", OTHER_CHANGES)
def test_the_application_cannot_get_round_the_rules(as_application: None, change: str) -> None:
    assert state_of(attempt(OTHER_CHANGES[change])) == "42501"


@pytest.mark.parametrize(
    "change", ["update", "delete", "lock rows", "silence triggers", "drop trigger", "drop"]
)
def test_it_is_the_missing_right_that_refuses(change: str) -> None:
    assert state_of(attempt(TABLE_CHANGES[change], "applications_event")) == ""


def emptied(table: str, *, guarded: str = "") -> Callable[[], None]:
    """Return the owner's attempt to empty a table, with the guard of one table only, or of none."""

    def empty() -> None:
        for other in APPEND_ONLY:
            if other != guarded:
                run(f"DROP TRIGGER {other}_no_truncate ON {other}")
        run(f"TRUNCATE {table} CASCADE")

    return empty


@pytest.mark.req("A3")
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_even_the_owner_cannot_empty_an_append_only_table(table: str) -> None:
    assert state_of(attempt("TRUNCATE {}", table)) in {
        "23001",
        "0A000",
    }  # by its trigger, or by a foreign key first
    assert state_of(emptied(table, guarded=table)) == "23001"
    assert state_of(emptied(table)) == ""


def test_the_application_cannot_give_itself_a_right(as_application: None) -> None:
    run(f"GRANT UPDATE ON applications_event TO {settings.APP_ROLE}")  # PostgreSQL warns, and grants nothing
    assert state_of(attempt(TABLE_CHANGES["update"], "applications_event")) == "42501"


def test_every_append_only_table_is_known_here() -> None:
    appended = {table for table, names in rights().items() if names == ("SELECT", "INSERT")}
    assert appended == {*APPEND_ONLY, "django_admin_log"}


def test_rows_that_services_never_delete_cannot_be_deleted() -> None:
    deletable = {table for table, names in rights().items() if "DELETE" in names}
    assert deletable == set(database_roles.DELETABLE)


def test_granting_again_changes_nothing_and_takes_back_what_is_too_much(as_application: None) -> None:
    run("RESET ROLE")
    run(f"GRANT UPDATE, DELETE ON applications_event TO {settings.APP_ROLE}")
    assert "applications_event" in as_the_site()
    first, second = grant(), grant()
    assert first == second
    assert first.created == []
    assert as_the_site() == ""


def as_the_site() -> str:
    """Return the shortcoming that the site itself would find."""
    with transaction.atomic(), override_settings(OWNER=False):
        run(f"SET LOCAL ROLE {settings.APP_ROLE}")
        found = shortcoming()
        run("SET LOCAL ROLE NONE")
    return found


def test_a_table_of_a_later_migration_can_be_read_and_added_to_but_is_reported(as_application: None) -> None:
    run("RESET ROLE")
    run("CREATE TABLE later (id int)")
    assert "later" in as_the_site()
    run(f"SET ROLE {settings.APP_ROLE}")
    run("INSERT INTO later SELECT count(*) FROM later")
    assert state_of(lambda: run("DELETE FROM later")) == "42501"


def test_the_command_says_in_json_what_each_table_allows() -> None:
    out = StringIO()
    call_command("grant_app_role", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert said["role"] == settings.APP_ROLE
    assert said["tables"]["applications_event"] == ["SELECT", "INSERT"]
    assert said["tables"]["django_session"] == ["SELECT", "INSERT", "UPDATE", "DELETE"]
    assert said["tables"]["django_migrations"] == ["SELECT"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("CREATE ROLE unfit SUPERUSER", "超级用户"),
        (
            "CREATE ROLE unfit; ALTER TABLE django_session OWNER TO unfit",
            "django_session 等 1 个对象的所有者",
        ),
    ],
)
def test_a_role_that_could_do_more_is_refused(fault: str, sentence: str) -> None:
    run(fault)
    with override_settings(APP_ROLE="unfit"), pytest.raises(CommandError, match=sentence):
        call_command("grant_app_role")


def test_a_log_in_that_may_not_make_roles_is_told_what_to_ask_for(as_application: None) -> None:
    with (
        override_settings(APP_ROLE="nobody_yet"),
        pytest.raises(CommandError, match="CREATE ROLE nobody_yet"),
    ):
        call_command("grant_app_role")


def test_readiness_names_the_role_when_a_right_is_missing(as_application: None, client: Client) -> None:
    with override_settings(OWNER=False, SECURE_SSL_REDIRECT=False):
        assert client.get("/readyz").json() == {"status": "ready", "failing": []}
        run("RESET ROLE")
        run(f"REVOKE INSERT ON applications_application FROM {settings.APP_ROLE}")
        run(f"SET ROLE {settings.APP_ROLE}")
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["app_role"])


def test_readiness_names_the_role_when_the_owner_s_log_in_serves(client: Client) -> None:
    with override_settings(OWNER=False):
        assert client.get("/readyz").json()["failing"] == ["app_role"]
        found = check_application_role(databases=["default"])
    assert [(message.id, message.hint) for message in found] == [("subsidy.E001", database_roles.ADVICE)]
    assert "grant_app_role" in found[0].msg


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [("SET ROLE {role}", "还不存在"), ("SELECT 1 FROM django_session", "权限不够"), ("SELECT 1 / 0", "")],
)
def test_a_refusal_for_want_of_the_role_says_what_to_run(
    as_application: None, statement: str, sentence: str
) -> None:
    run("RESET ROLE")
    run("CREATE ROLE without_rights")
    run("SET ROLE without_rights")
    with (
        override_settings(APP_ROLE="nobody_yet"),
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
    ):
        run(statement.format(role="nobody_yet"))
    with override_settings(APP_ROLE="nobody_yet"):
        said = advice(refused.value)
    assert sentence in said
    assert ("grant_app_role" in said) is bool(sentence)


@pytest.fixture
def second_log_in(transactional_db: None) -> Iterator[str]:
    """Give the URL of a log-in of its own, as production has it, made by the command."""
    role = f"{connection.settings_dict['NAME']}_app"
    owner = connection.get_connection_params()
    host = {key: owner[key] for key in ("host", "port") if owner.get(key)}
    name, password = owner["dbname"], "three-quiet-herons"
    url = psycopg.conninfo.make_conninfo("", dbname=name, user=role, password=password, **host)
    application = f"postgresql://{role}:{password}@/{name}"
    try:
        with override_settings(APP_ROLE=role, APP_LOG_IN=role, DATABASE_URL=application):
            assert grant().created == [role]
            assert grant().created == []
            yield url
    finally:
        run(f"DROP OWNED BY {role}")
        run(f"DROP ROLE {role}")


@pytest.mark.req("A3")
def test_a_log_in_of_its_own_cannot_step_back_into_the_owner_s_shoes(second_log_in: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(session_user)")
        (owner,) = cursor.fetchone()
    with psycopg.connect(second_log_in, autocommit=True) as site:
        site.execute("INSERT INTO django_session VALUES ('key', 'data', now())")
        site.execute("RESET ROLE")
        for statement in ("SET session_replication_role = replica", *TABLE_CHANGES.values()):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                site.execute(statement.format("audit_auditrow", role="pg_monitor", key="id"))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            site.execute(f"SET ROLE {owner}")
