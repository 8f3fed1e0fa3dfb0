// Ten seconds to take the last word back. "Saved on the tablet" says that it is on the disk.
import { part } from "./pieces.js";
import { clock, say, table } from "./texts.js";

const SECONDS = 10;

export class Undo {
  #timer = 0;
  #said = null;

  constructor(root, onUndo) {
    this.root = root;
    part(root, "undo-button").addEventListener("click", () => {
      const said = this.#said;
      this.hide();
      if (said) onUndo(said);
    });
  }

  offer(said) {
    this.hide();
    this.#said = said;
    let left = SECONDS;
    const queue = said.event.queue ? ` ${say("queue_number", { number: said.event.queue })}` : "";
    part(this.root, "undo-what").textContent = say("said", { name: said.person.name, outcome: table("said")[said.event.kind] }) + queue;
    part(this.root, "undo-saved").textContent = say("saved_at", { time: clock(said.event.at) });
    part(this.root, "undo-seconds").textContent = left;
    this.root.hidden = false;
    this.#timer = setInterval(() => {
      left -= 1;
      if (left > 0) part(this.root, "undo-seconds").textContent = left;
      else this.hide();
    }, 1000);
  }

  hide() {
    clearInterval(this.#timer);
    this.#said = null;
    this.root.hidden = true;
  }
}
