// The list of contacts: searched as one types, with an address for what it shows.

import { enhance } from "./enhance.js";
import { replace } from "./fragment.js";
import { askForHtml, complain } from "./server.js";

const PAUSE = 250;
let asked = null;

/** Show the list of an address; a later one takes the place of one that is still waited for. */
async function show(url) {
  asked?.abort();
  asked = new AbortController();
  const results = document.getElementById("results");
  results.setAttribute("aria-busy", "true");
  try {
    const html = await askForHtml(url, { signal: asked.signal });
    replace(document.getElementById("results"), html);
  } catch (problem) {
    if (problem.name === "AbortError") return;
    complain(problem);
    results.removeAttribute("aria-busy");
  }
}

function addressOf(form) {
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) {
    if (value.trim()) url.searchParams.set(name, value.trim());
  }
  return url;
}

enhance("[data-contact-filters]", (form) => {
  let timer = 0;
  const go = (push) => {
    clearTimeout(timer);
    const url = addressOf(form);
    if (url.href === window.location.href) return;
    // What is typed letter by letter is one step back, not many.
    if (push) history.pushState(null, "", url);
    else history.replaceState(null, "", url);
    show(url);
  };
  let typing = false;
  form.addEventListener("input", (event) => {
    if (event.target.type !== "search") return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      go(!typing);
      typing = true;
    }, PAUSE);
  });
  form.addEventListener("change", (event) => {
    typing = false;
    if (event.target.type !== "search") go(true);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(false);
  });
});

enhance("a[data-list-page]", (link) =>
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    await show(link.href);
    document.getElementById("main").focus();
    window.scrollTo(0, 0);
  }),
);

window.addEventListener("popstate", () => window.location.reload());
