// What waits to be sent, what the server refused, and what was settled by hand; also where the list itself is gone.
import { part, piece, put } from "./pieces.js";
import { change, rowsOf, settle, HELD, SETTLED, UNSENT } from "./store.js";
import { clock, dayIn, dayName, say, table } from "./texts.js";

export class Waiting {
  #shown = "";
  #typed = new Map();

  // `statuses` are those that are shown; `nameOf(key)` as the list tells it; `onSend` after one is to be sent again, `onSettled` after one needs nothing more.
  constructor({ root, db, vault, statuses, nameOf, onSend, onSettled }) {
    Object.assign(this, { root, db, vault, statuses, nameOf, onSend, onSettled });
  }

  // Nothing is drawn anew where nothing has changed, and what is being typed stays.
  async show() {
    const rows = (await Promise.all(this.statuses.map((status) => rowsOf(this.db, status)))).flat();
    const shown = JSON.stringify(rows.map(({ sequence, status }) => [sequence, status]));
    if (shown === this.#shown) return;
    this.#shown = shown;
    const events = await Promise.all(rows.map((row) => this.#opened(row)));
    if (shown !== this.#shown) return;
    this.#typed = new Map([...this.root.querySelectorAll("input")].map((field) => [field.id, field.value]));
    const guests = new Map(events.filter((one) => one.guest).map((one) => [one.visit, one.guest.name]));
    const lines = (status, draw) => events.filter((one) => one.status === status).map((one) => draw(one, this.#what(one, guests)));
    const held = lines(HELD, (event, what) => this.#held(event, what));
    const settled = lines(SETTLED, (event, what) => this.#plain(what, `${refused(event)} ${say("settled_because", { reason: event.settled.reason })}`));
    part(this.root, "unsent-list").replaceChildren(...lines(UNSENT, (_event, what) => this.#plain(what, "")));
    part(this.root, "held-list").replaceChildren(...held);
    part(this.root, "held-none").hidden = held.length > 0;
    part(this.root, "settled-part").hidden = !settled.length;
    part(this.root, "settled-count").textContent = say("settled_count", { count: settled.length });
    part(this.root, "settled-list").replaceChildren(...settled);
  }

  async #opened(row) {
    const settled = row.settled ? await this.vault.unseal(row.settled) : null;
    return { ...(await this.vault.unseal(row)), sequence: row.sequence, status: row.status, why: row.why, settled };
  }

  #what(event, guests) {
    const name = event.guest?.name || this.nameOf(event.code || event.visit) || guests.get(event.visit) || event.code || "";
    const outcome = table("said")[event.kind] || event.kind;
    const at = Date.parse(event.at);
    const isToday = dayIn(undefined, at) === dayIn(undefined, Date.now());
    return `${isToday ? "" : `${dayName(at / 1000)}, `}${clock(at / 1000)} ${name ? say("said", { name, outcome }) : outcome}`;
  }

  #plain(what, why) {
    const made = piece("settled");
    put(made, "what", what);
    put(made, "why", why);
    return made;
  }

  #held(event, what) {
    const made = piece("held");
    put(made, "what", what);
    put(made, "why", refused(event));
    part(made, "again").addEventListener("click", async () => {
      await change(this.db, new Map([[event.sequence, { status: UNSENT, why: null }]]));
      this.onSend();
    });
    this.#ask(made, event.sequence);
    return made;
  }

  // Why nothing more has to be done is typed, and stays with the note.
  #ask(made, sequence) {
    const field = made.querySelector("input"), wrong = part(made, "wrong");
    field.id = `settled-${sequence}`;
    field.value = this.#typed.get(field.id) || "";
    made.querySelector("details").open = Boolean(field.value);
    made.querySelector("label").htmlFor = field.id;
    wrong.id = `${field.id}-problem`;
    field.setAttribute("aria-describedby", wrong.id);
    made.querySelector("form").addEventListener("submit", async (submitted) => {
      submitted.preventDefault();
      const reason = field.value.trim();
      wrong.textContent = reason ? "" : say("settle_missing");
      if (!reason) { field.focus(); return; }
      await settle(this.db, sequence, await this.vault.seal({ reason, at: new Date().toISOString() }));
      this.onSettled();
    });
  }
}

const refused = ({ why }) => say("refused", { why: why?.message || why?.code || "" });
