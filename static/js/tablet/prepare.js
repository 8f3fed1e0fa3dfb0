// "Siapkan tablet": everything that a day without network needs, step by step, and what is ready.
import { openDoor } from "./doors.js";
import { part } from "./pieces.js";
import { keepCount } from "./status.js";
import { countOf, openStore, renumber, HELD, UNSENT } from "./store.js";
import { ask, isPack, Sync } from "./sync.js";
import { say } from "./texts.js";
import { createVault, forgetVault, hasVault, isGoodPin, openVault, pauseLeft } from "./vault.js";
import { installWorker } from "./version.js";

const root = document.querySelector("[data-prepare]");
const form = root.querySelector("form");
const driveDay = root.dataset.prepare;

class Refusal extends Error {
  constructor(name, values = {}, field = "") { super(say(name, values)); this.field = field; }
}

function mark(step, state, text) {
  const line = root.querySelector(`[data-step="${step}"]`);
  line.dataset.state = state;
  part(line, "said").textContent = text;
}

function complain(message, field = "") {
  for (const place of root.querySelectorAll("[data-problem-of]")) {
    place.textContent = field === place.dataset.problemOf ? message : "";
    document.getElementById(place.dataset.problemOf)?.classList.toggle("is-invalid", field === place.dataset.problemOf);
  }
  const general = part(root, "problem");
  general.hidden = !message || Boolean(field);
  general.querySelector("p").textContent = field ? "" : message;
  if (field) document.getElementById(field)?.focus();
  else if (message) general.scrollIntoView({ block: "center" });
}

async function vaultFor(db, pin, again) {
  if (!(await hasVault(db))) {
    if (!isGoodPin(pin)) throw new Refusal("pin_weak", {}, "pin");
    if (pin !== again) throw new Refusal("pin_differs", {}, "pin-again");
    return createVault(db, pin);
  }
  const pause = await pauseLeft(db);
  if (pause) throw new Refusal("pin_pause", { seconds: Math.ceil(pause / 1000) }, "pin");
  const vault = await openVault(db, pin);
  if (!vault) throw new Refusal("pin_old_wrong", {}, "pin");
  return vault;
}

async function knownDevice(db, vault) {
  const sealed = await db.get("meta", "device");
  return sealed ? vault.unseal(sealed) : null;
}

// So the server says that this tablet is to be prepared before it can send.
const PREPARE_FIRST = new Set(["tablet_unknown", "not_prepared"]);

// What an earlier operator noted goes under that name: it is sent before the tablet becomes somebody else's. What the server
// was asked and did not take is kept, and goes later.
async function sendFirst(db, vault) {
  const device = await knownDevice(db, vault);
  if (!device || !(await countOf(db, UNSENT))) return;
  const sync = new Sync({ db, vault, device, version: "", day: null, onStatus: keepCount });
  let count = Infinity, before;
  do {
    before = count;
    await sync.run({ byHand: true });
    count = await countOf(db, UNSENT);
  } while (count && count < before);
  if (count && !sync.status.online && !PREPARE_FIRST.has(sync.status.code)) throw new Refusal("prepare_unsent", { count });
}

async function register(db, vault, chosen) {
  const known = await knownDevice(db, vault);
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  if (known) headers.Authorization = `Tablet ${known.id}.${known.secret}`;
  let response, answer;
  try {
    response = await fetch(location.pathname, { method: "POST", headers, body: JSON.stringify({ ...chosen, device: known?.id ?? null }), redirect: "error", cache: "no-store" });
    answer = await response.json();
  } catch {
    throw new Refusal("prepare_no_answer");
  }
  if (!response.ok) throw Object.assign(new Refusal("prepare_no_answer"), answer.message ? { message: answer.message, field: answer.field === "name" ? "name" : "" } : {});
  const device = { id: answer.device, secret: answer.secret || known?.secret, name: answer.name || chosen.name };
  const sealed = await vault.seal(device);
  if (known && known.id !== device.id) await renumber(db, sealed);
  else await db.put("meta", sealed, "device");
  const session = { letter: answer.letter, kit: chosen.kit || null, user: answer.user || root.dataset.user, leads: answer.leads === true };
  await db.put("meta", await vault.seal(session), `session ${driveDay}`);
  return device;
}

async function fetchList(db, vault, device) {
  const { status, answer, etag } = await ask(`/api/v1/tablet/pack/${driveDay}`, { device });
  if (status !== 200 || !isPack(answer, driveDay)) throw new Refusal("prepare_no_list");
  await db.put("packs", { driveDay, day: answer.day, zone: answer.zone, etag, ...(await vault.seal(answer)) });
  return answer.people.name.length;
}

async function fetchScanner(registration) {
  const answer = await new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => resolve(event.data);
    setTimeout(() => resolve(false), 60_000);
    registration.active.postMessage({ type: "scanner" }, [channel.port2]);
  });
  if (!navigator.mediaDevices?.getUserMedia) return say("step_no_camera");
  return answer ? say("step_scanner") : say("step_no_scanner");
}

async function prepare() {
  const values = Object.fromEntries(new FormData(form));
  const name = values.name.trim();
  if (!name) throw new Refusal("name_of_tablet_missing", {}, "name");
  const db = await openStore();
  mark("pin", "now", say("step_working"));
  const vault = await vaultFor(db, values.pin, values.pin_again);
  mark("pin", "done", say("step_pin"));
  await sendFirst(db, vault);
  mark("program", "now", say("step_working"));
  const registration = await installWorker().catch(() => { throw new Refusal("prepare_no_program"); });
  mark("program", "done", say("step_program"));
  mark("list", "now", say("step_working"));
  const device = await register(db, vault, { name, kit: values.kit || null });
  mark("list", "done", say("step_list", { count: await fetchList(db, vault, device) }));
  mark("scanner", "now", say("step_working"));
  const scanner = await fetchScanner(registration);
  mark("scanner", "done", scanner);
  const isKept = await navigator.storage?.persist?.().catch(() => false);
  mark("storage", isKept ? "done" : "warn", say(isKept ? "step_kept" : "step_not_kept"));
  await openDoor(driveDay);
  part(root, "ready").hidden = false;
  part(root, "ready").querySelector("a").focus();
  form.hidden = true;
}

// A forgotten PIN: only where nothing would be lost with it.
async function startAnew() {
  const db = await openStore();
  const waiting = (await countOf(db, UNSENT)) + (await countOf(db, HELD));
  if (waiting) { complain(say("pin_needed", { count: waiting }), "pin"); return; }
  await forgetVault(db);
  for (const store of ["packs", "outbox", "meta"]) await db.clear(store);
  await caches.delete("jemput-bola-days");
  location.reload();
}

async function begin() {
  const db = await openStore();
  const isKnown = await hasVault(db);
  part(root, "new-pin").hidden = isKnown;
  part(root, "pin-again").hidden = isKnown;
  part(root, "old-pin").hidden = !isKnown;
  part(root, "start-anew").addEventListener("click", startAnew);
  if (!("serviceWorker" in navigator) || !crypto.subtle || !window.indexedDB) throw new Refusal("browser_too_old");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const submit = form.querySelector("[type=submit]");
  submit.disabled = true;
  complain("");
  try {
    await prepare();
  } catch (problem) {
    for (const line of root.querySelectorAll('[data-state="now"]')) mark(line.dataset.step, "", "");
    if (!(problem instanceof Refusal)) console.error(problem.name);
    complain(problem instanceof Refusal ? problem.message : say("prepare_failed"), problem.field);
  } finally {
    submit.disabled = false;
  }
});
begin().catch((problem) => complain(problem instanceof Refusal ? problem.message : say("browser_too_old")));
