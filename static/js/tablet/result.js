// What a search, a scan or a tap on a name found: the card and its outcomes, several people, or nobody.
import { part, piece, put, button, line, toneIcon } from "./pieces.js";
import { canArrive, cardOf, outcomesOf, SETTLED } from "./rules.js";
import { clock, dayName, say, sayHeadline, sayRemedy, stateLabel, table } from "./texts.js";

// What the card's texts are filled with.
function told(person, state, day) {
  const slot = day.slots[person.slot];
  return {
    arrived: clock(state.arrived || state.at), chip: stateLabel(state), service: table("services")[person.service],
    old_enough_on: person.oldEnoughOn ? dayName(Date.parse(person.oldEnoughOn) / 1000) : "", day: dayName(state.at), time: clock(state.at), slot: slot ? `${clock(slot.start)}–${clock(slot.end)}` : "",
  };
}

function facts(person, state, day) {
  const slot = day.slots[person.slot];
  return [
    [say("class"), person.className],
    [say("guest"), person.kind !== "student" || person.isGuest ? table("kinds")[person.kind] : ""],
    [say("timeslot"), slot ? `${clock(slot.start)}–${clock(slot.end)}` : ""],
    [say("time"), person.isExtra ? say("extra_time") : ""],
    [say("age"), person.age ? say("years", { age: person.age }) : ""],
    [say("backdrop"), person.backdrop && table("backdrops")[person.backdrop]],
    [say("queue"), state.queue],
    [say("station"), day.kits[state.kit]?.[1] || ""],
    ["IKD", state.ikd && table("ikd_states")[state.ikd]],
    [say("slip_code"), person.code],
  ].filter(([, value]) => value);
}

export function showNext(place, isNext, headline = isNext ? "next_please" : "who_is_it") {
  const made = piece("next");
  put(made, "headline", say(headline));
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
  if (state.ikd) words.push(table("ikd_states")[state.ikd]);
  if (state.state === "present") words.push(calledTo(person, day));
  if (state.isHeld) words.push(say("to_look_at"));
  return words.filter(Boolean).join(" · ");
}

function calledTo(person, day) {
  const station = day.news.stationOf(person.key);
  return station === null ? "" : say(station ? "called_to" : "called", { station });
}

// What to call out: the number, where there is one, and the station.
function callOf(person, state, day) {
  const station = day.news.stationOf(person.key);
  if (station === null || state.state !== "present") return "";
  if (state.queue) return say(station ? "call_number_to" : "call_number", { number: state.queue, station });
  return station ? say("call_person_to", { station }) : "";
}

export function showCard(place, person, day, onOutcome) {
  const state = day.stateFor(person);
  const card = cardOf(person, state, { now: Date.now() / 1000, slots: day.slots });
  const values = told(person, state, day);
  const root = document.getElementById("piece-card").content.cloneNode(true);
  const section = root.querySelector("section");
  if (card.tone !== "ok") section.classList.add(`jb-result--${card.tone}`);
  part(section, "icon").append(toneIcon(card.tone));
  put(root, "call-said", callOf(person, state, day));
  put(section, "headline", card.headlineSaid || sayHeadline(card.headline, values));
  put(section, "name", person.name);
  put(section, "remedy", card.remedySaid || sayRemedy(card.remedy, values));
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
  // Six beside the large one fill two rows of three.
  outcomes.classList.toggle("jb-outcomes--six", outcomes.childElementCount === 7);
  outcomes.hidden = !outcomes.childElementCount;
  place.replaceChildren(root);
}

function buttons(person, state, card, day, onOutcome) {
  const label = table("outcomes"), because = table("because");
  const made = [];
  const drawing = card.best === "ikd_activated" ? "phone" : "cek";
  if (card.best) made.push(button(label[card.best], () => onOutcome(person, card.best), { primary: true, drawing }));
  // The second outcome has reasons of its own; after the first nothing else is left to say.
  if (card.activates) made.push(choice(person, "ikd_failed", because.ikd_failed, label.ikd_failed, onOutcome));
  if (SETTLED.has(state.state)) return made;
  if (canArrive(state)) made.push(button(label.arrived, () => onOutcome(person, "arrived")));
  for (const kind of outcomesOf(person, card)) made.push(choice(person, kind, because[kind], label[kind], onOutcome));
  return made;
}

function choice(person, kind, because, label, onOutcome) {
  if (!because) return button(label, () => onOutcome(person, kind));
  const made = piece("reasons");
  made.querySelector("summary").textContent = label;
  const reasons = made.querySelector("div");
  for (const [reason, text] of Object.entries(because)) reasons.append(button(text, () => onOutcome(person, kind, reason)));
  return made;
}
