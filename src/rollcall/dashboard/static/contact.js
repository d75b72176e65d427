// A contact's page: leaving it asks when something was typed and not saved.

import { enhance } from "./enhance.js";

let changed = false;

enhance("form[data-keep]", (form) => {
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
});

window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
