// Draws what the server says and sends what the hand does; it decides nothing itself.
"use strict";
const $ = (selector, within = document) => within.querySelector(selector);
const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const en = (text) => make("span", { className: "en", lang: "en", textContent: text });
const sections = Object.fromEntries([...document.querySelectorAll(".device")].map((s) => [s.dataset.device, s]));
let state = null;
let newestShown = 0;

async function act(device, action, detail) {
  const said = $("#said");
  try {
    const reply = await fetch(`/api/${device}/${action}`, { method: "POST", body: detail ? JSON.stringify(detail) : null });
    const body = await reply.json();
    said.hidden = reply.ok;
    if (reply.ok) draw(body);
    else said.textContent = `没有成功:${body.sentence ?? body.detail ?? reply.status}`;
  } catch {
    said.hidden = false;
    said.textContent = "没有成功:设备台没有回应 · no answer";
  }
}

// -- once
async function prepare() {
  const cards = await (await fetch("/api/cards")).json();
  $("#cards").append(...cards.map((card) => {
    const [who, kind = ""] = card.label.split(" · ");
    const face = make("button", { type: "button", className: "idcard", title: card.label },
      make("b", { textContent: card.name.trim() || who }), make("i"),
      make("span", { className: "kind", textContent: kind || card.label }),
      make("span", { className: "no", textContent: card.number }));
    face.dataset.card = card.key;
    face.onclick = () => (state?.idcard.card === card.key ? act("idcard", "lift") : act("idcard", "lay", { card: card.key }));
    return face;
  }));
  for (const [device, section] of Object.entries(sections)) {
    $(".cable", section).onclick = () => act(device, state[device].plugged ? "unplug" : "replug");
    for (const button of section.querySelectorAll("[data-do]")) button.onclick = () => act(device, button.dataset.do);
  }
  $("#show").onsubmit = (event) => {
    event.preventDefault();
    const text = $("#code").value.trim();
    if (text) act("scanner", "show", { text });
  };
  const stream = new EventSource("/api/events");
  stream.addEventListener("state", (event) => draw(JSON.parse(event.data)));
  stream.onopen = () => { $("#lost").hidden = true; };
  stream.onerror = () => { $("#lost").hidden = false; };
}

// -- whenever something changed
function draw(now) {
  const first = state === null;
  state = now;
  for (const [device, section] of Object.entries(sections)) drawDevice(device, section, first);
  for (const face of document.querySelectorAll(".idcard")) face.setAttribute("aria-pressed", String(face.dataset.card === now.idcard.card));
  $("#traffic").replaceChildren(`收到 ${now.printer.received_bytes.toLocaleString()} 字节`,
    en(` · bytes received${now.printer.strange_commands ? `; ${now.printer.strange_commands} not understood` : ""}`));
  if (first || now.latest_ticket !== newestShown) fetchTickets(!first);
}

function drawDevice(device, section, first) {
  const it = state[device];
  section.classList.toggle("off", !it.plugged);
  const [words, mood] = condition(device, it);
  Object.assign($(".pill", section), { textContent: words, className: `pill ${mood}` });
  $(".cable", section).replaceChildren(...(it.plugged ? ["拔线 ", en("unplug")] : ["插回 ", en("plug in")]));
  for (const button of section.querySelectorAll("[data-is]")) {
    const [key, value] = button.dataset.is.split("=");
    button.setAttribute("aria-pressed", String(String(it[key]) === value));
  }
  const switches = $(".switches", section);
  const all = { ...it.faults, ...it.line };
  if (first) switches.append(...Object.entries(all).map(([name, value]) => faultSwitch(device, name, value)));
  let on = 0;
  for (const input of switches.querySelectorAll("input")) {
    const value = all[input.name];
    if (value) on += 1;
    if (input.type === "checkbox") input.checked = value;
    else if (document.activeElement !== input) input.value = value ?? "";
  }
  const count = $(".count", section);
  count.hidden = on === 0;
  count.textContent = `${on} 个已打开 · on`;
}

function condition(device, it) {
  if (!it.plugged) return ["已拔线 · unplugged", "bad"];
  if (device === "idcard") return it.card ? ["有证件 · card on it", ""] : ["空 · empty", ""];
  if (device === "scanner") return ["就绪 · ready", ""];
  if (it.cover_open) return ["上盖打开 · cover open", "bad"];
  if (it.jammed) return ["切刀卡住 · cutter jammed", "bad"];
  if (it.paper === "out") return ["无纸 · no paper", "bad"];
  if (it.faults.offline) return ["脱机 · off line", "bad"];
  if (it.busy) return ["正在打印 · printing", "warn"];
  return it.paper === "low" ? ["纸将尽 · paper low", "warn"] : ["就绪 · ready", ""];
}

function faultSwitch(device, name, value) {
  const [zh, english] = FAULTS[name] ?? [name, ""];
  const toggle = typeof value === "boolean";
  const input = make("input", toggle ? { type: "checkbox", name } : { type: "number", name, min: 0, step: "any" });
  input.onchange = () => act(device, "fault", { name, value: toggle ? input.checked : number(name, input.value) });
  return make("label", {}, input, make("span", {}, zh, en(english)));
}

const number = (name, text) => (text === "" ? (name.endsWith("_mm") ? null : 0) : Number(text));

async function fetchTickets(fresh) {
  newestShown = state.latest_ticket;
  const tickets = await (await fetch("/api/tickets")).json();
  const tray = $("#tickets");
  const known = new Set([...tray.children].map((node) => node.dataset.number));
  const added = tickets.filter((ticket) => !known.has(String(ticket.number)));
  tray.prepend(...added.map((ticket) => drawTicket(ticket, fresh)));
  $("#empty").hidden = tickets.length > 0;
  $("#howmany").textContent = `${tickets.length} 张 · tickets`;
  const codes = [...new Set(tickets.flatMap((ticket) => ticket.qr))].slice(0, 2);
  $("#recent").replaceChildren(...codes.map((text, index) => {
    const chip = make("button", { type: "button", title: text }, index ? "上一张票的码 " : "最新一张票的码 ", en(index ? "code of the ticket before" : "code of the newest ticket"));
    chip.onclick = () => act("scanner", "show", { text });
    return chip;
  }));
}

function drawTicket(ticket, fresh) {
  const when = new Date(ticket.at).toLocaleTimeString("zh-CN", { hour12: false });
  const caption = make("figcaption", {}, `第 ${ticket.number} 张 · ${when}`);
  for (const text of ticket.qr) {
    const button = make("button", { type: "button", className: "code" }, "把此码给扫码器 ", make("span", { lang: "en", textContent: "show to scanner" }));
    button.onclick = () => act("scanner", "show", { text });
    caption.append(button);
  }
  caption.append(make("details", {}, make("summary", {}, "打印机收到的文字 ", en("as the printer understood it")),
    make("pre", { textContent: [...ticket.lines, ...ticket.qr.map((text) => `QR: ${text}`), ...(ticket.images ? [`图像 images: ${ticket.images}`] : [])].join("\n") })));
  const figure = make("figure", { className: fresh ? "ticket fresh" : "ticket" },
    make("img", { src: ticket.png, alt: ticket.lines.join(" ") }), caption);
  figure.dataset.number = ticket.number;
  return figure;
}

prepare();
