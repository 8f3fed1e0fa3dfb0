// For people whose profile says "as the device does": light or dark, at once and whenever the device changes.
// Loaded in the head, before anything is painted.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => { document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light"; };
follow();
dark.addEventListener("change", follow);
