// The board asks again every 15 seconds. 304 means that nothing changed; the stamp is the server's own clock at the last answer.
(() => {
  const EVERY = 15000;
  const STALE = 45000;
  const board = document.querySelector("[data-live-url]");
  const stamp = document.querySelector("[data-live-stamp]");
  let etag = board.dataset.liveEtag;
  let answeredAt = stamp.dataset.liveStamp;
  // Not the wall's clock, which may be wrong or set anew.
  let answered = performance.now();

  const show = () => {
    const isStale = performance.now() - answered > STALE;
    const sentence = (isStale ? stamp.dataset.liveStale : stamp.dataset.liveTemplate).replace("{time}", answeredAt);
    stamp.classList.toggle("jb-stamp--stale", isStale);
    board.classList.toggle("is-stale", isStale);
    if (stamp.textContent !== sentence) stamp.textContent = sentence;
  };
  const ask = async () => {
    try {
      const headers = { "If-None-Match": etag, "HX-Request": "true", "HX-Current-URL": location.href };
      const answer = await fetch(board.dataset.liveUrl, { headers, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(10000) });
      // Our server alone says so: the session has ended. A wall that only turned amber would leave everybody guessing.
      const signIn = answer.status === 204 && answer.headers.get("HX-Redirect");
      if (signIn && signIn.startsWith("/")) { location.assign(signIn); return; }
      // A captive portal answers 200, too; it does not know our header.
      const at = answer.headers.get("X-Answered-At");
      if (at && (answer.status === 200 || answer.status === 304)) {
        if (answer.status === 200) {
          const html = await answer.text();
          const kept = board.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
          board.innerHTML = html;
          const again = kept && [...board.querySelectorAll("a")].find((link) => link.getAttribute("href") === kept);
          if (again) again.focus();
          etag = answer.headers.get("ETag");
        }
        answered = performance.now();
        answeredAt = at;
      }
    } catch { /* No network: the stamp turns amber by itself. */ }
    show();
  };
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  addEventListener("online", ask);
})();
