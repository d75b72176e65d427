// Calls the Node client as it is told: one JSON object per line in, one per line out.
//
// The first line out names every method of the resources that Rollcall serves. After that each line
// in is {"method": "contacts.create", "arguments": [...]}, answered by what the method resolved to.
// {"$blob": "text"} stands for a Blob of that text, as a browser's or Node's file would be given, and
// {"$bytes": "text"} for a Buffer.

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

function methodsOf(path) {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(resource(path)));
  return names.filter((name) => name !== "constructor").map((name) => `${path}.${name}`);
}

function revive(key, value) {
  if (value?.$blob !== undefined) return new Blob([value.$blob], { type: "text/csv" });
  if (value?.$bytes !== undefined) return Buffer.from(value.$bytes);
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
