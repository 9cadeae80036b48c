// The list of terminals, kept live: the server sends the list as it should look; ages run between.
(() => {
  "use strict";
  const live = document.getElementById("live"), lost = document.getElementById("lost");
  let heard = Date.now(), skew = 0;
  const age = () => {
    document.querySelectorAll("[data-seen]").forEach((e) => { const s = Math.max(0, Math.round((Date.now() + skew - Date.parse(e.dataset.seen)) / 1000)); e.textContent = s < 120 ? s + " 秒前" : s < 7200 ? Math.round(s / 60) + " 分钟前" : Math.round(s / 3600) + " 小时前"; });
    const gap = Date.now() - heard; lost.hidden = gap < 10000; document.getElementById("lost-age").textContent = String(Math.round(gap / 1000));
  };
  const listen = () => {
    const source = new EventSource("/devices/events");
    source.addEventListener("view", (e) => { heard = Date.now(); const d = JSON.parse(e.data); skew = Date.parse(d.now) - Date.now(); live.innerHTML = d.html; age(); });
    source.addEventListener("beat", (e) => { heard = Date.now(); skew = Date.parse(e.data) - Date.now(); });
    source.addEventListener("gone", () => { source.close(); location.reload(); });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000); };
  };
  setInterval(age, 1000); listen();
})();
