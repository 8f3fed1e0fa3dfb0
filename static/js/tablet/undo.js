// Ten seconds to take the last word back, by the clock: while the screen sleeps no timer ticks. "Saved on the tablet" says
// that it is on the disk.
import { part } from "./pieces.js";
import { clock, say, table } from "./texts.js";

const SECONDS = 10;

export class Undo {
  #timer = 0;
  #said = null;
  #until = 0;

  constructor(root, onUndo) {
    this.root = root;
    part(root, "undo-button").addEventListener("click", () => {
      const said = this.#said;
      const isInTime = this.#left() > 0;
      this.hide();
      if (said && isInTime) onUndo(said);
    });
  }

  offer(said) {
    this.hide();
    this.#said = said;
    this.#until = Date.now() + SECONDS * 1000;
    const queue = said.event.queue ? ` ${say("queue_number", { number: said.event.queue })}` : "";
    part(this.root, "undo-what").textContent = say("said", { name: said.person.name, outcome: table("said")[said.event.kind] }) + queue;
    part(this.root, "undo-saved").textContent = say("saved_at", { time: clock(said.event.at) });
    part(this.root, "undo-seconds").textContent = SECONDS;
    this.root.hidden = false;
    this.#timer = setInterval(() => {
      const left = this.#left();
      if (left > 0) part(this.root, "undo-seconds").textContent = left;
      else this.hide();
    }, 1000);
  }

  // Whole seconds; a clock that was put back must not give more than there were.
  #left() { return Math.min(SECONDS, Math.ceil((this.#until - Date.now()) / 1000)); }

  hide() {
    clearInterval(this.#timer);
    this.#said = null;
    this.root.hidden = true;
  }
}
