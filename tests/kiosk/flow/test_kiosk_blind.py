"""With the screen off: whole journeys by keys alone, found by what is said and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk import events
from kiosk.aloud import aloud
from kiosk.effects import Repeat, Send, Speak, TypeKey
from kiosk.events import DeviceChanged, Event, Idle, KeyPressed, LinkChanged, Replied, Touched
from kiosk.flow import Site, State, pages
from kiosk.flow.state import DEVICES
from kiosk.scenes import CARD, Walk, scenes, ticket
from kiosk.views import page_view
from kiosk.views.reading import controls, read
from kiosk.views.telling import Told, tell
from queue_server.wire import messages as wire

SITE = Site("demo", "演示大厅 1号机", "http://h", "演示街道", "021-0000 0000", "周一至周五", speech=True)
SMALL = replace(SITE, compact=True)


class Blind:
    """Presses keys and listens. ``heard``: what was said since the last key, as it was said."""

    def __init__(self, site: Site = SITE, *, ready: bool = True) -> None:
        self.walk = Walk(site)
        if ready:
            self.walk.ready()
        self.told = Told()
        self.last: tuple[str, ...] = ()
        self.heard: list[str] = []

    def happens(self, *happened: Event) -> Blind:
        """Only for what is not in this person's hands: answers, paper, cards."""
        for event in happened:
            effects = len(self.walk.effects)
            self.walk(event)
            for effect in self.walk.effects[effects:]:
                if isinstance(effect, Speak):
                    self.heard.append(aloud(effect.text, effect.lang))
            again = [effect for effect in self.walk.effects[effects:] if isinstance(effect, Repeat)]
            now = read(self.walk.state, page_view(self.walk.state))
            telling = tell(self.told, now)
            self.told = telling.told
            said = telling.phrases
            if again and not said:
                said = now.phrases if again[-1].whole else self.last
            self.last = said or self.last
            self.heard += [aloud(phrase, now.lang) for phrase in said]
        return self

    def press(self, keys: str | list[str]) -> Blind:
        for key in keys:
            self.heard.clear()
            self.happens(KeyPressed(key))
        return self

    def find(self, words: str, key: str = "8") -> Blind:
        """Goes from control to control until one is named so."""
        for _ in range(40):
            self.press(key)
            if any(words in said for said in self.heard):
                return self
        raise AssertionError(f"never heard: {words}")

    def choose(self, words: str) -> Blind:
        return self.find(words).press("5")

    def hears(self, *words: str) -> Blind:
        everything = "。".join(self.heard)
        for word in words:
            assert word in everything, everything
        return self

    @property
    def page(self) -> pages.Page:
        return self.walk.state.session.page

    def sent(self) -> list[wire.AnyRequest]:
        return [effect.request for effect in self.walk.effects if isinstance(effect, Send)]


@pytest.fixture(params=[SITE, SMALL], ids=["tall", "small"])
def blind(request: pytest.FixtureRequest) -> Blind:
    """Somebody who has found the raised dot."""
    return Blind(request.param).press(["speech"]).hears("读屏已打开", "按 5 选择", "取号办事")


# --- the five commonest journeys -----------------------------------------------------------------------------


def test_a_number_for_one_of_the_hot_matters(blind: Blind) -> None:
    blind.choose("取号办事").hears("要办哪件事", "社会保障卡申领")
    blind.choose("社会保障卡申领").hears("请确认已带", "人等候")
    blind.choose("取号并打印").hears("正在为您取号")
    blind.heard.clear()
    blind.happens(Replied(ticket(blind.walk.wish)))
    blind.hears("您的号码", "A 零 二 三", "前面 5 人", "8 到 15 分钟", "请到二号等候区等候")
    if blind.walk.state.kiosk.site.compact:
        blind.choose("详情")
    blind.hears("10点45分 前叫到您")
    if blind.walk.state.kiosk.site.compact:
        blind.press("4").hears("您的号码")
    blind.heard.clear()
    blind.happens(events.PrintEnded(blind.walk.job, "printed")).hears("号票已打印，请取走")
    assert blind.heard == ["号票已打印，请取走"], "only what is new"
    blind.choose("完成").hears("本次办理已结束，语音已关闭")
    assert isinstance(blind.page, pages.Start)
    assert not blind.walk.state.session.voice, "the next person begins anew"


def test_any_matter_by_the_letters_of_its_name(blind: Blind) -> None:
    blind.choose("取号办事").choose("按拼音查找").hears("请按 2 到 9 键输入拼音首字母")
    blind.press("7").hears("7", "找到")
    blind.press("4").press("5").hears("找到")
    blind.press("#").hears("找到")
    found = blind.walk.state.kiosk.catalogue.find("745")[0].name_zh
    blind.choose(found).hears(found)
    blind.choose("取号并打印")
    assert blind.sent()[-1].matters == [blind.walk.state.kiosk.catalogue.find("745")[0].id]  # type: ignore[union-attr]


def test_checking_in_by_the_code_of_a_booking(blind: Blind) -> None:
    blind.choose("我有预约").choose("输入预约码").hears("请按数字键输入，按井号确认，按星号停止输入")
    blind.press("2047").hears("7")
    blind.press("9").hears("9").press("*")
    blind.find("删除", key="2").press("5").hears("已删除")
    blind.press("*").hears("请按数字键输入").press("#").hears("正在为您签到")
    assert blind.sent()[-1].code == "2047"  # type: ignore[union-attr]
    blind.heard.clear()
    blind.happens(Replied(ticket(blind.walk.wish, number="B107", booked=True))).hears("B 一 零 七")
    if blind.walk.state.kiosk.site.compact:
        blind.choose("详情")
    blind.hears("预约 10点15分")


def test_help_is_always_one_key_away_and_once_more_it_calls(blind: Blind) -> None:
    blind.choose("取号办事").press("0").hears("请到咨询台", "零 二 一 , 零 零 零 零 , 零 零 零 零")
    blind.press("0").hears("正在呼叫工作人员")
    blind.heard.clear()
    blind.happens(events.HelpChanged("c1", coming=True)).hears("工作人员马上就来")
    blind.press("4").hears("要办哪件事")


def test_another_language_and_the_elder_version(blind: Blind) -> None:
    blind.choose("语言").choose("英语").hears("Take a number", "I have a booking")
    blind.choose("Large").hears("Normal", ", on")
    blind.choose("Take a number").hears("What have you come for?")
    session = blind.walk.state.session
    assert (session.lang, session.elder, session.voice) == ("en", True, True)


# --- what holds everywhere -----------------------------------------------------------------------------------

SCENES = [(panel, name) for panel in ("tall", "small") for name in scenes(SITE)]
STATES = {"tall": scenes(replace(SITE, fitted=frozenset(DEVICES))), "small": scenes(SMALL)}


def listening(panel: str, name: str) -> Blind:
    blind = Blind(ready=False)
    state = STATES[panel][name]
    site = replace(state.kiosk.site, fitted=state.kiosk.site.fitted | {"panel"})
    kiosk = replace(state.kiosk, site=site, devices={**state.kiosk.devices, "panel": "ok"})
    session = replace(state.session, voice=True, reader=True, focus=-1, dark=False)
    blind.walk.state = replace(state, kiosk=kiosk, session=session)
    blind.happens(DeviceChanged("scanner", "ok"))
    return blind


@pytest.mark.parametrize(("panel", "name"), SCENES)
def test_every_control_is_reached_by_two_and_by_eight_and_named(panel: str, name: str) -> None:
    blind = listening(panel, name)
    if isinstance(blind.page, pages.StillThere):
        blind.press("8")  # any key is the answer
        assert not isinstance(blind.page, pages.StillThere)
        return
    if _types(blind):
        blind.press("*")
    count = len(controls(page_view(blind.walk.state)))
    reached = []
    for _ in range(count):
        blind.press("8")
        now = read(blind.walk.state, page_view(blind.walk.state))
        assert any(aloud(now.item, now.lang) == said for said in blind.heard), (now.item, blind.heard)
        reached.append(now.focus)
    assert set(reached) == set(range(count))
    for focus in (*reached[-2::-1][:3],):
        blind.press("2")
        assert blind.walk.state.session.focus == focus, "and back the same way"


def _types(blind: Blind) -> bool:
    return any(button.action == "key" for button in controls(page_view(blind.walk.state)))


@pytest.mark.parametrize(("panel", "name"), SCENES)
def test_five_does_what_a_touch_does_and_is_never_answered_by_silence(panel: str, name: str) -> None:
    heard = listening(panel, name)
    start, told = heard.walk.state, heard.told
    if isinstance(start.session.page, pages.StillThere) or told.before is None:
        return
    for at, button in enumerate(controls(page_view(start))):
        by_key, by_touch = Blind(ready=False), Walk(SITE)
        by_key.walk.state = by_touch.state = replace(start, session=replace(start.session, focus=at))
        by_key.told = replace(told, before=replace(told.before, focus=at))
        by_key.press("5")
        if button.enabled:
            by_touch(Touched(button.action, button.value))
            assert by_key.walk.state == by_touch.state, button
            assert by_key.walk.effects == by_touch.effects, button
            assert by_key.heard or (button.action == "key" and _answers_itself(by_key, start)), button
        else:
            assert by_key.walk.state.session.page == start.session.page


def _answers_itself(after: Blind, before: State) -> bool:
    """A hidden number is in the reading process, which answers; where nothing stands, nothing is taken away."""
    return isinstance(before.session.page, pages.TypeNumber | pages.TypePhone) or after.page == before.session.page


@pytest.mark.parametrize(("panel", "name"), SCENES)
def test_four_and_zero_lead_on_from_everywhere_and_never_into_silence(panel: str, name: str) -> None:
    for key in "40":
        blind = listening(panel, name)
        blind.press("*") if _types(blind) else None
        blind.press(key)
        assert blind.walk.state.session.voice
        if key == "0" and not isinstance(blind.page, pages.Shut | pages.Covered | pages.StillThere):
            assert isinstance(blind.page, pages.Help) or not isinstance(STATES[panel][name].session.page, pages.Start)


# --- the rules, one by one -----------------------------------------------------------------------------------


def test_the_ends_are_told(blind: Blind) -> None:
    blind.press("2").hears("帮办")
    blind.press("8").hears("从头开始")
    blind.press("2").hears("已到最后", "帮办")


def test_what_is_of_no_use_now_is_said_to_be_so_and_does_nothing() -> None:
    blind = listening("tall", "theme")
    blind.find("上一页").hears("不可用").press("5")
    assert blind.page == STATES["tall"]["theme"].session.page


def test_a_leaf_is_turned_and_read(blind: Blind) -> None:
    blind.choose("取号办事").choose("看病医保" if not blind.walk.state.kiosk.site.compact else "全部主题")
    if any("下一页" in button.label and button.enabled for button in controls(page_view(blind.walk.state))):
        blind.choose("下一页").hears("第 2 页")
        assert blind.walk.state.session.focus == -1


def test_the_number_is_counted_and_never_named() -> None:
    blind = Blind().press(["speech"]).choose("我有预约").choose("输入证件号码")
    for length in range(1, 18):
        blind.heard.clear()
        blind.happens(KeyPressed("9"), events.TypedProgress(length))
        blind.hears(f"已输入 {length} 位")
        assert "9" not in "".join(said for said in blind.heard if said != f"已输入 {length} 位")
    blind.press("*")
    assert [x.key for x in blind.walk.effects if isinstance(x, TypeKey)][-1] == "X", "the eighteenth sign"


def test_star_leads_out_of_typing_and_back_into_it() -> None:
    blind = Blind().press(["speech"]).choose("我有预约").choose("输入证件号码").press("*")
    assert blind.walk.state.session.focus >= 0
    blind.press("4").hears("预约签到")
    assert isinstance(blind.page, pages.CheckInWays)
    blind.choose("输入证件号码").press("*").press("*").hears("请按数字键输入").press("4")
    assert isinstance(blind.page, pages.TypeNumber)
    assert [x.key for x in blind.walk.effects if isinstance(x, TypeKey)][-1] == "4"


def test_a_card_laid_down_is_heard_and_not_told_who_it_is(blind: Blind) -> None:
    blind.heard.clear()
    blind.happens(CARD).hears("正在为您签到", "星号")
    assert not any("张" in said or "1234" in said for said in blind.heard)


def test_back_and_home_keep_the_voice_and_forget_the_rest(blind: Blind) -> None:
    blind.choose("取号办事").press("#")
    session = blind.walk.state.session.id
    blind.press("4").hears("取号办事", "我有预约")
    now = blind.walk.state.session
    assert now.id != session
    assert (now.voice, now.reader, now.volume, now.card, now.wish) == (True, True, 3, None, None)
    blind.happens(Idle())
    assert not blind.walk.state.session.voice


def test_a_strip_that_appears_is_said_and_a_second_time_too(blind: Blind) -> None:
    for _ in range(2):
        blind.heard.clear()
        blind.happens(LinkChanged(up=False)).hears("网络中断，取号请到咨询台")
        blind.happens(LinkChanged(up=True))
    blind.heard.clear()
    blind.happens(DeviceChanged("printer", "degraded", "paper-out")).hears("打印纸已用完，可取无纸号票")


def test_time_running_out_is_asked_and_any_key_answers(blind: Blind) -> None:
    blind.choose("取号办事").heard.clear()
    for second in range(61, 75):
        blind.happens(events.Ticked(blind.walk.state.kiosk.now, float(second)))
    blind.hears("还需要时间吗", "按任意键继续")
    assert len([said for said in blind.heard if "还需要时间" in said]) == 1, "a count that ticks is not repeated"
    blind.press("7").hears("要办哪件事")


def test_the_screen_goes_dark_and_the_voice_goes_on() -> None:
    blind = Blind().press(["speech"]).choose("遮挡").hears("屏幕已关，语音继续")
    assert blind.walk.state.session.dark
    blind.choose("取号办事").hears("要办哪件事")
    blind.choose("遮挡")
    assert not blind.walk.state.session.dark


def test_the_elder_version_speaks_at_once_and_is_silent_at_a_touch(walk: Callable[..., Walk]) -> None:
    blind = Blind()
    blind.happens(Touched("elder")).hears("语音已打开", "取号办事")
    assert not blind.walk.state.session.reader, "whoever sees is not told the keys"
    blind.happens(Touched("voice"))
    assert (blind.walk.state.session.elder, blind.walk.state.session.voice) == (True, False)
    mute = walk([Touched("elder")]).state.session
    assert (mute.elder, mute.voice) == (True, False), "no speaker, no voice"
    assert not Blind().happens(Touched("elder"), Touched("elder")).walk.state.session.voice


def test_a_keypad_moves_for_those_who_see_too(walk: Callable[..., Walk]) -> None:
    walked = walk([KeyPressed("8"), KeyPressed("5")], ends_on=pages.Hot)
    assert walked.state.session.focus == -1
