// Every sentence comes from the server's catalogue, with the page; here they are only filled in.
const texts = JSON.parse(document.getElementById("texts")?.textContent || "{}");

export const table = (name) => texts[name] || {};
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, key) => (key in values ? values[key] : ""));
export const say = (name, values = {}) => filled(texts.sentences?.[name] ?? name, values);
// The card's own texts, by the names that the verdict gives them.
export const sayHeadline = (name, values) => filled(table("headlines")[name] ?? "", values);
export const sayRemedy = (name, values) => filled(table("remedies")[name] ?? "", values);

// Making a formatter takes longer than a tap may; each is made once.
let time, longDay;
export function setZone(timeZone) {
  time = new Intl.DateTimeFormat("id-ID", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  longDay = new Intl.DateTimeFormat("id-ID", { timeZone, weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

// "09.41", in the office's own time, whatever the tablet's zone; moments are seconds.
export const clock = (seconds) => time.format(seconds * 1000).replace(":", ".");
// "Selasa, 24 November 2026".
export const dayName = (seconds) => longDay.format(seconds * 1000);
export const hourIn = (name, milliseconds) =>
  Number(new Intl.DateTimeFormat("en-GB", { timeZone: name, hour: "2-digit", hourCycle: "h23" }).format(milliseconds));
// "2026-11-24", the day in the office.
export const dayIn = (name, milliseconds) =>
  new Intl.DateTimeFormat("en-CA", { timeZone: name, year: "numeric", month: "2-digit", day: "2-digit" }).format(milliseconds);

export function stateLabel({ state, reason, arrived, at }) {
  const label = table("states")[state] || state;
  if (state === "present") return `${label} ${clock(arrived || at)}`;
  return reason && table("reasons")[reason] ? `${label}, ${table("small_reasons")[reason]}` : label;
}
