// The console, made quicker: undo counts down, the camera reads slips, a scanner's Enter leaves the field ready.
// Everything here has a way without it.
(() => {
  const search = document.querySelector("[data-onsite-search]");
  const field = search.querySelector("input[type=search]");

  // Ten seconds to undo. The server keeps the time; this only shows it.
  let timer = 0;
  const countDown = () => {
    clearInterval(timer);
    const bar = document.querySelector("[data-onsite-undo]");
    if (!bar) return;
    let left = Number(bar.dataset.onsiteUndo);
    timer = setInterval(() => {
      left -= 1;
      const shown = bar.querySelector("[data-onsite-seconds]");
      if (left > 0 && shown && bar.isConnected) { shown.textContent = left; return; }
      clearInterval(timer);
      if (bar.isConnected) { bar.replaceChildren(); bar.classList.remove("jb-sticky", "jb-sticky--undo"); }
    }, 1000);
  };
  countDown();

  // After an outcome the next person is searched: the field is empty and has the focus.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    countDown();
    const path = event.detail.pathInfo ? event.detail.pathInfo.requestPath : "";
    if (path.endsWith("/search/")) { field.select(); return; }
    if (path.endsWith("/outcome/") && event.detail.xhr.status === 200) { field.value = ""; field.focus(); }
  });

  // A tap that did not arrive must not look like one that did.
  const unsaved = document.querySelector("[data-onsite-unsaved]");
  const reload = document.querySelector("[data-onsite-reload]");
  const show = (shown) => {
    for (const note of [unsaved, reload]) note.hidden = note !== shown;
    if (shown) shown.scrollIntoView({ block: "center" });
  };
  for (const failure of ["htmx:sendError", "htmx:timeout"]) document.body.addEventListener(failure, () => show(unsaved));
  document.body.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status !== 422) show(status >= 500 ? unsaved : reload);
  });
  // A captive portal answers 200, too, with a page of its own: only the server's own card counts as an answer.
  const isOurs = ({ xhr, target }) => target.id !== "result" || xhr.status === 204 || xhr.responseText.includes('id="result"');
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 300 || isOurs(event.detail)) return;
    event.detail.shouldSwap = false;
    show(unsaved);
  });
  document.body.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status < 300 && isOurs(event.detail)) show(null);
  });

  // The station is taken as soon as it is chosen.
  const kit = document.querySelector("[data-onsite-kit]");
  if (kit) {
    kit.querySelector("button").hidden = true;
    kit.querySelector("select").addEventListener("change", () => kit.submit());
  }

  const online = document.querySelector("[data-onsite-online]");
  const offline = document.querySelector("[data-onsite-offline]");
  const showConnection = () => { online.hidden = !navigator.onLine; offline.hidden = navigator.onLine; };
  addEventListener("online", showConnection);
  addEventListener("offline", showConnection);
  showConnection();

  // What a slip says is searched as if it had been typed.
  const find = (text) => {
    field.value = text.slice(0, 200);
    search.requestSubmit();
  };
  import(search.dataset.wedge).then(({ listenForScanners }) => listenForScanners({ onText: find, field }));

  // The camera, and one sentence about what keeps it from working.
  const scan = document.querySelector("[data-onsite-scan]");
  const camera = document.querySelector("[data-onsite-camera]");
  const torch = camera.querySelector("[data-onsite-torch]");
  const troubles = [...document.querySelectorAll("[data-onsite-trouble]")];
  let scanner = null;
  let isStarting = false;
  const tell = (code) => {
    const known = troubles.some((note) => note.dataset.onsiteTrouble === code) ? code : "none";
    for (const note of troubles) note.hidden = !code || note.dataset.onsiteTrouble !== known;
  };
  const stop = () => {
    if (scanner) scanner.stop();
    scanner = null;
    camera.hidden = true;
  };
  const start = async () => {
    if (scanner || isStarting) return;
    isStarting = true;
    tell("");
    camera.hidden = false;
    const onTrouble = (code) => { stop(); if (code !== "hidden") tell(code); };
    try {
      const { startScan } = await import(search.dataset.scan);
      scanner = await startScan({ video: camera.querySelector("video"), onFound: (text) => { stop(); find(text); }, onTrouble });
    } catch {
      onTrouble("unreadable");
    }
    isStarting = false;
    // Closed again while the camera was being opened.
    if (!scanner || camera.hidden) { stop(); return; }
    torch.hidden = !scanner.hasTorch;
    torch.setAttribute("aria-pressed", "false");
  };
  torch.addEventListener("click", () => {
    const isLit = torch.getAttribute("aria-pressed") !== "true";
    torch.setAttribute("aria-pressed", String(isLit));
    if (scanner) scanner.torch(isLit);
  });
  scan.hidden = !(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
  scan.addEventListener("click", start);
  camera.querySelector("[data-onsite-stop]").addEventListener("click", stop);
})();
