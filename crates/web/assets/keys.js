// Two-stroke keys (G then P), rows by J and K, / for search, ? for this list. Silent while you type.
import { press } from "./palette.js";

const typing = (node) => node instanceof Element && node.closest("input, textarea, select, [contenteditable], dialog");

export function keys() {
  let first = "";
  let timer = 0;
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

function row(step) {
  const links = [...document.querySelectorAll("table.list tbody th a, [data-rows] a[data-row]")];
  if (!links.length) return false;
  const here = document.activeElement?.closest("tr, [data-row]");
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

// The pens of a row are out of the way of Tab until they are wanted.
function pens() {
  const all = [...(document.activeElement?.closest("tr, [data-card]")?.querySelectorAll("a[data-inline]") || [])];
  for (const pen of all) pen.removeAttribute("tabindex");
  all[0]?.focus();
  return all.length > 0;
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

function help() {
  let dialog = document.getElementById("keys-help");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.id = "keys-help";
    dialog.className = "keys";
    dialog.setAttribute("aria-labelledby", "keys-title");
    const title = document.createElement("h2");
    title.id = "keys-title";
    title.textContent = "Keys";
    const list = document.createElement("dl");
    const fixed = [["Ctrl K", "Go to anything"], ["/", "Search"], ["J / K", "Next, previous row"], ["Enter", "Open the row"],
      ["Space", "Look at the row beside the list"], ["X", "Select the row"], ["E", "Change values of the row"], ["Shift ← →", "Move a card of the board"], ["Esc", "Close"]];
    const linked = [...document.querySelectorAll("[data-key]")].map((node) => [
      node.dataset.key.toUpperCase().replace(" ", " then "), node.dataset.label || node.textContent.trim()]);
    for (const [key, what] of [...fixed, ...linked]) {
      const dt = document.createElement("dt");
      const cap = document.createElement("kbd");
      cap.className = "cap";
      cap.textContent = key;
      dt.append(cap);
      const dd = document.createElement("dd");
      dd.textContent = what;
      list.append(dt, dd);
    }
    const form = document.createElement("form");
    form.method = "dialog";
    form.className = "row";
    const close = document.createElement("button");
    close.className = "btn";
    close.textContent = "Close";
    form.append(close);
    dialog.append(title, list, form);
    document.body.append(dialog);
  }
  dialog.showModal();
  return true;
}
