// The board asks again every 15 seconds. 304 means that nothing changed; the stamp says when the last answer came.
(() => {
  const EVERY = 15000;
  const STALE = 45000;
  const board = document.querySelector("[data-live-url]");
  const stamp = document.querySelector("[data-live-stamp]");
  let etag = board.dataset.liveEtag;
  let answered = new Date();

  const clock = (moment) => [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map((part) => String(part).padStart(2, "0")).join(".");
  const show = () => {
    const isStale = Date.now() - answered.getTime() > STALE;
    stamp.classList.toggle("jb-stamp--stale", isStale);
    stamp.textContent = (isStale ? stamp.dataset.liveStale : stamp.dataset.liveTemplate).replace("{time}", clock(answered));
  };
  const ask = async () => {
    try {
      const answer = await fetch(board.dataset.liveUrl, { headers: { "If-None-Match": etag }, cache: "no-store", redirect: "error" });
      if (answer.status === 200) {
        board.innerHTML = await answer.text();
        etag = answer.headers.get("ETag");
      }
      if (answer.status === 200 || answer.status === 304) answered = new Date();
    } catch { /* No network: the stamp turns amber by itself. */ }
    show();
  };
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
})();
