// <form|a data-swap="#id">: fetch the page and replace one element of it, keeping focus and scroll.
// Anything unexpected falls back to what the browser would have done without this file.
import { live } from "./live.js";

export function swap() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    replace(link.dataset.swap, link.href, {}, link.dataset.push !== "no")
      .catch(() => { location.href = link.href; });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-swap]")) return;
    const data = new FormData(form, event.submitter);
    if ([...data.values()].some((value) => value instanceof File)) return;
    event.preventDefault();
    const body = new URLSearchParams(data);
    const action = event.submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
    const url = new URL(action, location.href);
    const get = (form.getAttribute("method") || "get").toLowerCase() === "get";
    if (get) url.search = body.toString();
    const options = get ? {} : { method: "POST", body };
    // A POST is never sent twice: after a failure the page is loaded afresh and shows what holds.
    replace(form.dataset.swap, url.href, options, get)
      .catch(() => { if (get) location.href = url.href; else location.reload(); });
  });

  addEventListener("popstate", (event) => { if (event.state?.swapped) location.reload(); });
}

async function replace(selector, url, options, push) {
  const old = document.querySelector(selector);
  if (!old) throw new Error("nothing to replace");
  old.setAttribute("aria-busy", "true");
  const answer = await fetch(url, {
    ...options,
    credentials: "same-origin",
    headers: { Accept: "text/html" },
  });
  const kind = answer.headers.get("content-type") || "";
  if (!kind.startsWith("text/html")) throw new Error("not a page");
  put(selector, new DOMParser().parseFromString(await answer.text(), "text/html"), answer, push);
}

// Puts a part of a page that came as an answer in the place of the same part here.
export function put(selector, page, answer, push) {
  const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)];
  if (!old || !fresh) throw new Error("the page has no such part");

  const focus = trace(document.activeElement);
  const [x, y] = [scrollX, scrollY];
  old.replaceWith(document.adoptNode(fresh));
  const title = page.querySelector("title");
  if (title) document.title = title.textContent;
  if (push || answer.redirected) {
    const move = push ? "pushState" : "replaceState";
    history.replaceState({ ...history.state, swapped: true }, "");
    history[move]({ swapped: true }, "", answer.url);
  }
  find(focus, fresh)?.focus({ preventScroll: true });
  scrollTo(x, y);
  live(fresh);
  fresh.dispatchEvent(new CustomEvent("swapped", { bubbles: true }));
}

// How to find again what had focus: by id, else by kind, name, value and address.
function trace(node) {
  if (!node || node === document.body) return null;
  if (node.id) return `#${CSS.escape(node.id)}`;
  const parts = ["name", "value", "href", "aria-label", "popovertarget"]
    .filter((name) => node.hasAttribute(name))
    .map((name) => `[${name}="${CSS.escape(node.getAttribute(name))}"]`);
  if (parts.length) return node.localName + parts.join("");
  const menu = node.closest("details[class]");
  return menu ? `details.${[...menu.classList].join(".")} > summary` : null;
}

function find(selector, fresh) {
  if (!selector) return null;
  const node = document.querySelector(selector);
  if (node?.checkVisibility?.() === false) return node.closest("details")?.querySelector("summary");
  return node || (fresh.tabIndex >= 0 ? fresh : null);
}
