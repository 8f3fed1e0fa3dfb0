// What this tablet holds: badges, what waits, what has to be looked at, the station, the end of the day.
import { button, part } from "./pieces.js";
import { clock, say } from "./texts.js";

// The count for pages that know nothing of this store, so that signing out there warns as well, and "Today" leads here.
const COUNT = "jemput-bola-unsent";
export const keepCount = ({ unsent, held }) => localStorage.setItem(COUNT, unsent + held);

export function showBadges(header, status) {
  part(header, "badges").hidden = false;
  const isOnline = status.online && navigator.onLine;
  part(header, "online").hidden = !isOnline;
  part(header, "offline").hidden = isOnline;
  const unsent = part(header, "unsent");
  unsent.classList.toggle("jb-badge--wait", status.unsent > 0);
  unsent.querySelector("span").textContent = say("unsent", { count: status.unsent });
  const held = part(header, "held");
  held.hidden = !status.held;
  held.querySelector("span").textContent = say("held", { count: status.held });
  keepCount(status);
}

export class StatusScreen {
  constructor({ root, day, device, version, waiting, onSend, onWipe, onLock }) {
    Object.assign(this, { root, day, device, version, waiting });
    part(root, "send").addEventListener("click", () => onSend());
    part(root, "lock").addEventListener("click", onLock);
    part(root, "end").addEventListener("click", () => this.#end(onWipe));
    part(root, "server").href = `/today/${day.driveDay}/?server`;
    const select = root.querySelector("#kit");
    part(root, "kits").hidden = !day.kits.length;
    for (const [id, name] of day.kits) select.add(new Option(name, id));
    select.value = day.session.kit || "";
    select.addEventListener("change", () => day.useKit(select.value));
  }

  async show(status) {
    const { root, day } = this;
    part(root, "tablet-name").textContent = this.device.name;
    part(root, "operator").textContent = day.session.user || "";
    part(root, "letter").textContent = day.letter ? `${day.letter}-01, ${day.letter}-02 …` : "";
    part(root, "connection").textContent = say(status.locked ? "connection_locked" : status.revoked ? "connection_revoked" : status.online ? "connection_online" : "connection_offline");
    part(root, "unsent-count").textContent = say("events", { count: status.unsent });
    part(root, "last-sent").textContent = status.lastContact ? say("at_time", { time: clock(status.lastContact / 1000) }) : say("not_since_opened");
    part(root, "version-name").textContent = this.version;
    part(root, "send").disabled = status.sending;
    part(root, "end-said").textContent = status.unsent ? say("end_unsent", { count: status.unsent }) : status.held ? say("end_held", { count: status.held }) : say("end_ready");
    part(root, "end").disabled = status.unsent > 0;
    await this.waiting.show();
  }

  // Two taps, the second of which says what goes.
  #end(onWipe) {
    const asked = part(this.root, "end");
    const sure = button(say("wipe_sure"), onWipe, { drawing: "trash" });
    sure.classList.replace("btn-secondary", "btn-danger");
    asked.replaceWith(sure);
    sure.focus();
  }
}
