// The card reader: invented cards as things one touches.
import { $, act, get, make, pressed } from "./dom.js";

let lies = null;

export async function prepare(section) {
  const cards = await get("/api/cards");
  $(".cards", section).append(...cards.map((card) => {
    const [who, kind = ""] = card.label.split(" · ");
    const face = make("button", { type: "button", className: "idcard", title: card.label },
      make("b", { textContent: card.name.trim() || who }), make("i", { ariaHidden: "true" }),
      make("span", { className: "kind", textContent: kind || card.label }),
      make("span", { className: "no", textContent: card.number }));
    face.dataset.card = card.key;
    face.onclick = () => (lies === card.key ? act("idcard", "lift") : act("idcard", "lay", { card: card.key }));
    return face;
  }));
}

export function draw(section, seen) {
  lies = seen.card;
  for (const face of section.querySelectorAll(".idcard")) pressed(face, face.dataset.card === seen.card);
}

export const condition = (seen) => (seen.card ? ["有证件", "card on it", ""] : ["空", "empty", ""]);
export const wrongs = () => [];
