// What goes wrong in the hall: reported in two taps, closed with what was done; without network, too.
import { button, part, piece } from "./pieces.js";
import { clock, say, table } from "./texts.js";

const MOST_NAMED = 2;

export class IncidentScreen {
  #drawn = "";

  // `note`: where the console names what is open. `onNoted(sentence)` once a report or a closing is on the disk.
  constructor({ root, note, day, onNoted, onProblem }) {
    Object.assign(this, { root, note, day, onNoted, onProblem });
    this.field = root.querySelector("#incident-note");
    for (const one of root.querySelectorAll("[data-incident]")) one.addEventListener("click", () => this.#report(one.dataset.incident));
    this.#nameKits();
  }

  // A broken kit is one of the day's, the own station's first.
  #nameKits() {
    const general = this.root.querySelector('[data-incident="kit_broken"]');
    const own = ([id]) => (id === this.day.session.kit ? 0 : 1);
    const kits = [...this.day.kits].sort((a, b) => own(a) - own(b));
    if (kits.length) general.replaceWith(...kits.map(([id, kit]) => button(say("kit_broken", { kit }), () => this.#report("kit_broken", id))));
  }

  refresh() {
    const troubles = this.day.openTroubles();
    this.note.hidden = !troubles.length;
    const named = troubles.slice(0, MOST_NAMED).map((one) => say("since", { what: label(one), time: clock(one.at) }));
    if (troubles.length > MOST_NAMED) named.push(say("and_more", { count: troubles.length - MOST_NAMED }));
    part(this.note, "troubles-said").textContent = named.join(" · ");
    part(this.root, "open-part").hidden = !troubles.length;
    // Drawn anew only where something changed: half a sentence may stand in a field.
    const drawn = JSON.stringify(troubles);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const typed = new Map([...this.root.querySelectorAll("[data-open-list] input")].map((one) => [one.id, one.value]));
    part(this.root, "open-list").replaceChildren(...troubles.map((one) => this.#line(one, typed)));
  }

  #line(trouble, typed) {
    const made = piece("trouble");
    part(made, "what").textContent = label(trouble);
    part(made, "since").textContent = [say("since_when", { time: clock(trouble.at) }), trouble.note].filter(Boolean).join(" · ");
    const field = made.querySelector("input");
    field.id = `done-${trouble.id}`;
    field.value = typed.get(field.id) || "";
    made.querySelector("details").open = Boolean(field.value);
    made.querySelector("label").htmlFor = field.id;
    field.setAttribute("aria-describedby", `${field.id}-problem`);
    const wrong = part(made, "wrong");
    wrong.id = `${field.id}-problem`;
    made.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const done = field.value.trim();
      wrong.textContent = done ? "" : say("done_missing");
      if (done) this.#do(() => this.day.closeTrouble(trouble.id, done), "incident_done");
      else field.focus();
    });
    return made;
  }

  #report(kind, kit = "") {
    const note = this.field.value.trim();
    return this.#do(async () => { await this.day.openTrouble(kind, note, kit); this.field.value = ""; }, "incident_noted");
  }

  async #do(work, said) {
    try {
      await work();
      this.refresh();
      this.onNoted(say(said));
    } catch (problem) {
      this.onProblem(say("not_saved"), problem);
    }
  }
}

const label = ({ words, kind, kit }) => words || (kit && kind === "kit_broken" ? say("kit_broken", { kit }) : table("incidents")[kind]);
