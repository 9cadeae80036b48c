// The page's root: fetches what there is, then redraws from each state that the bench pushes. It decides nothing.
import { $, act, en, get, make, onState, say, tell } from "./dom.js";
import { drawSwitches, switchedOn } from "./switches.js";
import { NAMES } from "./words.js";
import * as reader from "./reader.js";
import * as scanner from "./scanner.js";
import * as camera from "./camera.js";
import * as panel from "./panel.js";
import * as printer from "./printer.js";

// each: prepare(section, firstState), draw(section, seen), condition(seen) -> [Chinese, English, mood],
// wrongs(seen) -> what a hand has put wrong, as [Chinese, English, what puts it right]
const DEVICES = { idcard: reader, scanner, camera, panel, printer };

const offers = await get("/api/switches");
const first = await get("/api/state");
const here = Object.keys(NAMES).filter((device) => device in first && device in DEVICES);

for (const device of here) {
  const section = $(`#${device}`);
  section.hidden = false;
  const cable = $(".cable", section);
  cable.onclick = () => act(device, cable.dataset.do);
  for (const button of section.querySelectorAll("[data-do]:not(.cable)")) button.onclick = () => act(device, button.dataset.do);
  const redrawSwitches = drawSwitches($(".faults", section), device, offers[device]);
  await DEVICES[device].prepare(section, first[device]);
  const chip = drawChip(device);
  onState((state) => {
    const seen = state[device];
    drawHead(section, device, seen, chip);
    redrawSwitches(seen);
    DEVICES[device].draw(section, seen, state);
  });
}
onState(drawWrongs);
$("#mend").onclick = () => act("all", "mend");
tell(first);
document.body.dataset.ready = "true";

const stream = new EventSource("/api/events");
stream.addEventListener("state", (event) => tell(JSON.parse(event.data)));
stream.onopen = () => { $("#lost").hidden = true; };
stream.onerror = () => { $("#lost").hidden = false; };

/** The device's place in the strip at the top: its name, its condition, a way to it. */
function drawChip(device) {
  const [zh, english] = NAMES[device];
  const words = make("span", { className: "is" });
  const chip = make("a", { href: `#${device}` }, make("b", {}, zh, " ", en(english)), words);
  $(".strip").append(chip);
  return chip;
}

function drawHead(section, device, seen, chip) {
  const [zh, english, mood] = seen.plugged ? DEVICES[device].condition(seen) : ["已拔线", "unplugged", "bad"];
  section.classList.toggle("off", !seen.plugged);
  const pill = $(".pill", section);
  pill.className = `pill ${mood}`;
  say(pill, `${zh} `, en(english));
  chip.className = seen.on.length && !mood ? "odd" : mood;
  say($(".is", chip), seen.on.length && !mood ? `${seen.on.length} 个故障` : zh);
  const cable = $(".cable", section);
  cable.dataset.do = seen.plugged ? "unplug" : "replug";
  say(cable, ...(seen.plugged ? ["拔线 ", en("unplug")] : ["插回 ", en("plug in")]));
}

/** Everything that is wrong, whichever way, each with one touch to put it right. */
function drawWrongs(state) {
  const wrongs = here.flatMap((device) => {
    const seen = state[device];
    const unplugged = seen.plugged ? [] : [["已拔线", "unplugged", () => act(device, "replug")]];
    return [...unplugged, ...DEVICES[device].wrongs(seen), ...switchedOn(device, seen, offers[device])]
      .map(([zh, english, mend]) => ({ device, zh, english, mend }));
  });
  const bar = $(".wrongs");
  bar.classList.toggle("some", wrongs.length > 0);
  if (wrongs.length) say($("#h-wrongs"), `${wrongs.length} 个故障 `, en("faults on"));
  else say($("#h-wrongs"), "一切正常 ", en("All in order"));
  $("#mend").hidden = wrongs.length === 0;
  const chips = $(".chips");
  const said = wrongs.map(({ device, zh }) => `${device} ${zh}`).join();
  if (chips.dataset.said === said) return;
  chips.dataset.said = said;
  const focused = [...chips.children].indexOf(document.activeElement);
  chips.replaceChildren(...wrongs.map(({ device, zh, english, mend }) => {
    const chip = make("button", { type: "button", className: "chip", title: "点一下恢复 · touch to put right" },
      make("b", {}, NAMES[device][0]), ` ${zh} `, en(english), make("i", { ariaHidden: "true", textContent: "×" }));
    chip.onclick = mend;
    return chip;
  }));
  if (focused >= 0) (chips.children[Math.min(focused, chips.children.length - 1)] ?? bar).focus?.();
}
