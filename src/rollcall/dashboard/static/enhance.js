// Behaviours of elements: each is said once, and holds for what fragments bring later too.

const behaviours = [];

/** Call `start(element)` for every element that the selector finds, now and in later fragments. */
export function enhance(selector, start) {
  behaviours.push([selector, start]);
  run(document, selector, start);
}

/** Give what has just been put into the page its behaviours. */
export function enhanceWithin(root) {
  for (const [selector, start] of behaviours) run(root, selector, start);
}

function run(root, selector, start) {
  if (root instanceof Element && root.matches(selector)) start(root);
  for (const element of root.querySelectorAll(selector)) start(element);
}
