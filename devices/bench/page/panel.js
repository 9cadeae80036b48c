// The key panel as one stands before it: keys that stay down as long as the finger does, lights, door and case.
import { $, act, en, make, pressed, say } from "./dom.js";

const FINGER_MS = 120; // no finger is quicker; a panel takes anything shorter for a bounce
const BIG = { speech: ["语音", "speech"], call: ["呼叫", "call"] };
// name: Chinese, English, then the two states
const INPUTS = {
  door: ["机门", "Door", "关好", "closed", "打开", "open"],
  tamper: ["防撬", "Tamper", "完好", "whole", "被撬", "broken"],
  presence: ["来人", "Presence", "无人", "nobody", "有人", "there"],
};
const OUTPUTS = {
  lamp: ["灯", "lamp"],
  speech_light: ["语音灯", "speech light"],
  buzzer: ["蜂鸣器", "buzzer"],
  power_relay: ["供电", "power"],
};
const STATES = { buzzer: ["响", "静"], power_relay: ["断", "通"] }; // the relay cuts the supply while it is on

let turn = Promise.resolve(); // presses and releases reach the panel in the order of the fingers
const inTurn = (action, key) => { turn = turn.then(() => act("panel", action, { key })); };
const aMoment = () => { turn = turn.then(() => new Promise((done) => { setTimeout(done, FINGER_MS); })); };

export function prepare(section, seen) {
  const big = seen.keys.filter((name) => name in BIG).map(bigKey);
  const small = seen.keys.filter((name) => !(name in BIG)).map((name) => key(name, make("b", {}, name)));
  const lights = make("ul", { className: "lights" }, ...Object.keys(seen.outputs).map((name) => {
    const [zh, english] = OUTPUTS[name] ?? [name, ""];
    const light = make("li", {}, make("i", { ariaHidden: "true" }), make("span", {}, `${zh} `, en(english)), make("em"));
    light.dataset.output = name;
    return light;
  }));
  $(".board", section).append(
    make("div", { className: "face" }, lights, make("div", { className: "big" }, ...big), make("div", { className: "pad" }, ...small)),
    make("div", { className: "sets" }, ...Object.keys(seen.inputs).map(inputRow)));
}

function bigKey(name) {
  const [zh, english] = BIG[name];
  const dots = name === "speech" ? [make("i", { className: "dots", ariaHidden: "true" })] : [];
  return key(name, ...dots, make("span", {}, zh), en(english));
}

function key(name, ...face) {
  const button = make("button", { type: "button", className: `key ${name in BIG ? name : ""}` }, ...face);
  button.dataset.key = name;
  let held = false;
  const down = () => {
    if (held) return;
    held = true;
    inTurn("press", name);
    aMoment();
  };
  const up = () => {
    if (held) inTurn("release", name);
    held = false;
  };
  const finger = (event) => event.key === " " || event.key === "Enter";
  button.onpointerdown = (event) => { if (event.button === 0) down(); };
  button.onpointerup = button.onpointerleave = button.onpointercancel = button.onblur = up;
  button.onkeydown = (event) => { if (finger(event)) { event.preventDefault(); down(); } };
  button.onkeyup = (event) => { if (finger(event)) up(); };
  // a screen reader or voice control clicks without a finger or a key
  button.onclick = (event) => { if (event.detail === 0 && !held) inTurn("tap", name); };
  return button;
}

function inputRow(name) {
  const [zh, english, rest, restEn, active, activeEn] = INPUTS[name] ?? [name, "", "0", "", "1", ""];
  const set = (value) => () => act("panel", "input", { name, active: value });
  const calm = make("button", { type: "button", onclick: set(false) }, `${rest} `, en(restEn));
  const alarm = make("button", { type: "button", onclick: set(true), className: name === "presence" ? "" : "bad" }, `${active} `, en(activeEn));
  const cut = make("button", { type: "button", className: "wire" });
  cut.onclick = () => act("panel", cut.getAttribute("aria-pressed") === "true" ? "join" : "cut", { name });
  say(cut, "剪线 ", en("cut"));
  const row = make("div", { className: "set", role: "group", ariaLabel: `${zh} · ${english}` },
    make("span", {}, `${zh} `, en(english)), make("div", { className: "seg" }, calm, alarm, cut));
  row.dataset.input = name;
  return row;
}

export function draw(section, seen) {
  for (const button of section.querySelectorAll(".key")) pressed(button, seen.pressed.includes(button.dataset.key));
  for (const light of section.querySelectorAll("[data-output]")) {
    const on = seen.outputs[light.dataset.output];
    light.classList.toggle("lit", on);
    const [yes, no] = STATES[light.dataset.output] ?? ["亮", "灭"];
    say($("em", light), on ? yes : no);
  }
  for (const row of section.querySelectorAll("[data-input]")) {
    const [calm, alarm, cut] = row.querySelectorAll("button");
    const active = seen.inputs[row.dataset.input];
    pressed(calm, !active);
    pressed(alarm, active);
    pressed(cut, seen.cut.includes(row.dataset.input));
  }
}

export function condition(seen) {
  if (seen.inputs.door) return ["机门打开", "door open", "bad"];
  if (seen.inputs.tamper) return ["被撬", "tampered with", "bad"];
  if (seen.pressed.length) return [`按着 ${seen.pressed.join(" ")}`, "key down", "warn"];
  return seen.connected ? ["使用中", "in use", ""] : ["空闲", "not in use", ""];
}

export function wrongs(seen) {
  const rest = (name) => () => act("panel", "input", { name, active: false });
  return [
    ...(seen.inputs.door ? [["机门打开", "door open", rest("door")]] : []),
    ...(seen.inputs.tamper ? [["被撬", "tampered with", rest("tamper")]] : []),
    ...seen.cut.map((name) => [`${INPUTS[name]?.[0] ?? name}的线被剪断`, "wire cut", () => act("panel", "join", { name })]),
  ];
}
