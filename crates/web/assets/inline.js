// a[data-inline]: the small form that a pen leads to opens where the value stands. Saving puts the page in its place,
// Escape puts the value back. Without this file the pen leads to a page with the same form.
import { live } from "./live.js";
import { put } from "./swap.js";

const parse = async (answer) => {
  const kind = answer.headers.get("content-type") || "";
  if (!kind.startsWith("text/html")) throw new Error("not a page");
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};
const asked = { credentials: "same-origin", headers: { Accept: "text/html" } };

export function inline() {
  document.addEventListener("click", (event) => {
    const pen = event.target.closest("a[data-inline]");
    if (pen && !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      open(pen).catch(() => { location.href = pen.href; });
      return;
    }
    const back = event.target.closest(".in-place a.btn");
    if (back) {
      event.preventDefault();
      close(back.closest(".in-place"));
    }
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.(".in-place");
    if (form && event.key === "Escape") {
      event.stopPropagation();
      close(form);
    }
  }, true);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".in-place")) return;
    event.preventDefault();
    save(event.target, event.submitter).catch(() => location.reload());
  });
}

async function open(pen) {
  const page = await parse(await fetch(pen.href, asked));
  const form = page.querySelector("main form.form");
  if (!form) throw new Error("closed");
  const place = pen.closest("td, th, dd, .identity > div, p") || pen.parentElement;
  document.querySelectorAll(".in-place").forEach(close);
  form.className = "form in-place";
  form.dataset.pen = pen.getAttribute("href");
  place.classList.add("editing");
  place.append(document.adoptNode(form));
  live(form);
  const field = form.querySelector("input:not([type=hidden]), select, textarea");
  field?.focus();
  field?.select?.();
}

function close(form) {
  const place = form.closest(".editing");
  form.remove();
  place?.classList.remove("editing");
  find(form.dataset.pen)?.focus();
}

const find = (href) => [...document.querySelectorAll("a[data-inline]")].find((pen) => pen.getAttribute("href") === href);

async function save(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const answer = await fetch(form.action, { ...asked, method: "POST", body });
  const page = await parse(answer);
  const again = page.querySelector("main form.form");
  if (!answer.redirected && again) {
    // Something is wrong with it, and says so beside its field.
    again.className = "form in-place";
    again.dataset.pen = form.dataset.pen;
    form.replaceWith(document.adoptNode(again));
    again.querySelector("[aria-invalid], input:not([type=hidden]), select, textarea")?.focus();
    return;
  }
  put("#main", page, answer, false);
  find(form.dataset.pen)?.focus({ preventScroll: true });
}
