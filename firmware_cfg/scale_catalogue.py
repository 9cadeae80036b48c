"""Catalogues of any size for trials: ``python -m firmware_cfg.scale_catalogue --count 5000 --out FILE [--seed N]``.

The shipped matters come first; the others are put together from what citizens can come for: something
(社会保障卡, 居住证 ...) that can be applied for, renewed, changed, replaced, cancelled, looked up, printed;
in the larger catalogues each in a district or a street of it. So the names are alike in the way in which real ones
are: many share a beginning, many an end, and some differ in one character. The same count and seed always give the
same bytes.
Names are put together, not taken from anywhere; minutes and papers are those of the theme's shipped matters.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from firmware_cfg.catalogue import CATALOGUE, read_catalogue

# Theme of the shipped catalogue: (what, in English) ...
_THINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "社保": (
        ("社会保障卡", "social-security card"),
        ("养老保险", "pension insurance"),
        ("工伤保险", "work-injury insurance"),
        ("失业保险金", "unemployment benefit"),
        ("灵活就业参保", "flexible-employment insurance"),
        ("社保缴费基数", "contribution base"),
        ("退休待遇", "retirement benefits"),
        ("企业年金", "enterprise annuity"),
        ("城乡居民养老保险", "residents' pension"),
        ("丧葬补助金", "funeral grant"),
    ),
    "看病医保": (
        ("门诊大病", "outpatient serious illness"),
        ("异地就医", "treatment elsewhere"),
        ("医疗救助", "medical relief"),
        ("医保个人账户", "medical-insurance account"),
        ("居民医保", "residents' medical insurance"),
        ("长期护理保险", "long-term care insurance"),
        ("生育医疗费", "maternity costs"),
        ("特殊药品", "special medicine"),
        ("就医记录册", "medical record booklet"),
        ("家庭医生签约", "family doctor contract"),
    ),
    "居住户籍": (
        ("居住证", "residence permit"),
        ("居住登记", "residence registration"),
        ("户口簿", "household register"),
        ("户口迁移", "household move"),
        ("临时身份证", "temporary ID card"),
        ("居民身份证", "ID card"),
        ("姓名更正", "name correction"),
        ("积分", "residence points"),
        ("集体户口", "collective household"),
        ("出国定居户口", "household of emigrants"),
    ),
    "养老照护": (
        ("敬老卡", "senior card"),
        ("高龄津贴", "old-age allowance"),
        ("老年综合津贴", "senior allowance"),
        ("居家养老服务", "home care"),
        ("养老服务补贴", "care subsidy"),
        ("老年人助餐", "senior meals"),
        ("适老化改造", "home adaptation"),
        ("养老机构床位", "nursing-home place"),
    ),
    "就业": (
        ("就业创业证", "employment book"),
        ("就业困难人员", "hard-to-employ status"),
        ("创业担保贷款", "start-up loan"),
        ("职业技能补贴", "skills subsidy"),
        ("见习补贴", "trainee subsidy"),
        ("招工备案", "hiring record"),
        ("劳动合同备案", "labour contract record"),
        ("外国人工作许可", "foreigner's work permit"),
    ),
    "生育": (
        ("生育登记", "birth registration"),
        ("再生育审批", "approval of a further child"),
        ("生育保险待遇", "maternity benefit"),
        ("出生医学证明", "birth certificate"),
        ("独生子女证", "only-child certificate"),
        ("婚前检查", "premarital check"),
    ),
    "证明": (
        ("无犯罪记录证明", "no-criminal-record certificate"),
        ("结婚登记证明", "marriage certificate"),
        ("亲属关系证明", "kinship certificate"),
        ("居住证明", "proof of residence"),
        ("收入证明", "income certificate"),
        ("纳税证明", "tax certificate"),
        ("死亡证明", "death certificate"),
        ("学历证明", "education certificate"),
    ),
    "档案": (
        ("人事档案", "personnel file"),
        ("婚姻档案", "marriage file"),
        ("知青档案", "zhiqing file"),
        ("学籍档案", "school file"),
        ("退役军人档案", "veteran's file"),
        ("房产档案", "property file"),
    ),
    "住房": (
        ("公共租赁住房", "public rental housing"),
        ("廉租住房", "low-rent housing"),
        ("住房公积金", "housing fund"),
        ("住房补贴", "housing subsidy"),
        ("房屋租赁合同", "rental contract"),
        ("不动产权证", "real-estate certificate"),
        ("共有产权住房", "shared-ownership housing"),
        ("购房资格", "right to buy"),
    ),
    "企业": (
        ("营业执照", "business licence"),
        ("食品经营许可证", "food licence"),
        ("公司章程", "articles of association"),
        ("法定代表人", "legal representative"),
        ("经营范围", "scope of business"),
        ("个体工商户", "sole trader"),
        ("税务登记", "tax registration"),
        ("卫生许可证", "hygiene permit"),
        ("烟草专卖许可证", "tobacco licence"),
        ("印章备案", "seal record"),
    ),
    "助残": (
        ("残疾人证", "disability card"),
        ("残疾人补贴", "disability allowance"),
        ("辅助器具", "assistive device"),
        ("无障碍改造", "barrier-free conversion"),
        ("残疾人就业", "work for the disabled"),
    ),
    "救助": (
        ("最低生活保障", "minimum living allowance"),
        ("临时救助", "temporary relief"),
        ("特困供养", "destitute support"),
        ("支出型贫困家庭", "hardship family"),
        ("教育救助", "education relief"),
    ),
}
_DEEDS = (
    ("申领", "Apply for"),
    ("换领", "Renew"),
    ("补领", "Replace lost"),
    ("注销", "Cancel"),
    ("变更", "Change"),
    ("查询", "Look up"),
    ("打印", "Print"),
    ("登记", "Register"),
    ("审核", "Check"),
    ("转移", "Transfer"),
    ("延期", "Extend"),
    ("停发", "Stop"),
    ("恢复", "Resume"),
    ("复核", "Review"),
    ("备案", "Record"),
)
_DISTRICTS = (
    ("黄浦区", "Huangpu"),
    ("徐汇区", "Xuhui"),
    ("长宁区", "Changning"),
    ("静安区", "Jing'an"),
    ("普陀区", "Putuo"),
    ("虹口区", "Hongkou"),
    ("杨浦区", "Yangpu"),
    ("闵行区", "Minhang"),
    ("宝山区", "Baoshan"),
    ("嘉定区", "Jiading"),
    ("浦东新区", "Pudong"),
    ("金山区", "Jinshan"),
    ("松江区", "Songjiang"),
    ("青浦区", "Qingpu"),
    ("奉贤区", "Fengxian"),
    ("崇明区", "Chongming"),
)
_STREETS = (
    ("凉城街道", "Liangcheng"),
    ("曲阳街道", "Quyang"),
    ("五角场街道", "Wujiaochang"),
    ("桃浦镇", "Taopu"),
    ("航头镇", "Hangtou"),
    ("张江镇", "Zhangjiang"),
    ("川沙镇", "Chuansha"),
    ("康健街道", "Kangjian"),
    ("田林街道", "Tianlin"),
    ("江川街道", "Jiangchuan"),
    ("九亭镇", "Jiuting"),
    ("泗泾镇", "Sijing"),
    ("朱泾镇", "Zhujing"),
    ("罗店镇", "Luodian"),
    ("顾村镇", "Gucun"),
    ("安亭镇", "Anting"),
    ("南翔镇", "Nanxiang"),
    ("真新街道", "Zhenxin"),
    ("北新泾街道", "Beixinjing"),
    ("新泾镇", "Xinjing"),
)
# Readings that a dictionary of phrases gets wrong in names of places.
_PLACES = {
    "闵行": [["mǐn"], ["háng"]],
    "长宁": [["cháng"], ["níng"]],
    "重残": [["zhòng"], ["cán"]],
    "川沙": [["chuān"], ["shā"]],
}


def scaled(count: int, seed: int = 1) -> dict[str, Any]:
    """A catalogue of ``count`` matters in the shape of the shipped one, JSON-ready. Raises ValueError if too many."""
    # Imported here: only who makes a catalogue needs it.
    from pypinyin import lazy_pinyin, load_phrases_dict  # noqa: PLC0415

    load_phrases_dict(_PLACES)
    shipped = json.loads(CATALOGUE.read_bytes())
    matters: list[dict[str, Any]] = shipped["matters"][:count]
    patterns = {matter["theme_zh"]: matter for matter in reversed(shipped["matters"])}
    known = {matter["name_zh"] for matter in matters}
    for theme, name_zh, name_en in _names(count, random.Random(seed)):
        if len(matters) == count:
            break
        if name_zh in known:
            continue
        known.add(name_zh)
        syllables = lazy_pinyin(name_zh, errors="ignore")
        matters.append(
            {
                **patterns[theme],
                "id": f"T{len(matters):04d}",
                "name_zh": name_zh,
                "name_en": name_en,
                "service": False,
                "pinyin": " ".join(syllables),
                "initials": "".join(syllable[0] for syllable in syllables),
            }
        )
    if len(matters) < count:
        raise ValueError(f"{len(matters)} names can be put together, not {count}")
    body = {**shipped, "matters": matters}
    digest = hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return {**body, "version": f"1-trial-{count}-{digest[:8]}"}


def _names(count: int, dice: random.Random) -> list[tuple[str, str, str]]:
    """(theme, name, in English): what is done everywhere first, then in the districts, then in their streets."""
    city = [
        (theme, thing + deed, f"{deed_en} {thing_en}")
        for theme, things in _THINGS.items()
        for thing, thing_en in things
        for deed, deed_en in _DEEDS
    ]
    dice.shuffle(city)
    names = city[: max(600, count // 5)]
    for places in (_DISTRICTS, _STREETS):
        placed = [
            (theme, place + zh, f"{en}, {place_en}") for place, place_en in places for theme, zh, en in names[:600]
        ]
        dice.shuffle(placed)
        names += placed[: count // 2]
    return names


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m firmware_cfg.scale_catalogue", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    data = (json.dumps(scaled(options.count, options.seed), ensure_ascii=False, indent=1) + "\n").encode()
    read_catalogue(data)
    options.out.write_bytes(data)
    sys.stdout.write(f"{options.out}: {options.count} matters, {len(data)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
