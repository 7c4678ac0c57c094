// Ctrl+K: every link of the menu; what this page can do, which is whatever of it has a key, and what can be done with the
// rows that are ticked; what can be made, from the list in <script type="application/json" id="palette">
// [{"label":"…","href":"…","group":"Do"}]. What is typed last on the list searches all.
// While somebody types, /find adds people, organisations, deals and what was written down, as far as they may be listed.
import { say, strokes } from "./say.js";
let dialog, input, list, all = [], found = [], shown = [], at = 0, timer = 0;

export function palette() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog?.open) dialog.close(); else show();
    }
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) show(); });
}

function gather() {
  const links = [...document.querySelectorAll("[data-go]")].map((link) => ({
    label: link.dataset.label || link.textContent.trim(), href: link.href, group: link.dataset.go || say("Go to"), key: link.dataset.key || "" }));
  let made = [];
  try {
    made = JSON.parse(document.getElementById("palette")?.textContent || "[]");
  } catch { /* the list is courtesy too */ }
  return [...here(made), ...ticked(), ...made, ...links];
}

const named = (node) => node.dataset.label || node.textContent.trim();
const seen = (node) => node.checkVisibility?.() ?? true;

// What this page can do. A link that leads where one of the list leads is there once.
function here(made) {
  const leads = made.map((one) => new URL(one.href, location.href).href);
  const all = [...document.querySelectorAll("[data-key]:not([data-go])")].filter((node) => seen(node) && !leads.includes(node.href));
  return all.map((node) => ({ label: named(node), node, group: say("On this page"), key: node.dataset.key }));
}

// What can be done with the rows that are ticked.
function ticked() {
  const many = document.querySelectorAll("tbody input:checked").length;
  if (!many) return [];
  // Where something is to be chosen, that is where it leads; the button comes after it.
  const all = [...document.querySelectorAll(".bulk select, .bulk button:not(select + button)")].filter(seen);
  const label = (node) => (node.localName === "select" ? node.options[0].text : named(node));
  return all.map((node) => ({ label: label(node), node, group: say("With the {n} selected", { n: many }), key: "" }));
}

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", say("Go to anything"));
  input = document.createElement("input");
  Object.assign(input, { type: "text", placeholder: say("Go to a page, a person, an action"), autocomplete: "off", spellcheck: false });
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", "palette-list");
  input.setAttribute("aria-label", say("Go to"));
  list = document.createElement("ul");
  list.id = "palette-list";
  list.setAttribute("role", "listbox");
  const foot = document.createElement("footer");
  foot.textContent = say("↑ ↓ to move · Enter to open · Esc to close");
  dialog.append(input, list, foot);
  document.body.append(dialog);
  input.addEventListener("input", () => { at = 0; found = []; draw(); clearTimeout(timer); timer = setTimeout(seek, 120); });
  input.addEventListener("keydown", steer);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    const hit = event.target.closest("[data-at]");
    if (hit) go(shown[Number(hit.dataset.at)]);
  });
}

async function seek() {
  const query = input.value.trim();
  if (query.length < 2 || !document.querySelector("[data-search]")) return;
  try {
    const answer = await fetch(`/find?q=${encodeURIComponent(query)}`, { credentials: "same-origin" });
    const hits = answer.ok ? await answer.json() : [];
    if (dialog.open && input.value.trim() === query) { found = hits; draw(); }
  } catch { /* what the page knows itself is there already */ }
}

function show() {
  if (!dialog) build();
  all = gather();
  found = [];
  input.value = "";
  at = 0;
  draw();
  dialog.showModal();
  input.focus();
}

function steer(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && shown.length) {
    event.preventDefault();
    at = (at + step + shown.length) % shown.length;
    mark();
  } else if (event.key === "Enter") {
    event.preventDefault();
    go(shown[at]);
  }
}

function go(hit) {
  if (!hit) return;
  dialog.close();
  if (hit.node) return press(hit.node);
  const url = new URL(hit.href, location.href);
  if (url.origin === location.origin) location.href = url.href;
}

// As if it was pressed on the page; a menu opens at its first field.
export function press(node) {
  if (node.localName === "select") return node.focus();
  node.click();
  if (node.localName === "summary") node.parentElement.querySelector("select, input:not([type=hidden])")?.focus();
}

// The letters in order; a run of letters and the start of a word weigh more. 0: not in there.
export function score(text, query) {
  const hay = text.toLowerCase();
  let from = 0, sum = 0, run = 0;
  for (const letter of query.toLowerCase()) {
    if (letter === " ") continue;
    const found = hay.indexOf(letter, from);
    if (found < 0) return 0;
    run = found === from ? run + 1 : 1;
    sum += run + (found === 0 || hay[found - 1] === " " ? 3 : 0);
    from = found + 1;
  }
  return sum + 1 / (1 + hay.length);
}

function draw() {
  const query = input.value.trim();
  shown = all.map((hit) => ({ ...hit, score: query ? score(hit.label, query) : 1 })).filter((hit) => hit.score > 0);
  if (query) shown.sort((a, b) => b.score - a.score);
  shown = [...shown.slice(0, found.length ? 6 : 40), ...found];
  const find = document.querySelector("[data-search]")?.form;
  if (query && find) {
    const url = new URL(find.action, location.href);
    url.searchParams.set(document.querySelector("[data-search]").name, query);
    shown.push({ label: say("Search for “{words}”", { words: query }), href: url.href, group: say("Search"), key: "" });
  }
  list.replaceChildren();
  let group = "";
  for (const [index, hit] of shown.entries()) {
    if (!query && hit.group !== group) {
      group = hit.group;
      const head = document.createElement("li");
      head.className = "group";
      head.setAttribute("role", "presentation");
      head.textContent = group;
      list.append(head);
    }
    const item = document.createElement("li");
    item.className = "hit";
    item.id = `palette-${index}`;
    item.dataset.at = index;
    item.setAttribute("role", "option");
    item.append(hit.label);
    if (query && found.includes(hit)) {
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = hit.group;
      item.append(kind);
    }
    if (hit.key) {
      const key = document.createElement("kbd");
      key.textContent = strokes(hit.key);
      item.append(key);
    }
    list.append(item);
  }
  if (!shown.length) {
    const none = document.createElement("li");
    none.className = "none";
    none.textContent = say("Nothing by that name.");
    list.append(none);
  }
  mark();
}

function mark() {
  for (const item of list.querySelectorAll("[data-at]")) {
    const here = Number(item.dataset.at) === at;
    item.setAttribute("aria-selected", String(here));
    if (here) { input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
  }
}
