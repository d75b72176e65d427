// The options are kept as they are changed; segments and topics are made in their place.

import { enhance } from "./enhance.js";
import { replace } from "./fragment.js";
import { ask } from "./server.js";
import { inTurn } from "./wizard_saving.js";

enhance("form[data-options]", (form) => {
  form.addEventListener("change", (event) => {
    if (!("adds" in event.target.dataset)) keep(form);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !("adds" in event.target.dataset)) return;
    event.preventDefault();
    add(form, document.getElementById(event.target.dataset.adds));
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (event.submitter && "add" in event.submitter.dataset) {
      add(form, event.submitter);
      return;
    }
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    await keep(form);
    form.submit();
  });
  window.addEventListener("pageshow", () => form.removeAttribute("aria-busy"));
});

function keep(form) {
  const body = new URLSearchParams(new FormData(form));
  return inTurn(() => ask(form.action, { method: "POST", body, headers: { "x-keep": "true" } }));
}

async function add(form, button) {
  const body = new URLSearchParams(new FormData(form));
  const field = button.parentElement.querySelector("input").id;
  await keep(form);
  await inTurn(async () => {
    const response = await ask(button.formAction, { method: "POST", body });
    replace(document.getElementById("audience"), await response.text());
  });
  document.getElementById(field)?.focus();
}
