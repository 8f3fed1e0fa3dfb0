// What the tablet keeps, in IndexedDB. Everything about persons is sealed by the vault before it comes here; in clear stand
// counts, ids made at random and the day to wipe at. Each version of the database is reached from every earlier one.
import { openDB } from "../../vendor/idb/index.js";

const NAME = "jemput-bola-tablet";
const VERSION = 1;
export const UNSENT = "unsent", SENT = "sent", HELD = "held", SETTLED = "settled";

const UPGRADES = [
  (db) => {
    db.createObjectStore("keys");
    db.createObjectStore("packs", { keyPath: "driveDay" });
    db.createObjectStore("meta");
    const outbox = db.createObjectStore("outbox", { keyPath: "sequence" });
    outbox.createIndex("status", "status");
    outbox.createIndex("id", "id", { unique: true });
  },
];

// `onBlocking`: a newer version of the console wants the database; this page is to be loaded anew.
export const openStore = (onBlocking = () => {}) => openDB(NAME, VERSION, {
  upgrade(db, from, to, transaction) { for (const step of UPGRADES.slice(from, to)) step(db, transaction); },
  blocking(_from, _to, event) { event.target.close(); onBlocking(); },
});

// Events {id, driveDay, sealed, queue}, with the next numbers of this tablet, in one transaction: all or none, no gap, and no
// number twice, even in two windows. With `queue` the day's next queue number is given out. Resolves when they are on the disk.
export async function append(db, events) {
  const work = db.transaction(["outbox", "meta"], "readwrite", { durability: "strict" });
  const meta = work.objectStore("meta");
  let sequence = (await meta.get("sequence")) || 0;
  const rows = [];
  for (const { id, driveDay, sealed, queue } of events) {
    sequence += 1;
    const row = { sequence, id, driveDay, status: UNSENT, ...sealed };
    if (queue) {
      row.queue = ((await meta.get(`queue ${driveDay}`)) || 0) + 1;
      meta.put(row.queue, `queue ${driveDay}`);
    }
    rows.push(row);
  }
  try {
    meta.put(sequence, "sequence");
    for (const row of rows) work.objectStore("outbox").add(row);
  } catch (problem) {
    work.abort();
    await work.done.catch(() => {});
    throw problem;
  }
  await work.done;
  return rows;
}

// Another credential counts from one: with it what waits is numbered anew in its order, and the server judges once more what
// it refused to the old one. What is done stands before that and is never sent. All of it, or nothing.
export async function renumber(db, device) {
  const work = db.transaction(["outbox", "meta"], "readwrite", { durability: "strict" });
  const outbox = work.objectStore("outbox"), meta = work.objectStore("meta");
  const rows = await outbox.getAll();
  const waits = rows.filter(({ status }) => status === UNSENT || status === HELD);
  const done = rows.filter((row) => !waits.includes(row));
  outbox.clear();
  for (const [place, row] of done.entries()) outbox.add({ ...row, sequence: place - done.length });
  for (const [place, row] of waits.entries()) outbox.add({ ...row, sequence: place + 1, status: UNSENT, why: null });
  meta.put(waits.length, "sequence");
  meta.put(device, "device");
  await work.done;
}

export const rowsOf = (db, status) => (status ? db.getAllFromIndex("outbox", "status", status) : db.getAll("outbox"));
export const countOf = (db, status) => db.countFromIndex("outbox", "status", status);

// Of each drive day, how many events wait to be sent and how many to be looked at.
export async function waitingByDay(db) {
  const counts = {};
  for (const [place, status] of [UNSENT, HELD].entries()) {
    for (const { driveDay } of await rowsOf(db, status)) (counts[driveDay] ||= [0, 0])[place] += 1;
  }
  return counts;
}

// `changes`: sequence → the fields that change. A row that is gone stays gone.
export async function change(db, changes) {
  const work = db.transaction("outbox", "readwrite", { durability: "strict" });
  for (const [sequence, fields] of changes) {
    const row = await work.store.get(sequence);
    if (row) work.store.put({ ...row, ...fields });
  }
  await work.done;
}

// A note that was refused and of which nothing more is to be done: it stays, with the reason.
export async function settle(db, sequence, settled) {
  const work = db.transaction("outbox", "readwrite", { durability: "strict" });
  const row = await work.store.get(sequence);
  if (row?.status === HELD) work.store.put({ ...row, status: SETTLED, settled });
  await work.done;
}

// What the server has confirmed, and the list then fetched contains.
export async function drop(db, sequences) {
  const work = db.transaction("outbox", "readwrite");
  for (const sequence of sequences) {
    const row = await work.store.get(sequence);
    if (row && row.status === SENT) work.store.delete(sequence);
  }
  await work.done;
}

// A newer list; where the list was wiped meanwhile it stays wiped.
export async function renew(db, pack) {
  const work = db.transaction("packs", "readwrite");
  if (await work.store.getKey(pack.driveDay)) work.store.put(pack);
  await work.done;
}

// The list goes, with what was sent of it. What has not been sent stays, and with it the key that opens it.
export async function wipe(db, driveDay) {
  const work = db.transaction(["packs", "outbox", "meta"], "readwrite");
  work.objectStore("packs").delete(driveDay);
  for (const name of ["session", "news"]) work.objectStore("meta").delete(`${name} ${driveDay}`);
  let cursor = await work.objectStore("outbox").openCursor();
  while (cursor) {
    if (cursor.value.driveDay === driveDay && cursor.value.status === SENT) cursor.delete();
    cursor = await cursor.continue();
  }
  await work.done;
}
