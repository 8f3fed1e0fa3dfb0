// May this person be recorded now? The server's drives/onsite/verdict.py, offline: plain values in, a colour and the names of
// two texts out. Both are held to one table of cases.
export const SETTLED = new Set(["recorded", "already_recorded", "served"]);
export const OPEN = new Set(["failed", "declined", "under_age", "absent"]);

const NOTHING_SAID = {
  service: "recording", state: "expected", is_of_today: true, slot: "today", is_walk_in: false, has_conflict: false,
  recorded: "", is_too_young: false, consent: "", ikd_state: "", offers_ikd: false,
};

// [tone, headline, remedy, best]
export function verdictOf(known) {
  const seen = { ...NOTHING_SAID, ...known };
  if (seen.service !== "recording") return onService(seen);
  return refusal(seen) || doubt(seen) || onTime(seen);
}

// Whether the second outcome is offered: to who is done with the first, or came for it alone.
export function mayActivate(known) {
  const seen = { ...NOTHING_SAID, ...known };
  return seen.offers_ikd && seen.ikd_state !== "ikd_activated" && (SETTLED.has(seen.state) || seen.service === "ikd");
}

function onService(seen) {
  const best = seen.service === "ikd" && mayActivate(seen) ? "ikd_activated" : "served";
  if (SETTLED.has(seen.state)) {
    return mayActivate(seen) ? ["wait", "served_ikd_next", "served_at", "ikd_activated"] : ["stop", "already_served", "served_at", ""];
  }
  if (seen.has_conflict) return ["wait", "sources_disagree", "ask_the_lead", best];
  if (seen.state === "present" && seen.is_of_today) return ["wait", "here_since", "came_for", best];
  if (OPEN.has(seen.state)) return ["wait", "noted", "serve_again", best];
  return ["ok", "ready_to_serve", "came_for", best];
}

function refusal(seen) {
  if (seen.state === "recorded" && seen.has_conflict) return ["stop", "do_not_record", "recorded_here_contradicted", ""];
  if (SETTLED.has(seen.state) && mayActivate(seen)) return ["wait", "recorded_ikd_next", "activate_do_not_record", "ikd_activated"];
  if (seen.state === "recorded") return ["stop", "do_not_record", "recorded_here", ""];
  if (seen.state === "already_recorded") return ["stop", "do_not_record", "noted_as_recorded", ""];
  if (seen.recorded) return ["stop", "do_not_record", seen.recorded === "elsewhere" ? "recorded_elsewhere" : "recorded_since", "already_recorded"];
  if (seen.is_too_young) return ["stop", "too_young", "old_enough_from", seen.state === "under_age" ? "" : "under_age"];
  if (seen.consent === "withdrawn") return ["stop", "consent_withdrawn", "choose_declined", ""];
  return null;
}

function doubt(seen) {
  if (seen.has_conflict) return ["wait", "sources_disagree", "ask_the_lead", "recorded"];
  if (seen.consent === "lacking") return ["wait", "consent_lacking", "record_with_the_form", "recorded"];
  if (seen.state === "present" && seen.is_of_today) return ["wait", "here_since", "waits", "recorded"];
  if (OPEN.has(seen.state)) return ["wait", "noted", "may_be_recorded_now", "recorded"];
  return null;
}

function onTime(seen) {
  if (seen.slot === "none" && !seen.is_walk_in) return ["wait", "without_slot", "record_if_room", "recorded"];
  if (seen.slot === "other_day") return ["wait", "other_day", "slot_of_another_day", "recorded"];
  if (seen.slot === "past") return ["wait", "late", "slot_is_over", "recorded"];
  return ["ok", "ready", "", "recorded"];
}
