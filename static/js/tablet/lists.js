// Beside the card: the figures, who waits, the timeslot with its neighbours, who is late.
import { line, part } from "./pieces.js";
import { small } from "./result.js";
import { clock, say } from "./texts.js";

const MOST_WAITING = 5;

export class Lists {
  #chosen = null;

  constructor(root, day, onTap) {
    Object.assign(this, { root, day, onTap });
    part(root, "slot-before").addEventListener("click", () => this.#move(-1));
    part(root, "slot-after").addEventListener("click", () => this.#move(1));
    part(root, "slot-now").addEventListener("click", () => { this.#chosen = null; this.show(); });
  }

  #move(step) {
    this.#chosen = (this.#chosen ?? this.day.currentSlot()) + step;
    this.show();
  }

  show(now = Date.now() / 1000) {
    const figures = this.day.figures();
    part(this.root, "recorded").textContent = figures.recorded;
    part(this.root, "target").textContent = say("of_today", figures) + (figures.others ? ` · ${say("unscheduled", figures)}` : "");
    part(this.root, "waiting").textContent = figures.waiting;
    const minutes = Math.max(0, Math.floor((now - figures.since) / 60));
    part(this.root, "longest").textContent = figures.waiting ? say("the_longest", { minutes }) : say("nobody");
    this.#fill("waiting-list", this.day.waiting().slice(0, MOST_WAITING));
    part(this.root, "waiting-part").hidden = !figures.waiting;
    this.#slot(now);
    const late = this.day.late(now);
    part(this.root, "late-part").hidden = !late.length;
    part(this.root, "late-count").textContent = say("late", { count: late.length });
    if (part(this.root, "late-part").open) this.#fill("late-list", late);
    else part(this.root, "late-part").ontoggle = () => this.show();
  }

  #slot(now) {
    const { day, root } = this;
    const current = day.currentSlot(now);
    const index = Math.min(Math.max(this.#chosen ?? current, 0), day.slots.length - 1);
    const slot = day.slots[index];
    if (!slot) return;
    const people = day.inSlot(index);
    part(root, "slot-name").textContent = say("timeslot_of", { label: `${clock(slot.start)}–${clock(slot.end)}` });
    const classes = [...new Set(people.map((person) => person.className).filter(Boolean))].sort().join(", ");
    const here = say("are_here", { here: people.filter((person) => day.isHere(person)).length, total: people.length });
    part(root, "slot-count").textContent = classes ? `${classes} · ${here}` : here;
    // Who is still to come stands first: the next to be called.
    const isDone = (person) => (day.isOpen(person) ? 0 : 1);
    this.#fill("slot-list", [...people].sort((a, b) => isDone(a) - isDone(b)), false);
    part(root, "slot-empty").hidden = people.length > 0;
    part(root, "slot-now").hidden = index === current;
    this.#neighbour("slot-before", day.slots[index - 1]);
    this.#neighbour("slot-after", day.slots[index + 1]);
  }

  #neighbour(name, slot) {
    const found = part(this.root, name);
    found.hidden = !slot;
    if (slot) found.querySelector("span").textContent = clock(slot.start);
  }

  #fill(name, people, withClass = true) {
    part(this.root, name).replaceChildren(
      ...people.map((person) => line(person, this.day.stateFor(person), small(person, this.day, withClass), this.onTap)),
    );
  }
}
