"""A scheme is read strictly, kept canonically and recognised by its fingerprint (P1, P3)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from subsidy.rules.scheme import Scheme, SchemeError, WindowStatus
from subsidy.rules.terms import AttachmentKind, Channel, CompetitionRound, Ground, Strictness

Mapping = dict[str, Any]
A = AttachmentKind


def set_to(*path: str | int, value: object) -> Callable[[Mapping], None]:
    """Return a change that puts a value somewhere in a definition."""

    def change(mapping: Mapping) -> None:
        place: Any = mapping
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def without(*path: str | int) -> Callable[[Mapping], None]:
    """Return a change that takes something out of a definition."""

    def change(mapping: Mapping) -> None:
        place: Any = mapping
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


def again(*path: str | int) -> Callable[[Mapping], None]:
    """Return a change that repeats the first row of a list."""

    def change(mapping: Mapping) -> None:
        place: Any = mapping
        for step in path:
            place = place[step]
        place.append(copy.deepcopy(place[0]))

    return change


@pytest.mark.req("P1", "P2")
def test_2024_ships_with_the_values_of_the_plan(scheme: Scheme) -> None:
    assert (scheme.year, scheme.title) == (2024, "2024 年在职职工职业发展助推计划实施方案")
    assert scheme.opens_at == datetime.fromisoformat("2024-01-01T00:00:00+08:00")
    assert scheme.closes_at == datetime.fromisoformat("2024-11-01T00:00:00+08:00")
    assert (scheme.certificate_from, scheme.certificate_to) == (date(2023, 1, 1), date(2023, 12, 31))
    assert (scheme.review_months, scheme.payout_months) == (1, 3)
    assert (scheme.return_days, scheme.correction_grace_days, scheme.confirmation_days) == (14, 15, 30)
    assert (scheme.public_notice, scheme.budget_ceiling) == (False, None)
    assert (scheme.contact.phone, scheme.card.luhn) == ("83570329", Strictness.WARN)


@pytest.mark.req("P1", "E5")
def test_2024_award_rows_in_order(scheme: Scheme) -> None:
    rows = [(award.ground.value, award.amount, award.clause) for award in scheme.awards]
    assert rows == [
        ("skill", 2000, "三（一）"),
        ("skill", 1000, "三（一）"),
        ("skill", 800, "三（一）"),
        ("social_work", 2000, "三（二）"),
        ("social_work", 1000, "三（二）"),
        ("competition", 2000, "三（三）"),
        ("competition", 1000, "三（三）"),
    ]


@pytest.mark.req("P2")
@pytest.mark.parametrize(
    ("ground", "doors", "required"),
    [
        (Ground.SKILL, (Channel.MEMBER, Channel.HOTLINE, Channel.STATION), ()),
        (Ground.SOCIAL_WORK, (Channel.PAPER,), (A.ID_FRONT, A.ID_BACK, A.UNION_CARD, A.CERTIFICATE)),
        (Ground.COMPETITION, (Channel.ROSTER,), ()),
    ],
)
def test_2024_doors_and_attachments(
    scheme: Scheme, ground: Ground, doors: tuple[Channel, ...], required: tuple[AttachmentKind, ...]
) -> None:
    assert scheme.doors(ground) == doors
    assert scheme.ground_rule(ground).required_attachments == required


@pytest.mark.req("P2")
def test_picture_of_a_skill_certificate_is_asked_for_but_optional(scheme: Scheme) -> None:
    assert scheme.ground_rule(Ground.SKILL).optional_attachments == (A.CERTIFICATE,)


@pytest.mark.req("P1")
@pytest.mark.parametrize("name", ["scheme", "other"])
def test_definition_survives_json(name: str, request: pytest.FixtureRequest) -> None:
    scheme: Scheme = request.getfixturevalue(name)
    back = Scheme.from_mapping(json.loads(json.dumps(scheme.to_mapping())))
    assert back == scheme
    assert back.fingerprint() == scheme.fingerprint()
    assert back.to_mapping() == scheme.to_mapping()


@pytest.mark.req("P1")
def test_fingerprint_does_not_depend_on_order(mapping: Mapping, scheme: Scheme) -> None:
    turned = dict(reversed(mapping.items()))
    turned["awards"] = [dict(reversed(row.items())) for row in reversed(mapping["awards"])]
    turned["number_layouts"] = list(reversed(mapping["number_layouts"]))
    turned["grounds"]["skill"]["doors"].reverse()
    turned["competitions"][0]["aliases"].reverse()
    assert Scheme.from_mapping(turned).fingerprint() == scheme.fingerprint()


@pytest.mark.req("P1")
def test_fingerprint_does_not_depend_on_the_offset_of_an_instant(mapping: Mapping, scheme: Scheme) -> None:
    mapping["closes_at"] = "2024-10-31T16:00:00Z"
    assert Scheme.from_mapping(mapping).fingerprint() == scheme.fingerprint()


CHANGES = [
    set_to("awards", 0, "amount", value=2001),
    set_to("awards", 0, "label", value="一级"),
    set_to("certificate_to", value=date(2023, 12, 30)),
    set_to("number_layouts", 0, "levels", "1", value="2"),
    set_to("card", "luhn", value="refuse"),
    set_to("review_months", value=2),
    set_to("grounds", "social_work", "applicant_class", value="full_time_union_staff"),
    set_to("clauses", value={"closing": "五（四）"}),
    set_to("budget_ceiling", value=1_000_000),
]


@pytest.mark.req("P1", "P3")
@pytest.mark.parametrize("change", CHANGES)
def test_every_rule_changes_both_fingerprints(
    mapping: Mapping, scheme: Scheme, change: Callable[[Mapping], None]
) -> None:
    change(mapping)
    changed = Scheme.from_mapping(mapping)
    assert changed.fingerprint() != scheme.fingerprint()
    assert changed.frozen_fingerprint() != scheme.frozen_fingerprint()


@pytest.mark.req("P3")
@pytest.mark.parametrize(
    "change",
    [
        set_to("closes_at", value="2024-12-01T00:00:00+08:00"),
        set_to("contact", "phone", value="12351"),
        set_to("title", value="另一个标题"),
        set_to("grounds", "skill", "doors", value=["member"]),
    ],
)
def test_what_a_published_scheme_may_change_leaves_the_frozen_fingerprint(
    mapping: Mapping, scheme: Scheme, change: Callable[[Mapping], None]
) -> None:
    change(mapping)
    changed = Scheme.from_mapping(mapping)
    assert changed.fingerprint() != scheme.fingerprint()
    assert changed.frozen_fingerprint() == scheme.frozen_fingerprint()


FAULTS = [
    (without("year"), "year"),
    (set_to("year", value="2024"), "year"),
    (set_to("year", value=True), "year"),
    (set_to("year", value=2024.0), "year"),
    (set_to("year", value=1), "year"),
    (without("title"), "title"),
    (set_to("title", value="  "), "title"),
    (set_to("title", value="两\n行"), "title"),
    (set_to("title", value="字" * 101), "title"),
    (set_to("title", value=5), "title"),
    (set_to("opens_at", value="2024-01-01T00:00:00"), "opens_at"),
    (set_to("opens_at", value=datetime(2024, 1, 1)), "opens_at"),
    (set_to("opens_at", value=date(2024, 1, 1)), "opens_at"),
    (set_to("opens_at", value="一月一日"), "opens_at"),
    (set_to("closes_at", value="2024-01-01T00:00:00+08:00"), "closes_at"),
    (set_to("closes_at", value="0001-01-01T00:00:00+08:00"), "closes_at"),
    (set_to("certificate_from", value="2023-02-29"), "certificate_from"),
    (set_to("certificate_from", value="20230101"), "certificate_from"),
    (set_to("certificate_from", value=datetime(2023, 1, 1)), "certificate_from"),
    (set_to("certificate_from", value="2024-01-01"), "certificate_to"),
    (set_to("review_months", value=0), "review_months"),
    (set_to("payout_months", value=25), "payout_months"),
    (set_to("return_days", value=0), "return_days"),
    (set_to("correction_grace_days", value=-1), "correction_grace_days"),
    (set_to("public_notice", value=1), "public_notice"),
    (set_to("public_notice", value=True), "public_notice_days"),
    (set_to("budget_ceiling", value=-5), "budget_ceiling"),
    (set_to("suprise", value=1), "suprise"),
    (without("contact"), "contact"),
    (set_to("contact", value="李"), "contact"),
    (without("contact", "phone"), "contact.phone"),
    (set_to("contact", "fax", value="1"), "contact.fax"),
    (set_to("awards", value=[]), "awards"),
    (set_to("awards", value={}), "awards"),
    (again("awards"), "awards"),
    (set_to("awards", 0, value=3), "awards[0]"),
    (set_to("awards", 1, "amount", value=0), "awards[1].amount"),
    (set_to("awards", 1, "amount", value=1000.0), "awards[1].amount"),
    (set_to("awards", 1, "amount", value=10**9), "awards[1].amount"),
    (set_to("awards", 0, "level", value="9"), "awards[0].level"),
    (set_to("awards", 0, "level", value=1), "awards[0].level"),
    (set_to("awards", 0, "grade", value="senior"), "awards[0].grade"),
    (set_to("awards", 0, "ground", value="other"), "awards[0].ground"),
    (without("awards", 0, "clause"), "awards[0].clause"),
    (set_to("awards", 0, "trades", value=["电工", "电工"]), "awards[0].trades"),
    (set_to("awards", 6, "rank_to", value=1), "awards[6].rank_to"),
    (set_to("awards", 6, "rank_from", value=1), "awards"),
    (set_to("awards", 6, "rank_from", value=0), "awards[6].rank_from"),
    (without("grounds"), "grounds"),
    (without("grounds", "skill"), "awards"),
    (set_to("grounds", "lottery", value={"doors": []}), "grounds.lottery"),
    (without("grounds", "skill", "doors"), "grounds.skill.doors"),
    (set_to("grounds", "skill", "doors", value=["window"]), "grounds.skill.doors"),
    (set_to("grounds", "skill", "doors", value=["member", "member"]), "grounds.skill.doors"),
    (set_to("grounds", "skill", "doors", value="member"), "grounds.skill.doors"),
    (
        set_to("grounds", "skill", "required_attachments", value=["certificate"]),
        "grounds.skill.optional_attachments",
    ),
    (
        set_to("grounds", "skill", "applicant_class", value="full_time_union_staff"),
        "grounds.skill.applicant_class",
    ),
    (without("competitions"), "competitions"),
    (again("competitions"), "competitions"),
    (set_to("competitions", 0, "rounds", value=[]), "competitions[0].rounds"),
    (set_to("competitions", 0, "rounds", value=["final", "semi_final"]), "competitions"),
    (again("number_layouts"), "number_layouts"),
    (set_to("number_layouts", 0, "levels", value={}), "number_layouts[0].levels"),
    (set_to("number_layouts", 0, "levels", value={"1": "9"}), "number_layouts[0].levels"),
    (again("number_layouts", 0, "parts"), "number_layouts[0].parts"),
    (
        set_to("number_layouts", 0, "parts", 0, "characters", value="A-Z]|.*["),
        "number_layouts[0].parts[0].characters",
    ),
    (set_to("number_layouts", 0, "parts", 1, "length", value=0), "number_layouts[0].parts[1].length"),
    (set_to("card", "luhn", value="maybe"), "card.luhn"),
    (set_to("card", "shortest", value=20), "card.shortest"),
    (set_to("card", "longest", value=15), "card.longest"),
    (set_to("card", "prefixes", value=["62A"]), "card.prefixes"),
    (set_to("clauses", value={"skill": ""}), "clauses.skill"),
    (set_to("clauses", value={"other": "七"}), "clauses.other"),
]


@pytest.mark.req("P1")
@pytest.mark.parametrize(("change", "field"), FAULTS)
def test_fault_is_refused_and_its_field_named(
    mapping: Mapping, change: Callable[[Mapping], None], field: str
) -> None:
    change(mapping)
    with pytest.raises(SchemeError) as caught:
        Scheme.from_mapping(mapping)
    assert caught.value.field == field
    assert caught.value.message.endswith("。")
    assert str(caught.value).startswith(field)


@pytest.mark.req("P1")
@pytest.mark.parametrize("body", [None, [], "year", 5, {1: 2}])
def test_definition_that_is_no_table_is_refused(body: Any) -> None:
    with pytest.raises(SchemeError):
        Scheme.from_mapping(body)


@pytest.mark.req("E8")
@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("2023-12-31T23:59:59+08:00", WindowStatus.UPCOMING),
        ("2024-01-01T00:00:00+08:00", WindowStatus.OPEN),
        ("2024-10-31T23:59:59+08:00", WindowStatus.OPEN),
        ("2024-11-01T00:00:00+08:00", WindowStatus.CLOSED),
    ],
)
def test_window_status_is_half_open(scheme: Scheme, at: str, status: WindowStatus) -> None:
    instant = datetime.fromisoformat(at)
    assert scheme.window_status(instant) is status
    assert scheme.is_open(instant) is (status is WindowStatus.OPEN)


@pytest.mark.req("P1")
def test_ground_that_a_scheme_leaves_out_has_no_door_and_no_award(mapping: Mapping) -> None:
    del mapping["grounds"]["competition"], mapping["competitions"]
    mapping["awards"] = mapping["awards"][:5]
    scheme = Scheme.from_mapping(mapping)
    assert scheme.doors(Ground.COMPETITION) == ()
    assert scheme.award_for_rank(CompetitionRound.FINAL, 1) is None
