// The camera reads a slip: its program is fetched with the first scan, from the tablet's own store where there is no network.
import { part } from "./pieces.js";
import { say } from "./texts.js";

const TROUBLES = new Set(["unsupported", "none", "denied", "busy", "ended", "unreadable"]);

// `onText` gets what a slip says, by camera or from a scanner that types; `onProblem` a sentence.
export function listenForSlips({ root, field, onText, onProblem }) {
  import("./wedge.js").then(({ listenForScanners }) => listenForScanners({ field, onText: (text) => onText(text) })).catch(() => {});
  const start = part(root, "scan"), box = part(root, "camera"), torch = part(root, "torch");
  let scanner = null, isStarting = false;
  const close = () => { scanner?.stop(); scanner = null; box.hidden = true; };
  const onTrouble = (code) => { close(); if (code !== "hidden") onProblem(say(`camera_${TROUBLES.has(code) ? code : "none"}`)); };
  start.hidden = !navigator.mediaDevices?.getUserMedia;
  start.addEventListener("click", async () => {
    if (scanner || isStarting) return;
    isStarting = true;
    box.hidden = false;
    onProblem("");
    try {
      const { startScan } = await import("./scan.js");
      scanner = await startScan({ video: box.querySelector("video"), onFound: (text) => { close(); onText(text); }, onTrouble });
    } catch {
      onTrouble("unreadable");
    }
    isStarting = false;
    // Closed again while the camera was being opened.
    if (!scanner || box.hidden) { close(); return; }
    torch.hidden = !scanner.hasTorch;
    torch.setAttribute("aria-pressed", "false");
  });
  torch.addEventListener("click", () => {
    const isLit = torch.getAttribute("aria-pressed") !== "true";
    torch.setAttribute("aria-pressed", String(isLit));
    scanner?.torch(isLit);
  });
  part(root, "camera-stop").addEventListener("click", close);
}
