// What was done, and what went wrong, in a corner of the page.

import { text } from "./texts.js";

const SECONDS = 6;

/** Say something; `kind` is good, bad, warn or info. What is bad stays until it is closed. */
export function toast(words, kind = "good", small = "") {
  const made = document.createElement("p");
  made.className = `toast ${kind}`;
  if (kind === "bad") made.setAttribute("role", "alert");
  const said = document.createElement("span");
  said.textContent = words;
  made.append(said);
  if (small) {
    const id = document.createElement("small");
    id.textContent = small;
    said.append(id);
  }
  // Above an open dialog nothing is seen but what is in it.
  const dialogs = document.querySelectorAll("dialog[open]");
  const place = dialogs.length ? dialogs[dialogs.length - 1] : document.getElementById("toasts");
  place.append(made);
  letGo(made, kind === "bad");
}

/** Have a toast go by itself, or by its button. */
export function letGo(element, stays = false) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.setAttribute("aria-label", text("script.close"));
  close.textContent = "×";
  close.addEventListener("click", () => element.remove());
  element.append(close);
  if (!stays) setTimeout(() => element.remove(), SECONDS * 1000);
}
