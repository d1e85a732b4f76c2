/* Every sentence a person reads goes through here, so that the page speaks the reader's language: the server sends what it knows. */
let known = {};

export function learn(words) {
  known = words ?? {};
}

/** `_("Saved at {time}", { time })`; English where no translation is known. */
export function _(sentence, values = {}) {
  const text = Object.hasOwn(known, sentence) ? known[sentence] : sentence;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}
