"""The words of each page: complete in both languages, drawn and spoken alike, and nothing personal beyond the mask."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import product
from pathlib import Path

import msgspec
import pytest

import kiosk.views
from kiosk import text
from kiosk.events import OutlookChanged, Touched
from kiosk.flow import Site, State
from kiosk.flow.pages import Record
from kiosk.scenes import Walk, outlook, scenes, shipped_catalogue
from kiosk.text import words
from kiosk.views import (
    AskingView,
    Button,
    ConfirmView,
    MessageView,
    StartView,
    TicketView,
    TimeoutView,
    View,
    view,
)
from tests.kiosk.hearing import by_ear, heard

TALL = Site("demo", "Demo kiosk", "http://127.0.0.1:8080", "Demo street", "021-0000 0000", "Mon to Fri", speech=True)
SMALL = replace(TALL, compact=True)
CJK = re.compile(r"[\u4e00-\u9fff]")

SCENES = [(panel, name) for panel in ("tall", "small") for name in scenes(TALL)]
STATES: dict[str, dict[str, State]] = {"tall": scenes(TALL), "small": scenes(SMALL)}


def shown(panel: str, name: str, lang: str = "zh-Hans", *, elder: bool = False) -> View:
    return view(in_manner(panel, name, lang, elder=elder))


def in_manner(panel: str, name: str, lang: str = "zh-Hans", *, elder: bool = False) -> State:
    state = STATES[panel][name]
    return replace(state, session=replace(state.session, lang=lang, elder=elder))


def strings(thing: object) -> Iterator[str]:
    """Every word in a view, however deep."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from strings(part)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from strings(getattr(thing, field.name))


def buttons(thing: object) -> Iterator[Button]:
    if isinstance(thing, Button):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from buttons(part)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from buttons(getattr(thing, field.name))


@pytest.mark.parametrize(("panel", "name"), SCENES)
def test_english_pages_hold_no_chinese_but_the_way_back_to_it(panel: str, name: str) -> None:
    state = STATES[panel][name]
    page = shown(panel, name, "en")
    if isinstance(page, kiosk.views.EmergencyView):
        return  # both languages at once, for everybody
    start_subs = {button.sub for button in buttons(page)} if isinstance(page, StartView) else set()
    if isinstance(page, kiosk.views.ElsewhereView):
        start_subs = {page.other}
    if isinstance(page, kiosk.views.AttractView):
        start_subs = {page.begin_other}  # in both languages: nobody has chosen one yet
    values = {button.value for button in buttons(page)}
    left = [word for word in strings(page) if CJK.search(word)]
    masked = state.session.card.masked_name if state.session.card else "张"
    allowed = {"Language 中文", "EN 中文", *text.NAMES.values(), text.IN_ALL, *start_subs, *values}
    facts = getattr(getattr(state.session.page, "reply", None), "facts", {})
    told = [str(fact) for fact in facts.values()]  # an address is known in Chinese only
    near = state.kiosk.near
    told += [one.address_zh for one in near.halls] + [one.place_zh for one in near.kiosks] if near else []
    told += [state.kiosk.site.remote_hours_zh] if state.kiosk.site.remote_hours_zh else []
    left = [w for w in left if not any(fact in w for fact in told)]
    record = state.session.page
    if isinstance(record, Record):  # an office's own words
        allowed |= {line.shown for line in (*record.lines, *record.whole)}
    assert [w for w in left if w not in allowed and masked not in w] == []


@pytest.mark.parametrize(("panel", "name"), SCENES)
def test_every_page_speaks_and_every_control_has_a_name(panel: str, name: str) -> None:
    for lang, elder in product(text.NAMES, (False, True)):
        page = shown(panel, name, lang, elder=elder)
        assert heard(in_manner(panel, name, lang, elder=elder)).strip(), (lang, elder)
        assert page.frame.title, (lang, elder)
        for button in buttons(page):
            assert button.label.strip(), (lang, elder, button)
            assert "{" not in button.label, (lang, elder)


@pytest.mark.parametrize(("panel", "name"), SCENES)
def test_what_is_spoken_is_also_drawn(panel: str, name: str) -> None:
    """But for what the eye sees otherwise: that something is chosen, or out of use, and how much there is of it."""
    state = STATES[panel][name]
    state = replace(state, session=replace(state.session, voice=False, lang="zh-Hans"))
    drawn = "".join(strings(view(state)))
    for part in re.split(r"[。，,、]", heard(state)):
        if not re.fullmatch(r"还没有输入|已输入 \d+ 位|另有 \d+ 项|已选|不可用", part):
            assert part.strip() in drawn or all(word in drawn for word in part.split()), part


@pytest.mark.parametrize(("panel", "name"), SCENES)
def test_help_is_at_the_far_right_of_every_bar(panel: str, name: str) -> None:
    bar = shown(panel, name).frame.bar
    if name.startswith("technician"):
        return  # no citizen is there to be helped: its bar is back and end
    assert not bar or (bar[-1].action == "help" and bar[-1].enabled)
    if panel == "tall" and bar:
        order = ["back", "home", "language", "elder", "voice", "cover", "help"]
        assert [button.action for button in bar] == order
    if panel == "small":
        assert len(bar) <= 5


@pytest.mark.parametrize("name", [name for panel, name in SCENES if panel == "small"])
def test_the_small_panel_offers_four_choices_at_most(name: str) -> None:
    page = shown("small", name)
    tiles = getattr(page, "tiles", ()) or getattr(page, "actions", ())
    assert len(tiles) <= 4


@pytest.mark.parametrize("name", [name for panel, name in SCENES if panel == "tall"])
def test_the_elder_version_has_four_choices_at_most_and_loses_no_control(name: str) -> None:
    page, elder = shown("tall", name), shown("tall", name, elder=True)
    tiles = getattr(elder, "tiles", ()) or getattr(elder, "actions", ())
    assert len(tiles) <= 4
    assert [b.action for b in elder.frame.bar] == [b.action for b in page.frame.bar]


def test_every_hot_matter_of_the_large_panel_is_reached_in_one_touch() -> None:
    page = shown("tall", "choose")
    assert [b.value for b in page.tiles] == list(shipped_catalogue().hot)[:6]  # type: ignore[union-attr]


def test_every_theme_has_its_leaf_and_no_matter_is_out_of_reach() -> None:
    for site in (TALL, SMALL):
        reached: set[str] = set()
        walk = Walk(site).ready()
        catalogue = walk.state.kiosk.catalogue
        for zh, _en in catalogue.themes:
            for leaf in range(12):
                walked = Walk(site).ready()
                walked(Touched("take-ticket"), Touched("themes"), Touched("theme", zh), Touched("page", str(leaf)))
                reached |= {b.value for b in buttons(view(walked.state)) if b.action == "matter"}
        assert reached == set(catalogue.matters)


# --- single pages ------------------------------------------------------------------------------------------


def test_the_ticket_says_everything_that_is_needed_to_check_it() -> None:
    page = shown("tall", "ticket")
    assert isinstance(page, TicketView)
    for part in ("A 零 二 三", "前面 5 人", "8 到 15", "二号等候区", "10点45分"):
        assert part in by_ear(STATES["tall"]["ticket"])
    assert page.qr.isascii()


def test_a_ticket_in_doubt_offers_to_print_again() -> None:
    assert "reprint" in [b.action for b in buttons(shown("tall", "ticket-unsure"))]
    assert "reprint" not in [b.action for b in buttons(shown("tall", "ticket"))]
    assert "reprint" not in [b.action for b in buttons(shown("tall", "ticket-without-paper"))]


def test_the_typed_number_is_dots_only() -> None:
    page = shown("tall", "type-number")
    assert page.shown == "●" * 11 + "○" * 7  # type: ignore[union-attr]
    said = heard(STATES["tall"]["type-number"])
    assert "已输入 11 位" in said
    assert "●" not in said


def test_whose_card_it_was_shows_five_seconds_and_masked() -> None:
    state = STATES["tall"]["asking"]
    page = view(state)
    assert isinstance(page, AskingView)
    assert page.who == "张* 尾号 1234"
    later = view(replace(state, kiosk=replace(state.kiosk, monotonic_s=state.kiosk.monotonic_s + 6)))
    assert isinstance(later, AskingView)
    assert later.who == ""


def test_a_closed_hall_says_when_it_opens_and_gives_no_number() -> None:
    page = shown("tall", "start-closed")
    assert "明天 08:30" in page.headline  # type: ignore[union-attr]
    offered = {b.action for b in buttons(page) if b.enabled}
    assert "take-ticket" not in offered
    assert "book" in offered, "a later time can be had at any hour"


def test_absent_devices_are_not_advertised() -> None:
    assert {x.icon for x in shown("tall", "start").hints} == {"card", "code"}  # type: ignore[union-attr]
    assert {x.icon for x in shown("tall", "start-no-devices").hints} == {"keys"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("waiting", "windows", "high", "count", "spoken_range"),
    [
        (0, 4, 3, "无需等候", "随到随办"),
        (0, 4, 15, "窗口正在办理", "约 2–15 分钟"),
        (0, 0, 15, "窗口即将开放", "约 2–15 分钟"),
        (0, 0, 3, "窗口即将开放", "约 2–3 分钟"),
        (0, None, 15, "您是第一位", "约 2–15 分钟"),
        (0, None, 3, "无需等候", "随到随办"),
        (7, 0, 15, "7 人等候", "约 2–15 分钟"),
    ],
)
def test_a_wait_never_contradicts_itself(
    waiting: int, windows: int | None, high: int, count: str, spoken_range: str
) -> None:
    told = msgspec.structs.replace(outlook(waiting=waiting, low=2, high=high), windows_open=windows)
    page = view(Walk(TALL).ready()(OutlookChanged(told)).state)
    assert isinstance(page, StartView)
    assert page.waiting is not None
    assert (page.waiting.count, page.waiting.range) == (count, spoken_range)
    assert (page.waiting.high == 0) == (spoken_range == "随到随办")


@pytest.mark.parametrize("waiting", [0, 7])
@pytest.mark.parametrize("why", ["no-window-open", "paused-windows", "no-window-with-skill"])
def test_while_nobody_can_serve_no_minutes_are_said_or_drawn(waiting: int, why: str) -> None:
    page = view(Walk(TALL).ready()(OutlookChanged(outlook(waiting=waiting, nobody=why))).state)
    assert isinstance(page, StartView)
    assert page.waiting is not None
    assert (page.waiting.people, page.waiting.low, page.waiting.high) == (waiting, 0, 0)
    assert not page.waiting.at_once, "it is not shown as good news"
    assert "分钟" not in page.waiting.count + page.waiting.range


HALF_WIDTH = re.compile(r"[\u4e00-\u9fff] *[,:;!?()]|[,:;!?(][\u4e00-\u9fff]")


@pytest.mark.parametrize(("panel", "name"), SCENES)
@pytest.mark.parametrize("elder", [False, True])
def test_chinese_stands_in_chinese_marks(panel: str, name: str, *, elder: bool) -> None:
    values = {button.value for button in buttons(shown(panel, name))}
    assert [x for x in strings(shown(panel, name, elder=elder)) if HALF_WIDTH.search(x) and x not in values] == []


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("户口簿(未成年人)", "户口簿（未成年人）"),
        ("王主任(示例), 您好!", "王主任（示例），您好！"),
        ("电话: 021-0000", "电话：021-0000"),
        ("Form (A), 3 copies: yes", "Form (A), 3 copies: yes"),
        ("10:15", "10:15"),
    ],
)
def test_half_width_marks_of_data_become_full_width(written: str, printed: str) -> None:
    assert text.full_width(written) == printed


def test_papers_to_bring_are_asked_for_and_not_ticked() -> None:
    page = shown("tall", "confirm")
    assert isinstance(page, ConfirmView)
    assert page.heading == "请确认已带"
    assert shown("tall", "guide").heading == "请带好这些材料"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["refused", "trouble-card", "trouble-code", "help"])
def test_a_message_marks_the_step_that_helps_most(name: str) -> None:
    page = shown("tall", name)
    assert isinstance(page, MessageView)
    assert [b.tone for b in page.actions] == ["primary"] + ["plain"] * (len(page.actions) - 1)


def test_the_refusal_is_the_halls_own_sentence() -> None:
    zh, en = shown("tall", "refused"), shown("tall", "refused", "en")
    assert isinstance(zh, MessageView)
    assert (zh.sentence, zh.detail) == ("没有查到您今天的预约", "可以现场取号。")
    assert isinstance(en, MessageView)
    assert en.sentence.startswith("No appointment")


def test_the_warning_counts_down() -> None:
    page = shown("tall", "still-there")
    assert isinstance(page, TimeoutView)
    assert 20 <= page.left_s <= 30
    assert [b.action for b in page.actions] == ["more-time", "leave"]


def test_a_slow_hall_promises_paper_only_where_there_is_a_printer() -> None:
    page = shown("tall", "asking-slow")
    assert isinstance(page, AskingView)
    assert page.slow
    assert [b.action for b in page.actions] == ["leave"]
    assert "打印" in page.actions[0].sub


# --- the words themselves ----------------------------------------------------------------------------------


def _phrases() -> Iterator[str]:
    folder = Path(kiosk.views.__file__).parent
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                yield node.value


def test_every_chinese_phrase_of_the_code_has_its_english() -> None:
    untranslated = {"中文", "一", "(免交)", "免交", "无"} | {"\u9fff"}
    known = {key.split("\0")[0] for key in text.parse_po((text.LOCALE / "en.po").read_text(encoding="utf-8"))}
    missing = {phrase for phrase in _phrases() if CJK.search(phrase)} - known - untranslated
    assert missing == set()


@pytest.mark.parametrize("lang", [lang for lang in text.NAMES if lang not in (text.SOURCE, "en")])
def test_every_phrase_that_has_its_english_stands_in_every_other_file(lang: str) -> None:
    english, other = (
        {key.split("\0")[0] for key in text.parse_po(text.po_file(which).read_text(encoding="utf-8"))}
        for which in ("en", lang)
    )
    assert english - other == set()


@pytest.mark.parametrize("lang", [lang for lang in text.NAMES if lang != text.SOURCE])
def test_no_translation_is_unsure_and_none_is_in_the_wrong_script(lang: str) -> None:
    po = text.po_file(lang).read_text(encoding="utf-8")
    assert "fuzzy" not in po
    foreign = {"en": r"[\u3041-\u30ff\uac00-\ud7a3]", "ko": r"[\u3041-\u30ff\u4e00-\u9fff]", "ja": r"[\uac00-\ud7a3]"}
    wrong = re.compile(foreign.get(lang, r"[\u3041-\u30ff\uac00-\ud7a3]"))
    assert [value for key, value in text.parse_po(po).items() if key and wrong.search(value)] == []


@pytest.mark.parametrize("lang", ["ja", "ko"])
def test_the_shipped_catalogue_is_known_by_name(lang: str) -> None:
    matters = shipped_catalogue().matters
    names = {name for matter in matters for name in (matter.name_zh, matter.theme_zh)}
    assert names - words(lang).own == set()


def test_every_material_of_the_shipped_catalogue_has_its_english() -> None:
    w = words("en")
    lines = {line for matter in shipped_catalogue().matters for line in matter.materials_zh}
    assert [line for line in lines if line != "无" and CJK.search(w(line))] == []


@pytest.mark.parametrize("lang", [lang for lang in text.NAMES if lang != text.SOURCE])
def test_a_translation_has_the_same_facts_as_its_source(lang: str) -> None:
    for key, value in text.parse_po(text.po_file(lang).read_text(encoding="utf-8")).items():
        wanted = set(re.findall(r"{\w+}", key.split("\0")[0]))
        for form in value.split("\0"):
            if key:
                assert set(re.findall(r"{\w+}", form)) == wanted, key


def test_counted_phrases_know_one_from_many() -> None:
    w = words("en")
    assert w.count("{n} 人等候", 1) == "1 person waiting"
    assert w.count("{n} 人等候", 3) == "3 waiting"
    assert words("zh-Hans").count("{n} 人等候", 3) == "3 人等候"


def test_an_unknown_phrase_is_shown_in_chinese_rather_than_not_at_all() -> None:
    assert words("en")("还没有翻译的话") == "还没有翻译的话"
    assert words("zh-Hant")("还没有翻译的话") == "還沒有翻譯的話"


@pytest.mark.parametrize("lang", sorted(text.FALLBACK))
def test_a_phrase_that_a_language_lacks_comes_in_english(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "parse_po", lambda po: {"": "Plural-Forms: nplurals=1; plural=0;"} if lang in po else {})
    w = text.words.__wrapped__(lang)
    monkeypatch.undo()
    assert w("取号办事") == words("en")("取号办事")
    assert w.count("{n} 人等候", 1) == words("en").count("{n} 人等候", 1)


def test_what_data_brings_is_set_in_the_shapes_that_are_read() -> None:
    assert words("zh-Hant").pick("台湾居民(居住证)", "Residence permit") == "臺灣居民（居住證）"
    assert words("zh-Hans").pick("居住证", "Residence permit") == "居住证"
    assert words("ja").pick("居住证", "Residence permit") == "居住証"
    assert words("ko").pick("谁也没有翻译的事", "A matter that nobody translated") == "A matter that nobody translated"
    assert words("ko").pick("谁也没有翻译的事", "") == "谁也没有翻译的事"


@pytest.mark.parametrize("broken", ['msgid "a', "hello", 'msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n'])
def test_a_broken_file_is_refused(broken: str) -> None:
    with pytest.raises(text.BadLocale):
        text.parse_po(broken)
