// The hall board. Calls arrive by server-sent events; each stays on the stage for at least ten seconds and is
// spoken by the server's own voice, one after another, never two at once. At most two calls share the stage;
// further ones wait their turn. Numbers only: nothing about a citizen ever reaches this page.
(() => {
  "use strict";
  const STAY_MS = 10000, ROOM = 2, LATE_MS = 10000, LOST_MS = 60000, NEWS_MS = 15000, PAGE_MS = 8000, ROWS = 5;
  const body = document.body, hall = body.dataset.hall, tz = body.dataset.tz;
  const $ = (id) => document.getElementById(id);
  const seen = new Set();
  let view = null, skew = 0, heard = Date.now(), places = [], waiting = [], speaking = null, spoken = [], first = true, drawnGroups = "";

  const make = (tag, cls, text) => { const e = document.createElement(tag); if (cls) e.className = cls; if (text !== undefined) e.textContent = text; return e; };
  const now = () => Date.now() + skew;

  // --- the stage
  const arrow = () => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 40 32"); svg.setAttribute("aria-hidden", "true");
    const p = document.createElementNS("http://www.w3.org/2000/svg", "path");
    p.setAttribute("d", "M3 16h31M22 4l13 12-13 12"); p.setAttribute("fill", "none"); p.setAttribute("stroke", "currentColor");
    p.setAttribute("stroke-width", "5"); p.setAttribute("stroke-linecap", "round"); p.setAttribute("stroke-linejoin", "round");
    svg.append(p); return svg;
  };
  const drawStage = () => {
    const box = $("places");
    const wanted = places.map((p) => p.call.id).join("|");
    if (box.dataset.shown !== wanted) {
      box.dataset.shown = wanted;
      box.replaceChildren(...places.map((p) => {
        const place = make("div", "place");
        if (p.fresh) { place.classList.add("fresh"); p.fresh = false; }
        place.append(make("div", "number" + (p.call.number.length > 4 ? " long" : ""), p.call.number));
        const w = make("div", "window");
        w.append(arrow(), make("span", "", p.call.counter_zh), make("small", "", p.call.counter_en));
        place.append(w);
        return place;
      }));
    }
    box.classList.toggle("two", places.length > 1);
    box.hidden = places.length === 0;
    $("empty").hidden = places.length > 0;
    drawRecent();
  };
  const drawRecent = () => {
    const on = new Set(places.map((p) => p.call.number)), listed = new Set(), rows = [];
    for (const c of view ? view.calls : []) {
      if (on.has(c.number) || listed.has(c.number) || waiting.some((w) => w.id === c.id)) continue;
      listed.add(c.number);
      const li = make("li"); li.append(make("span", "", c.number), make("span", "", c.counter_zh)); rows.push(li);
    }
    const shown = rows.slice(0, ROWS), none = !shown.length;
    while (!none && shown.length < ROWS) shown.push(make("li", "blank"));
    $("recent").replaceChildren(...shown);
    $("recent").hidden = none; $("recent-none").hidden = !none;
  };
  const turn = () => {
    const t = Date.now();
    const free = (p) => t - p.since >= STAY_MS && speaking !== p.call.id && !spoken.includes(p.call);
    while (waiting.length) {
      const next = waiting[0], same = places.findIndex((p) => p.call.number === next.number);
      if (same >= 0) places.splice(same, 1);
      else if (places.length >= ROOM) {
        const old = places.findLastIndex(free);
        if (old < 0) break;
        places.splice(old, 1);
      }
      waiting.shift();
      places.unshift({ call: next, since: t, fresh: true });
      say(next);
    }
    while (!waiting.length && places.length > 1 && free(places[places.length - 1])) places.pop();
    drawStage();
  };

  // --- the voice: one queue, one player
  const player = new Audio();
  const speak = () => {
    if (speaking || !spoken.length) return;
    const call = spoken.shift();
    speaking = call.id;
    const done = () => { player.onended = player.onerror = null; clearTimeout(guard); speaking = null; speak(); };
    const guard = setTimeout(done, 20000);
    player.onended = player.onerror = done;
    player.src = "/board/" + hall + "/voice/" + encodeURIComponent(call.id) + ".wav";
    player.play().then(() => { $("sound").hidden = true; }, (why) => {
      if (why && why.name === "NotAllowedError") { $("sound").hidden = false; spoken = []; }
      done();
    });
  };
  const say = (call) => { if (body.dataset.sound === "on") { spoken.push(call); speak(); } };
  $("sound").addEventListener("click", () => { $("sound").hidden = true; if (places[0]) say(places[0].call); });

  // --- what the server says
  const upright = window.matchMedia("(orientation: portrait)");
  const drawGroups = () => {
    // As many as fit without cutting a name; where more groups have people waiting, the pages take turns.
    const size = upright.matches ? 8 : 6, busy = view.groups, pages = Math.ceil(busy.length / size);
    const page = pages ? Math.floor(Date.now() / PAGE_MS) % pages : 0;
    const key = size + "|" + page + "|" + JSON.stringify(busy);
    if (key === drawnGroups) return;
    drawnGroups = key;
    $("total").textContent = busy.length ? "共 " + view.waiting + " 人 people" : "";
    $("groups").hidden = !busy.length; $("groups-none").hidden = busy.length > 0 || !view.open;
    body.classList.toggle("nobody", !busy.length);
    $("pages").replaceChildren(...(pages > 1 ? Array.from({ length: pages }, (_, i) => make("i", i === page ? "on" : "")) : []));
    const shown = busy.slice(page * size, page * size + size).map((g) => {
      const li = make("li"), en = make("small", "en", g.en), range = make("span", "range", g.nobody ? "暂无窗口 " : "约 " + g.low + "–" + g.high + " 分钟 "), min = make("small", "", g.nobody ? "none" : "min");
      en.lang = min.lang = "en"; range.append(min);
      li.append(make("span", "letter", g.group), make("span", "name", g.zh), make("b", "", g.waiting + " 人"), en, range);
      return li;
    });
    while (pages > 1 && shown.length < size) shown.push(make("li"));
    $("groups").replaceChildren(...shown);
  };
  const show = (data) => {
    view = data;
    body.classList.toggle("closed", !data.open);
    body.classList.toggle("silent", !data.calls.length);
    $("empty-zh").textContent = data.open ? "暂无呼叫" : "现在未开放";
    $("empty-en").textContent = data.open ? "Nobody is being called" : "Closed now" + (data.next_opening_en ? ", opens " + data.next_opening_en : "");
    $("empty-when").textContent = data.open || !data.next_opening_zh ? "" : data.next_opening_zh + " 开门";
    $("empty-when").hidden = !$("empty-when").textContent;
    const news = data.calls.filter((c) => !seen.has(c.id)).reverse();
    for (const c of news) {
      seen.add(c.id);
      if (!first || now() - Date.parse(c.at) < NEWS_MS) waiting.push(c);
    }
    if (first && !waiting.length && data.calls.length) places = [{ call: data.calls[0], since: 0, fresh: false }];
    if (!data.calls.length) { places = []; waiting = []; }
    if (seen.size > 500) { seen.clear(); data.calls.forEach((c) => seen.add(c.id)); }
    first = false;
    drawGroups(); turn();
  };
  const alive = (iso) => { heard = Date.now(); skew = Date.parse(iso) - Date.now(); drawLost(); };
  const drawLost = () => {
    const gap = Date.now() - heard, box = $("lost");
    box.hidden = gap < LATE_MS;
    box.classList.toggle("long", gap >= LOST_MS);
    body.classList.toggle("stale", gap >= LATE_MS);
    if (gap >= LOST_MS) box.textContent = "显示暂停更新，请留意工作人员叫号 Please listen to staff";
    else if (gap >= LATE_MS) box.textContent = "显示可能延迟 " + clock(heard + skew, { hour: "2-digit", minute: "2-digit" }) + " May be delayed";
  };
  const clock = (ms, opts) => new Intl.DateTimeFormat("zh-CN", { timeZone: tz, hour12: false, ...opts }).format(ms);
  const tick = () => {
    $("clock").textContent = clock(now(), { hour: "2-digit", minute: "2-digit" });
    $("date").textContent = clock(now(), { month: "long", day: "numeric", weekday: "long" });
    drawLost(); turn();
    if (view) drawGroups();
  };
  const listen = () => {
    const source = new EventSource("/board/" + hall + "/events");
    source.addEventListener("view", (e) => { const d = JSON.parse(e.data); alive(d.now); show(d); });
    source.addEventListener("beat", (e) => alive(e.data));
    source.addEventListener("over", () => { source.close(); location.reload(); });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000); };
  };
  tick(); setInterval(tick, 500); listen();
})();
