"""The few words that pages add to the hall's own sentences: states, kinds, roles, outcomes; Chinese and English."""

from __future__ import annotations

Pair = tuple[str, str]

STATES: dict[str, Pair] = {
    "waiting": ("等候中", "Waiting"),
    "called": ("正在叫您", "You are called"),
    "serving": ("办理中", "Being served"),
    "paused": ("暂离", "Away for a while"),
    "missed": ("已过号", "Missed"),
    "done": ("已办结", "Finished"),
    "abandoned": ("未办理，已结束", "Ended without service"),
    "cancelled": ("已取消", "Cancelled"),
}
TICKET_STATES: dict[str, Pair] = STATES | {"called": ("呼叫中", "Being called")}
"""The same for staff, who are not addressed."""
KINDS: dict[str, Pair] = {
    "appointment": ("预约", "Booked"),
    "priority": ("优先", "Priority"),
    "walk-in": ("现场", "Walk-in"),
}
PRIORITIES: dict[str, Pair] = {
    "age-80": ("80岁以上", "aged 80 or more"),
    "disabled": ("残障", "disabled"),
    "pregnant": ("孕妇", "pregnant"),
    "soldier-family": ("军人军属", "soldier's family"),
    "": ("未注明", "not stated"),
}
"""Declared reasons for priority, told only as counts."""
RELATIONS: dict[str, Pair] = {
    "spouse": ("配偶", "spouse"),
    "child": ("子女", "son or daughter"),
    "parent": ("父母或监护人", "parent or guardian"),
    "relative": ("亲属", "relative"),
    "trustee": ("受托人", "authorised person"),
    "outlet": ("村居代办", "committee's agent"),
}
"""What whoever has come is to the person whose matter it is."""
UNMET: dict[str, Pair] = {
    "unknown": ("查不到预约", "no booking found"),
    "used": ("预约已在别处签到", "booking used by another ticket"),
    "cancelled": ("预约已取消", "booking was cancelled"),
    "other-day": ("预约不在今天", "booking is not for today"),
    "other-hall": ("预约在别的大厅", "booking is at another hall"),
    "unreadable": ("证件未读通，请核对预约", "card data unreadable: check the booking"),
}
"""Of somebody who took a number off line and said to be booked: why it is in line as a walk-in."""
CLASSES: dict[str, Pair] = {"general": ("一般", "General"), "complex": ("复杂", "Complex")}
OUTCOMES: dict[str, Pair] = {
    "accepted": ("受理", "Accepted"),
    "received": ("收件", "Received"),
    "supplement": ("补正", "Supplement"),
    "deferred": ("容缺受理", "Conditional"),
    "declined": ("不予受理", "Declined"),
    "consulted": ("咨询", "Advice given"),
}
ROLES: dict[str, Pair] = {
    "clerk": ("窗口人员", "Clerk"),
    "manager": ("值班长", "Manager"),
    "technician": ("运维", "Technician"),
}
CONDITIONS: dict[str, Pair] = {
    "starting": ("启动中", "Starting"),
    "ok": ("正常", "OK"),
    "degraded": ("降级", "Degraded"),
    "absent": ("未连接", "Absent"),
}
PERIPHERALS: dict[str, Pair] = {
    "idcard": ("身份证阅读器", "ID-card reader"),
    "printer": ("票据打印机", "Ticket printer"),
    "scanner": ("扫码器", "Code scanner"),
    "camera": ("扫码摄像头", "Code camera"),
    "panel": ("按键与门禁面板", "Key and door panel"),
    "screen": ("屏幕", "Screen"),
}
DEVICE_STATES: dict[str, Pair] = {
    "init": ("启动中", "Starting"),
    "ready": ("在线", "Online"),
    "disconnected": ("已下线", "Signed off"),
    "sleeping": ("休眠", "Sleeping"),
    "lost": ("失联", "Lost"),
    "alert": ("告警", "Alert"),
    "never-seen": ("未上线", "Never seen"),
}
BOOKINGS: dict[str, Pair] = {
    "booked": ("已预约", "Booked"),
    "checked-in": ("已签到", "Checked in"),
    "cancelled": ("已取消", "Cancelled"),
    "expired": ("已过期", "Expired"),
}
WISHES: dict[str, Pair] = {
    "waiting": ("候补中", "On the waiting list"),
    "offered": ("轮到您了", "It is your turn"),
    "booked": ("已预约", "Booked"),
    "lapsed": ("保留时间已过", "Not taken in time"),
    "left": ("已退出候补", "Left"),
    "expired": ("没有等到", "No place became free"),
}
SLOT_WHY: dict[str, Pair] = {
    "full": ("约满", "full"),
    "held": ("保留中", "kept"),
    "promise": ("不再加约", "no more"),
    "no-window": ("无此窗口", "no window"),
}
"""Why a slot is not offered, in the two or three words that fit under its time."""
WEEKDAYS: tuple[Pair, ...] = (
    ("周一", "Mon"),
    ("周二", "Tue"),
    ("周三", "Wed"),
    ("周四", "Thu"),
    ("周五", "Fri"),
    ("周六", "Sat"),
    ("周日", "Sun"),
)
PARTS_OF_DAY: tuple[Pair, ...] = (("凌晨", "Night"), ("上午", "Morning"), ("下午", "Afternoon"), ("晚上", "Evening"))
"""Six hours each, from midnight."""
SIGN_IN: dict[str, Pair] = {
    "bad-secret": (
        "一次性密钥不对或已用过。请核对服务器终端里最近一次打印的密钥，或请值班长重新邀请。",
        "This one-time secret is wrong or used. Check the server's latest print-out or ask a manager for a new one.",
    ),
    "bad-name": (
        "账号须为 2–32 位字母、数字、点或横线。",
        "An account name is 2 to 32 letters, digits, dots or dashes.",
    ),
    "name-taken": ("这个账号已有人用，请换一个。", "This account name is taken; choose another."),
    "weak-password": (
        "密码至少 10 位，且不能与账号相同。",
        "A password has at least 10 characters and is not the account name.",
    ),
    "bad-sign-in": ("账号或密码不对，请再试一次。", "Account or password is wrong; try again."),
    "account-locked": (
        "错误次数过多，账号暂时锁定 5 分钟。请稍后再试，或请值班长协助。",
        "Too many wrong passwords: this account is barred for five minutes. Try later or ask a manager.",
    ),
    "too-many": ("尝试过于频繁，请一分钟后再试。", "Too many attempts; wait a minute."),
    "no-roles": ("请至少选一个角色。", "Choose at least one role."),
    "not-your-hall": ("您只能邀请本厅的同事。", "You can invite colleagues for your own halls only."),
    "unknown-account": ("没有这个账号，或不能停用自己。", "No such account, or it is your own."),
}


def role(name: str) -> Pair:
    return ROLES[name]


def number_spoken(number: str) -> str:
    """``A023`` as it is read out: letters apart, digits one by one (``A 零 二 三``)."""
    digits = "零一二三四五六七八九"
    return " ".join(digits[int(c)] if c.isdigit() and c.isascii() else c for c in number)


TRANSFER_REASONS: dict[str, Pair] = {
    "wrong-window": ("本窗口不办此事项", "Not served at this window"),
    "specialist": ("需要专窗办理", "Needs a specialist"),
    "language": ("语言需要", "Language"),
    "equipment": ("设备故障", "Equipment trouble"),
    "other": ("其他", "Other"),
}
"""Reasons are chosen, never typed: a typed one would carry a citizen's story into the event log."""
OVER_REASONS: dict[str, Pair] = {
    "many-materials": ("材料较多", "Many papers"),
    "explaining": ("政策解释", "Explaining the rules"),
    "several-matters": ("多事项一并办理", "Several matters at once"),
    "system-slow": ("业务系统缓慢", "A slow system"),
    "person-needs-help": ("协助填表或行动不便", "Help with forms or mobility"),
    "other": ("其他", "Other"),
}
BAD_NUMBERS: dict[str, Pair] = {
    "too-short": ("证件号码少了几位，请核对 18 位号码。", "The ID number is too short; it has 18 characters."),
    "too-long": ("证件号码多了几位，请核对 18 位号码。", "The ID number is too long; it has 18 characters."),
    "fifteen-digits": ("请填身份证上的 18 位号码。", "Please give the 18-character number on the card."),
    "bad-date": ("证件号码里的出生日期不对，请核对。", "The birth date in the ID number cannot be right."),
    "bad-number": ("证件号码不对，请逐位核对。", "The ID number is not right; please check each digit."),
}
REASONS: dict[str, Pair] = {
    "paper-out": ("缺纸", "Out of paper"),
    "paper-low": ("纸将用尽", "Paper low"),
    "cover-open": ("上盖打开", "Cover open"),
    "device-lost": ("连接断开", "Line broken"),
    "port-missing": ("未插好", "Not plugged in"),
    "port-busy": ("端口被占用", "Port in use"),
    "port-forbidden": ("无权打开端口", "Port not permitted"),
    "no-answer": ("无应答", "No answer"),
    "write-timeout": ("写入超时", "Takes no data"),
    "link-garbled": ("通信出错", "Garbled line"),
    "cutter": ("切刀卡纸", "Cutter jam"),
    "printer-fault": ("打印机故障", "Printer fault"),
    "overheated": ("打印头过热", "Head too hot"),
    "offline": ("打印机脱机", "Printer off-line"),
    "door-open": ("机门打开", "Door open"),
    "tamper": ("防拆报警", "Tamper alarm"),
    "bad-address": ("地址不对", "Bad address"),
    "driver-error": ("驱动出错", "Driver error"),
    "reading-process-ended": ("读卡进程中断", "Reading process ended"),
    "sam-self-test": ("模块自检未过", "Module failed its self-test"),
    "sam-not-authorised": ("模块未授权", "Module not authorised"),
    "not-answering": ("无应答", "No answer"),
    "library-missing": ("缺少软件库", "Library missing"),
    "driver-missing": ("缺少驱动库", "Driver library missing"),
    "flood": ("扫码过密", "Too many codes"),
    "stuck-on": ("扫描灯关不掉", "Light stuck on"),
    "trigger-refused": ("不接受触发指令", "Trigger refused"),
    "key-stuck": ("按键卡住", "Key stuck"),
    "panel-chatter": ("触点抖动", "Contact chatters"),
    "camera-dark": ("画面全黑", "Picture is dark"),
    "camera-frozen": ("画面不动", "Picture stands still"),
    "decoder-died": ("解码进程中断", "Decoder ended"),
    "camera-format": ("摄像头格式不支持", "Camera format not supported"),
}
"""Stable reason codes of the terminals' health records; an unknown one is shown as it stands."""
