// The scan engine: a code shown once, one left before the window, and a flood.
import { $, act, en, make, pressed, say } from "./dom.js";

let held = "";

export function prepare(section) {
  const input = $("input", section);
  const text = () => {
    if (!input.value.trim()) input.focus();
    return input.value.trim();
  };
  $(".show", section).onsubmit = (event) => {
    event.preventDefault();
    if (text()) act("scanner", "show", { text: text() });
  };
  $(".hold", section).onclick = () => (held ? act("scanner", "release") : text() && act("scanner", "hold", { text: text() }));
  $(".flood", section).onclick = () => act("scanner", "flood");
}

export function draw(section, seen) {
  held = seen.held;
  const hold = $(".hold", section);
  pressed(hold, held);
  say(hold, held ? "拿开 " : "一直举着 ", en(held ? "take it away" : "hold it there"));
}

export function condition(seen) {
  if (seen.flooding) return ["猛扫中", "flooding", "warn"];
  if (seen.held) return ["码一直举着", "code held", "warn"];
  return seen.lit ? ["就绪", "ready", ""] : ["灯灭，等触发", "waits for its trigger", ""];
}

export function wrongs(seen) {
  const stop = () => act("scanner", "release");
  return [
    ...(seen.held ? [["码一直举着", "code held", stop]] : []),
    ...(seen.flooding ? [["猛扫", "flood", stop]] : []),
  ];
}

/** Buttons for the codes of the newest tickets, wherever a code can be shown. */
export function offerCodes(codes) {
  for (const place of document.querySelectorAll(".recent")) {
    place.replaceChildren(...codes.map((text, index) => {
      const words = index ? ["上一张票的码 ", "ticket before"] : ["最新一张票的码 ", "newest ticket"];
      const chip = make("button", { type: "button", title: text }, words[0], en(words[1]));
      chip.onclick = () => act(place.dataset.to, "show", { text });
      return chip;
    }));
  }
}
