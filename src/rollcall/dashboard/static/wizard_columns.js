// What is said of a column or of the file is kept at once. Only lines that have changed are replaced,
// so that the focus and what is open stay, however wide the file is.

import { enhance, enhanceWithin } from "./enhance.js";
import { ask, complain } from "./server.js";
import { inTurn, waitsForSaving } from "./wizard_saving.js";

// What the lines of the columns are in.
const LINES = "details.columns-details";
// So long after a letter a browser takes the next one as the beginning of another word.
const WORD_MILLISECONDS = 1000;

// A list is searched by typing the beginning of a word, and changes with every letter. It would lose
// the letters before if it were kept, and put in its place anew, in the middle of a word.
class Typing {
  #last = -Infinity;
  #timer = null;
  #act = null;

  /** Do this when nothing has been typed for a while: at once, if nothing was. */
  after(act) {
    this.#act = act;
    this.#wait();
  }

  goesOn() {
    this.#last = performance.now();
    if (this.#act) this.#wait();
  }

  ends() {
    clearTimeout(this.#timer);
    const act = this.#act;
    this.#act = null;
    act?.();
  }

  #wait() {
    clearTimeout(this.#timer);
    const left = this.#last + WORD_MILLISECONDS - performance.now();
    if (left > 0) this.#timer = setTimeout(() => this.ends(), left);
    else this.ends();
  }
}

enhance("form[data-continue]", waitsForSaving);

// A list of all that a column can become is in each line only when somebody wants to see it.
enhance("select[data-destination]", (select) => {
  const fill = () => {
    if (select.options.length > 1) return;
    const chosen = select.value;
    const words = select.options[0].text;
    const template = document.querySelector("template[data-destinations]");
    select.replaceChildren(template.content.cloneNode(true));
    if (![...select.options].some((option) => option.value === chosen))
      select.add(new Option(words, chosen));
    select.value = chosen;
  };
  select.addEventListener("pointerdown", fill);
  select.addEventListener("focus", fill);
});

enhance("form[data-column-form]", (form) => {
  const typing = new Typing();
  form.addEventListener("keydown", () => typing.goesOn());
  form.addEventListener("focusout", () => typing.ends());
  form.addEventListener("change", ({ target }) => {
    const keep = () => save(form, target.name);
    if (target instanceof HTMLSelectElement) typing.after(keep);
    else keep();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "to") save(form, "to", event.submitter.value);
    // Enter in a field changes it, which is kept already.
    else document.activeElement?.blur();
  });
});

enhance("form[data-file-form]", (form) => {
  form.addEventListener("change", () => send(form, new FormData(form)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    if (event.submitter?.name === "chosen_row") data.set("header_row", event.submitter.value);
    send(form, data);
  });
});

function save(form, changed, to = null) {
  const data = new FormData(form);
  if (to !== null) data.set("to", to);
  data.set("changed", changed);
  send(form, data);
}

// How many answers are waited for.
let waiting = 0;

function send(form, data) {
  const body = new URLSearchParams(data);
  waiting += 1;
  document.getElementById("columns").setAttribute("aria-busy", "true");
  inTurn(async () => {
    try {
      const response = await ask(form.action, { method: "POST", body });
      merge(await response.text());
    } catch (problem) {
      complain(problem);
      await refresh();
    } finally {
      waiting -= 1;
      const columns = document.getElementById("columns");
      if (waiting) columns.setAttribute("aria-busy", "true");
      else columns.removeAttribute("aria-busy");
    }
  });
}

/** Show what the server has, where it has refused what the page shows. */
async function refresh() {
  const page = new DOMParser().parseFromString(
    await (await ask(window.location.href)).text(),
    "text/html",
  );
  merge(page.getElementById("columns").outerHTML, true);
}

function merge(html, always = false) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const made = template.content.firstElementChild;
  const now = document.getElementById("columns");
  const focused = document.activeElement?.id;
  const hadFocus = now.contains(document.activeElement);
  if (always || !haveSameLines(now, made)) {
    keepOpen(now, made);
    now.replaceWith(made);
    remember(made);
    enhanceWithin(made);
  } else {
    now.querySelector("template").replaceWith(made.querySelector("template"));
    if (made.querySelector(LINES).open) now.querySelector(LINES).open = true;
    for (const part of [...made.querySelectorAll("[data-part], [data-column]")]) {
      const old = part.dataset.part
        ? now.querySelector(`[data-part="${part.dataset.part}"]`)
        : now.querySelector(`#${part.id}`);
      if (sources.get(old) === part.outerHTML || isTypedInto(old)) continue;
      sources.set(part, part.outerHTML);
      keepOpen(old, part);
      old.replaceWith(part);
      enhanceWithin(part);
    }
  }
  if (hadFocus && focused) focusAgain(focused);
}

/** Tell whether something is being typed in a part: it is said when that field is left. */
function isTypedInto(part) {
  const field = document.activeElement;
  return part.contains(field) && field.matches("input") && field.value !== field.defaultValue;
}

// What the server has last sent of each part: the page's own has been filled and typed into since.
const sources = new WeakMap();

function remember(root) {
  for (const part of root.querySelectorAll("[data-part], [data-column]"))
    sources.set(part, part.outerHTML);
}

enhance("#columns", remember);

function haveSameLines(now, made) {
  const ids = (root) => [...root.querySelectorAll("[data-column]")].map((line) => line.id).join();
  return ids(now) === ids(made) && ids(now) !== "";
}

function keepOpen(old, made) {
  const before = [...old.querySelectorAll("details[data-keep]")];
  [...made.querySelectorAll("details[data-keep]")].forEach((details, at) => {
    // What the server opens has something to be seen.
    if (before[at]?.open) details.open = true;
  });
}

function focusAgain(id) {
  const same = document.getElementById(id);
  // A button that has done its work is gone; what it was about is not.
  const line = id.match(/^(undo|accept|reject|word-\d+|more|mode|key|type|comma)-(\d+)/);
  (same ?? (line && document.getElementById(`to-${id.match(/-(\d+)/)[1]}`)))?.focus();
}
