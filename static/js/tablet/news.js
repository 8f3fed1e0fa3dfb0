// What others do in the hall, as the server said last: which problems are open, who is called to which station, what time it is.
import { HELD } from "./store.js";

// After that whoever did not come is called again.
const CALLED_SECONDS = 5 * 60;
// A network takes a while, and no clock is written down for that.
const SAME_OFFSET = 5_000;
const SET_ANEW = 60_000;

export class News {
  // `sent`: ids of this tablet's own reports that the server had when it said this.
  #said = { troubles: [], sent: [] };
  #called = new Map();
  #offset = 0;
  // How far the clock has gone beside the page's own time, which no setting of the clock moves, when the server was heard.
  #beside = null;

  constructor({ db, vault, driveDay }) { Object.assign(this, { db, vault, key: `news ${driveDay}` }); }

  static async open(where) {
    const news = new News(where);
    const sealed = await where.db.get("meta", news.key);
    if (sealed) news.#said = await where.vault.unseal(sealed);
    news.#offset = (await where.db.get("meta", "offset")) || 0;
    return news;
  }

  // How far this tablet's clock is behind the server's, in milliseconds; 0 where it was set since, or the tablet slept: then
  // what is known of it holds no more, and the server goes by the moment of sending.
  get offset() {
    const isSame = this.#beside === null || Math.abs(Date.now() - performance.now() - this.#beside) < SET_ANEW;
    return isSame ? this.#offset : 0;
  }

  async hear({ troubles, called, now: told }, sent, now = Date.now() / 1000) {
    const offset = Math.round(Date.parse(told) - now * 1000);
    this.#beside = Date.now() - performance.now();
    if (Math.abs(offset - this.#offset) > SAME_OFFSET) {
      this.#offset = offset;
      await this.db.put("meta", offset, "offset");
    }
    if (called && typeof called === "object") {
      // One's own call that the server has not heard of stands until its time is over.
      const own = [...this.#called].filter(([, one]) => one.isOwn && now - one.at < CALLED_SECONDS);
      this.#called = new Map([...own, ...Object.entries(called).map(([code, station]) => [code, { station, at: now, isOwn: false }])]);
    }
    if (!Array.isArray(troubles)) return;
    const said = { troubles, sent };
    if (JSON.stringify(said) === JSON.stringify(this.#said)) return;
    this.#said = said;
    await this.db.put("meta", await this.vault.seal(said), this.key);
  }

  // [{id, kind | words, kit, note, at (seconds)}], the oldest first; `own` are this tablet's reports.
  openTroubles(own, kitName) {
    const closed = new Set(own.filter((one) => one.kind === "incident_closed" && one.status !== HELD).map((one) => one.incident));
    const told = this.#said.troubles.map(([id, words, note, at]) => ({ id, words, note, at }));
    // What the server had and did not name was closed by somebody else.
    const known = new Set([...told.map((one) => one.id), ...this.#said.sent]);
    const fresh = own.filter((one) => one.kind === "incident_opened" && !known.has(one.id) && one.status !== HELD);
    const here = fresh.map((one) => ({ id: one.id, kind: one.incident, kit: kitName(one.kitId), note: one.note, at: one.at }));
    return [...told, ...here].filter((one) => !closed.has(one.id)).sort((a, b) => a.at - b.at);
  }

  callTo(key, station, { isOwn = true } = {}, now = Date.now() / 1000) { this.#called.set(key, { station, at: now, isOwn }); }

  // The station to which somebody is called; null where nobody called them.
  stationOf(key, now = Date.now() / 1000) {
    const one = this.#called.get(key);
    return one && now - one.at < CALLED_SECONDS ? one.station : null;
  }
}
