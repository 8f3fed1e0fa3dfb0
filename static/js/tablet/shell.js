// The console from a cold start: find the day, ask for the PIN, then work; sending goes on beside it.
import { Calls } from "./call.js";
import { Console } from "./console.js";
import { Day } from "./day.js";
import { shutDoors } from "./doors.js";
import { GuestScreen } from "./guest.js";
import { IncidentScreen } from "./incident.js";
import { part } from "./pieces.js";
import { StatusScreen, keepCount, showBadges } from "./status.js";
import { countOf, HELD, openStore, SETTLED, UNSENT, wipe } from "./store.js";
import { EVERY, Sync } from "./sync.js";
import { dayIn, say, setZone } from "./texts.js";
import { hasVault, openVault, pauseLeft } from "./vault.js";
import { watchVersion } from "./version.js";
import { Waiting } from "./waiting.js";

const version = document.documentElement.dataset.version;
const asked = /^\/today\/([0-9a-f-]{36})\/$/.exec(location.pathname)?.[1];
const screens = [...document.querySelectorAll("[data-screen]")];
const header = document.querySelector("header");
const problemPlace = document.querySelector("main > [data-problem]");
const others = new BroadcastChannel("jemput-bola-tablet");
const bag = { isLeaving: false, isShut: false };
// Where nothing is asked for: whatever this tablet has yet.
const SHELL = "/today/shell/";
const SHUT_BECAUSE = "jemput-bola-shut-because";

setZone(undefined);
const screen = (name) => screens.find((one) => one.dataset.screen === name);
function show(name) {
  if (bag.isShut) return;
  for (const one of screens) one.hidden = one.dataset.screen !== name;
  bag.screen = name;
  if (name === "guest") bag.guest?.shown();
  if (name === "status") bag.statusScreen?.show(bag.sync.status);
  if (name === "console") bag.console?.refresh();
  bag.incidents?.refresh();
  scrollTo(0, 0);
}

function problem(sentence, error) {
  problemPlace.hidden = !sentence;
  problemPlace.querySelector("p").textContent = sentence;
  if (sentence) problemPlace.scrollIntoView({ block: "center" });
  if (error) console.error(error.name || error);
}

function leave() { bag.isLeaving = true; }
function reload() { leave(); location.reload(); }

// The days that are over go from the tablet, without anybody asking; what was not sent stays.
async function wipeOver(db) {
  const over = (await db.getAll("packs")).filter(({ day, zone }) => dayIn(zone, Date.now()) > day);
  await forget(db, over.map(({ driveDay }) => driveDay));
}

async function forget(db, driveDays) {
  if (!driveDays.length) return;
  for (const driveDay of driveDays) await wipe(db, driveDay);
  await shutDoors(db);
  others.postMessage("wiped");
}

// Nobody reads here any more: what can be sent goes out, then the page is loaded anew, without the list and without the key.
function shut(because = "") {
  if (bag.isShut) return;
  show("leftover");
  Object.assign(bag, { isShut: true, day: null });
  bag.console?.undo.hide();
  sessionStorage.setItem(SHUT_BECAUSE, because);
  if (bag.sync) bag.sync.run({ byHand: true }); else reload();
}

function sayWhyShut() {
  const because = sessionStorage.getItem(SHUT_BECAUSE);
  sessionStorage.removeItem(SHUT_BECAUSE);
  if (because) problem(say(because));
}

async function start() {
  const db = await openStore(reload);
  bag.db = db;
  sayWhyShut();
  await wipeOver(db);
  await shutDoors(db);
  keepCount({ unsent: await countOf(db, UNSENT), held: await countOf(db, HELD) });
  const prepared = await db.getAllKeys("packs");
  const driveDay = asked || (prepared.length === 1 ? prepared[0] : undefined);
  const isPrepared = prepared.includes(driveDay);
  const isLeftover = (await countOf(db, UNSENT)) + (await countOf(db, HELD)) > 0;
  if ((await hasVault(db)) && (isPrepared || isLeftover)) {
    askForPin(db, (vault) => (isPrepared ? work(db, vault, driveDay) : sendTheRest(db, vault)));
  } else {
    offerOthers(prepared);
  }
}

function offerOthers(prepared) {
  const list = part(screen("none"), "other-days");
  for (const driveDay of prepared) {
    const link = Object.assign(document.createElement("a"), { href: `/today/${driveDay}/`, textContent: say("another_day") });
    list.append(document.createElement("li"));
    list.lastChild.append(link);
  }
  show("none");
}

function askForPin(db, opened) {
  const root = screen("unlock");
  const form = part(root, "unlock"), field = root.querySelector("#pin"), said = part(root, "pin-problem"), submit = form.querySelector("button");
  const complain = (sentence) => { said.textContent = sentence; field.value = ""; field.focus(); };
  show("unlock");
  countOf(db, UNSENT).then((count) => {
    part(root, "unlock-waiting").hidden = !count;
    part(root, "unlock-waiting").textContent = say("unlock_waiting", { count });
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // At once: a second tap while this one is looked at is no second try.
    submit.disabled = true;
    said.textContent = say("pin_checking");
    const pause = await pauseLeft(db);
    const vault = pause ? null : await openVault(db, field.value).catch(() => null);
    submit.disabled = false;
    if (pause) { complain(say("pin_pause", { seconds: Math.ceil(pause / 1000) })); return; }
    if (!vault) { complain(say("pin_wrong")); return; }
    complain("");
    await opened(vault);
  });
  field.focus();
}

async function begin(db, vault, day) {
  const device = await vault.unseal(await db.get("meta", "device"));
  const onList = () => others.postMessage("changed");
  const sync = new Sync({ db, vault, device, version, day, onList, onStatus: (status) => {
    showBadges(header, status);
    tellOthers(db, status);
    if (status.newest && status.newest !== version) bag.worker?.look();
    if (bag.screen === "status") bag.statusScreen?.show(status);
    if (bag.screen === "leftover" && !bag.isShut) bag.waiting?.show();
    part(screen("leftover"), "leftover").textContent = say("leftover", { count: status.unsent });
    if (status.revoked && !bag.day) db.getAllKeys("packs").then((days) => forget(db, days));
    if (bag.isShut && !status.sending) { leave(); location.replace(SHELL); }
  } });
  bag.sync = sync;
  addEventListener("online", () => sync.run({ byHand: true }));
  addEventListener("offline", () => { sync.status.online = false; sync.count(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sync.run(); });
  setInterval(() => sync.run(), EVERY);
  await sync.count();
  sync.run({ list: true });
  return device;
}

// Another window of this tablet shows the same counts and the same people.
function tellOthers(db, { unsent, held }) {
  const counted = `${unsent} ${held}`;
  if (bag.counted === counted) return;
  if (bag.counted !== undefined) others.postMessage("changed");
  bag.counted = counted;
  shutDoors(db);
}

const places = { event: 0 };
function saved() {
  problem("");
  others.postMessage("changed");
  bag.sync.count();
  clearTimeout(places.event);
  places.event = setTimeout(() => bag.sync.run(), 300);
}

async function work(db, vault, driveDay) {
  const day = await Day.open({ db, vault, driveDay, onChange: () => changed() });
  if (!day) { show("none"); return; }
  bag.day = day;
  day.revoked = async (isRevoked) => {
    await forget(db, isRevoked ? await db.getAllKeys("packs") : [driveDay]);
    shut(isRevoked ? "revoked" : "not_readable");
  };
  const isWiped = async () => !(await db.getKey("packs", driveDay));
  others.onmessage = async ({ data }) => {
    if (data === "wiped" && (await isWiped())) { shut(); return; }
    day.changed();
    bag.sync?.count();
  };
  document.querySelector("[data-place]").textContent = day.pack.place;
  part(screen("console"), "heading").textContent = say("today_at", { place: day.pack.place });
  const device = await begin(db, vault, day);
  bag.console = new Console({
    root: screen("console"), undoRoot: document.querySelector("[data-undo]"), day, calls: new Calls({ day, device }),
    onOpen: () => show("console"), onSaved: saved, onProblem: problem,
  });
  bag.guest = new GuestScreen({ root: screen("guest"), day, device, onProblem: problem, onNoted: (said) => {
    show("console"); bag.console.open(said.person); bag.console.undo.offer(said); saved();
  } });
  bag.statusScreen = new StatusScreen({ root: screen("status"), day, device, version, waiting: waitingIn(db, vault, day), onSend: () => sendNow(part(screen("status"), "send-said")), onLock: reload, onWipe: async () => { await forget(db, [driveDay]); reload(); } });
  bag.incidents = new IncidentScreen({
    root: screen("incident"), note: part(screen("console"), "troubles"), day, onProblem: problem, onNoted: (sentence) => {
      show("console");
      tell(sentence);
      saved();
    },
  });
  const station = part(screen("console"), "station");
  setInterval(async () => {
    await wipeOver(db);
    if (await isWiped()) shut("day_over");
    else if (bag.screen === "console") bag.console.lists.show();
  }, 30_000);
  station.textContent = say("this_tablet", { name: device.name });
  show("console");
}

function changed() {
  if (bag.screen === "console") bag.console?.refresh();
  bag.incidents?.refresh();
}

// Said in passing; the next screen that is opened forgets it.
function tell(sentence) {
  const place = part(screen("console"), "passing");
  place.textContent = sentence;
  place.hidden = !sentence;
}

async function sendNow(said) {
  said.textContent = say("sending");
  await bag.sync.run({ byHand: true, list: true });
  const { online, unsent, held } = bag.sync.status;
  said.textContent = say(!online ? "send_failed" : unsent ? "send_partly" : held ? "send_held" : "send_done", { count: unsent || held });
}

function waitingIn(db, vault, day) {
  const root = document.querySelector("[data-waiting-notes]");
  const sendAgain = async () => { await day?.changed(); root.closest("[data-screen]").querySelector("[data-send]").click(); };
  const settled = async () => { await day?.changed(); saved(); };
  // With its list open the tablet counts what is unsent; by name it stands here where nothing else is left.
  const statuses = day ? [HELD, SETTLED] : [UNSENT, HELD, SETTLED];
  return new Waiting({ root, db, vault, statuses, nameOf: (key) => day?.person(key)?.name || "", onSend: sendAgain, onSettled: settled });
}

async function sendTheRest(db, vault) {
  part(screen("leftover"), "waiting-place").append(document.querySelector("[data-waiting-notes]"));
  bag.waiting = waitingIn(db, vault, null);
  show("leftover");
  await begin(db, vault, null);
}

part(screen("leftover"), "send").addEventListener("click", () => bag.sync && sendNow(part(screen("leftover"), "left-said")));
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-go]");
  if (!target || !bag.day) return;
  tell("");
  show(target.dataset.go);
});
addEventListener("beforeunload", (event) => {
  if (bag.isLeaving || !bag.sync?.status.unsent) return;
  event.preventDefault();
});
const notice = document.querySelector("[data-new-version]");
watchVersion({ offer: (isReady) => { notice.hidden = !isReady; }, beforeReload: leave }).then((worker) => {
  bag.worker = worker;
  notice.querySelector("[data-update]").addEventListener("click", () => worker.update());
});
start().catch((error) => problem(say("cannot_open"), error));
