"""What becomes of each invented person: their steps, in days before the start, and what the bank says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from subsidy.demo.people import Person, person
from subsidy.rules.terms import Channel, Term


class Act(Term):
    """One thing that somebody does with a case."""

    BEGIN = "begin", "存草稿"
    BEGIN_EMPTY = "begin_empty", "存空草稿"
    FILE = "file", "申报"
    FILE_PAPER = "file_paper", "登记纸质材料"
    RETURN = "return", "退回补正"
    RESUBMIT = "resubmit", "补正后再交"
    APPROVE = "approve", "通过"
    REJECT = "reject", "不予通过"
    WITHDRAW = "withdraw", "撤回"
    REVOKE = "revoke", "撤销"
    CORRECT_CARD = "correct_card", "更正卡号"
    CONFIRM = "confirm", "获奖人确认"
    DECLINE = "decline", "获奖人不领取"


class Agreement(Term):
    """How the registers compare with what is filed."""

    AGREES = "agrees", "与登记库一致"
    UNKNOWN_CERTIFICATE = "unknown_certificate", "持卡人一致，证书未登记"
    OTHER_DATE = "other_date", "登记的颁证日期不同"
    OTHER_CARD = "other_card", "登记的卡号不同"
    NOT_A_HOLDER = "not_a_holder", "不在持卡人登记中"
    OTHER_PROVINCE = "other_province", "编号是外省市的"
    MINISTRY = "ministry", "机构在部委备案"
    OTHER_YEAR = "other_year", "编号年份不符"
    UNLISTED_BODY = "unlisted_body", "机构不在目录"
    USED = "used", "证书已有人申报"


A, G = Act, Agreement
MONTH_AGO: Final = -1.0  # filed to the day one month before the start: due today
EARLY_ROSTER: Final = 112.0  # the association prepares winners twice in the year
LATE_ROSTER: Final = 25.0


@dataclass(frozen=True, slots=True)
class Step:
    """An act between so many days before the start, spread over the people of the story."""

    act: Act
    earliest: float
    latest: float
    hour: int | None = None

    def days_ago(self, place: int, count: int) -> float:
        """Return when the person at that place acts."""
        share = place / (count - 1) if count > 1 else 0.0
        return self.earliest + (self.latest - self.earliest) * share


@dataclass(frozen=True, slots=True)
class Story:
    """A fate that several people share; `answers` are what the card system says of each sending in turn.

    `roster` is when a winner's application was prepared, 0 for everybody else.
    """

    code: str
    label: str
    share: int
    steps: tuple[Step, ...]
    answers: tuple[tuple[str, ...], ...] = ()
    registers: tuple[Agreement, ...] = (G.AGREES,)
    roster: float = 0.0
    may_be_paper: bool = False

    @property
    def is_winner(self) -> bool:
        """Say whether the story begins with the roster."""
        return self.roster > 0

    @property
    def days(self) -> float:
        """Return how many days before the start the story begins."""
        days = [31.0 if step.earliest == MONTH_AGO else step.earliest for step in self.steps]
        return max([*days, self.roster])


@dataclass(slots=True)
class Case:
    """One person in one story; the row ids are filled in as the year goes by."""

    person: Person
    story: Story
    place: int
    agreement: Agreement
    answers: list[str] = field(default_factory=list)
    member_id: int = 0
    application_id: int = 0

    @property
    def channel(self) -> Channel:
        """Every sixth goes to a station, every ninth calls the hotline, every eighth sends papers."""
        acts, serial = {step.act for step in self.story.steps}, self.person.serial
        if self.story.is_winner:
            return Channel.ROSTER
        if Act.FILE_PAPER in acts or (self.story.may_be_paper and serial % 8 == 5):
            return Channel.PAPER
        if Act.FILE not in acts:
            return Channel.MEMBER
        if serial % 9 == 8:
            return Channel.HOTLINE
        return Channel.STATION if serial % 6 == 4 else Channel.MEMBER


FLAGGED: Final = (
    G.OTHER_DATE,
    G.OTHER_CARD,
    G.NOT_A_HOLDER,
    G.OTHER_PROVINCE,
    G.USED,
    G.MINISTRY,
    G.OTHER_YEAR,
    G.UNLISTED_BODY,
)
MIXED: Final = (G.AGREES, G.UNKNOWN_CERTIFICATE, G.AGREES)
FIRST: Final = (Step(A.FILE, 150, 105), Step(A.APPROVE, 98, 88))
SECOND: Final = (Step(A.FILE, 80, 70), Step(A.APPROVE, 67, 60))
STORIES: Final = (
    Story("paid", "已到账", 10, FIRST, registers=MIXED, may_be_paper=True),
    Story("consistent", "审核中，与登记库一致", 7, (Step(A.FILE, 27, 2),)),
    Story("flagged", "审核中，有待核对项", 9, (Step(A.FILE, 28, 3),), registers=FLAGGED),
    Story(
        "overdue",
        "审核中，已超期",
        3,
        (Step(A.FILE, 45, 33),),
        registers=(G.AGREES, G.OTHER_CARD),
        may_be_paper=True,
    ),
    Story("due_today", "审核中，今天到期", 2, (Step(A.FILE, MONTH_AGO, MONTH_AGO),), registers=MIXED),
    Story("draft", "草稿", 2, (Step(A.BEGIN, 9, 1),)),
    Story("empty_draft", "草稿，还没填证书", 1, (Step(A.BEGIN_EMPTY, 4, 2),)),
    Story("returned", "退回补正", 2, (Step(A.FILE, 24, 20), Step(A.RETURN, 6, 3))),
    Story("correction_overdue", "补正已超期", 1, (Step(A.FILE, 50, 48), Step(A.RETURN, 20, 18))),
    Story(
        "resubmitted",
        "补正后再交",
        2,
        (Step(A.FILE, 32, 29), Step(A.RETURN, 17, 15), Step(A.RESUBMIT, 6, 4)),
    ),
    Story(
        "approved",
        "已通过，等待发放",
        5,
        (Step(A.FILE, 24, 15), Step(A.APPROVE, 0, 0, 9)),
        registers=MIXED,
        may_be_paper=True,
    ),
    Story("rejected", "未通过", 3, (Step(A.FILE, 60, 32), Step(A.REJECT, 44, 8)), registers=FLAGGED[:4]),
    Story(
        "filed_again",
        "未通过后再次申报",
        1,
        (Step(A.FILE, 58, 50), Step(A.REJECT, 40, 36), Step(A.FILE, 7, 5)),
    ),
    Story("withdrawn", "已撤回", 2, (Step(A.FILE, 20, 14), Step(A.WITHDRAW, 18, 12)), may_be_paper=True),
    Story("revoked", "已撤销", 1, (Step(A.FILE, 44, 40), Step(A.APPROVE, 24, 22), Step(A.REVOKE, 16, 15))),
    Story("paid_second", "已到账", 6, SECOND, registers=MIXED, may_be_paper=True),
    Story("failed", "发放失败，等更正卡号", 2, SECOND, answers=(("E102",), ("E111",))),
    Story(
        "corrected",
        "已更正卡号，等下一批",
        1,
        (*SECOND, Step(A.CORRECT_CARD, 0, 0, 9)),
        answers=(("E107",),),
    ),
    Story(
        "corrected_sent",
        "更正卡号后再次送出",
        1,
        (*SECOND, Step(A.CORRECT_CARD, 44, 42)),
        answers=(("E107",),),
    ),
    Story(
        "corrected_paid", "更正卡号后到账", 1, (*FIRST, Step(A.CORRECT_CARD, 72, 70)), answers=(("E101",),)
    ),
    Story("retried", "超限额，下一批到账", 1, FIRST, answers=(("E120",),)),
    Story("unknown", "结果不明", 1, SECOND, answers=(("E202",),)),
    Story("bounced", "银行退汇", 1, FIRST, answers=(("0000", "E301"),)),
    Story("resent", "结果不明，核实后重送到账", 1, FIRST, answers=(("E202",),)),
    Story("recovered", "到账后查实不符，已追回", 1, FIRST),
    Story(
        "answered",
        "发放中，回盘待复核",
        5,
        (Step(A.FILE, 52, 40), Step(A.APPROVE, 38, 34)),
        answers=(("E107",), ()),
        may_be_paper=True,
    ),
    Story(
        "sent",
        "发放中，等回盘",
        5,
        (Step(A.FILE, 30, 22), Step(A.APPROVE, 19, 14)),
        registers=MIXED,
        may_be_paper=True,
    ),
    Story(
        "frozen", "发放中，批次待复核", 5, (Step(A.FILE, 27, 14), Step(A.APPROVE, 7, 5)), may_be_paper=True
    ),
    Story(
        "open", "发放中，批次刚建", 3, (Step(A.FILE, 25, 12), Step(A.APPROVE, 1, 1, 17)), may_be_paper=True
    ),
    Story("paper", "纸质材料，审核中", 2, (Step(A.FILE_PAPER, 16, 6),), registers=(G.UNKNOWN_CERTIFICATE,)),
    Story(
        "paper_paid",
        "纸质材料，已到账",
        1,
        (Step(A.FILE_PAPER, 140, 120), Step(A.APPROVE, 98, 90)),
        registers=(G.UNKNOWN_CERTIFICATE,),
    ),
    Story("awaiting", "大赛获奖，待本人确认", 3, (), registers=(G.UNKNOWN_CERTIFICATE,), roster=LATE_ROSTER),
    Story(
        "confirmed",
        "大赛获奖，已确认，审核中",
        2,
        (Step(A.CONFIRM, 14, 6),),
        registers=(G.UNKNOWN_CERTIFICATE,),
        roster=LATE_ROSTER,
    ),
    Story(
        "winner_paid",
        "大赛获奖，已到账",
        4,
        (Step(A.CONFIRM, 108, 101), Step(A.APPROVE, 98, 90)),
        registers=(G.UNKNOWN_CERTIFICATE,),
        roster=EARLY_ROSTER,
    ),
    Story(
        "winner_sent",
        "大赛获奖，发放中",
        2,
        (Step(A.CONFIRM, 24, 21), Step(A.APPROVE, 19, 14)),
        registers=(G.UNKNOWN_CERTIFICATE,),
        roster=LATE_ROSTER,
    ),
    Story(
        "declined",
        "大赛获奖，本人不领取",
        1,
        (Step(A.DECLINE, 20, 12),),
        registers=(G.UNKNOWN_CERTIFICATE,),
        roster=LATE_ROSTER,
    ),
)
LONGEST: Final = 366.0


def cast(members: int, *, days: float = LONGEST) -> list[Case]:
    """Share so many people (at least one a story) among the stories that fit into so many days."""
    stories = [story for story in STORIES if story.days < days]
    counts = {story.code: 1 for story in stories}
    for _ in range(members - len(stories) if stories else 0):
        neediest = max(stories, key=lambda story: story.share / counts[story.code])
        counts[neediest.code] += 1
    places = [(story, place) for story in stories for place in range(counts[story.code])]
    return [_case(serial, story, place) for serial, (story, place) in enumerate(places)]


def _case(serial: int, story: Story, place: int) -> Case:
    answers = story.answers[min(place, len(story.answers) - 1)] if story.answers else ()
    agreement = story.registers[place % len(story.registers)]
    return Case(person(serial), story, place, agreement, list(answers))
