// What the events amount to for one person, and what is known of who stands there. The server's fold stays the judge
// (docs/adr/0003-visit-is-a-fold.md).
import { OPEN, SETTLED, mayActivate, verdictOf } from "./verdict.js";

export { OPEN, SETTLED };
const PRECEDENCE = ["recorded", "already_recorded", "served", "failed", "declined", "under_age", "absent"];
const IKD = new Set(["ikd_activated", "ikd_failed"]);
export const TONES = {
  expected: "neutral", present: "wait", recorded: "ok", already_recorded: "info", failed: "stop", absent: "stop",
  declined: "stop", under_age: "info", served: "ok",
};

// `base`: as the server's list told it; `own`: this tablet's events that the list does not contain yet, in their order.
export function stateOf(base, own, service = "recording") {
  const undone = new Set(own.filter(isUndo).map((event) => event.target));
  const events = own.filter((event) => event.kind !== "undone" && !undone.has(event.id));
  let last = null, arrival = null, ikd = null;
  for (const event of events) {
    if (event.kind === "arrived") {
      arrival = event;
      if (last && OPEN.has(last.kind)) last = null;
    } else if (IKD.has(event.kind)) {
      ikd = event;
    } else if (PRECEDENCE.includes(event.kind)) {
      last = event;
    }
  }
  const state = firstOf(base, last, arrival);
  return ofService({ ...state, ikd: ikd?.kind || base.ikd || "" }, ikd, service);
}

// What was taken back may stand in the list already, and not here any more: then it is as it was before.
export function stateSince(base, own, service) {
  const here = new Set(own.map((event) => event.id));
  const undo = own.findLast((event) => isUndo(event) && event.back && !here.has(event.target));
  return stateOf(undo ? undo.back : base, own, service);
}

// One that the server refused, for it came too late, takes nothing back.
const isUndo = (event) => event.kind === "undone" && event.status !== "held";

// Who came for the activation alone is served by it, and has failed where it failed.
function ofService(state, ikd, service) {
  if (service !== "ikd" || !ikd || SETTLED.has(state.state)) return state;
  const isActivated = ikd.kind === "ikd_activated";
  if (!isActivated && !["expected", "present"].includes(state.state)) return state;
  return { ...state, state: isActivated ? "served" : "failed", reason: ikd.reason || "", at: ikd.at, event: ikd.id };
}

function firstOf(base, last, arrival) {
  const state = { ...base, event: null };
  if (arrival) Object.assign(state, { arrived: arrival.at, queue: arrival.queue || base.queue });
  if (last && (!SETTLED.has(base.state) || precedes(last.kind, base.state))) {
    return { ...state, state: last.kind, reason: last.reason || "", at: last.at, event: last.id, kit: last.kit ?? -1 };
  }
  if (arrival && !SETTLED.has(base.state)) return { ...state, state: "present", reason: "", at: arrival.at, event: arrival.id };
  return state;
}

const precedes = (kind, standing) => PRECEDENCE.indexOf(kind) < PRECEDENCE.indexOf(standing);

// `person.verdict`: the list's own, of a person of whom nothing was said yet: colour, two texts, outcome, and what is out of
// the ordinary about who stands there.
export function seenOf(person, state, { now, slots }) {
  const slot = slots[person.slot];
  return {
    service: person.service, state: state.state, is_of_today: state.isToday !== false, is_walk_in: person.isGuest,
    has_conflict: person.hasConflict && !state.event, ikd_state: state.ikd, offers_ikd: person.offersIkd,
    ...person.verdict[4], ...(slot ? { slot: slot.end <= now ? "past" : "today" } : {}),
  };
}

// The card: the list's own words where they still hold, else the names of ours.
export function cardOf(person, state, moment) {
  const seen = seenOf(person, state, moment);
  const [tone, headline, remedy, best] = verdictOf(seen);
  const [, headlineSaid, remedySaid, , madeOf] = person.verdict;
  const [, headlineThen, remedyThen] = verdictOf({ service: person.service, ...madeOf });
  return {
    tone, best, headline, remedy, activates: mayActivate(seen),
    headlineSaid: headline === headlineThen ? headlineSaid : "",
    remedySaid: remedy === remedyThen ? remedySaid : "",
  };
}

export const canArrive = (state) => !(state.state === "present" && state.isToday !== false) && !SETTLED.has(state.state);

// Beside the large button; the reasons that belong to each are the server's.
export function outcomesOf(person, card) {
  const recording = person.service === "recording";
  const others = recording ? ["failed", "absent", "already_recorded", "under_age", "declined"] : ["failed", "absent", "declined"];
  return others.filter((kind) => kind !== card.best);
}
