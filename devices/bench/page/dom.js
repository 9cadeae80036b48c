// The few things that every part of the page does: find and make elements, and ask the bench for something.

export const $ = (selector, within = document) => within.querySelector(selector);

export function make(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

/** English beside the Chinese. */
export const en = (text) => make("span", { className: "en", lang: "en", textContent: text });

/** Children are replaced only when they say something else, so that a screen reader hears changes alone. */
export function say(node, ...children) {
  const said = children.map((child) => (child instanceof Node ? child.textContent : child)).join("");
  if (node.dataset.said === said) return;
  node.dataset.said = said;
  node.replaceChildren(...children);
}

export const pressed = (button, yes) => button.setAttribute("aria-pressed", String(Boolean(yes)));

const listeners = [];

/** `listener(state)` is called with every new state. */
export const onState = (listener) => listeners.push(listener);
export const tell = (state) => listeners.forEach((listener) => listener(state));

/** Ask `device` for `action`; draws the answer. True if it was done, else the page says why not. */
export async function act(device, action, detail) {
  const said = $("#said");
  try {
    const body = detail ? JSON.stringify(detail) : null;
    const reply = await fetch(`/api/${device}/${action}`, { method: "POST", body });
    const answer = await reply.json();
    said.hidden = reply.ok;
    if (reply.ok) tell(answer);
    else say(said, "没有成功 ", en(`Not done: ${answer.sentence ?? answer.detail ?? reply.status}`));
    return reply.ok;
  } catch {
    said.hidden = false;
    say(said, "没有成功：设备台没有回应。", en("Not done: the bench does not answer."));
    return false;
  }
}

export const get = async (path) => (await fetch(path)).json();
