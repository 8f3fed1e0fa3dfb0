// Notes of a tablet whose day is over wait in this browser: the page leads to them. The tablet's console keeps the count.
(() => {
  const place = document.querySelector("[data-waiting-here]");
  const count = Number(localStorage.getItem("jemput-bola-unsent"));
  if (!(count > 0)) return;
  place.hidden = false;
  place.querySelector("p").textContent = place.dataset.waitingHere.replace("{count}", count);
})();
