// What the events amount to for one person, and what the card then says. The server's fold stays the judge
// (docs/adr/0003-visit-is-a-fold.md); one table of cases is tested against it and against this.
export const SETTLED = new Set(["recorded", "already_recorded", "served"]);
export const OPEN = new Set(["failed", "declined", "under_age", "absent"]);
const PRECEDENCE = ["recorded", "already_recorded", "served", "failed", "declined", "under_age", "absent"];
const IKD = new Set(["ikd_activated", "ikd_failed"]);
export const TONES = {
  expected: "neutral", present: "wait", recorded: "ok", already_recorded: "info", failed: "stop", absent: "stop",
  declined: "stop", under_age: "info", served: "ok",
};

// `base`: as the server's list told it; `own`: this tablet's events that the list does not contain yet, in their order.
export function stateOf(base, own) {
  const undone = new Set(own.filter((event) => event.kind === "undone").map((event) => event.target));
  const events = own.filter((event) => event.kind !== "undone" && !undone.has(event.id));
  let last = null, arrival = null, ikd = base.ikd || "";
  for (const event of events) {
    if (event.kind === "arrived") {
      arrival = event;
      if (last && OPEN.has(last.kind)) last = null;
    } else if (IKD.has(event.kind)) {
      ikd = event.kind;
    } else if (PRECEDENCE.includes(event.kind)) {
      last = event;
    }
  }
  const state = { ...base, ikd, event: null };
  if (arrival) Object.assign(state, { arrived: base.arrived || arrival.at, queue: arrival.queue || base.queue });
  if (last && !(SETTLED.has(base.state) && !replaces(last.kind, base.state))) {
    return { ...state, state: last.kind, reason: last.reason || "", at: last.at, event: last.id, kit: last.kit ?? -1 };
  }
  if (arrival && !SETTLED.has(base.state)) return { ...state, state: "present", reason: "", at: arrival.at, event: arrival.id };
  return state;
}

const replaces = (kind, standing) => PRECEDENCE.indexOf(kind) < PRECEDENCE.indexOf(standing);

// [tone, headline, remedy, best]: headline and remedy are [name of a text, its values], or a sentence of the server's.
export function cardOf(person, state) {
  const [tone, headline, remedy, best] = person.verdict;
  const isRecording = person.service === "recording";
  if (state.state === "recorded") return verdict("stop", ["do_not_record"], ["recorded_here", { time: state.at }], "");
  if (state.state === "already_recorded") return verdict("stop", ["do_not_record"], ["noted_earlier"], "");
  if (state.state === "served") return verdict("stop", ["already_served"], ["served_here", { time: state.at }], "");
  if (tone === "stop") return verdict("stop", headline, remedy, state.state === best ? "" : best);
  if (state.state === "present") {
    const waits = tone === "wait" ? remedy : ["waits"];
    return verdict("wait", ["here_since", { time: state.arrived || state.at }], isRecording ? waits : remedy, best);
  }
  if (OPEN.has(state.state)) return verdict("wait", ["state", state], ["noted_may_record", { time: state.at }], best);
  return verdict(tone, headline, remedy, best);
}

const verdict = (tone, headline, remedy, best) => ({ tone, headline, remedy, best });

export const canArrive = (state) => state.state !== "present" && !SETTLED.has(state.state);

// The reasons that belong to each outcome are the server's (`reasons` of the texts); what may be tapped follows from the service.
export function outcomesOf(person, card) {
  const recording = person.service === "recording";
  const others = recording ? ["failed", "absent", "already_recorded", "under_age", "declined"] : ["failed", "absent", "declined"];
  return others.filter((kind) => kind !== card.best);
}

export const mayDoIkd = (rule, person) => Boolean(rule) && (!person.age || person.age >= rule.minimum_age);
