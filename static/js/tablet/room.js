// Whether a guest for a recording still finds a place today, and when: the server's drives/onsite/room.py, with what is known
// here. A hint, not a lock: places belong to those scheduled.
const TAKES_NO_PLACE = new Set(["absent", "already_recorded", "under_age", "declined"]);

// `spans`: timeslots that are not over; `before`: others without a place who come first. Null where there is room now.
export function roomForOne(spans, before, now) {
  for (const { start, places, taken } of spans) {
    const free = Math.max(0, places - taken);
    if (free > before) return start > now ? { until: start, minutes: Math.ceil((start - now) / 60) } : null;
    before -= free;
  }
  return { until: 0, minutes: 0 };
}

// A day without timeslots is never full, one whose timeslots are over always.
export function roomOf(day, now = Date.now() / 1000) {
  const rest = day.slots.map((slot, index) => ({ ...slot, index, taken: 0 })).filter((slot) => slot.end > now);
  if (!day.slots.length || !Number.isFinite(day.slots[0].places)) return null;
  if (!rest.length) return { until: 0, minutes: 0 };
  const since = rest[0].start;
  const spans = new Map(rest.map((slot) => [slot.index, slot]));
  let before = 0;
  for (const person of day.people) {
    const state = day.stateFor(person);
    const span = spans.get(person.slot);
    if (span && (state.isOpen || !TAKES_NO_PLACE.has(state.state))) span.taken += person.isExtra ? 2 : 1;
    const isHere = (state.state === "present" && state.isToday) || (state.state === "recorded" && state.at >= since);
    if (!span && isHere && person.service === "recording") before += 1;
  }
  return roomForOne(rest, before, now);
}
