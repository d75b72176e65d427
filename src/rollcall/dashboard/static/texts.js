// Words for scripts, from the JSON that a page brings along. See `dashboard/frame/texts.py`.

let texts = null;

/** Return a text with its values: `text("things.script.rows", {count: 3})`. */
export function text(key, values = {}) {
  texts ??= collect();
  let found = texts[key];
  if (found === undefined) throw new Error(`There is no text "${key}" in this page.`);
  if (typeof found === "object") {
    found = found[new Intl.PluralRules(language()).select(values.count)] ?? found.other;
    values = { ...values, count: number(values.count) };
  }
  return found.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Write a number as the page's language does. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(language(), options).format(value);
}

export function language() {
  return document.documentElement.lang;
}

function collect() {
  const all = document.querySelectorAll("script[data-texts]");
  return Object.assign({}, ...[...all].map((each) => JSON.parse(each.textContent)));
}
