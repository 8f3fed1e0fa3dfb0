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
  document.body.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.xhr.status < 300) show(null); });

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

  // The camera, where the browser can read QR codes by itself.
  const scan = document.querySelector("[data-onsite-scan]");
  const camera = document.querySelector("[data-onsite-camera]");
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const video = camera.querySelector("video");
  let stream = null;
  const stop = () => {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    camera.hidden = true;
  };
  const look = async (detector) => {
    if (!stream) return;
    const [found] = await detector.detect(video).catch(() => []);
    if (!found) { setTimeout(() => look(detector), 120); return; }
    stop();
    field.value = found.rawValue.slice(0, 200);
    search.requestSubmit();
  };
  const start = async () => {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
    if (!stream) return;
    camera.hidden = false;
    video.srcObject = stream;
    await video.play();
    look(new BarcodeDetector({ formats: ["qr_code"] }));
  };
  BarcodeDetector.getSupportedFormats().then((formats) => {
    if (!formats.includes("qr_code")) return;
    scan.hidden = false;
    scan.addEventListener("click", start);
    camera.querySelector("[data-onsite-stop]").addEventListener("click", stop);
  });
})();
