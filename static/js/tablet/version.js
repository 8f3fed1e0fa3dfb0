// The service worker and its newer self: that one waits until it is asked for, and a shift is never cut in two.
const UPDATE_EVERY = 30 * 60_000;

export async function installWorker() {
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/today/", updateViaCache: "none" });
  await navigator.serviceWorker.ready;
  return registration;
}

// `offer(isReady)` whenever that changes; `beforeReload` lets the page go without a warning: what waits is on the disk.
export async function watchVersion({ offer, beforeReload }) {
  if (!("serviceWorker" in navigator)) return { update: () => {}, look: () => {} };
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/today/", updateViaCache: "none" }).catch(() => navigator.serviceWorker.getRegistration("/today/"));
  if (!registration) return { update: () => {}, look: () => {} };
  const hadOne = Boolean(navigator.serviceWorker.controller);
  const tell = () => offer(Boolean(registration.waiting && navigator.serviceWorker.controller));
  const follow = (worker) => worker?.addEventListener("statechange", tell);
  follow(registration.installing);
  registration.addEventListener("updatefound", () => follow(registration.installing));
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (hadOne) { beforeReload(); location.reload(); } });
  const look = () => registration.update().catch(() => {});
  setInterval(look, UPDATE_EVERY);
  tell();
  return { look, update: () => registration.waiting?.postMessage({ type: "take over" }) };
}
