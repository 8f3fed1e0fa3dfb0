{% autoescape off %}// The console's own files, kept for a day without network. Everything else goes over the network as if this did not stand here.
const VERSION = {{ version }};
const SHELL = {{ shell }};
const FILES = {{ files }};
const SCANNER = {{ scanner }};
{% endautoescape %}const OURS = `jemput-bola-${VERSION}`;
// A file of the scanner changes its name with its content, so it outlives a version of the console.
const SCANNERS = "jemput-bola-scanner";
// An empty entry for each drive day that this tablet is prepared for.
const DAYS = "jemput-bola-days";
const CONSOLE = /^\/today\/[0-9a-f-]{36}\/$/;

const keep = async () => {
  const cache = await caches.open(OURS);
  await cache.addAll([SHELL, ...FILES].map((file) => new Request(file, { cache: "no-cache", credentials: "omit" })));
};

const forgetOlder = async () => {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith("jemput-bola-") && ![OURS, SCANNERS, DAYS].includes(name));
  await Promise.all(older.map((name) => caches.delete(name)));
};

const keepScanner = async () => {
  const cache = await caches.open(SCANNERS);
  for (const request of await cache.keys()) {
    if (!SCANNER.includes(new URL(request.url).pathname)) await cache.delete(request);
  }
  for (const file of SCANNER) if (!(await cache.match(file))) await cache.add(file);
};

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOlder().then(() => self.clients.claim())));

self.addEventListener("message", (event) => {
  if (event.data.type === "take over") self.skipWaiting();
  if (event.data.type === "scanner") {
    event.waitUntil(keepScanner().then(() => event.ports[0].postMessage(true), () => event.ports[0].postMessage(false)));
  }
});

const shell = async () => (await (await caches.open(OURS)).match(SHELL)) || fetch(SHELL);

// A prepared tablet opens its own console; with a query ("?server"), unprepared or anywhere else the server answers.
const open = async (request, path) => {
  if (path === SHELL || (CONSOLE.test(path) && (await (await caches.open(DAYS)).match(path)))) return shell();
  if (path !== "/today/") return fetch(request);
  return fetch(request).catch(shell);
};

const kept = async (request, path) =>
  (await (await caches.open(FILES.includes(path) ? OURS : SCANNERS)).match(path)) || fetch(request);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (!address.search && (["/today/", SHELL].includes(address.pathname) || CONSOLE.test(address.pathname))) event.respondWith(open(request, address.pathname));
  } else if (FILES.includes(address.pathname) || SCANNER.includes(address.pathname)) {
    event.respondWith(kept(request, address.pathname));
  }
});
