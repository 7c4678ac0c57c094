// <a data-peek href="/record">, or Space on the link of a row that has one: what is known of it beside the list. Without
// this file the link leads to the record.
import { say } from "./say.js";
export function peek() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-peek]");
    if (link && !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)) {
      event.preventDefault();
      show(link.href, link).catch(() => { location.href = link.href; });
    }
    if (event.target.closest(".panel [data-close]")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("table.list tbody th a[href]") : null;
    const peek = link?.closest("th").querySelector("a[data-peek]");
    if (!peek) return;
    event.preventDefault();
    show(peek.href, link).catch(() => { location.href = peek.href; });
  });
}

let from = null;

async function show(href, link) {
  const panel = document.getElementById("panel");
  const answer = await fetch(href, { credentials: "same-origin", headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const side = page.querySelector(".record-side, [data-beside]");
  if (!panel || !side) throw new Error("nothing to show beside");
  from = link;
  const row = document.createElement("div");
  row.className = "row";
  const open = document.createElement("a");
  Object.assign(open, { className: "btn small", href, textContent: say("Open") });
  const shut = document.createElement("button");
  Object.assign(shut, { className: "btn small quiet spread", type: "button", textContent: say("Close") });
  shut.dataset.close = "";
  row.append(open, shut);
  panel.replaceChildren(row, document.adoptNode(side));
  open.focus();
}

function close() {
  document.getElementById("panel")?.replaceChildren();
  from?.isConnected && from.focus();
  from = null;
}
