// What every page does.

import "./dialog.js";
import { enhance } from "./enhance.js";
import "./fragment.js";
import { text } from "./texts.js";
import { letGo, toast } from "./toast.js";

const YEAR = 365 * 24 * 3600;

function remember(name, value) {
  const path = document.body.dataset.root;
  const secure = window.location.protocol === "https:" ? "; secure" : "";
  const age = value ? YEAR : 0;
  document.cookie = `${name}=${value}; path=${path}; max-age=${age}; samesite=lax${secure}`;
}

// The server writes times in the reader's zone.
remember("rollcall_zone", encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone));

enhance("[data-theme-switch]", (element) => {
  element.hidden = false;
  element.addEventListener("change", (event) => {
    const theme = event.target.value;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    remember("rollcall_theme", theme);
  });
});

enhance("[data-menu]", (button) =>
  button.addEventListener("click", () => {
    const menu = document.getElementById(button.dataset.menu);
    const isOpen = menu.toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(isOpen));
  }),
);

enhance("[data-copy]", (button) =>
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast(text("script.copied"));
    } catch {
      toast(text("script.not_copied"), "warn");
    }
  }),
);

enhance("[data-toast]", (element) => letGo(element));
