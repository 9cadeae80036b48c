// The counter console. The server's stream is the truth; a key press sends one command with an id made once, so
// a retry after a lost answer can never call twice. With the line lost the page stays as it was and says so.
(() => {
  "use strict";
  const body = document.body, hall = body.dataset.hall, counter = body.dataset.counter, tz = body.dataset.tz;
  const $ = (id) => document.getElementById(id);
  const base = "/api/staff/halls/" + hall + "/counters/" + counter;
  const LOST_MS = 9000;
  let view = null, shown = "", watched = "", skew = 0, heard = Date.now(), busy = 0, locked = false, person = null, touched = Date.now(), told = Date.now();

  const now = () => Date.now() + skew;
  const lost = () => Date.now() - heard > LOST_MS;
  const uuid7 = () => {
    const b = crypto.getRandomValues(new Uint8Array(16)), ms = Date.now();
    for (let i = 0; i < 6; i++) b[i] = Math.floor(ms / 2 ** (8 * (5 - i))) % 256;
    b[6] = b[6] & 15 | 112; b[8] = b[8] & 63 | 128;
    const h = Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
    return h.slice(0, 8) + "-" + h.slice(8, 12) + "-" + h.slice(12, 16) + "-" + h.slice(16, 20) + "-" + h.slice(20);
  };
  const post = (url, data) => fetch(url, { method: "POST", credentials: "same-origin", signal: AbortSignal.timeout ? AbortSignal.timeout(20000) : undefined, headers: { "content-type": "application/json", "x-csrf": body.dataset.csrf }, body: JSON.stringify(data || {}) });

  // --- doing
  const refuse = (zh, english) => { const box = $("refusal"); box.hidden = !zh; box.replaceChildren(); if (zh) box.append(zh, Draw.en(english || "")); };
  const say = (text) => { $("said").textContent = text; };
  // Who works faster than the line loses no press: the next one waits for the answer to the last. The same again
  // meanwhile is a finger that struck twice, and counts once.
  let line = Promise.resolve(), newest = "";
  const act = (action, data) => {
    if (busy && action === newest) return Promise.resolve(false);
    newest = action; busy++;
    return line = line.then(() => sent(action, data)).finally(() => { busy--; buttons(); });
  };
  const sent = async (action, data) => {
    if (locked || lost() || !view) return false;
    buttons(); refuse("");
    const wish = JSON.stringify({ id: uuid7(), ...data });
    for (let attempt = 0; ; attempt++) {
      try {
        const r = await post(base + "/" + action, JSON.parse(wish));
        if (r.status === 401) { location.href = "/staff/sign-in?next=" + encodeURIComponent(location.pathname); return false; }
        if (r.status === 423) { lockNow(); return false; }
        const answer = await r.json();
        if (answer.view) show(answer.view);
        if (answer.refused) { refuse(answer.refused.zh, answer.refused.en); return false; }
        if (!r.ok) throw new Error(String(r.status));
        if (answer.number) say("呼叫 " + answer.number);
        return true;
      } catch (why) {
        if (attempt >= 2) { refuse("没有收到服务器的回答。操作可能已生效，请以左侧和上方显示为准。", "No answer from the server; trust what is shown."); return false; }
        await new Promise((go) => setTimeout(go, 700));
      }
    }
  };
  const allowed = () => {
    const live = view && !busy && !locked && !lost(), ok = live && view.mine, c = live && (ok || view.stand_in) ? view.current : null;
    const gap = c && c.announced_at ? (now() - Date.parse(c.announced_at)) / 1000 : 0;
    return {
      "call-next": ok && !c && !view.paused, "call-again": c && c.state === "called" && c.calls < view.calls_limit && gap >= view.call_gap_s,
      "no-show": c && c.state === "called" && c.calls >= view.calls_limit && gap >= view.call_gap_s, transfer: Boolean(c), pause: ok,
      identity: c && c.state === "called", materials: c && c.identity_at && !c.accepted_at, finish: c && c.identity_at,
    };
  };
  // Disabled keys stay reachable and say on press, in the server's own sentence, why not.
  const buttons = () => {
    const may = allowed();
    for (const [id, can] of Object.entries(may)) { const b = $(id); if (b) b.setAttribute("aria-disabled", can ? "false" : "true"); }
    const dead = !view || busy || locked || lost();
    $("open").hidden = !view || view.open; $("close").hidden = !view || !view.mine && !view.stand_in; $("open").disabled = $("close").disabled = dead;
    $("named").querySelector("button").disabled = dead || !view.mine;
  };
  const press = {
    "call-next": () => act("call-next"), "call-again": () => act("call-again"), "no-show": () => act("no-show"),
    pause: () => act(view && view.paused ? "resume" : "pause"), identity: () => act("identity"), materials: () => act("materials"),
    open: () => act("open"), close: () => { if (view && view.stand_in) openClose(); else act("close"); },
    "close-only": () => { $("close-box").close(); act("close"); },
    "close-and-sit": async () => { $("close-box").close(); if (await act("close")) act("open"); },
    "close-not": () => $("close-box").close(),
    transfer: () => { if (view && view.current && !lost()) openTransfer(); else act("transfer", { to_counter: "", reason: "other" }); },
    lock: () => lockNow(true),
  };
  // A manager closing for a colleague is asked once more; with a citizen there the server says why it cannot be.
  const openClose = () => { if (lost()) return; if (view.current) act("close"); else $("close-box").showModal(); };
  const openTransfer = () => {
    const desks = view.desks.filter((d) => d.able);
    $("transfer-list").replaceChildren(...desks.map((d) => {
      const b = Draw.both("button", "", d.name_zh, d.name_en); b.type = "button";
      b.append(Draw.make("span", "pill " + (d.open ? "ok" : "off"), d.open ? "开放 Open" : "未开 Closed"));
      b.addEventListener("click", async () => { $("transfer-box").close(); await act("transfer", { to_counter: d.id, reason: $("transfer-reason").value }); });
      return b;
    }));
    if (!desks.length) $("transfer-list").append("没有能办理此事项的其他窗口。No other window can take this matter.");
    $("transfer-box").showModal();
  };
  // Taking on an alarm or a call for help: once is enough, so it is not sent again; the stream shows what came of it.
  const take = async (button) => {
    if (locked || lost()) return;
    button.disabled = true; refuse("");
    try {
      const r = await post("/api/staff/halls/" + hall + button.dataset.post), answer = await r.json();
      if (r.status === 423) lockNow(); else if (answer.refused) refuse(answer.refused.zh, answer.refused.en);
    } catch { refuse("没有收到服务器的回答，请再试。", "No answer; try again."); }
    button.disabled = false;
  };
  document.addEventListener("click", (e) => { const b = e.target.closest("button"); if (b && b.dataset.post) take(b); if (b && press[b.id]) press[b.id](); if (b && b.id === "reveal") reveal(); });
  document.addEventListener("keydown", (e) => {
    const key = { F1: "call-next", F2: "call-again", F3: "no-show", F4: "transfer", F5: "pause" }[e.key];
    if (!key || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    if (!e.repeat && !locked && !document.querySelector("dialog[open]")) press[key]();
  });
  document.addEventListener("submit", async (e) => {
    if (e.target.id === "close-form") {
      e.preventDefault();
      const picked = e.target.querySelector("input[name=outcome]:checked"), reason = $("reason").value;
      if (await act("finish", { outcome: picked ? picked.value : null, reason: reason || null })) $("call-next").focus();
    } else if (e.target.id === "named") {
      e.preventDefault();
      const read = $("named-number").value.trim(), typed = read.length <= 8; // a scanner types the whole address
      if (read && await act(typed ? "call-ticket" : "call-paper", typed ? { number: read.toUpperCase() } : { paper: read })) $("named-number").value = "";
      else $("named-number").select();
    } else if (e.target.id === "unlock") { e.preventDefault(); unlock(); }
  });

  // --- the person: masked until the identity check, whole on a click that the server records
  const drawPerson = () => {
    const box = $("person"), c = view && view.current;
    if (!box || !c) return;
    box.replaceChildren();
    box.hidden = !view.mine; // who stands in sees no identity
    if (!c.has_person) { box.append(Draw.both("span", "muted", "未关联身份（无证取号）", "No identity with this ticket")); return; }
    const mine = person && person.ticket === c.ticket ? person : null;
    box.append(Draw.both("span", "muted", "办事人", "Citizen"), Draw.make("b", "", mine ? mine.name || "（无姓名）" : "…"));
    if (mine) box.append(Draw.make("span", "num", mine.whole ? mine.number : "证件尾号 " + mine.last4));
    if (mine && !mine.whole && c.identity_at) { const b = Draw.both("button", "quiet", "显示全部（记录）", "Show all, logged"); b.type = "button"; b.id = "reveal"; box.append(b); }
    else if (mine && !c.identity_at) box.append(Draw.both("span", "hint", "核验开始后可显示全部", "whole after the check has begun"));
  };
  const fetchPerson = async () => {
    const c = view && view.current;
    if (!c || !view.mine || !c.has_person || person && person.ticket === c.ticket) return;
    person = { ticket: c.ticket, name: "…", last4: "····" };
    try { const r = await fetch(base + "/person"); if (r.ok) person = await r.json(); } catch { person = null; }
    drawPerson();
  };
  const reveal = async () => {
    try {
      const r = await post(base + "/person"), answer = await r.json();
      if (r.ok) { person = answer; drawPerson(); } else if (r.status === 423) lockNow(); else if (answer.refused) refuse(answer.refused.zh, answer.refused.en);
    } catch { refuse("没有收到服务器的回答，请再试。", "No answer; try again."); }
  };

  // --- showing
  const show = (data) => {
    view = data; heard = Date.now(); skew = Date.parse(data.now) - Date.now();
    $("next").replaceChildren(...data.next.map((w) => Draw.lineItem(w, tz)));
    $("next").hidden = !data.next.length; $("next-empty").hidden = data.next.length > 0;
    $("next-booking").textContent = data.next_booking ? "下一个预约 " + Draw.hhmm(data.next_booking, tz) + " Next booking" : "今天没有待到的预约 No bookings ahead today";
    $("line-count").textContent = data.waiting + " 人可办 / 全厅 " + data.waiting_hall;
    const c = data.current && (data.mine || data.stand_in) ? data.current : null, what = c ? c.ticket + c.called_at + c.transfers : "idle" + data.open + data.mine + data.stand_in + data.paused + (data.next[0] ? data.next[0].number : "");
    if (!c) person = null;
    if (what !== shown) { shown = what; $("current-body").replaceChildren(c ? Draw.current(c) : Draw.idle(data)); if (!c) $("current-body").firstChild.setAttribute("role", "status"); }
    if (c) {
      const done = (id, when) => { const b = $(id); b.classList.toggle("done", Boolean(when)); };
      done("identity", c.identity_at); done("materials", c.accepted_at);
      drawPerson(); fetchPerson();
    }
    const s = $("status"), [cls, text] = !data.hall_open && !data.open ? ["off", "大厅未开放 Closed"] : !data.open ? ["off", "窗口未开 Not open"] : data.stand_in ? ["warn", "代班处理 Standing in"] : !data.mine ? ["warn", "他人使用 In use"] : data.paused ? ["warn", "暂停 Paused"] : c ? ["info", c.state === "called" ? "呼叫中 Calling" : "办理中 Serving"] : ["ok", "空闲 Free"];
    s.className = "pill " + cls; s.textContent = text;
    $("stand-in").hidden = !data.stand_in;
    $("pause-text").replaceChildren(data.paused ? "恢复" : "暂停", Draw.en(data.paused ? "Resume" : "Pause"));
    const told = JSON.stringify(data.watch);
    if (told !== watched) { watched = told; $("watch").replaceChildren(...Draw.watch(data.watch, tz, "/alarms/" + hall)); $("watch").hidden = !$("watch").children.length; }
    body.dataset.lamp = data.watch.lamp; body.classList.toggle("lamp-blinks", data.watch.blinking);
    tick(); buttons();
  };
  const tick = () => {
    $("clock").textContent = new Intl.DateTimeFormat("zh-CN", { timeZone: tz, hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(now());
    const gone = lost(); $("lost").hidden = !gone || locked;
    if (gone) $("lost-age").textContent = String(Math.round((Date.now() - heard) / 1000));
    document.querySelectorAll("#next .due").forEach((el) => Draw.tickDue(el, now()));
    const c = view && (view.mine || view.stand_in) ? view.current : null;
    if (c && $("dial-wait")) {
      const net = c.wait_net_s, limit = Math.round(c.limit_s / 60);
      Draw.setDial($("dial-wait"), net, c.limit_s, c.limit_s * 0.7, (c.broken ? "已超过承诺 " : "承诺 ") + limit + " 分钟 · 签到起 " + Draw.mmss(c.wait_gross_s));
      const from = c.identity_at ? Date.parse(c.identity_at) : null, to = c.accepted_at ? Date.parse(c.accepted_at) : now(), s = from ? (to - from) / 1000 : 0;
      Draw.setDial($("dial-service"), s, view.service_limit_s, view.service_amber_s, from ? (c.accepted_at ? "材料已收，计时停止" : "限 " + view.service_limit_s / 60 + " 分钟") : "呼叫第 " + c.calls + " 次 · 已 " + Draw.mmss((now() - Date.parse(c.announced_at)) / 1000));
      $("reason-box").hidden = !(c.service_over || s > view.service_limit_s);
    }
    buttons();
  };

  // --- idle lock
  const lockNow = (tell) => {
    if (!locked) { locked = true; person = null; shown = ""; $("current-body").replaceChildren(); $("transfer-box").close(); $("close-box").close(); $("lock-box").showModal(); $("unlock-password").focus(); }
    if (tell) post("/staff/lock").catch(() => {});
    buttons();
  };
  $("lock-box").addEventListener("cancel", (e) => e.preventDefault());
  const unlock = async () => {
    const form = new URLSearchParams({ csrf: body.dataset.csrf, password: $("unlock-password").value, next: "/staff/here" });
    let r; try { r = await fetch("/staff/unlock", { method: "POST", body: form, redirect: "manual" }); } catch { r = null; }
    const ok = r && (r.type === "opaqueredirect" || r.ok);
    $("unlock-password").value = "";
    $("lock-note").hidden = ok; $("lock-note").textContent = r && r.status === 429 ? "尝试过多，请一分钟后再试。Too many attempts." : "密码不对，请再试。Wrong password.";
    if (ok) { locked = false; touched = told = Date.now(); $("lock-box").close(); listen(); }
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => {
    touched = Date.now();
    if (!locked && touched - told > 20000) { told = touched; post("/staff/here").then((r) => { if (r.status === 423) lockNow(); if (r.status === 401) location.href = "/staff/sign-in"; }).catch(() => {}); }
  }, true);

  let source = null;
  const listen = () => {
    if (source) source.close();
    source = new EventSource(base + "/events");
    source.addEventListener("view", (e) => { if (!locked) show(JSON.parse(e.data)); });
    source.addEventListener("beat", (e) => { heard = Date.now(); skew = Date.parse(e.data) - Date.now(); });
    source.addEventListener("locked", () => { source.close(); lockNow(); });
    source.addEventListener("over", () => { source.close(); location.reload(); });
    source.addEventListener("gone", () => { source.close(); location.href = "/staff/sign-in?next=" + encodeURIComponent(location.pathname); });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED && !locked) setTimeout(() => { if (!locked) listen(); }, 2000); };
  };
  setInterval(() => { if (!locked && Date.now() - touched > Number(body.dataset.idle) * 1000) lockNow(true); tick(); }, 500);
  listen();
})();
