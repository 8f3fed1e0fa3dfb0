// A guest at the door: checked here as far as that goes without the server, noted here, sent later.
import { part } from "./pieces.js";
import { roomOf } from "./room.js";
import { ask } from "./sync.js";
import { clock, dayIn, dayName, say } from "./texts.js";
import { lacksConsent, tooYoungUntil } from "./walk_in.js";

const LOOK_UP = "/api/v1/tablet/walk-in-lookup";

export class GuestScreen {
  #isBusy = false;

  constructor({ root, day, device, onNoted, onProblem }) {
    Object.assign(this, { root, day, device, onNoted, onProblem });
    this.form = part(root, "guest");
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#note(); });
    this.form.addEventListener("change", () => this.#warn());
    this.form.addEventListener("input", (event) => this.#mend(event.target));
    part(root, "look-up").addEventListener("click", () => this.#lookUp());
    part(root, "overrule-by").hidden = Boolean(day.session.leads);
  }

  shown() {
    this.#warn();
    this.form.elements.name.focus();
  }

  // What follows from taking this guest, before it is done: nobody is turned away by a tablet, but somebody has to decide.
  #warn() {
    const guest = this.#guest();
    const room = guest.service === "recording" ? roomOf(this.day) : null;
    part(this.root, "no-room").hidden = !room;
    if (room) part(this.root, "no-room-said").textContent = room.until ? say("full_until", { time: clock(room.until), minutes: room.minutes }) : say("full_all_day");
    const until = tooYoungUntil(guest, this.day.pack);
    part(this.root, "young").hidden = !until;
    if (until) part(this.root, "young").textContent = say("guest_too_young", { day: dayName(Date.parse(until) / 1000) });
    if (lacksConsent(guest, this.day.pack)) part(this.root, "consent-part").open = true;
    return Boolean(room);
  }

  #guest() {
    const typed = Object.fromEntries(new FormData(this.form));
    return { ...typed, name: typed.name.trim().replace(/\s+/g, " "), nik: typed.nik.replace(/\D/g, "") };
  }

  #problems(guest) {
    const problems = {};
    if (!/\p{L}/u.test(guest.name)) problems.name = say("name_missing");
    const today = dayIn(this.day.pack.zone, Date.now());
    if (!guest.birth_date && guest.service === "recording") problems.birth_date = say("birth_date_missing");
    if (guest.birth_date && (guest.birth_date > today || guest.birth_date < "1900-01-01")) problems.birth_date = say("birth_date_impossible");
    if (guest.nik && guest.nik.length !== 16) problems.nik = say("nik_length");
    if (guest.consent_from && !guest.consent_given_by.trim()) problems.consent_given_by = say("who_missing");
    if (!this.#warn()) return problems;
    if (!this.day.session.leads && !guest.overrule_by.trim()) problems.overrule_by = say("lead_missing");
    if (!guest.overrule.trim()) problems.overrule = say("overrule_missing");
    return problems;
  }

  #complain(place, sentence) {
    place.textContent = sentence;
    const field = this.form.elements[place.dataset.problemOf];
    field.classList?.toggle("is-invalid", Boolean(sentence));
    if (sentence) field.setAttribute?.("aria-invalid", "true"); else field.removeAttribute?.("aria-invalid");
  }

  // What is being typed anew is not called wrong any more.
  #mend(field) {
    const place = this.root.querySelector(`[data-problem-of="${field.name}"]`);
    if (place?.textContent) this.#complain(place, "");
  }

  #tell(problems) {
    for (const place of this.root.querySelectorAll("[data-problem-of]")) this.#complain(place, problems[place.dataset.problemOf] || "");
    const [first] = Object.keys(problems);
    if (first) this.form.elements[first].focus();
    return !first;
  }

  async #note() {
    const { overrule, overrule_by: by, ...guest } = this.#guest();
    if (!this.#tell(this.#problems({ ...guest, overrule, overrule_by: by }))) return;
    // A second tap while the first is on its way to the disk is no second guest.
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      const said = await this.day.walkIn(guest, { note: this.#noteOf(guest, overrule.trim(), by.trim()) });
      this.form.reset();
      part(this.root, "consent-part").open = false;
      part(this.root, "looked-up").textContent = "";
      this.onNoted(said);
    } catch (problem) {
      this.onProblem(say("not_saved"), problem);
    } finally {
      this.#isBusy = false;
    }
  }

  // Stays in the record beside the operator's name: who decided that there is room, and why.
  #noteOf(guest, reason, by) {
    if (guest.service !== "recording" || part(this.root, "no-room").hidden) return "";
    return this.day.session.leads ? reason : say("lead_decided", { name: by, reason });
  }

  // Only the exact number with its name and birth date; the answer says no more than whether a recording is needed.
  async #lookUp() {
    const guest = this.#guest();
    const { overrule, overrule_by, ...problems } = this.#problems({ ...guest, service: "recording", consent_from: "" });
    if (!guest.nik) problems.nik = say("nik_length");
    if (!this.#tell(problems)) return;
    const told = part(this.root, "looked-up");
    told.textContent = say("looking_up");
    const body = JSON.stringify({ drive_day: this.day.driveDay, nik: guest.nik, name: guest.name, birth_date: guest.birth_date });
    const { status, answer } = await ask(LOOK_UP, { method: "POST", body, device: this.device });
    if (status !== 200 || typeof answer?.known !== "boolean") {
      told.textContent = answer?.message || say("look_up_offline");
      return;
    }
    told.textContent = say(!answer.known ? "not_known" : answer.needs_recording ? "needs_recording" : "needs_none");
  }
}
