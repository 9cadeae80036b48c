// The manager's pages, kept live: the server sends the fragment as it should look; only parts that differ are replaced.
(() => {
  "use strict";
  const body = document.body, live = document.getElementById("live"), lost = document.getElementById("lost"), clock = document.getElementById("clock"), sign = document.getElementById("locked");
  let heard = Date.now(), skew = 0, source = null, told = Date.now();
  const now = () => Date.now() + skew;
  const time = new Intl.DateTimeFormat("zh-CN", { timeZone: body.dataset.tz, hour12: false, hour: "2-digit", minute: "2-digit" });
  const parts = (root) => [...root.querySelectorAll("[id^='p-']")];

  const show = (data) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = data.html;
    const held = document.activeElement, key = held && live.contains(held) ? held.getAttribute("href") || held.id : "", home = key && held.closest("[id^='p-']");
    const names = (list) => list.map((e) => e.id).join(" "), here = parts(live), there = parts(fresh.content);
    if (names(here) !== names(there)) live.replaceChildren(fresh.content);
    else there.forEach((part, i) => { if (part.outerHTML !== here[i].outerHTML) here[i].replaceWith(part); });
    if (key && document.activeElement !== held && home) {
      const part = document.getElementById(home.id), again = part && [...part.querySelectorAll("a, button")].find((e) => (e.getAttribute("href") || e.id) === key);
      if (again) again.focus({ preventScroll: true });
    }
    if (sign) sign.hidden = !data.locked;
  };
  const alive = (stamp) => { heard = Date.now(); skew = Date.parse(stamp) - heard; };
  const tick = () => {
    if (clock) clock.textContent = time.format(now());
    const gap = Date.now() - heard; lost.hidden = gap < 10000; document.getElementById("lost-age").textContent = String(Math.round(gap / 1000));
  };
  const listen = () => {
    source = new EventSource(body.dataset.live);
    source.addEventListener("view", (e) => { const d = JSON.parse(e.data); alive(d.now); show(d); tick(); });
    source.addEventListener("beat", (e) => { alive(e.data); tick(); });
    for (const end of ["gone", "over"]) source.addEventListener(end, () => { source.close(); location.reload(); });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000); };
  };
  const post = (url, form) => fetch(url, { method: "POST", body: form, headers: { "X-CSRF": body.dataset.csrf }, redirect: "manual" });
  // Whoever works here keeps the console open; who only looks may look on when it has locked itself.
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => {
    if (sign && sign.hidden && Date.now() - told > 20000) { told = Date.now(); post("/staff/here").catch(() => {}); }
  }, true);
  // A form here is a wish to the server; what came of it comes with the stream. Without scripts it is a plain form.
  document.addEventListener("submit", async (e) => {
    const form = e.target;
    if (!live.contains(form)) return;
    e.preventDefault();
    const key = form.querySelector("button"); key.disabled = true;
    let r; try { r = await post(form.action, new URLSearchParams(new FormData(form))); } catch { r = null; }
    if (r && (r.status === 423 || r.status === 401)) location.href = (r.status === 423 ? "/staff/unlock" : "/staff/sign-in") + "?next=" + encodeURIComponent(location.pathname);
    else if (!r || !(r.ok || r.type === "opaqueredirect")) key.disabled = false;
  });
  setInterval(tick, 1000); tick(); listen();
})();
