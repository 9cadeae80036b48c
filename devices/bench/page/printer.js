// The printer's paper, cover and knife, and the tray of what it printed.
import { $, act, en, get, make, pressed, say } from "./dom.js";
import { offerCodes } from "./scanner.js";

let newest = null;

export function prepare() {}

export function draw(section, seen, state) {
  for (const button of section.querySelectorAll("[data-is]")) {
    const [key, value] = button.dataset.is.split("=");
    pressed(button, String(seen[key]) === value);
  }
  const strange = seen.strange_commands ? `; ${seen.strange_commands} not understood` : "";
  say($(".traffic", section), `收到 ${seen.received_bytes.toLocaleString()} 字节 `, en(`bytes received${strange}`));
  if (state.latest_ticket !== newest) fetchTickets(newest !== null, state.latest_ticket);
}

export function condition(seen) {
  if (seen.cover_open) return ["上盖打开", "cover open", "bad"];
  if (seen.jammed) return ["切刀卡住", "cutter jammed", "bad"];
  if (seen.paper === "out") return ["无纸", "no paper", "bad"];
  if (seen.faults.broken) return ["故障", "broken", "bad"];
  if (seen.faults.hot) return ["过热", "too hot", "bad"];
  if (seen.faults.offline) return ["脱机", "off line", "bad"];
  if (seen.busy) return ["正在打印", "printing", "warn"];
  return seen.paper === "low" ? ["纸将尽", "paper low", "warn"] : ["就绪", "ready", ""];
}

export function wrongs(seen) {
  return [
    ...(seen.paper === "out" ? [["无纸", "no paper", () => act("printer", "load")]] : []),
    ...(seen.paper === "low" ? [["纸将尽", "paper low", () => act("printer", "load")]] : []),
    ...(seen.cover_open ? [["上盖打开", "cover open", () => act("printer", "close")]] : []),
    ...(seen.jammed ? [["切刀卡住", "cutter jammed", () => act("printer", "unjam")]] : []),
  ];
}

async function fetchTickets(fresh, latest) {
  newest = latest;
  const tickets = await get("/api/tickets");
  const tray = $(".tickets");
  const known = new Set([...tray.children].map((node) => node.dataset.number));
  const added = tickets.filter((ticket) => !known.has(String(ticket.number)));
  tray.prepend(...added.map((ticket) => drawTicket(ticket, fresh)));
  $(".tray .empty").hidden = tickets.length > 0;
  say($(".tray .pill"), tickets.length ? `${tickets.length} 张 ` : "空 ", en(tickets.length ? "tickets" : "empty"));
  offerCodes([...new Set(tickets.flatMap((ticket) => ticket.qr))].slice(0, 2));
}

function drawTicket(ticket, fresh) {
  const when = new Date(ticket.at).toLocaleTimeString("zh-CN", { hour12: false });
  const caption = make("figcaption", {}, make("b", {}, `第 ${ticket.number} 张 · ${when}`));
  for (const text of ticket.qr) {
    const button = make("button", { type: "button", className: "code", title: text }, "给扫码器 ", en("to the scanner"));
    button.onclick = () => act("scanner", "show", { text });
    caption.append(button);
  }
  const words = [...ticket.lines, ...ticket.qr.map((text) => `QR: ${text}`)];
  if (ticket.images) words.push(`图像 images: ${ticket.images}`);
  caption.append(make("details", {}, make("summary", {}, "打印机收到的文字 ", en("as the printer understood it")),
    make("pre", { textContent: words.join("\n") })));
  const figure = make("figure", { className: fresh ? "ticket fresh" : "ticket" },
    make("img", { src: ticket.png, alt: ticket.lines.join(" ") }), caption);
  figure.dataset.number = ticket.number;
  return figure;
}
