// The drawer of a device's switches, drawn from what the bench says there is: a toggle for each fault, a field beside
// it where it has a measure, a choice where it has several forms.
import { $, act, en, make, say } from "./dom.js";
import { GROUPS, rank, wordsFor } from "./words.js";

const NONE = "\u0000"; // in a list of choices: no value at all

/** Fill `drawer` with the switches `offers` of `device`; returns what redraws them from the device's state. */
export function drawSwitches(drawer, device, offers) {
  const count = make("span", { className: "count" });
  drawer.append(make("summary", {}, make("span", {}, "故障开关 ", en("Faults")), count));
  const redraws = [];
  for (const [group, [zh, english]] of Object.entries(GROUPS)) {
    const within = offers.filter((offer) => offer.group === group)
      .sort((one, other) => rank(device, one.name) - rank(device, other.name));
    if (!within.length) continue;
    const rows = within.map((offer) => {
      const [row, redraw] = drawRow(device, offer);
      redraws.push(redraw);
      return row;
    });
    drawer.append(make("fieldset", {}, make("legend", {}, `${zh} `, en(english)), ...rows));
  }
  return (seen) => {
    const values = { ...seen.settings, ...seen.line, ...seen.faults };
    redraws.forEach((redraw) => redraw(values));
    count.classList.toggle("some", seen.on.length > 0);
    if (seen.on.length) say(count, `${seen.on.length} 个打开 `, en("on"));
    else say(count, `共 ${offers.length} 个 `, en("none on"));
  };
}

function drawRow(device, offer) {
  const words = wordsFor(device, offer.name);
  const id = `${device}-${offer.name}`;
  const set = (value) => act(device, "fault", { name: offer.name, value });
  const label = make("label", { htmlFor: id }, words.zh, words.en ? en(words.en) : "");
  const row = make("div", { className: "switch" }, label);
  row.dataset.name = offer.name;
  const parts = controls(offer, words, id, set);
  row.append(...parts.map(([node]) => node));
  return [row, (values) => {
    const value = values[offer.name];
    row.classList.toggle("on", value !== offer.normal);
    parts.forEach(([, redraw]) => redraw(value));
  }];
}

/** The nodes of one switch, each with what shows a value in it. */
function controls(offer, words, id, set) {
  switch (words.presets ? "choice" : offer.kind) {
    case "bool":
      return [toggle(id, (on) => set(on), (value) => value)];
    case "int":
    case "float": {
      const [field, show] = numberField(offer, words, set);
      const flip = toggle(id, (on) => set(on ? words.test ?? offer.most : offer.normal), (value) => value !== offer.normal);
      return [[field, show], flip];
    }
    default:
      return [chooser(offer, words, id, set)];
  }
}

function toggle(id, flip, isOn) {
  const button = make("button", { type: "button", id, className: "toggle" });
  button.setAttribute("role", "switch");
  button.onclick = () => flip(button.getAttribute("aria-checked") !== "true");
  return [button, (value) => button.setAttribute("aria-checked", String(Boolean(isOn(value))))];
}

function numberField(offer, words, set) {
  const step = offer.kind === "int" ? 1 : "any";
  const input = make("input", { type: "number", min: offer.least, max: offer.most, step, inputMode: "decimal" });
  input.setAttribute("aria-label", `${words.zh} ${words.unit ?? ""}`);
  const box = make("span", { className: "measure" }, input, words.unit ?? "");
  const send = () => {
    if (input.value === "" || !input.checkValidity()) input.reportValidity();
    else set(Number(input.value));
  };
  input.onchange = send;
  return [box, (value) => {
    box.hidden = value === offer.normal;
    if (document.activeElement !== input) input.value = value ?? "";
  }];
}

/** A choice among what is offered or usual; a value that is neither shows as itself. */
function chooser(offer, words, id, set) {
  const select = make("select", { id });
  const usual = words.presets ?? Object.fromEntries(offer.choices.map((choice) => [choice, words.choices?.[choice] ?? choice]));
  if (offer.optional) select.append(make("option", { value: NONE, textContent: "关 off" }));
  for (const [value, text] of Object.entries(usual)) select.append(make("option", { value, textContent: text }));
  select.onchange = () => set(select.value === NONE ? null : select.value);
  return [select, (value) => {
    const wanted = value === null ? NONE : String(value);
    if (![...select.options].some((option) => option.value === wanted)) {
      select.append(make("option", { value: wanted, textContent: wanted }));
    }
    select.value = wanted;
  }];
}

/** What is wrong with a device by its switches: a list of [Chinese, English, what puts it right]. */
export function switchedOn(device, seen, offers) {
  const values = { ...seen.settings, ...seen.line, ...seen.faults };
  return seen.on.map((name) => {
    const words = wordsFor(device, name);
    const offer = offers.find((one) => one.name === name);
    const value = values[name];
    const usual = words.presets?.[value ?? ""] ?? words.choices?.[value];
    const measure = typeof value === "number" ? `${value} ${words.unit?.split(" ")[0] ?? ""}`.trim() : value || "空";
    const said = typeof value === "boolean" ? (value ? "" : "（关）") : `：${usual ?? measure}`;
    return [words.zh + said, words.en, () => act(device, "fault", { name, value: offer.normal })];
  });
}
