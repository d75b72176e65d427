// Calls the Node client as it is told: one JSON object per line in, one per line out.
//
// The first line out names every method of the resources that Rollcall serves. After that each line
// in is {"method": "contacts.create", "arguments": [...]}, answered by what the method resolved to.
// {"$blob": "text"} stands for a Blob of that text.

import { createInterface } from "node:readline";
import { Resend } from "resend";

const RESOURCES = [
  "apiKeys",
  "contactProperties",
  "contacts",
  "contacts.imports",
  "contacts.segments",
  "contacts.topics",
  "segments",
  "topics",
];

const resend = new Resend();

function resource(path) {
  return path.split(".").reduce((found, name) => found[name], resend);
}

// Everything that talks to the server is async; what is not builds a form or is a constructor.
function methodsOf(path) {
  const prototype = Object.getPrototypeOf(resource(path));
  const names = Object.getOwnPropertyNames(prototype);
  return names
    .filter((name) => prototype[name].constructor.name === "AsyncFunction")
    .map((name) => `${path}.${name}`);
}

function revive(key, value) {
  if (value?.$blob !== undefined) return new Blob([value.$blob], { type: "text/csv" });
  return value;
}

function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

answer(RESOURCES.flatMap(methodsOf));
for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line, revive);
  const separator = call.method.lastIndexOf(".");
  const owner = resource(call.method.slice(0, separator));
  try {
    const { data, error } = await owner[call.method.slice(separator + 1)](...call.arguments);
    answer({ data, error });
  } catch (raised) {
    answer({ data: null, error: { name: raised.name, message: raised.message } });
  }
}
