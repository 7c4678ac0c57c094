// Sentences of scripts in the language of the page. A page that is not in English brings the others with it.
let words;

/** The sentence in the page's language, with the names in braces filled in. */
export function say(english, values = {}) {
  words ??= JSON.parse(document.getElementById("words")?.textContent || "{}");
  return (words[english] ?? english).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Two strokes in words: `g p` is "G then P". */
export function strokes(key) {
  const [a, b] = key.toUpperCase().split(" ");
  return b ? say("{a} then {b}", { a, b }) : a;
}
