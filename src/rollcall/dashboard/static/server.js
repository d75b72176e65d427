// Asking the server, with the page's token; errors come back in words, a sign-in is waited for.

import { openSignedOut } from "./signed_out.js";
import { text } from "./texts.js";
import { toast } from "./toast.js";

/** What the server has refused or could not do, in words for the reader. */
export class Problem extends Error {
  constructor(message, { status = 0, name = "", requestId = null } = {}) {
    super(message);
    this.status = status;
    this.problem = name;
    this.requestId = requestId;
  }
}

/**
 * Ask the server, and return its response: one that went well, or 422 with a fragment that says what
 * is wrong in a form. Whoever is signed out is asked to sign in, and then the server again.
 *
 * `options` are those of fetch; a `json` is sent as such.
 * Throws a Problem, or the AbortError of `options.signal`.
 */
export async function ask(url, options = {}) {
  for (;;) {
    const response = await send(url, options);
    if (response.ok) return response;
    const isFragment = response.headers.get("content-type")?.startsWith("text/html");
    if (response.status === 422 && isFragment) return response;
    const problem = await read(response);
    if (problem.problem !== "signed_out") throw problem;
    await openSignedOut();
  }
}

/** Ask for a fragment and return its HTML. */
export async function askForHtml(url, options = {}) {
  return (await ask(url, options)).text();
}

/** Return the headers of every request that a script sends. */
export function headers() {
  return { "x-requested-with": "rollcall", "x-csrf-token": token() };
}

export function token() {
  return document.querySelector("meta[name=csrf]").content;
}

/** Tell the reader what went wrong, with the request's id. */
export function complain(problem) {
  if (problem.name === "AbortError") return;
  const id = problem.requestId ? text("script.request_id", { id: problem.requestId }) : "";
  toast(problem instanceof Problem ? problem.message : text("script.offline"), "bad", id);
  if (!(problem instanceof Problem)) console.warn(problem);
}

async function send(url, { json, ...options }) {
  const all = { ...options, headers: { ...headers(), ...options.headers } };
  if (json !== undefined) {
    all.body = JSON.stringify(json);
    all.headers["content-type"] = "application/json";
    all.method ??= "POST";
  }
  // A form was made with the token that the page had then; the header is what counts.
  try {
    return await fetch(url, all);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(text("script.offline"));
  }
}

async function read(response) {
  const requestId = response.headers.get("x-request-id");
  try {
    const { message, name } = await response.json();
    return new Problem(message, { status: response.status, name, requestId });
  } catch {
    return new Problem(response.statusText, { status: response.status, requestId });
  }
}
