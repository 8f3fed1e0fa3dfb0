// The operator's screen: find a person, one tap, the next.
import { listenForSlips } from "./camera.js";
import { find } from "./people.js";
import { part } from "./pieces.js";
import { SETTLED } from "./rules.js";
import { Lists } from "./lists.js";
import { showCard, showFound, showNext, showNobody } from "./result.js";
import { say, table } from "./texts.js";
import { Undo } from "./undo.js";

export class Console {
  #shown = null;
  #isBusy = false;

  // `onOpen` brings this screen to the front, where a slip is scanned on another; `onSaved` after each fact that is on the disk; `onProblem(sentence)` where the tablet itself refuses.
  constructor({ root, undoRoot, day, calls, onOpen, onSaved, onProblem }) {
    Object.assign(this, { root, day, calls, onOpen, onSaved, onProblem });
    this.field = root.querySelector("#q");
    this.place = part(root, "result");
    this.lists = new Lists(root, day, (person) => this.open(person));
    this.undo = new Undo(undoRoot, (said) => this.#takeBack(said));
    part(root, "search").addEventListener("submit", (event) => { event.preventDefault(); this.search(this.field.value); });
    part(root, "call").addEventListener("click", () => this.#call());
    const onText = (text) => { this.onOpen(); this.field.value = ""; this.search(text); };
    listenForSlips({ root, field: this.field, onProblem, onText });
    showNext(this.place, false);
    this.refresh();
  }

  // While a tap is being answered nothing else is drawn: what comes next draws everything.
  refresh() {
    if (this.#isBusy) return;
    this.lists.show();
    part(this.root, "no-kit").hidden = Boolean(this.day.session.kit) || !this.day.kits.length;
    // Reasons that are open stay open: a fresh list must not close what the finger is on.
    if (this.#shown && !this.place.querySelector("details[open]")) this.#card(this.#shown);
  }

  async search(text) {
    const typed = text.trim();
    this.#shown = null;
    if (!typed) { showNext(this.place, false); return; }
    const answer = this.#byNumber(typed) || (await find(this.day.people, typed));
    if (answer.found.length === 1) this.open(answer.found[0]);
    else if (answer.found.length) showFound(this.place, answer, this.day, (person) => this.open(person));
    else showNobody(this.place, typed.includes("/s/") ? say("this_slip") : typed);
    this.field.select();
  }

  // By the number of who waits: "B-07".
  #byNumber(typed) {
    const found = this.day.waiting().filter((person) => this.day.stateFor(person).queue === typed.toUpperCase());
    return found.length ? { found, more: false } : null;
  }

  open(person) {
    this.#shown = person.key;
    this.field.value = "";
    this.#card(person.key);
    this.place.scrollIntoView({ block: "nearest" });
  }

  #card(key) {
    const person = this.day.person(key);
    if (!person) return;
    showCard(this.place, person, this.day, (...said) => this.#say(...said));
  }

  async #call() {
    const asked = part(this.root, "call");
    if (asked.disabled) return;
    asked.disabled = true;
    try {
      const person = await this.calls.next();
      if (person) this.open(person);
      else showNext(this.place, false, "nobody_to_call");
      this.lists.show();
    } finally {
      asked.disabled = false;
    }
  }

  async #say(person, kind, reason = "") {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      const said = await this.day.record(person, kind, reason);
      // Where an activation is offered, the same person is next.
      this.#next(SETTLED.has(kind) && person.offersIkd ? person : null);
      this.undo.offer(said);
      this.onSaved();
    } catch (problem) {
      this.onProblem(say("not_saved"), problem);
    } finally {
      this.#isBusy = false;
    }
  }

  #next(stays) {
    this.#shown = null;
    this.field.value = "";
    if (stays) this.open(stays);
    else showNext(this.place, true);
    this.field.focus({ preventScroll: true });
    this.lists.show();
  }

  async #takeBack(said) {
    try {
      await this.day.undo(said);
      this.open(said.person);
      this.lists.show();
      this.onSaved();
    } catch (problem) {
      this.onProblem(say("not_saved"), problem);
    }
  }
}
