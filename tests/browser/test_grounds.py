"""Each ground by its own door, as people do it: filed, approved, put into one batch, 已到账."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from applications.models import Application
from payouts.models import PayoutBatch
from payouts.services import write_files
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.demo.card_system import answer
from subsidy.demo.people import person
from subsidy.demo.pictures import certificate_picture
from tests import make
from tests.accounts.people import bound, fresh_code
from tests.browser.conftest import Open
from tests.browser.house import DESKTOP, Screen
from tests.pages.browser import last_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = re.compile(r"ZT2024-\d{7}-[\dX]")


@pytest.mark.req("F1", "F3", "F4", "V1", "D1", "D2", "D3")
def test_every_ground_is_filed_by_its_own_door_and_paid_in_one_batch(open_as: Open, tmp_path: Path) -> None:
    intake, reviewer, maker, checker = (
        make.operator(Role.INTAKE),
        *(make.staff(role) for role in (Role.REVIEWER, Role.FINANCE_MAKER, Role.FINANCE_CHECKER)),
    )
    winner = make.result(3)
    member = open_as()
    number = file_as_member(member)
    desk = open_as(intake, DESKTOP)
    file_papers(desk.page)
    prepare_from_roster(desk.page)
    place = open_as()
    sign_in(place.page, str(winner.mobile))
    confirm_place(place.page)
    assert approve_all(sign_in_staff(open_as(None, DESKTOP), reviewer)) == 3
    pay_all(open_as(maker, DESKTOP).page, open_as(checker, DESKTOP).page, tmp_path)
    for screen in (member, place):
        screen.page.goto("/me/")
        screen.page.get_by_role("link", name="查看进度").click()
        expect(screen.page.locator("main")).to_contain_text("已到账")
    expect(member.page.locator("main")).to_contain_text(number)
    assert set(Application.objects.values_list("ground", "payment")) == {
        ("skill", "paid"),
        ("social_work", "paid"),
        ("competition", "paid"),
    }
    assert member.troubles + desk.troubles + place.troubles == []


def sign_in(page: Page, mobile: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("手机号").fill(mobile)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("验证码").fill(last_code())
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def file_as_member(screen: Screen) -> str:
    page = screen.page
    page.goto("/")
    page.get_by_role("link", name="开始申报").first.click()
    sign_in(page, make.mobile(1))
    page.goto("/apply/")
    page.get_by_text("职业技能等级证书").first.click()
    page.get_by_role("button", name="开始申报").click()
    page.get_by_label("姓名").fill("王建国")
    page.get_by_label("身份证号").fill(make.resident_id(1))
    page.get_by_label("所在区").select_option("110102")
    page.get_by_role("button", name="保存并继续").click()
    fill_certificate(page)
    page.get_by_label("卡号").fill(make.card_number(1))
    photo = {"name": "证书.jpg", "mimeType": "image/jpeg", "buffer": certificate_picture(person(1))}
    page.locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type]
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="提交申报").click()
    expect(page.locator("main")).to_contain_text(NUMBER)
    found = NUMBER.search(page.locator("main").inner_text())
    return found[0] if found else ""


def fill_certificate(page: Page) -> None:
    page.get_by_role("radio", name="技师（二级）").or_(
        page.locator("input[name=level][value='2']")
    ).first.check()
    page.get_by_label("证书编号").fill(make.certificate_number(1, "2"))
    for part, text in (("year", "2023"), ("month", "9"), ("day", "12")):
        page.locator(f"input[name=issued_on_{part}]").fill(text)
    page.get_by_label("工种名称").press_sequentially("汽车装调")
    page.get_by_role("option", name="汽车装调工").first.click()
    page.get_by_label("鉴定（认定）机构名称").fill("北京市职业技能鉴定管理中心")
    page.get_by_role("button", name="保存并继续").click()


def file_papers(page: Page) -> None:
    page.goto("/desk/")
    page.get_by_role("link", name="登记手写的纸质材料").click()
    for place in page.locator("fieldset input[type=checkbox]").all():
        place.check()
    texts = {
        "姓名": "李秀英",
        "身份证号": make.resident_id(2),
        "手机号": make.mobile(2),
        "卡号": make.card_number(2),
        "管理号": f"2023110{2:011d}",
        "签发单位": "北京市人力资源和社会保障局",
    }
    for label, text in texts.items():
        page.get_by_label(label).first.fill(text)
    page.get_by_label("级别").select_option("social_worker")
    for part, text in (("year", "2023"), ("month", "10"), ("day", "20")):
        page.locator(f"input[name=approved_on_{part}]").fill(text)
    page.get_by_role("button", name="登记并核对").click()
    page.get_by_role("button", name="提交申报").click()
    expect(page.locator("main")).to_contain_text(NUMBER)


def prepare_from_roster(page: Page) -> None:
    page.goto("/desk/roster/")
    page.get_by_role("button", name="建立待确认申报").click()
    expect(page.locator("main")).to_contain_text("新建 1 份")


def confirm_place(page: Page) -> None:
    page.goto("/me/")
    page.get_by_role("link", name="查看进度").click()
    page.get_by_role("link", name="确认").first.click()
    page.get_by_label("卡号").first.fill(make.card_number(3))
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="确认申报").click()
    expect(page.locator("main")).to_contain_text("审核")


def sign_in_staff(screen: Screen, who: StaffUser) -> Page:
    """Sign in as people do: password, then the code that the bound phone shows."""
    bound(who)
    page = screen.page
    page.goto("/admin/")
    page.get_by_label("工号").fill(who.username)
    page.get_by_label("密码").fill(make.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("动态口令或恢复码").fill(fresh_code(who))
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile("/admin/$"))
    return page


def approve_all(page: Page) -> int:
    """Take and approve, key by key, until the queue is empty; return how many."""
    page.goto("/admin/review/queueitem/")
    with page.expect_navigation():
        page.get_by_role("button", name="办下一件").click()
    for done in range(9):
        approve = page.get_by_role("button", name=re.compile("^通过"))
        if not approve.count():
            return done
        page.keyboard.press("a")
        expect(approve).to_be_focused()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    return 9


def pay_all(maker: Page, checker: Page, folder: Path) -> None:
    maker.goto("/admin/payouts/payoutbatch/build/")
    maker.get_by_role("button", name="把这 3 人编成批次").click()
    maker.get_by_role("button", name="冻结批次").click()
    expect(maker.get_by_role("button", name=re.compile("^批准"))).to_have_count(0)
    checker.goto(maker.url)
    checker.get_by_role("button", name=re.compile("^批准")).click()
    expect(checker.locator("body")).to_contain_text("已批准")
    batch = PayoutBatch.objects.get()
    assert write_files(batch.pk)  # what the worker does
    maker.reload()
    result = folder / "result.txt"
    result.write_bytes(answer([download(maker, "001.txt")], at=clock.now()).content)
    maker.get_by_role("link", name="导入回盘文件").click()
    maker.locator("input[type=file]").set_input_files(result)
    maker.get_by_role("button", name="导入并比对").click()
    checker.goto(maker.url)
    expect(checker.locator("body")).to_contain_text("应用后")
    checker.get_by_role("button", name="应用回盘结果").click()
    expect(checker.locator("body")).to_contain_text("3 人到账")


def download(page: Page, ending: str) -> bytes:
    with page.expect_download() as waiting:
        page.locator("tr", has_text=ending).get_by_role("button", name=re.compile("^下载")).click()
    return Path(waiting.value.path()).read_bytes()
