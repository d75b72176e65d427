// What is changed in a wizard is kept at once, one thing after the other, and waited for before a
// step is left.

import { complain } from "./server.js";

let last = Promise.resolve();

/** Do this when all before it is done; what goes wrong is told, and does not stop what follows. */
export function inTurn(save) {
  last = last.then(save).catch(complain);
  return last;
}

/** Have a form wait for what is being kept before it is sent, and be sent once. */
export function waitsForSaving(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    await last;
    form.submit();
  });
  // Who comes back by the browser's button finds the page as it was left.
  window.addEventListener("pageshow", () => form.removeAttribute("aria-busy"));
}
