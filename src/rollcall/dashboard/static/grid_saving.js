// What was typed goes to the server, one change after the other; each can be taken back.

import { ask } from "./server.js";
import { text } from "./texts.js";
import { toast } from "./toast.js";

const MOST_STEPS = 100;

export class Saving {
  /** `show(rows)` is called with the rows as the server has made them. */
  constructor(table, show) {
    this.url = table.dataset.cells;
    this.show = show;
    this.status = document.querySelector("[data-grid-status]");
    this.steps = [];
    this.last = Promise.resolve();
    window.addEventListener("beforeunload", (event) => {
      if (this.waiting) event.preventDefault();
    });
    this.waiting = 0;
  }

  /** Save changes of cells; `before` are those that take them back. Throws a Problem. */
  async save(changes, before) {
    this.steps.push(before);
    if (this.steps.length > MOST_STEPS) this.steps.shift();
    try {
      await this.send(changes);
    } catch (problem) {
      this.steps = this.steps.filter((step) => step !== before);
      throw problem;
    }
  }

  /** Take the last change back. Throws a Problem. */
  async undo() {
    const step = this.steps.pop();
    if (!step) {
      toast(text("mending.script.nothing_to_undo"), "info");
      return;
    }
    await this.send(step, text("mending.script.undone"));
  }

  send(changes, words = null) {
    const sent = this.last.then(() => this.sendNow(changes, words));
    this.last = sent.catch(() => {});
    return sent;
  }

  async sendNow(cells, words) {
    this.waiting += 1;
    this.tell(text("mending.script.saving"));
    try {
      const back = `/rows${window.location.search}`;
      const response = await ask(this.url, { json: { cells, back } });
      const template = document.createElement("template");
      template.innerHTML = await response.text();
      const rows = [...template.content.querySelectorAll("tr")];
      this.show(rows);
      this.tell(words ?? summary(rows));
    } catch (problem) {
      this.tell("");
      throw problem;
    } finally {
      this.waiting -= 1;
    }
  }

  tell(words) {
    if (this.status) this.status.textContent = words;
  }
}

function summary(rows) {
  if (rows.length !== 1) return text("mending.script.saved");
  const key = rows[0].classList.contains("mended") ? "row_mended" : "row_fails";
  return text(`mending.script.${key}`, { row: rows[0].dataset.row });
}
