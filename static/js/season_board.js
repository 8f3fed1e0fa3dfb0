/* Dragging a school to another day; the twin of "Pindah…". While it is held, days on which it cannot be are dim. */
"use strict";
(() => {
  const board = document.getElementById("season");
  const form = document.getElementById("season-drag");
  const line = document.getElementById("season-say");
  if (!board || !form || !window.Sortable) return;
  let held = null;
  let against = {};
  let over = null;
  let silence = 0;

  const say = (text) => {
    line.textContent = text;
    line.hidden = false;
    clearTimeout(silence);
    silence = setTimeout(() => { line.hidden = true; }, 8000);
  };
  const daysOf = (field) => (field.dataset.days || field.dataset.day || "").split(" ").filter(Boolean);
  const dim = () => board.querySelectorAll("[data-days], [data-day]").forEach((field) => {
    field.classList.toggle("is-impossible", Boolean(held) && daysOf(field).every((day) => day in against));
  });
  const fieldAt = (x, y) => document.elementsFromPoint(x, y).map((each) => each.closest("#season [data-days]")).find(Boolean);
  // Of a field of several days, the one under the pointer.
  const dayAt = (field, x) => {
    const days = daysOf(field);
    const { left, width } = field.getBoundingClientRect();
    return days[Math.min(days.length - 1, Math.max(0, Math.floor(((x - left) / width) * days.length)))];
  };
  const mark = (field) => {
    if (over === field) return;
    if (over) over.classList.remove("is-over");
    over = field || null;
    if (over) over.classList.add("is-over");
  };
  const point = (event) => {
    const touch = event && event.changedTouches ? event.changedTouches[0] : event;
    return touch ? { x: touch.clientX, y: touch.clientY } : null;
  };
  const follow = (event) => {
    const at = held && point(event);
    if (at) mark(fieldAt(at.x, at.y));
  };

  const hold = async (turn) => {
    held = turn;
    against = {};
    document.body.classList.add("is-holding");
    const answer = await fetch(`${turn.dataset.turn}days/?month=${form.elements.month.value}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer && answer.ok && held === turn) {
      against = (await answer.json()).days;
      dim();
    }
  };
  const release = (event) => {
    const turn = held;
    const at = point(event);
    const field = at && fieldAt(at.x, at.y);
    held = null;
    mark(null);
    document.body.classList.remove("is-holding");
    dim();
    if (!turn || !field) return;
    const day = dayAt(field, at.x);
    if (day === turn.dataset.first || (field.contains(turn) && daysOf(field).length === 1)) return;
    if (day in against) {
      say(against[day]);
      return;
    }
    form.elements.day.value = day;
    form.elements.kits.value = turn.dataset.kits;
    form.elements.part.value = turn.dataset.part === "day" ? "day" : field.dataset.part || turn.dataset.part;
    form.action = `${turn.dataset.turn}move/`;
    form.submit();
  };

  document.addEventListener("pointermove", follow);
  document.addEventListener("touchmove", follow, { passive: true });
  document.querySelectorAll("#season td[data-days], [data-tray]").forEach((list) => {
    window.Sortable.create(list, {
      group: "season",
      sort: false,
      draggable: "[data-turn]",
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 4,
      fallbackClass: "is-dragged",
      ghostClass: "is-held",
      delay: 200,
      delayOnTouchOnly: true,
      scrollSensitivity: 80,
      onStart: (event) => hold(event.item),
      onMove: () => false, // Nothing moves on the page before the server has said yes.
      onEnd: (event) => release(event.originalEvent),
    });
  });
})();
