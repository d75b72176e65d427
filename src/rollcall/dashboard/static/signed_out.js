// A session that ended while a page was open: sign in elsewhere, come back, go on.

import { modal } from "./dialog_element.js";
import { text } from "./texts.js";

let waiting = null;

/** Wait until the reader has signed in again in another tab; what is typed here stays. */
export function openSignedOut() {
  waiting ??= wait().finally(() => (waiting = null));
  return waiting;
}

async function wait() {
  const root = document.body.dataset.root;
  const title = element("h2", text("script.signed_out_title"));
  title.id = "signed-out-title";
  const words = element("p", text("script.signed_out_text"));
  const said = element("p", "", "error");
  said.setAttribute("role", "alert");
  const link = element("a", text("script.signed_out_link"), "button primary");
  Object.assign(link, { href: `${root}/sign-in`, target: "_blank", rel: "opener" });
  const go = element("button", text("script.signed_out_continue"), "button plain");
  go.type = "button";
  const actions = element("div", "", "form-actions");
  actions.append(link, go);
  const dialog = modal("signed-out-title", [title, words, said, actions]);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  const team = document.querySelector("meta[name=team]")?.content;
  return new Promise((resolve) => {
    go.addEventListener("click", async () => {
      const session = await look(root);
      if (session === null) said.textContent = text("script.signed_out_still");
      else if (team && session.team !== team) said.textContent = text("script.signed_out_other");
      else {
        renew(session.csrf);
        dialog.close();
        resolve();
      }
    });
  });
}

async function look(root) {
  const response = await fetch(`${root}/session`, { headers: { "x-requested-with": "rollcall" } });
  return response.ok ? response.json() : null;
}

function renew(csrf) {
  document.querySelector("meta[name=csrf]").content = csrf;
  for (const field of document.querySelectorAll("input[name=csrf]")) field.value = csrf;
}

function element(name, words, className = "") {
  const made = document.createElement(name);
  made.textContent = words;
  made.className = className;
  return made;
}
