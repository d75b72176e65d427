// Who leaves a draft is asked first: to stay, to leave it for later, or to throw it away.

import { openDialog } from "./dialog.js";
import { modal } from "./dialog_element.js";
import { enhance } from "./enhance.js";
import { complain } from "./server.js";
import { text } from "./texts.js";

enhance("[data-wizard]", (wizard) =>
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.target || link.download || "stay" in link.dataset || link.closest("dialog")) return;
    // A link to a place on this page leads nowhere else.
    if (link.hash && link.pathname === window.location.pathname) return;
    event.preventDefault();
    ask(wizard, link.href);
  }),
);

function ask(wizard, href) {
  const title = element("h2", text("wizard.script.leave_title"));
  title.id = "leave-title";
  const actions = element("div", "", "form-actions");
  const dialog = modal("leave-title", [title, element("p", text("wizard.script.leave_text")), actions]);
  const close = () => dialog.close();
  const leave = () => window.location.assign(href);
  const discard = () => {
    close();
    openDialog(wizard.dataset.discard).catch(complain);
  };
  actions.append(
    button(text("wizard.script.discard"), "quiet", discard),
    button(text("wizard.script.leave"), "plain", leave),
    button(text("wizard.script.stay"), "primary", close),
  );
  actions.lastElementChild.focus();
}

function button(words, kind, act) {
  const made = element("button", words, `button ${kind}`);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function element(name, words, className = "") {
  const made = document.createElement(name);
  made.textContent = words;
  made.className = className;
  return made;
}
