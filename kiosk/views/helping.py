"""找人帮办: who helps, honestly. What of a call has reached anybody is said, for how long it has stood, and no more.

The count runs; the voice does not say it anew each second, because the spoken words leave it out.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow import State
from kiosk.flow.helping import called_for_s, may_call, ticket_matter
from kiosk.flow.state import Helping
from kiosk.text import Words, full_width
from kiosk.views.calm import MessageView, message, ways_on
from kiosk.views.parts import Tone


@dataclass(frozen=True, slots=True)
class _Word:
    """What the page says of the call, and the next steps."""

    sentence: str
    steps: tuple[str, ...]
    tone: Tone = "plain"
    phone_first: bool = False


def help_page(state: State, w: Words) -> MessageView:
    """The people in the hall, how it is with the call, and the number of whoever answers for this terminal."""
    site = state.kiosk.site
    word = _called(state, w)
    stands = state.kiosk.called_until_s is not None
    seconds = int(called_for_s(state))
    count = w("已呼叫 {time}", time=f"{seconds // 60}:{seconds % 60:02d}") if stands else ""
    phone = site.remote_phone if _night(state) and site.remote_phone else site.owner_phone
    who = w("{owner}\n服务时间：{hours}", owner=full_width(site.owner), hours=full_width(site.hours_zh))
    if _night(state) and site.remote_phone:
        who = w("远程帮办服务时间：{hours}", hours=full_width(site.remote_hours_zh))
    large, detail = (phone, who) if word.phone_first or not stands else (count, w("电话：{phone}", phone=phone))
    if word.phone_first and stands:
        detail = count
    return message(
        state,
        w,
        w("找人帮办"),
        word.sentence,
        ways_on(w, *word.steps),
        icon="help",
        tone=word.tone,
        detail=detail,
        large=large,
    )


def _night(state: State) -> bool:
    """The hall is closed, so nobody of it can come."""
    outlook = state.kiosk.outlook
    return outlook is not None and state.kiosk.link_up and not outlook.open


def _called(state: State, w: Words) -> _Word:
    kiosk = state.kiosk
    lamp = kiosk.works("panel") and kiosk.called_until_s is not None
    waiting = ("help-came", "help-cancel")
    if kiosk.called_until_s is not None and kiosk.help_rung >= 2 and (coming := _coming(kiosk.helping, w)) is None:
        ticket = ticket_matter(state)
        steps = ("help-ticket", "call-again", "help-cancel") if ticket else ("call-again", "help-cancel")
        said = w("还没有人来，请打电话，或取帮办号") if ticket else w("还没有人来，请打电话，或到咨询台")
        return _Word(said, steps, "amber", phone_first=True)
    if (coming := _coming(kiosk.helping, w)) is not None:
        return _Word(coming, waiting)
    if kiosk.called_until_s is not None and kiosk.help_rung:
        return _Word(w("还没有人应答，已再次呼叫"), waiting, "amber")
    match kiosk.helping:
        case Helping(stage="called") if _night(state):
            return _Word(w("已呼叫，但现在不在服务时间，可能没有人来"), waiting, "amber", phone_first=True)
        case Helping(stage="called"):
            return _Word(w("已呼叫工作人员，请在这里稍候"), waiting)
        case Helping(stage="asked"):
            return _Word(w("正在呼叫工作人员，请稍候"), waiting)
        case Helping(stage="unheard") if lamp:
            return _Word(w("没有接通，已亮灯叫人，也可以拨打电话"), ("call", *waiting), "amber", phone_first=True)
        case Helping(stage="unheard"):
            return _Word(
                w("没有接通工作人员，请到咨询台或拨打电话"), ("call", "help-cancel"), "amber", phone_first=True
            )
    if lamp:
        return _Word(w("已亮灯叫人，请在这里稍候，也可以拨打电话"), waiting)
    if _night(state):
        ask = w("现在不在服务时间，大厅没有工作人员")
        return _Word(ask, ("back", "call") if may_call(state) else ("back",))
    ask = w("请到咨询台，或拨打电话，工作人员会帮您办")
    return _Word(ask, ("call", "back") if may_call(state) else ("back",))


def _coming(helping: Helping | None, w: Words) -> str | None:
    if helping is None or helping.stage != "coming":
        return None
    if helping.who_zh:
        return w("{who}的工作人员马上就来，请在这里稍候", who=w.pick(helping.who_zh, helping.who_en))
    return w("工作人员马上就来，请在这里稍候")
