"""Sample pictures of certificates, plainly marked as samples; drawn here, so that none is anybody's."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from subsidy.demo.people import Person
from subsidy.rules.terms import SkillLevel

SIZE: Final = (1200, 840)
PAPER, INK, RED, GREY = (252, 248, 236), (40, 36, 32), (168, 28, 28), (120, 110, 100)
TABLE: Final = (196, 188, 176)
STAMP: Final = (168, 28, 28, 70)
FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Medium.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
)
NO_CHARACTER: Final = "\U0010fffe"
GETA: Final = "〓"  # what printers set for a character they have no type for
CHINESE_FACE: Final = 2  # in the Noto collections: JP, KR, SC …
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def certificate_picture(person: Person, *, tilt: float = 0.0) -> bytes:
    """Return a JPEG as a phone would take it; without a Chinese font only numbers and SAMPLE are written."""
    sheet = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(sheet)
    for inset, width in ((24, 6), (38, 2)):
        pen.rectangle((inset, inset, SIZE[0] - inset, SIZE[1] - inset), outline=RED, width=width)
    if font_path():
        _write_in_chinese(pen, person)
    else:
        _write_numbers(pen, person)
    sheet = _stamped(sheet)
    photo = sheet.rotate(tilt, Image.Resampling.BILINEAR, expand=True, fillcolor=TABLE)
    stream = io.BytesIO()
    photo.save(stream, "JPEG", quality=82)
    return stream.getvalue()


@lru_cache(maxsize=1)
def font_path() -> str:
    """Return a font with Chinese characters, or an empty text."""
    return next((path for path in FONTS if Path(path).is_file()), "")


def writable(text: str) -> str:
    """Return the text with the geta mark for what the font lacks, never an empty box."""
    font = font_of(38)
    empty = bytes(font.getmask(NO_CHARACTER))
    return "".join(GETA if bytes(font.getmask(mark)) == empty else mark for mark in text)


@lru_cache(maxsize=16)
def font_of(size: int) -> Font:
    """Return the Chinese font in one size, or the small one that comes with the drawing library."""
    path = font_path()
    if not path:
        return ImageFont.load_default(size)
    return ImageFont.truetype(path, size, index=CHINESE_FACE if "Noto" in path else 0)


def _write_in_chinese(pen: ImageDraw.ImageDraw, person: Person) -> None:
    _centred(pen, 82, "职业技能等级证书", 58, RED)
    _centred(pen, 162, "样例 · 虚构人物 · 不是真实证书", 28, GREY)
    day = person.issued_on
    rows = (
        ("姓　　名", person.name),
        ("职业（工种）", person.trade),
        ("技能等级", SkillLevel(person.level).label),
        ("证书编号", person.certificate_number),
        ("颁证日期", f"{day.year} 年 {day.month} 月 {day.day} 日"),
        ("评价机构", person.awarding_body),
    )
    for place, (label, value) in enumerate(rows):
        top = 244 + place * 84
        pen.text((110, top), label, GREY, font_of(30))
        pen.text((400, top - 4), writable(value), INK, font_of(38))
        pen.line((390, top + 54, 1080, top + 54), TABLE, 2)
    _centred(pen, 762, "本图由演示程序绘制，仅供培训使用", 24, GREY)


def _write_numbers(pen: ImageDraw.ImageDraw, person: Person) -> None:
    _centred(pen, 90, "SAMPLE", 64, RED)
    _centred(pen, 170, "invented person, not a certificate", 28, GREY)
    lines = (person.certificate_number, person.issued_on.isoformat(), f"Level {person.level}")
    for place, line in enumerate(lines):
        _centred(pen, 330 + place * 110, line, 44, INK)


def _stamped(sheet: Image.Image) -> Image.Image:
    """Lay a slanting mark over the sheet that no crop of the text can leave out."""
    slanted = _mark(font_path())
    place = ((SIZE[0] - slanted.width) // 2, (SIZE[1] - slanted.height) // 2)
    sheet.paste(slanted, place, slanted)
    return sheet


@lru_cache(maxsize=2)
def _mark(path: str) -> Image.Image:
    layer = Image.new("RGBA", (SIZE[0], 200), (0, 0, 0, 0))
    words = "样例　虚构　样例　虚构" if path else "SAMPLE  SAMPLE  SAMPLE"
    ImageDraw.Draw(layer).text((SIZE[0] // 2, 100), words, STAMP, font_of(92), anchor="mm")
    return layer.rotate(24, Image.Resampling.BICUBIC, expand=True)


def _centred(pen: ImageDraw.ImageDraw, top: int, text: str, size: int, colour: tuple[int, int, int]) -> None:
    pen.text((SIZE[0] // 2, top), text, colour, font_of(size), anchor="ma")
