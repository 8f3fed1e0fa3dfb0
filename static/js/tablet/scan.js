// Slips are read from the camera: by the browser itself where it can, else by our own copy of barcode-detector, fetched
// once on the first scan. Sentences about trouble stand in the page; this module knows codes alone:
// unsupported · none · denied · busy · ended · hidden · unreadable
const LONGEST = 1280;
const PAUSE = 105;
const SAME_AGAIN = 2000;
const TROUBLES = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

const nativeDetector = async () => {
  if (!("BarcodeDetector" in globalThis)) return null;
  const formats = await globalThis.BarcodeDetector.getSupportedFormats().catch(() => []);
  return formats.includes("qr_code") ? new globalThis.BarcodeDetector({ formats: ["qr_code"] }) : null;
};

let own = null;
const ownDetector = () => {
  own ||= import("../../vendor/barcode-detector/ponyfill.js").then(async (library) => {
    // The reader's own file, never the one at the address that the library would think of.
    const wasm = new URL("../../vendor/barcode-detector/zxing_reader.wasm", import.meta.url).href;
    await library.prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
    return new library.BarcodeDetector({ formats: ["qr_code"] });
  });
  // What could not be fetched may be tried again.
  own.catch(() => { own = null; });
  return own;
};

const canvasOf = (width, height) => Object.assign(document.createElement("canvas"), { width, height });

// One picture, from which parts are taken at any size.
class Picture {
  constructor() {
    this.canvas = canvasOf(1, 1);
    this.part = canvasOf(1, 1);
    this.pen = this.part.getContext("2d", { willReadFrequently: true });
  }

  take(source, width, height) {
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    this.width = Math.round(width * scale);
    this.height = Math.round(height * scale);
    if (this.canvas.width !== this.width || this.canvas.height !== this.height) {
      Object.assign(this.canvas, { width: this.width, height: this.height });
    }
    this.canvas.getContext("2d").drawImage(source, 0, 0, this.width, this.height);
  }

  // A part in the middle (`share` of the shorter side; 0 is everything), `scale` times as large.
  cut(share, scale) {
    const side = Math.round(share * Math.min(this.width, this.height));
    const width = side || this.width;
    const height = side || this.height;
    this.part.width = Math.round(width * scale);
    this.part.height = Math.round(height * scale);
    this.pen.imageSmoothingQuality = "high";
    this.pen.drawImage(
      this.canvas, (this.width - width) / 2, (this.height - height) / 2, width, height, 0, 0, this.part.width, this.part.height,
    );
    return this.pen.getImageData(0, 0, this.part.width, this.part.height);
  }
}

const plain = (image) => image;

const blurredGrey = (grey, width, height, radius) => {
  const result = new Float32Array(grey.length);
  const half = new Float32Array(grey.length);
  const span = 2 * radius + 1;
  for (let y = 0; y < height; y += 1) {
    let sum = 0;
    const row = y * width;
    for (let x = -radius; x <= radius; x += 1) sum += grey[row + Math.min(width - 1, Math.max(0, x))];
    for (let x = 0; x < width; x += 1) {
      half[row + x] = sum / span;
      sum += grey[row + Math.min(width - 1, x + radius + 1)] - grey[row + Math.max(0, x - radius)];
    }
  }
  const sums = new Float32Array(width);
  for (let y = -radius; y <= radius; y += 1) {
    const row = Math.min(height - 1, Math.max(0, y)) * width;
    for (let x = 0; x < width; x += 1) sums[x] += half[row + x];
  }
  for (let y = 0; y < height; y += 1) {
    const next = Math.min(height - 1, y + radius + 1) * width;
    const last = Math.max(0, y - radius) * width;
    for (let x = 0; x < width; x += 1) {
      result[y * width + x] = sums[x] / span;
      sums[x] += half[next + x] - half[last + x];
    }
  }
  return result;
};

const greyOf = ({ data, width, height }) => {
  const grey = new Float32Array(width * height);
  for (let at = 0, from = 0; at < grey.length; at += 1, from += 4) {
    grey[at] = 0.3 * data[from] + 0.59 * data[from + 1] + 0.11 * data[from + 2];
  }
  return grey;
};

const painted = (image, value) => {
  const { data } = image;
  for (let at = 0, to = 0; to < data.length; at += 1, to += 4) data[to] = data[to + 1] = data[to + 2] = value(at);
  return image;
};

// What a hand's motion or a lens out of focus has spread, gathered again.
const sharpened = (radius, strength) => (image) => {
  const grey = blurredGrey(greyOf(image), image.width, image.height, 1);
  const wide = blurredGrey(blurredGrey(grey, image.width, image.height, radius), image.width, image.height, radius);
  return painted(image, (at) => grey[at] + strength * (grey[at] - wide[at]));
};

// Shade and glare taken out: every place against its own surroundings.
const evened = (radius) => (image) => {
  const grey = blurredGrey(greyOf(image), image.width, image.height, 1);
  const around = blurredGrey(grey, image.width, image.height, radius);
  return painted(image, (at) => (127 * grey[at]) / Math.max(4, around[at]));
};

// What reads most for its time comes first; each further one reads frames that all before it could not
// (`tests/journeys/test_scanning.py` counts). White on black the detectors try by themselves.
const ATTEMPTS = [
  { share: 0.8, scale: 1, change: plain },
  { share: 0, scale: 1, change: plain },
  { share: 1, scale: 1, change: sharpened(4, 5) },
  { share: 1, scale: 2, change: plain },
  { share: 1, scale: 1, change: evened(8) },
  { share: 1, scale: 1.5, change: sharpened(2, 4) },
  { share: 1, scale: 2, change: sharpened(3, 2) },
  { share: 1, scale: 2, change: sharpened(8, 4) },
  { share: 0.7, scale: 3, change: sharpened(5, 2) },
];

// `forced` is "native" or "wasm"; without it the browser's own reader is taken where there is one.
export async function openReader({ forced = "" } = {}) {
  const native = forced === "wasm" ? null : await nativeDetector();
  if (!native && forced === "native") throw new Error("This browser reads no QR codes by itself.");
  let detector = native || (await ownDetector());
  const picture = new Picture();
  const reader = {
    source: native ? "native" : "wasm",
    attempts: ATTEMPTS.length,
    take: (source, width, height) => picture.take(source, width, height),
    // The text that one attempt finds in the picture, or "".
    async attempt(index) {
      const { share, scale, change } = ATTEMPTS[index];
      const image = change(picture.cut(share, scale));
      const found = await detector.detect(image).catch(async () => {
        // A phone may promise what its services then cannot do.
        if (reader.source === "wasm") return [];
        detector = await ownDetector();
        reader.source = "wasm";
        return detector.detect(image);
      });
      return found.find((code) => code.rawValue)?.rawValue || "";
    },
    async read(source, width, height) {
      reader.take(source, width, height);
      for (let index = 0; index < ATTEMPTS.length; index += 1) {
        const text = await reader.attempt(index);
        if (text) return text;
      }
      return "";
    },
  };
  return reader;
}

const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

const openCamera = async () => {
  const wanted = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
  const [track] = stream.getVideoTracks();
  const can = track.getCapabilities?.() || {};
  if (can.focusMode?.includes("continuous")) {
    track.applyConstraints({ advanced: [{ focusMode: "continuous" }] }).catch(() => {});
  }
  return { track, stream, hasTorch: Boolean(can.torch) };
};

// A short low tone and a tremble: the eyes are on the student.
const signal = (sound) => {
  navigator.vibrate?.(40);
  if (!sound || sound.state !== "running") return;
  const tone = sound.createOscillator();
  const volume = sound.createGain();
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.06, sound.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.09);
  tone.connect(volume).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.1);
};

// Starts the camera into `video`. `onFound(text)` for each code, the same one not again within two seconds; `onTrouble(code)`
// when there is or will be no picture. Answers null after trouble, else { stop, torch, hasTorch, source }.
export async function startScan({ video, onFound, onTrouble }) {
  if (!navigator.mediaDevices?.getUserMedia) { onTrouble("unsupported"); return null; }
  const sound = globalThis.AudioContext ? new AudioContext() : null;
  const opening = openReader();
  opening.catch(() => {});
  let camera = null;
  let isOn = true;
  let stop = () => {};
  try {
    camera = await openCamera();
  } catch (problem) {
    sound?.close();
    onTrouble(TROUBLES[problem.name] || "none");
    return null;
  }
  const onHidden = () => { if (document.hidden) { stop(); onTrouble("hidden"); } };
  stop = () => {
    if (!isOn) return;
    isOn = false;
    document.removeEventListener("visibilitychange", onHidden);
    camera.stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    // The tone of the last code may still sound.
    if (sound) setTimeout(() => sound.close(), 300);
  };
  document.addEventListener("visibilitychange", onHidden);
  camera.track.addEventListener("ended", () => { if (isOn) { stop(); onTrouble("ended"); } });
  video.srcObject = camera.stream;
  let reader;
  try {
    [reader] = await Promise.all([opening, video.play()]);
  } catch {
    if (isOn) { stop(); onTrouble("unreadable"); }
    return null;
  }
  look({ reader, video, isOn: () => isOn, found: (text) => { signal(sound); onFound(text); } });
  return {
    stop,
    hasTorch: camera.hasTorch,
    torch: (on) => camera.track.applyConstraints({ advanced: [{ torch: on }] }).catch(() => {}),
    get source() { return reader.source; },
  };
}

// Eight to ten looks a second: the plain middle each time, then the others in turn, each at the next look.
async function look({ reader, video, isOn, found }) {
  const last = { text: "", at: 0 };
  let turn = 1;
  while (isOn()) {
    const began = performance.now();
    if (video.videoWidth) {
      reader.take(video, video.videoWidth, video.videoHeight);
      let text = await reader.attempt(0).catch(() => "");
      if (!text) {
        text = await reader.attempt(turn).catch(() => "");
        turn = (turn % (reader.attempts - 1)) + 1;
      }
      if (isOn() && text && (text !== last.text || began - last.at > SAME_AGAIN)) found(text);
      if (text) Object.assign(last, { text, at: began });
    }
    // A slow tablet keeps a moment for the fingers.
    await wait(Math.max(30, PAUSE - (performance.now() - began)));
  }
}
