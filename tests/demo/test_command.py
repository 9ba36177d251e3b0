"""The demo command: seeds once, keeps what is there, throws away only what is its own."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from applications.models import Application
from subsidy import clock
from subsidy.accounts.models import Member
from subsidy.accounts.roles import Role
from subsidy.crypto import blind_index
from subsidy.demo.anew import NotADemonstration, begin_anew
from subsidy.demo.offices import PASSWORD
from subsidy.demo.people import person
from subsidy.demo.progress import Bar
from subsidy.demo.seed import is_seeded
from subsidy.demo.stories import STORIES
from subsidy.demo.welcome import SAMPLE, Messages, members
from subsidy.notices.services import enqueue
from subsidy.schemes.models import Scheme
from tests import make


@pytest.fixture
def demonstration(settings: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    settings.DEMO = True
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.BUSINESS_CLOCK_OFFSET = make.DAY - make.clock.real_now()
    monkeypatch.setenv("SUBSIDY_VAR", str(tmp_path))
    return tmp_path / "demo"


def demo(*options: str) -> str:
    out = StringIO()
    call_command("demo", "--no-serve", *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.req("A7")
def test_a_second_start_keeps_the_data(demonstration: Path) -> None:
    first = demo("--members", "30")
    numbers = sorted(Application.objects.values_list("number", flat=True))
    second = demo("--members", "60")
    assert is_seeded()
    assert len(numbers) > len(STORIES)
    assert sorted(Application.objects.values_list("number", flat=True)) == numbers
    assert "演示数据已在" in second
    assert "演示数据已在" not in first
    assert (demonstration / "payouts" / "ZT2024-B0001-001.txt").exists()
    assert demonstration.stat().st_mode & 0o777 == 0o700


@pytest.mark.django_db
def test_log_ins_of_every_role_and_of_members_are_printed(demonstration: Path) -> None:
    said = demo("--members", "30")
    assert PASSWORD in said
    for role in Role:
        assert role.label in said
    for state in ("草稿", "退回补正", "已到账", "发放失败", "新会员"):
        assert state in said
    sample = person(SAMPLE)
    for words in (sample.resident_id, sample.card_number, sample.certificate_number):
        assert words in said
    assert "自启动起" in said


@pytest.mark.django_db
def test_the_sample_printed_for_a_correction_may_still_be_corrected(demonstration: Path) -> None:
    demo("--members", "60")
    mobiles = {state: mobile for mobile, state in members()}
    mobile = next(mobile for state, mobile in mobiles.items() if state.startswith("退回补正"))
    member = Member.objects.get(mobile_index=blind_index("mobile", mobile))
    returned = member.applications.get(status="returned")
    assert returned.correction_due_at > clock.now()


@pytest.mark.django_db
def test_a_database_with_other_data_is_left_alone(demonstration: Path) -> None:
    make.scheme()
    with pytest.raises(CommandError, match="已有别的数据"):
        demo()
    assert Scheme.objects.count() == 1


def test_production_is_refused(settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="只在演示环境"):
        demo()


def test_nothing_but_a_demonstration_is_thrown_away(settings: LazySettings, tmp_path: Path) -> None:
    settings.DEMO = False
    (tmp_path / "payouts").mkdir()
    with pytest.raises(NotADemonstration):
        begin_anew(tmp_path)
    assert (tmp_path / "payouts").exists()


def test_a_date_beside_a_database_of_one_s_own_is_refused_with_the_way_to_go(demonstration: Path) -> None:
    with pytest.raises(CommandError, match="BUSINESS_DATE"):
        demo("--date", "2024-07-01")


@pytest.mark.django_db
def test_messages_after_the_start_are_shown_once(demonstration: Path) -> None:
    def send(code: str) -> None:
        enqueue("sign_in_code", mobile=make.mobile(1), member_id=0, context={"code": code, "minutes": "10"})

    send("111111")
    shown: list[str] = []
    messages = Messages(shown.append)
    send("222222")
    messages.show_new()
    messages.show_new()
    assert len(shown) == 1
    assert "222222" in shown[0]
    assert make.mobile(1) in shown[0]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_moves_on_a_terminal_and_ends_its_line() -> None:
    out = Terminal()
    bar = Bar("装数据", out)
    bar(1, 4)
    bar(4, 4)
    assert out.getvalue().count("\r装数据") == 2
    assert "4/4" in out.getvalue()
    assert out.getvalue().endswith("秒\n")


def test_a_log_gets_one_line_instead_of_a_bar() -> None:
    out = StringIO()
    bar = Bar("装数据", out)
    for done in range(1, 5):
        bar(done, 4)
    assert out.getvalue().count("\n") == 1
    assert "\r" not in out.getvalue()
