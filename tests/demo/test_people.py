"""The invented people: no two alike, every number right by its check, no name lost on its way."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date

import pytest
from PIL import Image

from subsidy.demo import pictures
from subsidy.demo.people import AREA, FOREIGN_AREAS, MOST, RARE_NAMES, UNASSIGNED_PREFIX, person
from subsidy.demo.seed import MEMBERS
from subsidy.demo.stories import STORIES, cast
from subsidy.rules.identity import check_card_number, check_mobile, check_name, check_resident_id, is_luhn
from subsidy.rules.terms import Channel
from subsidy.uploads import accept

EVERYBODY = [person(serial) for serial in range(MOST)]


@pytest.mark.parametrize("field", ["name", "resident_id", "mobile", "card_number", "certificate_number"])
def test_no_two_people_share(field: str) -> None:
    assert len({getattr(one, field) for one in EVERYBODY}) == MOST


@pytest.mark.req("E11")
def test_every_number_passes_the_product_s_own_checks() -> None:
    for one in EVERYBODY:
        assert check_name(one.name) == one.name
        assert check_resident_id(one.resident_id, today=date(2024, 1, 1)) == one.resident_id
        assert check_mobile(one.mobile) == one.mobile
        for card in (one.card_number, one.new_card_number):
            assert check_card_number(card) == card
            assert is_luhn(card)


def test_no_number_can_be_a_living_person_s() -> None:
    areas = {one.resident_id[:4] for one in EVERYBODY if one.serial not in FOREIGN_AREAS}
    assert areas == {AREA}
    assert {one.mobile[:3] for one in EVERYBODY} == {UNASSIGNED_PREFIX}


def test_rare_characters_and_middle_dots_are_among_the_names_of_a_usual_demonstration() -> None:
    names = {case.person.name for case in cast(MEMBERS)}
    assert names.issuperset(RARE_NAMES)


def test_the_usual_demonstration_has_people_of_every_ground_and_channel() -> None:
    assert MEMBERS >= 300
    channels = Counter(case.channel for case in cast(MEMBERS))
    assert {*channels} == {*Channel}
    assert min(channels.values()) >= 20


@pytest.mark.parametrize("members", [0, 60, MEMBERS])
def test_every_story_has_somebody(members: int) -> None:
    cases = cast(members)
    assert {case.story.code for case in cases} == {story.code for story in STORIES}
    assert len(cases) == max(members, len(STORIES))


def test_a_person_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="invented people"):
        person(MOST)


def test_sample_picture_passes_the_upload_gate() -> None:
    upload = accept(io.BytesIO(pictures.certificate_picture(EVERYBODY[2], tilt=1.0)))
    assert upload.kind == "jpeg"
    assert (upload.width or 0) > 1000


def test_picture_without_a_chinese_font_is_drawn_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "FONTS", ())
    pictures.font_path.cache_clear()
    pictures.font_of.cache_clear()
    try:
        picture = Image.open(io.BytesIO(pictures.certificate_picture(EVERYBODY[2])))
        assert picture.size == pictures.SIZE
    finally:
        pictures.font_path.cache_clear()
        pictures.font_of.cache_clear()


@pytest.mark.skipif(not pictures.font_path(), reason="no Chinese font on this machine")
def test_no_empty_box_is_drawn_for_a_character_the_font_lacks() -> None:
    assert pictures.writable("王\U0010fffd") == "王〓"
    assert pictures.writable("王建国") == "王建国"
