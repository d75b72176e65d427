// `<a href data-dialog>` opens the page that it leads to in a dialog. The page's template extends
// `base`, and its form has `data-form`: what the server says of it is shown in the dialog too.

import { modal } from "./dialog_element.js";
import { enhance, enhanceWithin } from "./enhance.js";
import { follow, send } from "./fragment.js";
import { askForHtml, complain } from "./server.js";

/** Open what is at an address in a dialog; returns the dialog. Throws a Problem. */
export async function openDialog(url) {
  const content = document.createElement("div");
  content.className = "dialog-content";
  content.innerHTML = await askForHtml(url);
  const dialog = modal("dialog-title", [content]);
  enhanceWithin(content);
  dialog.addEventListener("close", () => {
    // What was shown in it has changed what is below.
    if (content.querySelector("[data-reload]")) window.location.reload();
  });
  return dialog;
}

enhance("a[data-dialog]", (link) =>
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await openDialog(link.href).catch(complain);
  }),
);

enhance("dialog [data-close]", (closer) =>
  closer.addEventListener("click", (event) => {
    event.preventDefault();
    closer.closest("dialog").close();
  }),
);

enhance("dialog form[data-form]", (form) =>
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    try {
      const response = await send(form, event.submitter);
      const content = form.closest(".dialog-content");
      if (response.headers.has("x-location")) await follow(response, content);
      else {
        content.innerHTML = await response.text();
        enhanceWithin(content);
        content.querySelector("[aria-invalid=true], [autofocus]")?.focus();
      }
    } catch (problem) {
      complain(problem);
    } finally {
      form.removeAttribute("aria-busy");
    }
  }),
);
