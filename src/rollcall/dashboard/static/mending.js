// The overview of failed rows: asked for again until they are counted; a click that starts an import
// starts one.

import { enhance } from "./enhance.js";
import { follow, replace, send } from "./fragment.js";
import { askForHtml, complain } from "./server.js";

// What comes asks again by itself where it is not the last. The server takes its time for each.
enhance("[data-mend-poll]", async (element) => {
  try {
    replace(element, await askForHtml(element.dataset.mendPoll));
  } catch (problem) {
    complain(problem);
    element.removeAttribute("aria-busy");
  }
});

// A form that was sent waits for its answer: its button does nothing meanwhile.
enhance("form[data-mend-again]", (form) =>
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  }),
);

enhance("form[data-mend-upload]", (form) =>
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    try {
      await follow(await send(form), form);
    } catch (problem) {
      complain(problem);
    } finally {
      form.removeAttribute("aria-busy");
    }
  }),
);

// Whoever types a replacement wants the value replaced.
enhance("form[data-mend-values]", (form) =>
  form.addEventListener("input", (event) => {
    if (event.target.name !== "replacement" || !event.target.value) return;
    const choice = event.target.closest("tr").querySelector("[data-mend-choice]");
    if (choice.value === "leave") choice.value = "replace";
  }),
);
