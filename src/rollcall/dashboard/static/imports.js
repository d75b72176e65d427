// Imports that go on while somebody looks: one on its page, told by the server, and the list.

import { enhance } from "./enhance.js";
import { replace } from "./fragment.js";
import { ask, complain } from "./server.js";
import { text } from "./texts.js";
import { toast } from "./toast.js";

const PAGE = ["#import-actions", "#import-body"];
const AGAIN_AFTER = 3000;

enhance("[data-live]", (element) => follow(element));

/** Show what the server tells of an import, until it has ended; then all of the page anew. */
function follow(element) {
  const source = new EventSource(element.dataset.live);
  const leave = () => source.close();
  window.addEventListener("pagehide", leave, { once: true });
  const show = (event) => {
    if (!element.isConnected) return leave();
    replace(element.querySelector("#import-live"), JSON.parse(event.data).html);
  };
  const end = async (event) => {
    leave();
    if (!element.isConnected) return;
    show(event);
    await refresh(PAGE).catch(complain);
    toast(text(`imports.script.${event.type}`), event.type === "completed" ? "good" : "warn");
  };
  source.addEventListener("progress", show);
  source.addEventListener("completed", end);
  source.addEventListener("failed", end);
  source.addEventListener("error", async () => {
    // A browser connects again by itself, but not when it was refused.
    if (source.readyState !== EventSource.CLOSED || !element.isConnected) return;
    // Whoever is signed out is asked to sign in by this, and else the page is up to date.
    await refresh(PAGE).catch(() => setTimeout(() => follow(element), AGAIN_AFTER));
  });
}

// A list with imports at work looks again, as long as somebody looks at it.
enhance("[data-stay-fresh]", (element) => {
  const look = async () => {
    if (!element.isConnected) return;
    if (!document.hidden) {
      try {
        return await refresh([element.dataset.stayFresh]);
      } catch {
        // The next time.
      }
    }
    setTimeout(look, AGAIN_AFTER);
  };
  setTimeout(look, AGAIN_AFTER);
});

/** Ask for this page again, and put these parts of it in the places of the old ones. */
async function refresh(selectors) {
  const html = await (await ask(window.location.href)).text();
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const selector of selectors) {
    const [old, made] = [document.querySelector(selector), page.querySelector(selector)];
    if (old && made) replace(old, made.outerHTML);
  }
}
