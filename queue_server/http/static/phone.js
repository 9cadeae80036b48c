// The citizen's page, where scripts run: the live part is replaced as the server sends it. Without scripts the
// page reloads itself every 15 seconds and all buttons are plain forms, so nothing here is needed to be served.
(() => {
  "use strict";
  const body = document.body, live = document.getElementById("live"), lost = document.getElementById("lost");
  if (!window.EventSource || !body.dataset.live) return;
  const zh = document.documentElement.lang !== "en", title = document.title;
  let heard = Date.now(), state = body.dataset.state, ahead = body.dataset.ahead, sound = null;

  // Sound and vibration are only allowed after the citizen has touched the page.
  let touched = false;
  document.addEventListener("pointerdown", () => { touched = true; const A = window.AudioContext || window.webkitAudioContext; if (A && !sound) sound = new A(); }, { once: true });
  const ring = (times) => {
    if (touched && navigator.vibrate) navigator.vibrate(Array(times).fill([400, 200]).flat());
    if (!sound) return;
    for (let i = 0; i < times; i++) {
      const o = sound.createOscillator(), g = sound.createGain(), at = sound.currentTime + i * 0.6;
      o.frequency.value = 880; g.gain.setValueAtTime(0.25, at); g.gain.exponentialRampToValueAtTime(0.001, at + 0.45);
      o.connect(g); g.connect(sound.destination); o.start(at); o.stop(at + 0.5);
    }
  };
  const show = (data) => {
    const held = document.activeElement && live.contains(document.activeElement) ? document.activeElement.id : "";
    live.innerHTML = data.html;
    if (held) { const again = document.getElementById(held); if (again) again.focus(); }
    if (data.state !== state && data.state === "called") ring(4);
    else if (data.state === "waiting" && ahead !== "" && data.ahead !== null && (data.ahead === 3 || data.ahead === 0) && Number(ahead) > data.ahead) ring(2);
    state = data.state; ahead = data.ahead === null ? "" : String(data.ahead);
    document.title = state === "called" ? (zh ? "正在叫您！" : "You are called! ") + title : title;
  };
  const source = new EventSource(body.dataset.live);
  const alive = () => { heard = Date.now(); lost.hidden = true; };
  source.addEventListener("view", (e) => { alive(); show(JSON.parse(e.data)); });
  source.addEventListener("beat", alive);
  source.addEventListener("over", () => { source.close(); location.reload(); });
  setInterval(() => {
    const s = Math.round((Date.now() - heard) / 1000);
    if (s < 10 || source.readyState === EventSource.CLOSED && state === "done") return;
    lost.hidden = false;
    lost.textContent = zh ? "连接中断，以下是 " + s + " 秒前的情况，请留意大厅叫号。" : "Connection lost; this is " + s + " s old. Please watch the hall's board.";
  }, 1000);
})();
