// What a search, a scan or a tap on a name found: the card and its outcomes, several people, or nobody.
import { part, piece, put, button, line, toneIcon } from "./pieces.js";
import { canArrive, cardOf, mayDoIkd, outcomesOf, SETTLED } from "./rules.js";
import { clock, say, stateLabel, table } from "./texts.js";

// A sentence of the server's as it is; ours by its name, with moments as times of the day.
function sentence(told) {
  if (!Array.isArray(told)) return told;
  const [name, values = {}] = told;
  if (name === "state") return stateLabel(values);
  if (name === "service") return table("services")[values.service];
  return say(name, { ...values, time: values.time ? clock(values.time) : "" });
}

function facts(person, state, day) {
  const slot = day.slots[person.slot];
  return [
    [say("class"), person.className],
    [say("guest"), person.kind !== "student" || person.isGuest ? table("kinds")[person.kind] : ""],
    [say("timeslot"), slot ? `${clock(slot.start)}–${clock(slot.end)}` : ""],
    [say("time"), person.isExtra ? say("extra_time") : ""],
    [say("age"), person.age ? say("years", { age: person.age }) : ""],
    [say("backdrop"), person.backdrop],
    [say("queue"), state.queue],
    [say("station"), day.kits[state.kit]?.[1] || ""],
    [say("slip_code"), person.code],
  ].filter(([, value]) => value);
}

export function showNext(place, isNext) {
  const made = piece("next");
  put(made, "headline", say(isNext ? "next_please" : "who_is_it"));
  place.replaceChildren(made);
}

export function showNobody(place, text) {
  const made = piece("nobody");
  put(made, "headline", say("nobody_matches", { text }));
  place.replaceChildren(made);
}

export function showFound(place, { found, more }, day, onTap) {
  const made = piece("found");
  const list = part(made, "list");
  for (const person of found) list.append(line(person, day.stateFor(person), small(person, day), onTap));
  part(made, "more").hidden = !more;
  place.replaceChildren(made);
}

export function small(person, day, withClass = true) {
  const state = day.stateFor(person);
  const words = [withClass ? person.className : "", person.isExtra ? say("extra_time") : "", state.state === "present" ? state.queue : ""];
  if (state.isHeld) words.push(say("to_look_at"));
  return words.filter(Boolean).join(" · ");
}

export function showCard(place, person, day, onOutcome) {
  const state = day.stateFor(person);
  const card = cardOf(person, state);
  const root = document.getElementById("piece-card").content.cloneNode(true);
  const section = root.querySelector("section");
  if (card.tone !== "ok") section.classList.add(`jb-result--${card.tone}`);
  part(section, "icon").append(toneIcon(card.tone));
  put(section, "headline", Array.isArray(card.headline) && card.headline[0] === "ready" ? say(person.service === "recording" ? "ready" : "ready_to_serve") : sentence(card.headline));
  put(section, "name", person.name);
  put(section, "remedy", sentence(card.remedy));
  const list = part(section, "facts");
  for (const [term, value] of facts(person, state, day)) {
    const made = piece("fact");
    made.firstElementChild.textContent = term;
    made.lastElementChild.textContent = value;
    list.append(made);
  }
  put(root, "saved", state.isHeld ? say("to_look_at_more") : state.event ? say(state.isUnsent ? "saved_here" : "sent") : "");
  const outcomes = part(root, "outcomes");
  outcomes.append(...buttons(person, state, card, day, onOutcome));
  outcomes.hidden = !outcomes.childElementCount;
  place.replaceChildren(root);
}

function buttons(person, state, card, day, onOutcome) {
  const label = table("outcomes");
  const made = [];
  if (SETTLED.has(state.state)) return ikd(person, state, day, onOutcome);
  if (card.best) made.push(button(label[card.best], () => onOutcome(person, card.best), { primary: true, drawing: "cek" }));
  if (canArrive(state)) made.push(button(label.arrived, () => onOutcome(person, "arrived")));
  for (const kind of outcomesOf(person, card)) made.push(choice(person, kind, table("because")[kind], label[kind], onOutcome));
  return made;
}

// After the recording, the second outcome: never before it, and only where the office offers it at this age.
function ikd(person, state, day, onOutcome) {
  if (!mayDoIkd(day.pack.rules?.ikd, person) || state.state === "already_recorded" || state.ikd === "ikd_activated") return [];
  const done = button(table("outcomes").ikd_activated, () => onOutcome(person, "ikd_activated"), { primary: true, drawing: "phone" });
  return [done, choice(person, "ikd_failed", table("because").ikd_failed, table("outcomes").ikd_failed, onOutcome)];
}

function choice(person, kind, because, label, onOutcome) {
  if (!because) return button(label, () => onOutcome(person, kind));
  const made = piece("reasons");
  made.querySelector("summary").textContent = label;
  const reasons = made.querySelector("div");
  for (const [reason, text] of Object.entries(because)) reasons.append(button(text, () => onOutcome(person, kind, reason)));
  return made;
}
