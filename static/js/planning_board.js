/* Dragging a class to another timeslot; the twin of "Pindah…". And the tray's button says how many are chosen. */
"use strict";
(() => {
  let held = null;
  const slotUnder = (event) => event.target.closest("[data-slot]");

  document.addEventListener("dragstart", (event) => {
    held = event.target.closest("[data-move]");
    if (!held) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.textContent);
  });
  document.addEventListener("dragover", (event) => {
    const slot = held && slotUnder(event);
    if (!slot || slot.contains(held)) return;
    event.preventDefault();
    document.querySelectorAll(".jb-slot--over").forEach((each) => each.classList.toggle("jb-slot--over", each === slot));
    slot.classList.add("jb-slot--over");
  });
  document.addEventListener("dragend", () => {
    held = null;
    document.querySelectorAll(".jb-slot--over").forEach((each) => each.classList.remove("jb-slot--over"));
  });
  document.addEventListener("drop", (event) => {
    const slot = held && slotUnder(event);
    if (!slot || slot.contains(held)) return;
    event.preventDefault();
    const form = document.getElementById("drag");
    form.elements.class.value = held.dataset.class;
    form.elements.to.value = slot.dataset.slot;
    form.action = held.dataset.move;
    form.submit();
  });

  const sayHowMany = () => {
    const form = document.getElementById("tray-form");
    const button = form && form.querySelector("button[data-all]");
    if (!button) return;
    const count = [...form.querySelectorAll(":checked")].reduce((sum, box) => sum + Number(box.dataset.count), 0);
    button.textContent = count ? button.dataset.some.replace("COUNT", count.toLocaleString("id")) : button.dataset.all;
  };
  document.addEventListener("change", (event) => event.target.closest("#tray-form") && sayHowMany());
  sayHowMany();
})();
