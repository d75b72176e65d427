// The grid of failed rows: moved in and edited as a spreadsheet is.

import { enhance, enhanceWithin } from "./enhance.js";
import { edit } from "./grid_editor.js";
import { Saving } from "./grid_saving.js";
import { complain } from "./server.js";
import { text } from "./texts.js";
import { toast } from "./toast.js";

const PAGE = 10;
const MOST_PASTED = 1000;

class Grid {
  constructor(table) {
    this.table = table;
    this.saving = new Saving(table, (rows) => this.show(rows));
    this.anchor = null;
    this.active = this.cells(this.rows()[0])[0];
    // One cell can be reached by the tabulator; the arrows go on from there.
    if (this.active) this.active.tabIndex = 0;
    passOver(table);
    table.addEventListener("keydown", (event) => this.onKey(event));
    table.addEventListener("mousedown", (event) => this.onPress(event));
    table.addEventListener("dblclick", (event) => this.onOpen(event));
    table.addEventListener("click", (event) => this.onClick(event));
    table.addEventListener("focusin", (event) => this.onFocus(event));
    table.addEventListener("copy", (event) => this.onCopy(event));
    table.addEventListener("paste", (event) => this.onPaste(event));
  }

  rows() {
    return [...this.table.tBodies[0].rows];
  }

  cells(row) {
    return row ? [...row.querySelectorAll("td[data-column]")] : [];
  }

  place(cell) {
    const row = cell.closest("tr");
    return [this.rows().indexOf(row), this.cells(row).indexOf(cell)];
  }

  at(row, column) {
    const rows = this.rows();
    const cells = this.cells(rows[Math.max(0, Math.min(rows.length - 1, row))]);
    return cells[Math.max(0, Math.min(cells.length - 1, column))];
  }

  go(cell, extend = false) {
    if (!extend) this.anchor = null;
    else this.anchor ??= this.active;
    if (this.active) this.active.tabIndex = -1;
    this.active = cell;
    cell.tabIndex = 0;
    cell.focus();
    this.tellWhy();
    this.mark();
  }

  /** Return the cells that are chosen, row by row. */
  chosen() {
    const [row, column] = this.place(this.active);
    const [otherRow, otherColumn] = this.anchor?.isConnected ? this.place(this.anchor) : [row, column];
    const [first, last] = [Math.min(column, otherColumn), Math.max(column, otherColumn)];
    const rows = this.rows().slice(Math.min(row, otherRow), Math.max(row, otherRow) + 1);
    return rows.map((each) => this.cells(each).slice(first, last + 1));
  }

  mark() {
    for (const cell of this.table.querySelectorAll("[aria-selected]")) cell.removeAttribute("aria-selected");
    if (!this.anchor) return;
    for (const cell of this.chosen().flat()) cell.setAttribute("aria-selected", "true");
  }

  onFocus(event) {
    const cell = event.target.closest("td[data-column]");
    if (!cell || cell === this.active) return;
    if (this.active) this.active.tabIndex = -1;
    this.active = cell;
    cell.tabIndex = 0;
    this.tellWhy();
  }

  /** Say below the grid what is wrong with the row, in full. */
  tellWhy() {
    const line = document.querySelector("[data-grid-line]");
    line.textContent = this.active?.closest("tr").querySelector(".grid-message")?.title ?? "";
    const replacing = document.querySelector("[data-grid-replace]");
    // What is found and replaced is looked for in the column where one is.
    const url = new URL(replacing.href);
    if (Number(this.active?.dataset.column) < Number(this.table.dataset.width)) {
      url.searchParams.set("column", this.active.dataset.column);
    }
    replacing.href = url;
  }

  onPress(event) {
    const cell = event.target.closest("td[data-column]");
    if (!cell || event.target.closest("textarea, a, button") || event.button !== 0) return;
    event.preventDefault();
    this.go(cell, event.shiftKey);
  }

  onOpen(event) {
    const cell = event.target.closest("td[data-column]");
    if (cell && !event.target.closest("textarea")) this.edit(cell);
  }

  async onClick(event) {
    const button = event.target.closest("[data-restore]");
    if (!button) return;
    const row = Number(button.closest("tr").dataset.row);
    const columns = button.dataset.restore.split(",").map(Number);
    await this.save(columns.map((column) => ({ row, column, value: null })));
  }

  onKey(event) {
    if (event.target !== this.active || event.isComposing) return;
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.saving.undo().catch(complain);
    } else if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      this.edit(this.active);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.empty();
    } else if (!control && !event.altKey && event.key.length === 1) {
      event.preventDefault();
      this.edit(this.active, event.key);
    } else this.move(event, control);
  }

  move(event, control) {
    const [row, column] = this.place(this.active);
    const far = 1e9;
    const to = {
      ArrowUp: [control ? 0 : row - 1, column],
      ArrowDown: [control ? far : row + 1, column],
      ArrowLeft: [row, control ? 0 : column - 1],
      ArrowRight: [row, control ? far : column + 1],
      PageUp: [row - PAGE, column],
      PageDown: [row + PAGE, column],
      Home: [control ? 0 : row, 0],
      End: [control ? far : row, far],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    this.go(this.at(...to), event.shiftKey);
  }

  edit(cell, begin = null) {
    if (cell.hasAttribute("data-lost")) {
      toast(text("mending.script.lost"), "warn");
      return;
    }
    this.go(cell);
    edit(cell, begin, this.table.dataset.check, (value, move) => {
      const [row, column] = this.place(cell);
      const next = this.at(row + move[0], column + move[1]);
      if (value !== null) this.save([this.change(cell, value)]);
      this.go(next ?? cell);
    });
  }

  change(cell, value) {
    return { row: Number(cell.closest("tr").dataset.row), column: Number(cell.dataset.column), value };
  }

  empty() {
    const filled = this.chosen().flat().filter((cell) => valueOf(cell) !== "" && !cell.hasAttribute("data-lost"));
    if (filled.length) this.save(filled.map((cell) => this.change(cell, "")));
  }

  onCopy(event) {
    if (event.target.closest?.("textarea")) return;
    event.preventDefault();
    const lines = this.chosen().map((cells) => cells.map((cell) => quoted(valueOf(cell))).join("\t"));
    event.clipboardData.setData("text/plain", lines.join("\n"));
  }

  onPaste(event) {
    if (event.target.closest?.("textarea")) return;
    event.preventDefault();
    const lines = parse(event.clipboardData.getData("text/plain"));
    if (lines.length > MOST_PASTED) {
      toast(text("mending.script.too_many"), "warn");
      return;
    }
    this.save(this.pasted(lines));
  }

  /** Return the changes of cells from the active one on, or of all chosen ones if one was copied. */
  pasted(lines) {
    if (lines.length === 1 && lines[0].length === 1 && this.anchor) {
      return this.chosen().flat().map((cell) => this.change(cell, lines[0][0]));
    }
    const [row, column] = this.place(this.active);
    const rows = this.rows();
    const changes = [];
    lines.forEach((values, down) => {
      const cells = this.cells(rows[row + down]).slice(column);
      values.slice(0, cells.length).forEach((value, right) => changes.push(this.change(cells[right], value)));
    });
    return changes;
  }

  async save(changes) {
    const known = changes.filter((change) => !this.find(change)?.hasAttribute("data-lost"));
    if (!known.length) return;
    const before = known.map((change) => this.before(change));
    try {
      await this.saving.save(known, before);
    } catch (problem) {
      complain(problem);
    }
  }

  find({ row, column }) {
    return this.table.querySelector(`tr[data-row="${row}"] td[data-column="${column}"]`);
  }

  /** Return the change that takes another one back. */
  before(change) {
    const cell = this.find(change);
    const isEdited = cell?.classList.contains("edited");
    return { ...change, value: isEdited ? valueOf(cell) : null };
  }

  /** Put rows as the server has made them in the place of those that are here. */
  show(rows) {
    const place = this.active?.isConnected ? [this.active.closest("tr").dataset.row, this.active.dataset.column] : null;
    const isHere = this.table.contains(document.activeElement) && !document.activeElement.closest("textarea");
    const editing = this.table.querySelector("textarea")?.closest("tr");
    for (const made of rows) {
      const there = this.table.querySelector(`tr[data-row="${made.dataset.row}"]`);
      // Whoever types in this row meanwhile sees it when they have done.
      if (!there || there === editing) continue;
      passOver(made);
      there.replaceWith(made);
      enhanceWithin(made);
    }
    if (!place) return;
    const active = this.find({ row: place[0], column: place[1] });
    if (!active || active === this.active) return;
    this.anchor = null;
    this.active = active;
    active.tabIndex = 0;
    this.tellWhy();
    if (isHere || document.activeElement === document.body) active.focus();
  }
}

enhance("[data-grid]", (table) => new Grid(table));

export function valueOf(cell) {
  return cell.querySelector(".grid-text")?.textContent ?? "";
}

/** The tabulator passes over what is in a grid: its cells are reached by arrows. */
function passOver(element) {
  for (const each of element.querySelectorAll("th a, td button")) each.tabIndex = -1;
}

/** Write a cell as spreadsheets do when they copy: quoted where it has what divides cells. */
function quoted(value) {
  return /["\t\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Read cells that a spreadsheet has copied. */
export function parse(copied) {
  const rows = [];
  const cell = /(\t|\r\n|\n|\r)(?:"((?:[^"]|"")*)"(?=\t|\r|\n|$)|([^\t\r\n]*))/g;
  const given = copied.replace(/(?:\r\n|\n|\r)$/, "");
  for (const [, before, inQuotes, plain] of `\n${given}`.matchAll(cell)) {
    if (before !== "\t") rows.push([]);
    rows[rows.length - 1].push(inQuotes === undefined ? plain : inQuotes.replaceAll('""', '"'));
  }
  return rows;
}
