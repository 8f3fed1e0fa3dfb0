// Sending. Only the server's own receipt, which names the ids, makes an event "sent": no status code, no other JSON and no
// page of a captive portal does. What the server refuses is kept apart and shown; nothing is ever deleted here.
import { HELD, SENT, UNSENT, change, countOf, drop, rowsOf, waitingByDay } from "./store.js";

const MOST_AT_ONCE = 50;
const PATIENCE = 10_000;
export const EVERY = 15_000;
const LIST_EVERY = 60_000;
// From so many on the board is told before they are sent: a network that carries a word may not carry a batch.
const WORTH_TELLING = 2;
// Of so many notes a server may fail on each by itself, in one round; the others have their turn in the next.
const MOST_FAILED = 5;
const LONGEST_PAUSE = 15_000;
const API = { events: "/api/v1/events", ping: "/api/v1/tablet/ping", pack: "/api/v1/tablet/pack/" };

// What goes over the line: the event without what only this tablet needs.
export function wireOf(row, body) {
  const { back, letter, shown, ...event } = body;
  const queue = row.queue ? { queue: `${letter}-${String(row.queue).padStart(2, "0")}` } : {};
  return { ...event, ...queue, id: row.id, sequence: row.sequence };
}

const isTexts = (value) => Array.isArray(value) && value.every((one) => typeof one === "string");

export function isReceipt(answer, device) {
  return Boolean(answer) && answer.receipt === 1 && answer.device === device && isTexts(answer.accepted)
    && Array.isArray(answer.refused) && answer.refused.every((one) => one && typeof one === "object");
}

export class Sync {
  status = { online: false, sending: false, lastContact: 0, lastSent: 0, unsent: 0, held: 0, newest: "", revoked: false, locked: false, code: "" };
  #failures = new Map();
  #size = MOST_AT_ONCE;
  #pause = 0;
  #notBefore = 0;
  #listAt = 0;
  #again = false;

  // `day` gives the list its place: {driveDay, etag, takePack(pack, etag), hear(answer, sent), sentTroubles(), revoked(), changed()}; `onList` after a fresh one.
  constructor({ db, vault, device, version, day, onStatus, onList = () => {} }) {
    Object.assign(this, { db, vault, device, version, day, onStatus, onList });
  }

  async count() {
    this.status.unsent = await countOf(this.db, UNSENT);
    this.status.held = await countOf(this.db, HELD);
    this.onStatus(this.status);
  }

  // One round: how much waits, where that is worth a word; what waits; then the ping, then a fresh list if there is one. `byHand` does not wait for a pause to end.
  async run({ byHand = false, list = false } = {}) {
    if (!byHand && Date.now() < this.#notBefore) return;
    if (this.status.sending) { this.#again = true; return; }
    this.status.sending = true;
    this.onStatus(this.status);
    let isOurs = false;
    try {
      await navigator.locks.request("jemput-bola-sync", { ifAvailable: true }, async (lock) => {
        if (!lock) return;
        isOurs = true;
        if ((await countOf(this.db, UNSENT)) >= WORTH_TELLING) await this.#ping();
        const isThrough = await this.#sendAll();
        if (isThrough && (await this.#ping()) && this.day) await this.#refreshList(list);
      });
    } finally {
      this.status.sending = false;
      if (isOurs && !this.status.online) this.#rest();
      await this.count();
    }
    if (this.#again && this.status.online) { this.#again = false; await this.run(); }
  }

  #heard() {
    Object.assign(this.status, { online: true, lastContact: Date.now() });
    this.#pause = this.#notBefore = 0;
    return true;
  }

  #silence() { return (this.status.online = false); }

  // After a round without an answer, each time twice as long.
  #rest() {
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2 || 1000);
    this.#notBefore = Date.now() + this.#pause;
  }

  // True when nothing that can be sent is left: what the server fails on waits for the next round, and holds up nothing else.
  async #sendAll() {
    const failed = new Set();
    for (;;) {
      const rows = (await rowsOf(this.db, UNSENT)).filter((row) => !failed.has(row.sequence));
      if (!rows.length) return true;
      const tries = (row) => this.#failures.get(row.sequence) || 0;
      rows.sort((a, b) => tries(a) - tries(b) || a.sequence - b.sequence);
      const batch = rows.slice(0, this.#size);
      const answer = await this.#post(batch);
      if (answer.receipt) {
        const isNamed = await this.#file(batch, answer.receipt);
        // What speaks of something that has not come yet waits for the next round, behind the others.
        const later = batch.filter((row) => answer.receipt.later?.includes(row.id));
        for (const row of later) this.#failures.set(row.sequence, tries(row) + 1);
        if (!isNamed) return later.length ? this.#heard() : this.#silence();
        this.#size = Math.min(MOST_AT_ONCE, this.#size * 2);
      } else if (answer.rejected && batch.length > 1) {
        this.#size = Math.ceil(batch.length / 2);
      } else if (answer.rejected) {
        await this.#hold(batch[0], answer.rejected);
      } else {
        this.#size = Math.ceil(batch.length / 2);
        // A server that answers a ping is well: it fails on something in this batch, which is found by halves.
        if (!answer.sick || !(await this.#ping())) return this.#silence();
        if (batch.length > 1) continue;
        this.#failures.set(batch[0].sequence, tries(batch[0]) + 1);
        failed.add(batch[0].sequence);
        if (failed.size >= MOST_FAILED) return true;
      }
    }
  }

  async #post(batch) {
    const events = await Promise.all(batch.map(async (row) => wireOf(row, await this.vault.unseal(row))));
    const sent = { source: "tablet", sent_at: new Date().toISOString(), events };
    const { status, answer } = await this.#fetch(API.events, { method: "POST", body: JSON.stringify(sent) });
    if (status === 200) return isReceipt(answer, this.device.id) ? { receipt: answer } : {};
    this.status.locked = status === 401 || status === 403;
    this.status.code = typeof answer?.code === "string" ? answer.code : "";
    if (status >= 500) return { sick: true };
    if (![400, 413, 422].includes(status)) return {};
    // A portal, too, may say 400: it is the server's word only in the server's own form, or where the server answers a ping.
    if (answer && typeof answer.code === "string" && typeof answer.message === "string") return { rejected: answer };
    return (await this.#ping()) ? { rejected: { code: `http_${status}`, message: "" } } : {};
  }

  // Whether the receipt named anything of what was sent.
  async #file(batch, receipt) {
    const accepted = new Set(receipt.accepted);
    const refused = new Map(receipt.refused.map((one) => [one.id, one]));
    const changes = new Map();
    for (const row of batch) {
      if (accepted.has(row.id)) changes.set(row.sequence, { status: SENT });
      else if (refused.has(row.id)) changes.set(row.sequence, { status: HELD, why: why(refused.get(row.id)) });
    }
    await change(this.db, changes);
    if (changes.size) { this.#heard(); this.status.lastSent = Date.now(); this.day?.changed(); }
    await this.count();
    return changes.size > 0;
  }

  async #hold(row, reason) {
    await change(this.db, new Map([[row.sequence, { status: HELD, why: why(reason) }]]));
    this.day?.changed();
    await this.count();
  }

  async #ping() {
    const told = {
      unsent: await countOf(this.db, UNSENT), held: await countOf(this.db, HELD), version: this.version,
      last_sequence: (await this.db.get("meta", "sequence")) || 0, at: new Date().toISOString(),
      drive_day: this.day?.driveDay, lists: await this.db.getAllKeys("packs"), waiting: await waitingByDay(this.db),
    };
    const sent = this.day?.sentTroubles() || [];
    const { status, answer } = await this.#fetch(API.ping, { method: "POST", body: JSON.stringify(told) });
    if (status !== 200 || !answer || typeof answer.now !== "string" || typeof answer.revoked !== "boolean") return this.#silence();
    Object.assign(this.status, { newest: answer.version || "", revoked: answer.revoked });
    this.ping = answer;
    if (answer.revoked || answer.readable === false) await this.day?.revoked(answer.revoked);
    else await this.day?.hear(answer, sent);
    return this.#heard();
  }

  // The list as it stands now. What was sent before it was asked for is in it, so those rows may go.
  async #refreshList(asked) {
    const isNew = this.ping.etag === undefined || this.ping.etag !== this.day.etag;
    if (this.status.revoked || this.ping.readable === false || !isNew || (!asked && Date.now() - this.#listAt < LIST_EVERY)) return;
    this.#listAt = Date.now();
    const contained = (await rowsOf(this.db, SENT)).filter((row) => row.driveDay === this.day.driveDay).map((row) => row.sequence);
    const { status, answer, etag } = await this.#fetch(API.pack + this.day.driveDay, { headers: this.day.etag ? { "If-None-Match": this.day.etag } : {} });
    if (status === 410 && answer && answer.code === "revoked") { await this.day.revoked(true); return; }
    if (status !== 200 || !isPack(answer, this.day.driveDay)) return;
    await this.day.takePack(answer, etag);
    await drop(this.db, contained);
    await this.day.changed();
    this.onList();
  }

  async #fetch(url, { headers = {}, ...options }) {
    return ask(url, { device: this.device, headers, ...options });
  }
}

const why = ({ code, message }) => ({ code: String(code || ""), message: String(message || "") });

export const isPack = (answer, driveDay) =>
  Boolean(answer) && answer.drive_day === driveDay && Array.isArray(answer.people?.name) && answer.people.code?.length >= answer.people.name.length;

// One request with the tablet's own credential; status 0 where no whole answer came.
export async function ask(url, { device, headers = {}, patience = PATIENCE, ...options }) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const response = await fetch(url, {
      ...options,
      headers: { Accept: "application/json", "Content-Type": "application/json", Authorization: `Tablet ${device.id}.${device.secret}`, ...headers },
      credentials: "omit", cache: "no-store", redirect: "error", signal: stop.signal,
    });
    const text = await response.text();
    let answer = null;
    try { answer = JSON.parse(text); } catch { /* Not ours: a page of somebody in between. */ }
    return { status: response.status, answer, etag: response.headers.get("ETag") || "" };
  } catch {
    return { status: 0, answer: null, etag: "" };
  } finally {
    clearTimeout(timer);
  }
}
