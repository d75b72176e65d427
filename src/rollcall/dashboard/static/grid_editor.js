// A cell that is typed into, checked while it is by the rules of an import.

import { ask } from "./server.js";
import { text } from "./texts.js";
import { toast } from "./toast.js";

const PAUSE = 150;

/**
 * Let a cell be typed into. `done(value, [down, right])` is called with what was typed, or null when
 * it was given up, and where to go then.
 */
export function edit(cell, begin, checkUrl, done) {
  const shown = cell.querySelector(".grid-text");
  const before = shown.textContent;
  if (cell.dataset.cut) toast(text("mending.script.too_long", { length: cell.dataset.cut }), "warn");
  const field = document.createElement("textarea");
  field.className = "grid-field";
  field.rows = 1;
  field.setAttribute("aria-label", labelOf(cell));
  field.value = begin ?? (cell.dataset.cut ? "" : before);
  // Below the grid, where no edge of it can hide what is said.
  const said = document.querySelector("[data-grid-line]");
  field.setAttribute("aria-describedby", said.id);
  cell.classList.add("editing");
  cell.append(field);
  fit(field);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  const check = checking(cell, field, said, checkUrl);
  let isDone = false;

  const close = (value, move) => {
    if (isDone) return;
    isDone = true;
    check.stop();
    field.remove();
    cell.classList.remove("editing");
    const isChanged = value !== null && (value !== before || cell.dataset.cut);
    if (isChanged) shown.textContent = value;
    done(isChanged ? value : null, move);
  };

  field.addEventListener("input", () => {
    fit(field);
    check.soon();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isLine = event.altKey || event.ctrlKey;
    if (event.key === "Enter" && isLine) {
      field.setRangeText("\n", field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input"));
    } else if (event.key === "Enter") close(field.value, [event.shiftKey ? -1 : 1, 0]);
    else if (event.key === "Tab") close(field.value, [0, event.shiftKey ? -1 : 1]);
    else if (event.key === "Escape") close(null, [0, 0]);
    else {
      event.stopPropagation();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("blur", () => close(field.value, [0, 0]));
  check.soon();
}

function labelOf(cell) {
  const column = cell.dataset.column;
  return cell.closest("table").querySelector(`th[data-column="${column}"]`).textContent.trim();
}

function fit(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

/** Ask the server what an import would say of the row, a moment after the last key. */
function checking(cell, field, said, url) {
  let timer = 0;
  let asking = null;
  const run = async () => {
    asking?.abort();
    asking = new AbortController();
    try {
      const response = await ask(url, { json: { cells: rowOf(cell, field) }, signal: asking.signal });
      const { problems } = await response.json();
      const problem = problems[cell.dataset.column] ?? "";
      said.textContent = problem;
      field.toggleAttribute("aria-invalid", Boolean(problem));
      if (problem) field.setAttribute("aria-invalid", "true");
    } catch {
      // It is checked again when it is saved, and then is the time to complain.
    }
  };
  return {
    soon() {
      clearTimeout(timer);
      timer = setTimeout(run, PAUSE);
    },
    stop() {
      clearTimeout(timer);
      asking?.abort();
    },
  };
}

function rowOf(cell, field) {
  const cells = {};
  for (const each of cell.closest("tr").querySelectorAll("td[data-column]")) {
    if (each.hasAttribute("data-beyond") && each !== cell) continue;
    cells[each.dataset.column] = each === cell ? field.value : each.querySelector(".grid-text").textContent;
  }
  return cells;
}
