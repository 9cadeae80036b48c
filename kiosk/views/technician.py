"""The technician's pages: a pad for the code with this terminal's address, a menu, the tests in words, the network."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.flow import State, pages
from kiosk.flow.pages.technician import Tested
from kiosk.flow.technician import CODE_LENGTH, can_be_tested
from kiosk.text import Words
from kiosk.views.calm import MessageView
from kiosk.views.checkin import pad
from kiosk.views.choose import ListView, leaf
from kiosk.views.parts import Button, Frame, Tone, frame

SMALL_LEAF, TALL_LEAF = 4, 6


@dataclass(frozen=True, slots=True)
class TechCodeView:
    """``qr`` leads to this terminal's page on the console, where a technician finds the code."""

    frame: Frame
    qr: str
    device: str
    prompt: str
    shown: str
    trouble: str
    keys: tuple[tuple[Button, ...], ...]


def _frame(state: State, w: Words, title: str, caption: str = "") -> Frame:
    back = Button("back", w("返回"), icon="back")
    leave = Button("leave", w("结束维护"), icon="home", tone="primary")
    return replace(frame(state, w, title, caption=caption), bar=(back, leave))


def code(state: State, page: pages.TechCode, w: Words) -> TechCodeView:
    site = state.kiosk.site
    rows = ("12345<", "67890#") if site.compact else ("123", "456", "789", "#0<")
    match page.trouble:
        case "wrong":
            trouble = w.count("码不对，还可以试 {n} 次", page.left)
        case "used":
            trouble = w("已用过，请等下一个码")
        case "locked":
            trouble = w.count("已锁定，{n} 分钟后再试", page.left)
        case _:
            trouble = ""
    title, prompt = w("维护"), w("请输入控制台上的 8 位维护码")
    if site.compact:
        title = f"{title}  {site.device}".strip()
    dots = "●" * len(page.typed) + "○" * (CODE_LENGTH - len(page.typed))
    shown = w("正在核对") if page.trouble == "checking" else dots
    return TechCodeView(
        frame=_frame(state, w, title, caption=prompt),
        qr=f"{site.public_url.rstrip('/')}/devices/{site.device}",
        device=site.device,
        prompt=prompt,
        shown=shown,
        trouble=trouble,
        keys=pad(rows, w, compact=site.compact),
    )


def menu(state: State, page: pages.TechMenu, w: Words) -> ListView:
    level = {"INFO": w("日志：一般"), "DEBUG": w("日志：详细"), "WARNING": w("日志：只记问题")}[state.kiosk.log_level]
    buttons = (
        Button("tests", w("设备自检"), icon="check"),
        Button("paper", w("已换纸卷"), icon="ticket", enabled="printer" in state.kiosk.site.fitted),
        Button("network", w("网络"), icon="globe"),
        Button("log-level", level, icon="list"),
        Button("restart", w("重启软件"), icon="restart"),
        Button("service", w("退出到系统"), icon="pause"),
    )
    done = w("已记为新纸卷") if page.done == "paper" else ""
    return _list(state, w, w("维护"), buttons, page.page, done)


def _list(state: State, w: Words, title: str, buttons: tuple[Button, ...], page: int, caption: str) -> ListView:
    compact = state.kiosk.site.compact
    few = compact or state.session.elder
    lines = compact and any(button.sub for button in buttons)
    shown, turn, where = leaf(buttons, page, 2 if lines else SMALL_LEAF if few else TALL_LEAF, w)
    top = _frame(state, w, caption if compact and caption else title, caption=caption)
    heading = top.title if compact else caption or state.kiosk.site.name_zh
    return ListView(top, heading, shown, turn, "", None, where=where)


_NAMES = {
    "printer": "打印机",
    "idcard": "读卡器",
    "scanner": "扫码器",
    "camera": "摄像头",
    "panel": "按键和指示灯",
    "speaker": "扬声器",
}
_REASONS = {
    "paper-out": "缺纸",
    "cover-open": "上盖没有合上",
    "no-answer": "没有应答",
    "not-answering": "没有应答",
    "port-missing": "没有插好",
    "device-lost": "连接断开",
    "port-busy": "端口被占用",
    "port-forbidden": "没有权限打开端口",
    "not-fitted": "没有安装",
    "no-speaker": "没有声音设备",
    "door-open": "机门开着",
    "tamper": "防拆线断开",
}


def tests(state: State, page: pages.TechTests, w: Words) -> ListView:
    known = {one.device: one for one in page.results}
    buttons = tuple(_test(w, name, known.get(name)) for name in can_be_tested(state))
    return _list(state, w, w("设备自检"), buttons, page.page, w("点一项开始检查"))


def _test(w: Words, device: str, result: Tested | None) -> Button:
    name = w(_NAMES[device])
    if result is None:
        return Button("test", name, value=device, sub=w("还没有检查"))
    if result.stage == "running":
        return Button("test", name, value=device, sub=w("正在检查…"), enabled=False)
    if result.stage == "bad":
        known = _REASONS.get(result.reason)
        why = w(known) if known else w("代码 {code}", code=result.reason)
        return Button("test", name, value=device, sub=w("不正常：{why}", why=why), icon="info")
    return Button("test", name, value=device, sub=_well(w, device, result.saw), icon="check", tone="on")


def _well(w: Words, device: str, saw: str) -> str:
    match (device, saw):
        case "printer", _:
            return w("正常，请看票样")
        case "speaker", _:
            return w("正在播放，听到了吗？")
        case "idcard", "":
            return w("有应答，可放一张卡")
        case "idcard", _:
            return w("正常，读到一张卡")
        case (("scanner" | "camera"), ""):
            return w("有应答，可出示一个码")
        case (("scanner" | "camera"), _):
            return w("正常，读到一个码")
        case "panel", "":
            return w("有应答，请看灯并按键")
    return w("正常，按了 {key}", key=saw.removeprefix("key:"))


def network(state: State, page: pages.TechNetwork, w: Words) -> MessageView:
    facts = dict(page.facts)
    link_s = facts.get("link_s", "")
    up = w("已连接 {minutes} 分钟", minutes=int(link_s) // 60) if link_s else w("没有连接")
    lines = (
        w("本机地址：{address}", address=facts.get("address") or "–"),
        w("服务器：{broker}", broker=facts.get("broker", "–")),
        w("待发 {n} 条", n=facts.get("outbox", "–")),
    )
    top = _frame(state, w, w("网络"))
    tone: Tone = "good" if link_s else "amber"
    sentence = up if facts else w("正在查看")
    again = Button("network", w("再查一次"), icon="globe", tone="primary")
    detail = "\n".join(lines) if facts else ""
    return MessageView(top, "globe", tone, sentence, detail, "", (again,))


def sure(state: State, page: pages.TechSure, w: Words) -> MessageView:
    restart = page.what == "restart"
    sentence = w("重启软件？") if restart else w("退出到系统？")
    detail = w("约 10 秒后恢复服务") if restart else w("本机会停止服务，直到在系统里重新启动")
    yes = Button("sure", w("确定"), icon="check", tone="primary")
    top = _frame(state, w, w("维护"))
    return MessageView(top, "pause", "amber", sentence, detail, "", (yes,))
