// Signing out of a browser in which a prepared tablet still holds something: it is said first. The tablet's console keeps the count.
(() => {
  const told = document.currentScript.dataset;
  addEventListener("submit", (event) => {
    if (!event.target.action.endsWith(told.signOut)) return;
    const count = Number(localStorage.getItem("jemput-bola-unsent"));
    if (count > 0 && !confirm(told.warning.replace("{count}", count))) event.preventDefault();
  });
})();
