// A guest of this tablet as the list will tell of the person: how old, whether to be recorded, by the server's own rules.
import { normalise, offersIkd } from "./people.js";

const MAJORITY = 18;
const parts = (day) => day.split("-").map(Number);
const text = (year, month, day) => `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;

// The day on which somebody becomes so many months old; `leapRule` "02-28" is the last day of a month that lacks the day.
export function turns(birthDate, months, leapRule) {
  const [year, month, day] = parts(birthDate);
  const total = month - 1 + months;
  const [y, m] = [year + Math.floor(total / 12), (total % 12) + 1];
  const last = new Date(Date.UTC(y, m, 0)).getUTCDate();
  if (day <= last) return text(y, m, day);
  if (leapRule === "02-28") return text(y, m, last);
  return m === 12 ? text(y + 1, 1, 1) : text(y, m + 1, 1);
}

export function ageOn(birthDate, day, leapRule) {
  const years = parts(day)[0] - parts(birthDate)[0];
  return turns(birthDate, 12 * years, leapRule) <= day ? years : years - 1;
}

// The first day on which the guest may be recorded, where that is later than the drive's day; else "".
export function tooYoungUntil(guest, pack) {
  const months = pack.rules?.minimum_age_months;
  if (!months || !guest.birth_date || guest.service !== "recording") return "";
  const since = turns(guest.birth_date, months, pack.rules.leap_rule);
  return since > pack.day ? since : "";
}

// In whole years; null where the birth date is not known.
const ageOf = (guest, pack) => (guest.birth_date ? ageOn(guest.birth_date, pack.day, pack.rules?.leap_rule) : null);

// Of a pupil from elsewhere and of a child a parent is asked, where the office asks.
export function lacksConsent(guest, pack) {
  const age = ageOf(guest, pack);
  const isChild = guest.kind === "other_student" || (age !== null && age < MAJORITY);
  return Boolean(pack.rules?.consent_asked) && guest.service === "recording" && isChild && !guest.consent_from;
}

export function guestOf({ visit, guest }, pack) {
  const age = ageOf(guest, pack);
  const until = tooYoungUntil(guest, pack);
  const madeOf = {
    slot: "none", is_walk_in: true, ...(until ? { is_too_young: true } : {}), ...(lacksConsent(guest, pack) ? { consent: "lacking" } : {}),
  };
  return {
    key: visit, code: "", mark: "", name: guest.name, words: ` ${normalise(guest.name)}`, className: "", slot: -1, isExtra: false,
    age: age || 0, backdrop: guest.birth_date && guest.service === "recording" ? "br"[parts(guest.birth_date)[0] % 2] : "",
    kind: guest.kind, service: guest.service, isGuest: true, hasConflict: false, oldEnoughOn: until,
    offersIkd: offersIkd(pack.rules?.ikd, age),
    verdict: ["", "", "", "", madeOf],
    base: { state: "expected", reason: "", at: 0, arrived: 0, queue: "", kit: -1, ikd: "" },
  };
}
