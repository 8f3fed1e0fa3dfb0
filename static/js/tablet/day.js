// One drive day as this tablet knows it: the server's list, and over it what was noted here and is not in the list yet.
import { append, renew, rowsOf, HELD, SENT, SETTLED as PUT_ASIDE, UNSENT, wipe } from "./store.js";
import { guestOf } from "./walk_in.js";
import { News } from "./news.js";
import { peopleOf } from "./people.js";
import { OPEN, SETTLED, stateSince } from "./rules.js";
import { wireOf } from "./sync.js";
import { hourIn, setZone } from "./texts.js";

const seconds = (moment) => (typeof moment === "number" ? moment : Date.parse(moment) / 1000);
// As much as a network takes, in milliseconds; what is below, the server leaves alone, too.
const SMALL_OFFSET = 120_000;

export class Day {
  people = [];
  #own = new Map();
  #byKey = new Map();
  #states = new Map();
  #turn = Promise.resolve();

  constructor({ db, vault, session, onChange }) {
    Object.assign(this, { db, vault, session, driveDay: session.driveDay, onChange });
  }

  // Everything from the disk, as it is after a killed browser.
  static async open({ db, vault, driveDay, onChange }) {
    const [kept, sealed] = await Promise.all([db.get("packs", driveDay), db.get("meta", `session ${driveDay}`)]);
    if (!kept || !sealed) return null;
    const day = new Day({ db, vault, session: { driveDay, ...(await vault.unseal(sealed)) }, onChange });
    day.#take(await vault.unseal(kept), kept.etag);
    day.news = await News.open({ db, vault, driveDay });
    await day.reload();
    return day;
  }

  #take(pack, etag) {
    this.pack = pack;
    this.etag = etag;
    setZone(pack.zone);
    // Midnight of the day where the office is: Indonesia's zones are whole hours ahead, the year round.
    const midnight = Date.parse(`${pack.day}T00:00:00Z`);
    this.from = midnight / 1000 - 3600 * hourIn(pack.zone, midnight);
    this.slots = pack.slots.map(([start, end, places]) => ({ start: seconds(start), end: seconds(end), places }));
    this.kits = pack.kits;
    this.listed = peopleOf(pack);
  }

  async takePack(pack, etag) {
    await renew(this.db, { driveDay: this.driveDay, day: pack.day, zone: pack.zone, etag, ...(await this.vault.seal(pack)) });
    this.#take(pack, etag);
  }

  // What stands in the outbox, folded anew; and the list, where another window has fetched a newer one. One after the other
  // with what is noted meanwhile: a tap between reading and folding would be on the disk and not on the screen.
  reload() { return this.#inTurn(() => this.#reload()); }

  #inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #reload() {
    const kept = await this.db.get("packs", this.driveDay);
    if (kept && kept.etag !== this.etag) this.#take(await this.vault.unseal(kept), kept.etag);
    const rows = (await rowsOf(this.db)).filter((row) => row.driveDay === this.driveDay && row.status !== PUT_ASIDE);
    const events = await Promise.all(rows.map(async (row) => this.#event(row, await this.vault.unseal(row))));
    this.#own = new Map();
    this.troubles = [];
    this.guests = [];
    for (const event of events) this.#keep(event);
    this.#index();
  }

  #event(row, body) {
    return { ...body, ...wireOf(row, body), kitId: body.kit, back: body.back, status: row.status, key: body.code || body.visit, at: Date.parse(body.at) / 1000, kit: this.#kitIndex(body.kit) };
  }

  #keep(event) {
    if (event.kind === "walk_in") this.guests.push(guestOf(event, this.pack));
    else if (event.kind.startsWith("incident_")) this.troubles.push(event);
    else if (event.key) this.#own.set(event.key, [...(this.#own.get(event.key) || []), event]);
  }

  #index() {
    this.people = [...this.listed, ...this.guests];
    this.#byKey = new Map(this.people.map((person) => [person.key, person]));
    this.#states.clear();
  }

  #kitIndex(id) { return this.kits.findIndex(([kit]) => kit === id); }

  get letter() { return this.session.letter; }

  person(key) { return this.#byKey.get(key); }

  stateFor(person) {
    if (!this.#states.has(person.key)) {
      const own = this.#own.get(person.key) || [];
      const state = stateSince(person.base, own, person.service);
      const isToday = !state.at || (state.at >= this.from && state.at < this.from + 86400);
      // What an earlier day said and did not settle ends with it: who is due today is expected again.
      const isOpen = state.state === "expected" || (state.at > 0 && state.at < this.from && !SETTLED.has(state.state));
      this.#states.set(person.key, { ...state, isToday, isOpen, isUnsent: own.some((one) => one.status === UNSENT), isHeld: own.some((one) => one.status === HELD) });
    }
    return this.#states.get(person.key);
  }

  #append(body, { queue = false } = {}) { return this.#inTurn(async () => (await this.#note([{ body, queue }]))[0]); }

  // One or several that belong together: all of them on the disk, or none.
  async #note(notes) {
    const offset = this.news.offset;
    const skew = Math.abs(offset) > SMALL_OFFSET ? { skew_ms: offset } : {};
    const bodies = notes.map(({ body }) => ({ drive: this.pack.drive, at: new Date().toISOString(), ...skew, ...body }));
    const rows = await append(this.db, await Promise.all(notes.map(async ({ queue }, place) => (
      { id: crypto.randomUUID(), driveDay: this.driveDay, queue, sealed: await this.vault.seal(bodies[place]) }
    ))));
    const events = rows.map((row, place) => this.#event(row, bodies[place]));
    for (const event of events) {
      this.#keep(event);
      if (event.kind === "walk_in") this.#index();
      else this.#states.delete(event.key);
    }
    this.onChange();
    return events;
  }

  // One fact about a person: on the disk when this resolves. Gives the event, with what undoing it needs.
  async record(person, kind, reason = "", { note = "" } = {}) {
    const before = this.stateFor(person);
    const isFromOthers = OPEN.has(before.state) && !before.event;
    const event = await this.#append(
      {
        ...naming(person), kind, reason, letter: this.letter,
        ...(kind !== "absent" && kind !== "arrived" && this.session.kit ? { kit: this.session.kit } : {}),
        ...(isFromOthers ? { saw: before.state } : {}), ...(note ? { note } : {}),
      },
      // Letters and numbers begin anew each day: yesterday's number is not today's.
      { queue: kind === "arrived" && !(before.queue && before.arrived >= this.from) },
    );
    return { event, person, back: before };
  }

  undo({ event, person, back }) {
    const { isUnsent, isHeld, ...before } = back;
    return this.#append({ ...naming(person), kind: "undone", target: event.id, back: before });
  }

  // A guest and that the guest is here, as one. Gives what `record` gives of the arrival.
  async walkIn(guest, { note = "" } = {}) {
    const visit = crypto.randomUUID();
    const arrival = { visit, kind: "arrived", reason: "", letter: this.letter, ...(note ? { note } : {}) };
    const notes = [{ body: { kind: "walk_in", visit, guest }, queue: false }, { body: arrival, queue: true }];
    const [, event] = await this.#inTurn(() => this.#note(notes));
    const person = this.person(visit);
    return { event, person, back: { ...person.base, event: null, isToday: true } };
  }

  openTrouble(kind, note, kit = "") {
    return this.#append({ kind: "incident_opened", drive_day: this.driveDay, incident: kind, note, ...(kit ? { kit } : {}) });
  }

  closeTrouble(id, note) {
    return this.#append({ kind: "incident_closed", drive_day: this.driveDay, incident: id, note });
  }

  // What is wrong in the hall now: as the server said last, and over it what was said here since.
  openTroubles() { return this.news.openTroubles(this.troubles, (id) => this.kits[this.#kitIndex(id)]?.[1] || ""); }

  // Its own reports that the server has by now.
  sentTroubles() { return this.troubles.filter((one) => one.kind === "incident_opened" && one.status === SENT).map((one) => one.id); }

  async hear(answer, sent) {
    await this.news.hear(answer, sent);
    this.onChange();
  }

  async useKit(kit) {
    this.session = { ...this.session, kit };
    await this.db.put("meta", await this.vault.seal(this.session), `session ${this.driveDay}`);
    this.onChange();
  }

  // Of today's people: those recorded, and who waits since when (seconds).
  figures() {
    let target = 0, recorded = 0, others = 0, waiting = 0, since = 0;
    for (const person of this.people) {
      const state = this.stateFor(person);
      const isDue = person.slot >= 0;
      if (isDue) target += 1;
      if (isDue && state.state === "recorded") recorded += 1;
      else if ((state.state === "recorded" || state.state === "served") && state.isToday) others += 1;
      if (state.state === "present" && state.isToday) { waiting += 1; since = Math.min(since || Infinity, state.arrived); }
    }
    return { target, recorded, others, waiting, since };
  }

  currentSlot(now = Date.now() / 1000) {
    const found = this.slots.findIndex((slot) => slot.end > now);
    return found < 0 ? this.slots.length - 1 : found;
  }

  inSlot(index) { return this.people.filter((person) => person.slot === index); }

  waiting() {
    const isHere = ({ state, isToday }) => state === "present" && isToday;
    const here = this.people.filter((person) => isHere(this.stateFor(person)));
    // Nobody who is early goes before those whose timeslot it is, nobody who is late before those who were in time.
    const turn = (person) => Math.max(this.stateFor(person).arrived, this.slots[person.slot]?.start || 0);
    return here.sort((a, b) => turn(a) - turn(b) || this.stateFor(a).arrived - this.stateFor(b).arrived);
  }

  // Expected in a timeslot that is over, and not seen yet today.
  late(now = Date.now() / 1000) {
    return this.people.filter((person) => person.slot >= 0 && this.slots[person.slot].end < now && this.isOpen(person));
  }

  isOpen(person) { return this.stateFor(person).isOpen; }

  isHere(person) { return !this.isOpen(person) && this.stateFor(person).state !== "absent"; }

  isSettled(person) { return SETTLED.has(this.stateFor(person).state); }

  async changed() { await this.reload(); this.onChange(); }

  wipe() { return wipe(this.db, this.driveDay); }
}

const naming = (person) => (person.isGuest ? { visit: person.key } : { code: person.code });
