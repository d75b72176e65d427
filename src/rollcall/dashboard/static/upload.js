// A file is dropped anywhere on the page or chosen, and sent with a bar, its speed and the time left.

import { enhance } from "./enhance.js";
import { headers } from "./server.js";
import { openSignedOut } from "./signed_out.js";
import { language, number, text } from "./texts.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
// Speeds of the last seconds count, so that a line that becomes slow is told of soon.
const WINDOW_SECONDS = 4;

class Upload {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.request = null;
    this.part("cancel").addEventListener("click", () => this.request?.abort());
    this.input.addEventListener("change", () => this.take(this.input.files));
    form.addEventListener("submit", (event) => event.preventDefault());
    window.addEventListener("beforeunload", (event) => {
      if (this.request) event.preventDefault();
    });
    this.listenForDrops(document.querySelector("[data-cover]"));
  }

  part(name) {
    return this.form.querySelector(`[data-${name}]`);
  }

  listenForDrops(cover) {
    let depth = 0;
    const show = (isOver) => (cover.hidden = !isOver || this.request !== null);
    document.addEventListener("dragenter", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth += 1;
      show(true);
    });
    document.addEventListener("dragleave", (event) => {
      if (hasFiles(event)) show((depth -= 1) > 0);
    });
    document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    document.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      show(false);
      if (!this.request) this.take(event.dataTransfer.files);
    });
  }

  take(files) {
    const most = Number(this.form.dataset.maxBytes);
    if (files.length === 0) return;
    if (files.length > 1) this.complain(text("wizard.script.one_file"));
    else if (files[0].size === 0) this.complain(text("wizard.script.empty_file"));
    else if (files[0].size > most)
      this.complain(text("wizard.script.too_large", { size: size(files[0].size), most: size(most) }));
    else this.send(files[0]);
  }

  send(file) {
    const request = (this.request = new XMLHttpRequest());
    const speed = new Speed();
    this.show("busy");
    this.part("name").textContent = file.name;
    this.part("size").textContent = size(file.size);
    this.part("progress").value = 0;
    this.part("state").textContent = text("wizard.script.begins");
    this.part("cancel").focus();
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      this.part("progress").value = (100 * loaded) / total;
      if (loaded < total) this.tell(loaded, total, speed.at(loaded));
    });
    request.upload.addEventListener("load", () => {
      this.part("progress").removeAttribute("value");
      this.part("state").textContent = text("wizard.script.reading");
    });
    request.addEventListener("load", () => this.follow(request, file));
    request.addEventListener("error", () => this.complain(text("script.offline")));
    request.addEventListener("abort", () => this.end());
    request.open("POST", this.form.action);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    const data = new FormData();
    data.append("file", file);
    request.send(data);
  }

  tell(loaded, total, bytesPerSecond) {
    const values = { share: number(loaded / total, { style: "percent", maximumFractionDigits: 0 }) };
    if (!bytesPerSecond) {
      this.part("state").textContent = values.share;
      return;
    }
    values.speed = size(bytesPerSecond);
    values.left = duration((total - loaded) / bytesPerSecond);
    this.part("state").textContent = text("wizard.script.sending", values);
  }

  async follow(request, file) {
    const location = request.getResponseHeader("x-location");
    if (location !== null) {
      this.request = null;
      window.location.assign(location);
      return;
    }
    const { message, name } = read(request);
    if (name === "signed_out") {
      await openSignedOut();
      this.send(file);
      return;
    }
    this.complain(message, request.getResponseHeader("x-request-id"));
  }

  complain(message, requestId = null) {
    this.end();
    this.part("message").textContent = message;
    this.part("request").textContent = requestId ? text("script.request_id", { id: requestId }) : "";
    this.part("wrong").hidden = false;
  }

  end() {
    const hadFocus = this.form.contains(document.activeElement);
    this.request = null;
    this.show("idle");
    this.input.value = "";
    if (hadFocus) this.input.focus();
  }

  show(name) {
    this.part("idle").hidden = name !== "idle";
    this.part("busy").hidden = name !== "busy";
    this.part("wrong").hidden = true;
  }
}

class Speed {
  constructor() {
    this.seen = [[performance.now() / 1000, 0]];
  }

  /** Note how much is sent; returns the bytes per second, 0 while nobody can tell. */
  at(loaded) {
    const now = performance.now() / 1000;
    this.seen.push([now, loaded]);
    while (this.seen.length > 2 && this.seen[0][0] < now - WINDOW_SECONDS) this.seen.shift();
    const [since, before] = this.seen[0];
    return now - since > 0.5 ? (loaded - before) / (now - since) : 0;
  }
}

function hasFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

function read(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return { message: request.statusText || text("script.offline"), name: "" };
  }
}

function size(bytes) {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const options = { style: "unit", unit: UNITS[power], maximumFractionDigits: power ? 1 : 0 };
  return number(bytes / 1000 ** power, options);
}

function duration(seconds) {
  const isLong = seconds >= 90;
  const unit = isLong ? "minute" : "second";
  const amount = Math.max(1, Math.round(isLong ? seconds / 60 : seconds));
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "long" }).format(amount);
}

enhance("form[data-upload]", (form) => new Upload(form));
