// Drawing for the counter console: plain values in, elements out; no network, no state of its own.
const Draw = (() => {
  "use strict";
  const make = (tag, cls, ...kids) => { const e = document.createElement(tag); if (cls) e.className = cls; e.append(...kids.filter((k) => k !== null && k !== undefined)); return e; };
  const en = (text) => { const e = make("span", "en", text); e.lang = "en"; return e; };
  const both = (tag, cls, zh, english) => make(tag, cls, zh + " ", en(english));
  const tag = (cls, text) => make("span", "tag " + cls, text);
  const mmss = (s) => { const a = Math.max(0, Math.round(s)), h = Math.floor(a / 3600), m = Math.floor(a / 60) % 60, r = a % 60; return (h ? h + ":" : "") + String(m).padStart(h ? 2 : 1, "0") + ":" + String(r).padStart(2, "0"); };
  const hhmm = (iso, tz) => new Intl.DateTimeFormat("zh-CN", { timeZone: tz, hour12: false, hour: "2-digit", minute: "2-digit" }).format(Date.parse(iso));

  const tags = (t, full) => {
    const box = make("div", "tags");
    box.append(tag(t.kind || "", t.kind_zh + (full ? " " + t.kind_en : "")), tag("", t.class_zh + (full ? " " + t.class_en : "")));
    if (t.offline) box.append(tag("offline", "离线票" + (full ? " off-line" : "")));
    if (t.proxy_zh) box.append(tag("warn", t.proxy_zh + (full ? " " + t.proxy_en + (t.authorisation ? " · 授权编号 " + t.authorisation : "") : "")));
    if (t.unmet_zh) box.append(tag("warn", t.unmet_zh + (full ? " " + t.unmet_en : "")));
    if (t.remote) box.append(tag("warn", "远程" + (full ? " remote" : "")));
    if (full && t.lang && !t.lang.startsWith("zh-Hans")) box.append(tag("warn", "语言 " + t.lang));
    if (t.state === "early") box.append(tag("", "未到时段"));
    if (t.returned && !full) box.append(tag("", "回来"));
    return box;
  };
  const lineItem = (w, tz) => {
    const due = make("div", "due num", hhmm(w.due, tz), make("small", "", ""));
    due.dataset.due = w.due; due.dataset.amber = w.amber_at;
    const li = make("li", "", make("span", "no num", w.number), tags(w, false), make("span", "what", w.matter_zh + (w.wait_zh ? " · " + w.wait_zh : "")), due);
    return li;
  };
  const tickDue = (el, now) => {
    const left = (Date.parse(el.dataset.due) - now) / 1000, small = el.querySelector("small");
    el.classList.toggle("late", left < 0);
    el.classList.toggle("amber", left >= 0 && now >= Date.parse(el.dataset.amber));
    const m = Math.floor(Math.abs(left) / 60);
    small.textContent = m === 0 ? (left < 0 ? "刚超时" : "不到 1 分") : (left < 0 ? "已超 " : "还剩 ") + m + " 分";
  };
  const dial = (id, zh, english) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("height", "6"); rect.setAttribute("width", "0");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 100 6"); svg.setAttribute("preserveAspectRatio", "none"); svg.setAttribute("aria-hidden", "true"); svg.append(rect);
    const d = make("div", "dial", both("h3", "", zh, english), make("b", "num", "–"), make("div", "meter", svg), make("p", "", ""));
    d.id = id; return d;
  };
  const setDial = (d, seconds, limit, amber, text) => {
    d.querySelector("b").textContent = mmss(seconds);
    d.querySelector("rect").setAttribute("width", String(Math.min(100, seconds / limit * 100)));
    d.querySelector("p").textContent = text;
    d.classList.toggle("over", seconds > limit);
    d.classList.toggle("amber", seconds <= limit && seconds >= amber);
  };
  const idle = (view) => {
    if (!view.open) return make("div", "idle", make("strong", "", "窗口未开"), en("This window is not open"), make("p", "", "点右上角「开窗」后开始叫号。"));
    if (view.stand_in) return make("div", "idle", make("strong", "", "同事的窗口还开着"), en("A colleague's window, left open"), make("p", "", "这里没有办事人。同事已离开时，可点右上角「关窗」代为关窗，或关窗后由您接替。"));
    if (!view.mine) return make("div", "idle", make("strong", "", "此窗口由其他同事使用"), en("A colleague sits at this window"), make("p", "", "如需接替，请对方先关窗，或换一个窗口。"));
    if (view.paused) return make("div", "idle", make("strong", "", "窗口已暂停"), en("Paused: nobody is called here"), make("p", "", "按 F5 恢复叫号。"));
    return make("div", "idle", make("strong", "", view.next.length ? "可以呼叫下一位" : "暂无等候"), en(view.next.length ? "Ready to call" : "Nobody is waiting"), make("p", "", view.next.length ? "按 F1 呼叫 " + view.next[0].number : "有人取号时左侧会立即显示。"));
  };
  const current = (c) => {
    const about = make("div", "about", tags(c, true));
    c.matters_zh.forEach((zh, i) => about.append(both("div", "matter", zh, c.matters_en[i])));
    const now = make("div", "now", make("div", "no num", c.number), about);
    const steps = make("div", "steps");
    const step = (id, zh, english) => { const b = both("button", "", zh, english); b.type = "button"; b.id = id; return b; };
    steps.append(step("identity", "身份核验开始", "Begin identity check"), step("materials", "材料已收", "Materials accepted"));
    const person = make("div", "person"); person.id = "person";
    const list = make("fieldset", "", make("legend", "", "办理结果（必选） ", en("Outcome, required")), make("div", "outcomes"));
    list.querySelector(".outcomes").append(document.getElementById("outcomes").content.cloneNode(true));
    const reason = make("div", ""); reason.id = "reason-box";
    const label = both("label", "", "超时原因（必选）", "Reason for the overrun"); label.htmlFor = "reason";
    const select = make("select", ""); select.id = "reason"; select.append(document.getElementById("reasons").content.cloneNode(true));
    reason.append(label, select); reason.hidden = true;
    const finish = both("button", "primary", "办结", "Finish"); finish.id = "finish"; finish.type = "submit";
    const close = make("form", "close", list, make("div", "row", reason, finish)); close.id = "close-form"; close.noValidate = true;
    const box = make("div", "", now, make("div", "clocks", dial("dial-wait", "等候", "Wait to first call"), dial("dial-service", "办理（核验至收件）", "Service")), steps, person, close);
    if (c.why_zh) box.append(make("div", "why", make("b", "", "为什么是这位？ "), c.why_zh, en(c.why_en)));
    return box;
  };
  // What is told to this window: who calls for help, then its alarms, red first; each with the one thing to do. Two
  // lines at most, for the ticket comes first: the rest is one press away.
  const watchItem = (level, zh, english, subject, done, path, label, labelEn) => {
    const li = make("li", level + (done ? " taken" : ""), make("span", "mark", level === "red" ? "▲" : level === "amber" ? "◆" : "●"), make("strong", "", zh), subject ? make("b", "num", subject) : null, en(english));
    if (done) li.append(make("span", "done", done));
    else { const b = both("button", "", label, labelEn); b.type = "button"; b.dataset.post = path; li.append(b); }
    return li;
  };
  const watchAll = (w, tz) => [
    ...w.help.filter((h) => !h.answered_at || h.mine).map((h) => h.answered_at
      ? watchItem("ok", "您正去帮忙", "You are on the way", h.place_zh || h.kiosk, "", "/help/" + h.id + "/over", "已结束", "Done")
      : watchItem(h.level, "有人求助", "Help is called", h.place_zh || h.kiosk, "", "/help/" + h.id + "/answer", "我去", "I go")),
    ...w.alarms.map((a) => watchItem(a.level, a.zh, a.en, a.subject_zh, a.acknowledged_at ? hhmm(a.acknowledged_at, tz) + " 有人处理 taken on" : "", "/alarms/" + a.id + "/acknowledge", "我来处理", "I take it")),
  ];
  const watch = (w, tz, more) => {
    const all = watchAll(w, tz), shown = all.slice(0, 2);
    if (all.length > 2) { const a = both("a", "button quiet", "另有 " + (all.length - 2) + " 条", (all.length - 2) + " more"); a.href = more; shown[1].append(a); }
    return shown;
  };
  return { watch, make, en, both, mmss, hhmm, lineItem, tickDue, setDial, idle, current };
})();
