// Fragments: HTML from the server that takes the place of a part of the page.
//
// `<a href data-replace="#part">` and `<form data-replace="#part">` are asked for by script, and what
// comes takes the place of the element; without scripts they are a link and a form as ever.

import { enhance, enhanceWithin } from "./enhance.js";
import { ask, complain } from "./server.js";

/** Put HTML in the place of an element; returns the new one. The focus stays where it was. */
export function replace(element, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const made = template.content.firstElementChild;
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.replaceWith(template.content);
  if (made) {
    enhanceWithin(made);
    if (focused) document.getElementById(focused)?.focus();
    document.dispatchEvent(new CustomEvent("rollcall:replaced", { detail: made }));
  }
  return made;
}

/** Send a form by script. Returns the response; see `ask`. */
export function send(form, submitter = null) {
  const data = new FormData(form, submitter);
  if (form.method === "get") {
    const url = new URL(form.action);
    url.search = new URLSearchParams(data);
    return ask(url);
  }
  // Files need the form as it is; all else is shorter so.
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  return ask(form.action, { method: "POST", body });
}

/** Do what a response says: go to another page, or show its HTML in the place of an element. */
export async function follow(response, element) {
  const location = response.headers.get("x-location");
  if (location === null) return replace(element, await response.text());
  if (new URL(location, window.location.href).href === window.location.href) {
    window.location.reload();
  } else window.location.assign(location);
  return null;
}

enhance("a[data-replace]", (link) =>
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await swap(link, () => ask(link.href));
  }),
);

enhance("form[data-replace]", (form) =>
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await swap(form, () => send(form, event.submitter));
  }),
);

async function swap(source, request) {
  const target = document.querySelector(source.dataset.replace);
  target.setAttribute("aria-busy", "true");
  try {
    await follow(await request(), target);
  } catch (problem) {
    complain(problem);
  } finally {
    target.removeAttribute("aria-busy");
  }
}
