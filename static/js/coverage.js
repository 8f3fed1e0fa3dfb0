// A choice shows at once; without a script the button beside it does. Printing needs a script: its button is hidden until then.
document.querySelectorAll("[data-submit-on-change]").forEach((form) => {
  form.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
  form.addEventListener("change", () => form.requestSubmit());
});
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
