// The report of a dry run is asked for again until it is complete; the import is started once.

import { enhance } from "./enhance.js";
import { replace } from "./fragment.js";
import { askForHtml, complain } from "./server.js";

const MILLISECONDS = 500;
const WHEN_AWAY = 3000;

enhance("[data-report][data-running]", (report) => watch(report.dataset.report));

async function watch(url) {
  try {
    await new Promise((resolve) => setTimeout(resolve, MILLISECONDS));
    // What it brings watches on by itself, while there is something to be waited for.
    replace(document.getElementById("report"), await askForHtml(url));
  } catch (problem) {
    complain(problem);
    setTimeout(() => watch(url), WHEN_AWAY);
  }
}

enhance("form[data-start]", (form) => {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) event.preventDefault();
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => form.removeAttribute("aria-busy"));
});
