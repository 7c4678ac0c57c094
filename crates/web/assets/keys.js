// Two-stroke keys (G then P), rows by J and K, / for search, ? for this list. Silent while you type.
import { press } from "./palette.js";
import { say, strokes } from "./say.js";

const typing = (node) => node instanceof Element && node.closest("input, textarea, select, [contenteditable], dialog");

export function keys() {
  let first = "";
  let timer = 0;
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys]")) help(); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape" && event.target.matches("input[type=search]")) event.target.blur();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const stroke = first ? `${first} ${key}` : key;
    clearTimeout(timer);
    first = "";
    if (act(stroke, event)) return event.preventDefault();
    if (key === "g" && stroke === "g") {
      first = "g";
      timer = setTimeout(() => { first = ""; }, 1200);
    }
  });
}

function act(stroke, event) {
  const link = [...document.querySelectorAll("[data-key]")].find((node) => node.dataset.key.toLowerCase() === stroke);
  if (link) {
    press(link);
    return true;
  }
  switch (stroke) {
    case "/": return focus(document.querySelector("[data-search]:not([hidden])"));
    case "?": return !document.body.matches(".portal") && help(); // the list is of staff's keys
    case "j": return row(1);
    case "k": return row(-1);
    case "x": return tick();
    case "e": return pens();
    case "[": return back();
    case "Escape": return peekClosed(event);
    default: return false;
  }
}

function focus(node) {
  if (!node || node.checkVisibility?.() === false) return false;
  node.focus();
  node.select?.();
  return true;
}

// One link for each row: where it leads. Its pen, its card of terms and the way to look beside the list are not rows.
const rows = () => [...document.querySelectorAll("table.list tbody tr, [data-rows] > *")]
  .map((one) => one.querySelector("th a, a[data-row]")).filter(Boolean);

function row(step) {
  const links = rows();
  if (!links.length) return false;
  const here = document.activeElement?.closest("tr, [data-rows] > *");
  const at = links.findIndex((link) => link === document.activeElement || here?.contains(link));
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
  links[next].focus({ focusVisible: true });
  links[next].scrollIntoView({ block: "nearest" });
  return true;
}

function tick() {
  const box = document.activeElement?.closest("tr")?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

// The pens of a row are out of the way of Tab until they are wanted. A record has its own where no row does.
function pens() {
  const place = document.activeElement?.closest("tr, [data-card]") || document.querySelector(".record-side");
  const all = [...(place?.querySelectorAll("a[data-inline]") || [])];
  for (const pen of all) pen.removeAttribute("tabindex");
  const first = all.find((pen) => pen.checkVisibility?.() ?? true);
  first?.focus();
  return Boolean(first);
}

function back() {
  const link = document.querySelector("[data-back]");
  link?.click();
  return Boolean(link);
}

function peekClosed() {
  const close = document.querySelector(".panel [data-close]");
  close?.click();
  return Boolean(close);
}

// What a key does is told where it does it; `needs` is what it acts on.
const ROWS = "table.list tbody th a, [data-rows] > * a[data-row]";
const FIXED = [
  ["Ctrl K", "Go to anything", "body"],
  ["/", "Search", "[data-search]"],
  ["J", "Next row", ROWS],
  ["K", "Previous row", ROWS],
  ["Enter", "Open the row", ROWS],
  ["Space", "Look at the row beside the list", "table.list tbody a[data-peek]"],
  ["X", "Select the row", "table.list tbody input[type=checkbox]"],
  ["E", "Change values of the row", "table.list tbody a[data-inline], [data-card] a[data-inline]"],
  ["E", "Go to the first value that you can change", ".record-side a[data-inline]"],
  ["Shift ← →", "Move a card of the board", "[data-card]"],
  ["[", "Back", "[data-back]"],
  ["Esc", "Close", "body"],
  ["?", "This list", "body"],
];

function told() {
  const linked = [...document.querySelectorAll("[data-key]")].map((node) => [
    strokes(node.dataset.key), node.dataset.label || node.textContent.trim()]);
  const taken = new Set(linked.map(([key]) => key));
  // Where nothing hovers, lists have no pens to go to.
  const works = (node) => !node.matches("a[data-inline]") || (node.checkVisibility?.() ?? true);
  const fixed = FIXED.filter(([key, , needs]) => !taken.has(key) && [...document.querySelectorAll(needs)].some(works));
  return [...fixed.map(([key, what]) => [key, say(what)]), ...linked];
}

function help() {
  document.getElementById("keys-help")?.remove();
  const make = (name, given = {}, ...inside) => {
    const node = Object.assign(document.createElement(name), given);
    node.append(...inside);
    return node;
  };
  const list = make("dl");
  for (const [key, what] of told()) {
    list.append(make("dt", {}, make("kbd", { className: "cap" }, key)), make("dd", {}, what));
  }
  const form = make("form", { method: "dialog", className: "row" }, make("button", { className: "btn" }, say("Close")));
  const dialog = make("dialog", { id: "keys-help", className: "keys" }, make("h2", { id: "keys-title" }, say("Keys")), list, form);
  dialog.setAttribute("aria-labelledby", "keys-title");
  document.body.append(dialog);
  dialog.showModal();
  return true;
}
