"""What a card says, whichever of the four layouts it has.

Everything on a card is personal, so no field shows in ``repr`` and a record that strays into a log says
nothing. People see the masked forms: 张*, and the number's last four places.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from devices.idcard.numbers import region_of


class CardKind(StrEnum):
    """The four layouts of the chip's text block, told apart by its type flag."""

    RESIDENT = "resident"
    HMT_PERMIT = "hmt-residence-permit"  # residents of Hong Kong, Macao and Taiwan, since 2018
    FOREIGN_2017 = "foreign-permanent-resident-2017"
    FOREIGN_2023 = "foreign-permanent-resident-2023"


SEXES = {"0": "未知", "1": "男", "2": "女", "9": "未说明"}

# GB/T 3304, in the order of their codes 01 to 56; 97 and 98 are the chip's own additions.
_NATION_NAMES = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 "
    "纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 "
    "德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
NATIONS = {f"{code:02d}": name for code, name in enumerate(_NATION_NAMES.split(), 1)}
NATIONS |= {"97": "其他", "98": "外国血统中国籍人士"}


@dataclass(frozen=True, slots=True)
class Card:
    """One card. Codes as on the chip: ``sex`` 0, 1, 2, 9; ``nation`` 01-56, 97, 98; ``country`` three letters.

    ``valid_to`` None means 长期, without end. A field that a layout does not have is empty.
    """

    kind: CardKind
    name: str = field(repr=False)
    number: str = field(repr=False)
    sex: str = field(repr=False)
    born: date = field(repr=False)
    valid_from: date = field(repr=False)
    valid_to: date | None = field(repr=False)
    nation: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    issuer: str = field(default="", repr=False)
    pass_number: str = field(default="", repr=False)  # of the Mainland Travel Permit, on the HMT permit
    issue_count: str = field(default="", repr=False)
    english_name: str = field(default="", repr=False)
    country: str = field(default="", repr=False)
    version: str = field(default="", repr=False)
    renewal_count: str = field(default="", repr=False)
    old_number_link: str = field(default="", repr=False)  # ties a 2023 card to the holder's former number
    management_number: str = field(default="", repr=False)  # 56 hexadecimal digits; read only where asked for

    @property
    def masked_name(self) -> str:
        """The first character and a star: 张*; a name in Latin letters keeps its first letter."""
        return f"{self.name[:1]}*"

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def masked_number(self) -> str:
        return "*" * (len(self.number) - 4) + self.last4

    @property
    def region(self) -> str:
        """``hong-kong``, ``macao`` or ``taiwan`` on a residence permit; else empty."""
        return region_of(self.number)

    def expired(self, today: date) -> bool:
        """Whether the card's last valid day lies before ``today``, the hall's local date."""
        return self.valid_to is not None and self.valid_to < today

    def spelled_out(self) -> dict[str, str]:
        """Every field the layout has, in words, as a technician's command prints it. Personal: never log it."""
        words = {
            "type": str(self.kind),
            "name": self.name,
            "number": self.number,
            "sex": SEXES.get(self.sex, self.sex),
            "nation": NATIONS.get(self.nation, self.nation),
            "born": self.born.isoformat(),
            "address": self.address,
            "issuer": self.issuer,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": "长期" if self.valid_to is None else self.valid_to.isoformat(),
        }
        for extra in (
            "region",
            "pass_number",
            "issue_count",
            "english_name",
            "country",
            "version",
            "renewal_count",
            "old_number_link",
            "management_number",
        ):
            if getattr(self, extra):
                words[extra] = getattr(self, extra)
        return words

    def masked(self) -> dict[str, str]:
        """As ``spelled_out`` with everything that points to a person starred out."""
        open_fields = {"type", "sex", "valid_from", "valid_to", "version", "country"}
        words = {key: text if key in open_fields or not text else "*" for key, text in self.spelled_out().items()}
        return words | {"name": self.masked_name, "number": self.masked_number, "born": "****-**-**"}
