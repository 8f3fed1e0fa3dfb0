// Whose turn it is, called to this station: the server is asked whether another one was faster, and a station without network calls all the same.
import { ask } from "./sync.js";

const CALL = "/api/v1/tablet/call";
const PATIENCE = 2_000;
const MOST_ASKED = 5;

export class Calls {
  constructor({ day, device }) { Object.assign(this, { day, device }); }

  get station() { return this.day.kits.find(([id]) => id === this.day.session.kit)?.[1] || ""; }

  // The person who is called; null where nobody waits whom no other station has called.
  async next() {
    const free = this.day.waiting().filter((person) => this.day.news.stationOf(person.key) === null);
    for (const person of free.slice(0, MOST_ASKED)) {
      if (await this.#claim(person)) return person;
    }
    return null;
  }

  async #claim(person) {
    const { news, session, driveDay } = this.day;
    if (navigator.onLine && !person.isGuest) {
      const body = JSON.stringify({ drive_day: driveDay, code: person.code, kit: session.kit || null });
      const { status, answer } = await ask(CALL, { method: "POST", body, device: this.device, patience: PATIENCE });
      if (status === 200 && answer?.called === false) {
        news.callTo(person.key, String(answer.station || ""), { isOwn: false });
        return false;
      }
    }
    news.callTo(person.key, this.station);
    return true;
  }
}
