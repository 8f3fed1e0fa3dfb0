// Pieces of the page: copied from its templates and filled with text, never with markup.
import { TONES } from "./rules.js";
import { stateLabel } from "./texts.js";

export const piece = (name) => document.getElementById(`piece-${name}`).content.cloneNode(true).firstElementChild;
export const part = (root, name) => (root.matches?.(`[data-${name}]`) ? root : root.querySelector(`[data-${name}]`));

export function put(root, name, text) {
  const found = part(root, name);
  found.textContent = text;
  if (text === "") found.hidden = true;
  return found;
}

const drawings = document.getElementById("piece-icons")?.content;
export const icon = (name) => drawings.querySelector(`[data-name="${name}"] svg`).cloneNode(true);

const ICONS = { ok: "ok", wait: "clock", stop: "stop", info: "info", neutral: "circle" };
export const toneIcon = (tone) => icon(ICONS[tone]);

export function chip(state) {
  const tone = TONES[state.state] || "neutral";
  const made = piece("chip");
  if (tone !== "neutral") made.classList.add(`jb-chip--${tone}`);
  part(made, "icon").append(toneIcon(tone));
  part(made, "label").textContent = stateLabel(state);
  return made;
}

// One person in a list; a tap opens the card.
export function line(person, state, small, onTap) {
  const made = piece("line");
  part(made, "name").textContent = person.name;
  put(made, "small", small);
  part(made, "chip").append(chip(state));
  made.querySelector("button").addEventListener("click", () => onTap(person));
  return made;
}

export function button(label, onTap, { primary = false, drawing = "" } = {}) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn btn-${primary ? "primary" : "secondary"}`;
  if (drawing) made.append(icon(drawing));
  made.append(label);
  made.addEventListener("click", onTap);
  return made;
}
