// The people of a drive as the list tells them, and how one is found: by slip, by code, by parts of a name.
const MOST_RESULTS = 12;
const CODE = /^[A-Z0-9]{6,8}$/;
const TOKEN = /^[A-Za-z0-9_-]{16,32}$/;

// As on the server: without accents, case, punctuation or double spaces.
export const normalise = (text) =>
  text.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toUpperCase().replace(/[^A-Z0-9]+/g, " ").trim();

export const NO_SLOT = -1, OTHER_DAY = -2;

const IKD_SAID = ["ikd_activated", "ikd_failed"];

// For a guest, of whom no list tells: where the drive offers an activation at this age.
export const offersIkd = (rule, age) => Boolean(rule) && !rule.needs_printable && (!age || age >= rule.minimum_age);

// Short texts travel one behind the other, each filled up with dots; a list kept by an older version has them apart.
function parted(column, count) {
  if (typeof column !== "string") return column || [];
  const width = column.length / count;
  return Array.from({ length: count }, (_one, place) => column.slice(width * place, width * (place + 1)).replace(/\.+$/, ""));
}

// The list travels in columns, for it compresses better so; here it becomes a row for each person.
export function peopleOf(pack) {
  const columns = { ...pack.people };
  for (const name of ["code", "mark"]) columns[name] = parted(columns[name], columns.name.length);
  const at = (name, index, otherwise) => (columns[name] ? columns[name][index] ?? otherwise : otherwise);
  return columns.code.map((code, index) => ({
    key: code,
    code,
    mark: at("mark", index, ""),
    name: columns.name[index],
    words: ` ${normalise(columns.name[index])}`,
    className: pack.classes[at("class", index, -1)] || "",
    slot: at("slot", index, NO_SLOT),
    isExtra: Boolean(at("extra", index, 0)),
    age: at("age", index, 0),
    backdrop: at("backdrop", index, ""),
    kind: at("kind", index, "") || "student",
    service: at("service", index, "") || "recording",
    hasConflict: Boolean(at("conflict", index, 0)),
    offersIkd: ["offered", "once_recorded"].includes(at("ikd", index, "")) || IKD_SAID.includes(at("ikd", index, "")),
    verdict: pack.verdicts[at("verdict", index, 0)],
    isGuest: false,
    base: {
      state: at("state", index, "") || "expected",
      reason: at("reason", index, "") || "",
      at: at("at", index, 0) || 0,
      arrived: at("arrived", index, 0) || 0,
      queue: at("queue", index, "") || "",
      kit: at("kit", index, -1),
      ikd: IKD_SAID.find((said) => said === at("ikd", index, "")) || "",
    },
  }));
}

async function digest(token) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// `https://…/s/<token>/`, as a camera reads it and as a scanner types it; or the token alone.
export function tokenIn(text) {
  const found = /\/s\/([A-Za-z0-9_-]{16,32})\/?$/.exec(text.split(/[?#]/)[0].trim());
  if (found) return found[1];
  return TOKEN.test(text.trim()) ? text.trim() : "";
}

async function bySlip(people, token) {
  const whole = await digest(token);
  return people.filter((person) => person.mark && whole.startsWith(person.mark));
}

// Who could be meant. `today` people (with a slot of today) come first; names stay in the order of the list.
export async function find(people, text) {
  const token = tokenIn(text);
  if (token) {
    const found = await bySlip(people, token);
    if (found.length || text.includes("/")) return { found, more: false };
  }
  const code = text.replace(/[\s.-]+/g, "").toUpperCase();
  if (CODE.test(code)) {
    const found = people.filter((person) => person.code === code);
    if (found.length) return { found, more: false };
  }
  const words = normalise(text).split(" ").filter(Boolean);
  if (!words.length) return { found: [], more: false };
  const holds = (begins) => (person) => words.every((word) => person.words.includes(begins + word));
  let found = people.filter(holds(" "));
  if (!found.length) found = people.filter(holds(""));
  found.sort((a, b) => (b.slot >= 0) - (a.slot >= 0));
  return { found: found.slice(0, MOST_RESULTS), more: found.length > MOST_RESULTS };
}
