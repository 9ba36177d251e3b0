"""Every main flow of the house once, with people whose data would be recognised in any sink."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError
from django.urls import reverse

from applications.models import Application
from applications.services.roster import prepare_from_roster
from payouts.services import approve_batch, build_batch, freeze
from payouts.services.exporting import write_files
from payouts.services.settling import apply_result
from payouts.services.staging import stage_result
from subsidy.accounts.models import SignInCode
from subsidy.accounts.roles import Role
from subsidy.accounts.services import load_districts
from subsidy.apps.upkeep import tasks
from subsidy.apps.upkeep.retention.services import purge
from subsidy.audit import sealer
from subsidy.audit.actors import SYSTEM
from subsidy.errors import SubsidyError
from subsidy.notices import services as notices
from subsidy.registers.importing import Kind, preview, run
from tests import make
from tests.pages.browser import certificate, last_code, photo
from tests.pages.desk import typed_consent, typed_filing
from tests.payouts.money import Desk, answer
from tests.registers.rosters import GAMES, HEADINGS
from tests.sinks.browsing import Browser, Recorder
from tests.sinks.markers import CALLER, COUNTER, MEMBER, WINNER, Person
from tests.workbooks import table

API = "/api/v1/"


class Broken:
    """A gateway that quotes the number in its error."""

    def send(self, mobile: str, body: str) -> str:
        raise ConnectionError(f"no route to {mobile}: {body}")


def travel(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go through all flows; what each of them must do is other tests' business, that it did is asserted."""
    load_districts()
    plan, desk = make.scheme(), Desk.set_up()
    case = _files_at_home(recorder)
    _is_sent_back_and_answers(recorder, case, desk)
    _is_filed_for(recorder)
    _wins(recorder, plan)
    _uses_the_app(recorder)
    _is_looked_at(recorder, case)
    _is_paid(recorder, case, desk, plan)
    sealer.seal()
    _is_read_by_the_auditor(recorder)
    _meets_what_breaks(recorder, case, monkeypatch)
    purge()


def typed(person: Person) -> dict[str, str]:
    """Return what somebody types about themselves."""
    return {
        "name": person.name,
        "resident_id": make.resident_id(person.n),
        "mobile": make.mobile(person.n),
        "card_number": make.card_number(person.n),
        "employer": person.employer,
    }


def _step(browser: Browser, case: Application, name: str, **fields: Any) -> Any:
    case.refresh_from_db()
    return browser.post(f"/applications/{case.public_id}/{name}/", {"version": case.version, **fields})


def _files_at_home(recorder: Recorder) -> Application:
    browser, who = Browser(recorder), typed(MEMBER)
    browser.get("/check/", {"of": "skill-2"})
    browser.post("/sign-in/", {"mobile": "13800", "next": "/apply/"})
    browser.post("/sign-in/", {"mobile": who["mobile"], "next": "/apply/"})
    browser.post("/sign-in/code/", {"code": "000000"})
    browser.post("/sign-in/code/", {"code": last_code(), "next": "/apply/"})
    browser.post("/apply/", {"ground": "skill"})
    wrong = who | {"resident_id": who["resident_id"][:-1] + "0", "then": "next"}
    browser.post("/apply/applicant/", wrong)
    browser.post("/apply/applicant/", who | {"then": "next"})
    case = Application.objects.latest("id")
    _step(browser, case, "certificate", **certificate(MEMBER.n))
    _step(browser, case, "card", card_number=who["card_number"][:-3], then="next")
    _step(browser, case, "card", card_number=who["card_number"], picture=photo(), then="next")
    _step(browser, case, "check", consent="2024-01")
    for path in ("/me/", f"/applications/{case.public_id}/"):
        assert browser.get(path).status_code == 200, path
    case.refresh_from_db()
    assert case.status == "submitted"
    return case


def _is_sent_back_and_answers(recorder: Recorder, case: Application, desk: Desk) -> None:
    queue = f"/admin/review/queueitem/{case.pk}/"
    reviewer = Browser(recorder).staffed(desk.reviewer)
    reviewer.get("/admin/review/queueitem/")
    reviewer.get(f"{queue}change/")
    reviewer.post(f"{queue}take/")
    reviewer.post(f"{queue}return/", {"version": case.version, "remark_awarding_body": "请按证书写全称。"})
    case.refresh_from_db()
    assert case.status == "returned"
    member = _signed_in_again(recorder, MEMBER)
    body = {"version": case.version, "certificate": {"awarding_body": "北京市职业技能鉴定管理中心（样例）"}}
    path = f"{API}applications/{case.public_id}/"
    done = member.generic("PATCH", path, json.dumps(body), "application/json")
    assert done.status_code == 200, done.content
    member.post(f"{path}resubmit/", json.dumps({"version": done.json()["version"]}), "application/json")
    case.refresh_from_db()
    assert case.status == "submitted"
    reviewer.post(f"{queue}take/")
    reviewer.post(f"{queue}approve/", {"version": case.version})
    case.refresh_from_db()
    assert case.status == "approved"


def _signed_in_again(recorder: Recorder, person: Person) -> Browser:
    browser, mobile = Browser(recorder), make.mobile(person.n)
    SignInCode.objects.all().delete()  # as after their term: the next code may be asked for
    browser.post(f"{API}sign-in/codes/", json.dumps({"mobile": mobile}), "application/json")
    body = {"mobile": mobile, "code": last_code()}
    browser.post(f"{API}sign-in/", json.dumps(body), "application/json")
    return browser


def _is_filed_for(recorder: Recorder) -> None:
    clerk = Browser(recorder).staffed(make.operator(Role.STATION))
    fields = typed_filing(COUNTER.n) | typed(COUNTER)
    clerk.post("/desk/file/", fields | {"mobile": "1"})
    assert clerk.post("/desk/file/", fields | {"picture": photo()}).status_code == 302
    case = Application.objects.latest("id")
    clerk.post(f"/desk/cases/{case.public_id}/check/", typed_consent(case.version))
    case.refresh_from_db()
    assert case.status == "submitted"
    hotline = Browser(recorder).staffed(make.operator(Role.HOTLINE))
    for resident_id in (make.resident_id(CALLER.n), make.resident_id(COUNTER.n)):
        hotline.post("/desk/look-up/", {"number": case.number, "resident_id": resident_id})
    clerk.get("/desk/cases/", {"q": case.number})
    clerk.post("/desk/intake/", fields)


def _wins(recorder: Recorder, plan: Any) -> None:
    row = [GAMES, "数控车工", "个人", "决赛", "2", WINNER.name, make.resident_id(WINNER.n)]
    row += [make.mobile(WINNER.n), WINNER.employer]
    broken = [*row[:6], make.resident_id(WINNER.n)[:-1] + "*", *row[7:]]
    headings = HEADINGS[Kind.COMPETITION]
    recorder.refusals += _refused_rows(Kind.COMPETITION, table(headings, broken))
    run(Kind.COMPETITION, table(headings, row), "名册.xlsx", actor=SYSTEM)
    clerk = make.operator(Role.INTAKE)
    prepare_from_roster(plan, edition=make.EDITION, operator=clerk)
    holder = [MEMBER.name, make.resident_id(MEMBER.n), make.card_number(MEMBER.n), make.mobile(MEMBER.n)]
    wrong = [CALLER.name, make.resident_id(MEMBER.n), make.card_number(CALLER.n), make.mobile(CALLER.n)]
    rows = [[*one, MEMBER.employer, "西城区", "有效"] for one in (holder, wrong)]
    headings = HEADINGS[Kind.CARD_HOLDERS]
    recorder.refusals += _refused_rows(Kind.CARD_HOLDERS, table(headings, *rows))
    run(Kind.CARD_HOLDERS, table(headings, rows[0]), "持卡人.xlsx", actor=SYSTEM)
    Browser(recorder).staffed(clerk).get("/desk/roster/")
    place = Application.objects.get(channel="roster")
    assert place.status == "awaiting_confirmation"
    body = {"number": place.number, "resident_id": make.resident_id(WINNER.n)}
    seat = Browser(recorder).staffed(make.operator(Role.STATION))
    seat.post("/desk/confirm/", body | {"mobile": make.mobile(WINNER.n)})


def _refused_rows(kind: Kind, content: bytes) -> list[str]:
    """Return the words in which a workbook at fault is refused, which go to screens and into files."""
    outcome = preview(kind, content, "名单.xlsx")
    assert outcome.error_count
    return [outcome.sentence, *(error.message for error in outcome.errors)]


def _uses_the_app(recorder: Recorder) -> None:
    caller = _signed_in_again(recorder, CALLER)
    who = typed(CALLER) | {"position": "样例职务"}
    number = who["resident_id"]
    bodies: list[Any] = [
        who | {"resident_id": f"{number}{number}"},
        who | {"resident_id": number[:-1] + "*"},
        who | {"card_number": [who["card_number"]]},
        who | {"name": number},
        who | {"district": number},
        who | {"mobile": int(who["mobile"])},
        [who],
        who,
    ]
    for body in bodies:
        caller.generic("PUT", f"{API}me/", json.dumps(body), "application/json")
    assert caller.get(f"{API}me/").json()["name"] == CALLER.name
    filing = {
        "scheme": 2024,
        "ground": number,
        "certificate": {"level": number, "certificate_number": who["card_number"], "issued_on": number},
        "card_number": who["card_number"] + "x",
        "consent": {"version": number},
        number: number,
    }
    caller.post(f"{API}applications/", json.dumps(filing), "application/json", HTTP_IDEMPOTENCY_KEY="a-key")
    caller.post(f"{API}applications/", json.dumps(who)[:-9], "application/json")
    caller.post(f"{API}applications/", number, "text/plain")
    caller.post(f"{API}eligibility-checks/", json.dumps({"scheme": number, "claim": who}), "application/json")
    assert caller.get(f"{API}me/export/").status_code == 200


def _is_looked_at(recorder: Recorder, case: Application) -> None:
    lead = Browser(recorder).staffed(make.staff("review_lead"))
    for field in ("resident_id", "card_number", "mobile"):
        path = f"/admin/review/queueitem/{case.pk}/reveal/"
        words = f"核对 {make.resident_id(MEMBER.n)}"
        shown = lead.post(path, {"field": field, "why": "other", "words": words})
        assert shown.status_code == 200
    lead.get("/admin/review/queueitem/disclosures/")
    for number in (make.resident_id(MEMBER.n), make.card_number(COUNTER.n), make.mobile(WINNER.n)):
        lead.post("/admin/find/", {"term": number, "list": "review_queueitem"}, follow=True)
    administrator = Browser(recorder).staffed(make.staff("administrator"))
    administrator.get("/admin/registers/cardholder/", {"q": MEMBER.name[:2]})
    administrator.post("/admin/accounts/office/add/", {"code": "SX-9", "name": "样例站", "kind": "station"})


def _is_paid(recorder: Recorder, case: Application, desk: Desk, plan: Any) -> None:
    batch = freeze(build_batch(scheme=plan, maker=desk.maker), maker=desk.maker).batch
    write_files(approve_batch(batch, checker=desk.checker).pk)
    batch.refresh_from_db()
    maker = Browser(recorder).staffed(desk.maker)
    for file in batch.files.all():
        maker.get(f"/admin/payouts/payoutbatch/{batch.pk}/files/{file.pk}/")
    good = answer(batch, "NAME_MISMATCH")
    held = good.with_row(0, card=make.card_number(CALLER.n), text=f"户名 {MEMBER.name}")
    stage_result(held.bytes(), "回盘.txt", importer=desk.maker)
    broken = good.with_row(0, amount=f"{make.card_number(MEMBER.n)}.001").bytes()
    with pytest.raises(SubsidyError) as refused:
        stage_result(broken, "回盘2.txt", importer=desk.maker)
    recorder.refusals.append(str(refused.value))
    staged = stage_result(
        answer(batch, "NAME_MISMATCH", serial="2").bytes(), "回盘3.txt", importer=desk.maker
    )
    apply_result(staged, applier=desk.checker)
    case.refresh_from_db()
    assert case.payment == "failed"


def _is_read_by_the_auditor(recorder: Recorder) -> None:
    """Open every list of the back office and the newest row of each."""
    auditor = Browser(recorder).staffed(make.staff("auditor"))
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert auditor.get(reverse(f"{name}_changelist")).status_code == 200, name
        newest = model._default_manager.order_by("-pk").first()
        if newest is not None:
            answer = auditor.get(reverse(f"{name}_change", args=[newest.pk]))
            assert answer.status_code == 200, (name, model_admin)


def _meets_what_breaks(recorder: Recorder, case: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages, API, admin, a task and a gateway fail with an error that quotes a whole row."""

    def quoting(*_: object, **__: object) -> Any:
        row = ", ".join((MEMBER.name, *MEMBER.numbers.values()))
        raise IntegrityError(f"duplicate key\nDETAIL:  Failing row contains ({row}).")

    reviewer = Browser(recorder).staffed(make.staff("reviewer"))
    member = _signed_in_again(recorder, MEMBER)
    with monkeypatch.context() as patch:
        patch.setattr("review.casework.gather_evidence", quoting)
        patch.setattr("applications.models.application.ApplicationQuerySet.of_member", quoting)
        patch.setattr("subsidy.apps.upkeep.retention.services.purge", quoting)
        patch.setattr("subsidy.notices.backends.configured", Broken)
        assert reviewer.get(f"/admin/review/queueitem/{case.pk}/change/").status_code == 500
        assert member.get(f"/applications/{case.public_id}/").status_code == 500
        assert member.get(f"{API}applications/").status_code == 500
        tasks.purge_expired.apply()
        notices.sweep()
    for path in ("/no-such-page/", f"{API}no-such-thing/", "/applications/0/"):
        assert member.get(path).status_code == 404
    assert member.generic("DELETE", f"{API}me/").status_code == 405
