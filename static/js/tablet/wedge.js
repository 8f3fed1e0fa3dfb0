// Scanners that type: faster than anybody, then Enter or Tab, whether or not a field has the focus, and at times for
// another keyboard than the tablet believes in. A person's own typing is never taken away.
const FASTEST_PERSON = 50;
const SUFFIX_WITHIN = 150;
const SHORTEST = 6;
const LONGEST = 300;
const ADDRESS = /^https?:\/\/[^\s/]+(?:\/[^\s/]+)*\/s\/([A-Za-z0-9_-]{16,32})\/?$/;
// Of the length that ours have; digits alone may be a NIK or a NISN.
const TOKEN = /^(?!\d+$)[A-Za-z0-9_-]{22}$/;
const CODE = /^[ABCDEFGHJKMNPQRTUVWXYZ2346789]{6}$/i;

// What each key types, alone and with Shift, on the keyboards that scanners are set to.
const KEYS = [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("").map((letter) => `Key${letter}`),
  ..."1234567890".split("").map((digit) => `Digit${digit}`),
  "Minus", "Equal", "BracketLeft", "BracketRight", "Semicolon", "Quote", "Comma", "Period", "Slash", "IntlBackslash",
];
const LAYOUTS = {
  us: ["abcdefghijklmnopqrstuvwxyz1234567890-=[];',./\\", "ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()_+{}:\"<>?|"],
  german: ["abcdefghijklmnopqrstuvwxzy1234567890ß´ü+öä,.-<", "ABCDEFGHIJKLMNOPQRSTUVWXZY!\"§$%&/()=?`Ü*ÖÄ;:_>"],
  french: ["qbcdefghijkl,noparstuvzxyw&é\"'(-è_çà)=^$mù;:!<", "QBCDEFGHIJKL?NOPARSTUVZXYW1234567890°+¨£M%./§>"],
};
const typedOn = (layout) => {
  const [alone, shifted] = LAYOUTS[layout];
  return new Map(KEYS.map((key, at) => [key, [alone[at], shifted[at]]]));
};
const BOARDS = Object.keys(LAYOUTS).map(typedOn);

// What was typed, if it is a slip's address, its token or its code: { kind, text }; else null. `strokes` are the keys by
// their place, which no keyboard layout changes; without them the text is tried as each keyboard may have spoilt it.
export const understand = (text, strokes = []) => {
  const typed = text.trim();
  if (ADDRESS.test(typed)) return { kind: "address", text: typed };
  const readings = strokes.length ? BOARDS.map((board) => byPlace(strokes, board)) : spoilt(typed);
  const address = readings.find((reading) => ADDRESS.test(reading));
  if (address) return { kind: "address", text: address };
  if (TOKEN.test(typed)) return { kind: "token", text: typed };
  return CODE.test(typed) ? { kind: "code", text: typed.toUpperCase() } : null;
};

const byPlace = (strokes, board) => strokes.map(({ code, shift }) => board.get(code)?.[Number(shift)] ?? "").join("");

const spoilt = (text) => BOARDS.flatMap((believed) => {
  const places = new Map();
  for (const [code, typed] of believed) typed.forEach((letter, shift) => places.set(letter, { code, shift }));
  const strokes = [...text].map((letter) => places.get(letter));
  return strokes.includes(undefined) ? [] : BOARDS.map((board) => byPlace(strokes, board));
});

const isTyped = (element) => Boolean(element?.matches?.("input, textarea, [contenteditable]"));

// Hands over what a scanner types anywhere on the page, as `onText(text, kind)`. In `field`, the search, an address, a token
// or a code is taken; in any other field an address alone; where nothing can be typed, whatever came. Answers a function that
// ends it.
export const listenForScanners = ({ onText, field = null }) => {
  let strokes = [];
  let last = 0;
  let before = null;

  const forget = () => { strokes = []; before = null; };
  const take = (target) => {
    const text = strokes.map(({ key }) => key).join("");
    const found = understand(text, strokes);
    if (!isTyped(target)) return { kind: found ? found.kind : "other", text: found ? found.text : text };
    return found && (found.kind === "address" || target === field) ? found : null;
  };

  const onKey = (event) => {
    if (event.isComposing || ["Shift", "CapsLock", "AltGraph"].includes(event.key)) return;
    const gap = event.timeStamp - last;
    last = event.timeStamp;
    if (event.key === "Enter" || event.key === "Tab") {
      const isScan = strokes.length >= SHORTEST && gap <= SUFFIX_WITHIN && strokes[0].target === event.target;
      const found = isScan ? take(event.target) : null;
      const held = before;
      forget();
      if (!found) return;
      // The Enter at the end must press no button that happens to have the focus.
      event.preventDefault();
      event.stopPropagation();
      if (held) Object.assign(event.target, { value: held.value });
      onText(found.text, found.kind);
      return;
    }
    // A key held down repeats as fast as a scanner types.
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.repeat) { forget(); return; }
    if (strokes.length && (gap > FASTEST_PERSON || strokes.length > LONGEST || strokes[0].target !== event.target)) forget();
    if (!strokes.length && isTyped(event.target) && "value" in event.target) before = { value: event.target.value };
    strokes.push({ key: event.key, code: event.code, shift: event.shiftKey, target: event.target });
    // A space amid a scan would press the button that has the focus.
    if (event.key === " " && strokes.length > 2 && !isTyped(event.target)) event.preventDefault();
  };

  document.addEventListener("keydown", onKey, true);
  return () => document.removeEventListener("keydown", onKey, true);
};
