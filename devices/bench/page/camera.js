// The camera: what it sees, and a code held before it, straight or not.
import { $, act, en, make, say } from "./dom.js";

const LOOK_MS = 250;
const LOOK_AGAIN_MS = 2000;
// name: Chinese, English, least, most, step
const POSE = {
  rotation_deg: ["旋转", "rotation", -180, 180, 5],
  size: ["大小", "size", 0.05, 1.2, 0.05],
  tilt: ["倾斜", "tilt", 0, 0.5, 0.05],
  blur: ["模糊", "blur", 0, 10, 0.5],
  contrast: ["对比度", "contrast", 0, 1, 0.05],
  x: ["左右", "across", 0, 1, 0.05],
  y: ["上下", "down", 0, 1, 0.05],
};

export function prepare(section) {
  const input = $("#seen", section);
  $(".show", section).onsubmit = (event) => {
    event.preventDefault();
    if (input.value.trim()) act("camera", "show", { text: input.value.trim() });
    else input.focus();
  };
  $(".clear", section).onclick = () => act("camera", "clear");
  const held = $(".pose", section);
  held.append(...Object.entries(POSE).map(([name, words]) => slider(name, ...words)));
  const inverted = make("input", { type: "checkbox", name: "inverted" });
  inverted.onchange = () => act("camera", "pose", { inverted: inverted.checked });
  held.append(make("label", { className: "tick" }, inverted, make("span", {}, "反色 ", en("inverted"))));
  watch($(".view img", section));
}

let asked = null; // a pose on its way; the newest one follows it, those between are left out
let following = null;

async function pose(detail) {
  following = { ...following, ...detail };
  if (asked) return;
  while (following) {
    asked = act("camera", "pose", following);
    following = null;
    await asked;
  }
  asked = null;
}

function slider(name, zh, english, min, max, step) {
  const input = make("input", { type: "range", name, min, max, step });
  input.oninput = () => pose({ [name]: Number(input.value) });
  return make("label", {}, make("span", {}, `${zh} `, en(english)), input, make("output", {}));
}

/** Keep the picture fresh while somebody can see it. */
function watch(image) {
  let inSight = true;
  let turn = 0;
  let timer = 0;
  const next = (wait) => {
    clearTimeout(timer);
    if (inSight && !document.hidden) timer = setTimeout(() => { image.src = `/camera.jpg?${turn += 1}`; }, wait);
  };
  image.onload = () => next(LOOK_MS);
  image.onerror = () => next(LOOK_AGAIN_MS);
  document.addEventListener("visibilitychange", () => next(0));
  new IntersectionObserver(([entry]) => { inSight = entry.isIntersecting; next(0); }).observe(image);
}

export function draw(section, seen) {
  for (const input of section.querySelectorAll(".pose input")) {
    const value = seen.pose[input.name];
    if (input.type === "checkbox") input.checked = value;
    else {
      if (document.activeElement !== input) input.value = value;
      say($("output", input.parentElement), input.name === "rotation_deg" ? `${value}°` : String(Number(value.toFixed(2))));
    }
  }
  $(".clear", section).disabled = !seen.shown;
  const watched = seen.viewers ? `${seen.viewers} 个程序在看 ` : "没有程序在看 ";
  say($(".view figcaption", section), watched, en(seen.viewers ? `watched by ${seen.viewers}` : "nobody watches"));
}

export const condition = (seen) => (seen.shown ? ["有码", "code shown", ""] : ["没有码", "no code", ""]);

export function wrongs(seen) {
  const bent = seen.shown && (seen.pose.blur > 3 || seen.pose.contrast < 0.2);
  return bent ? [["码看不清", "code hard to read", () => act("camera", "pose", { blur: 0, contrast: 1 })]] : [];
}
