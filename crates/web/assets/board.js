// Cards of a board are dragged from lane to lane, or moved by Shift and an arrow. What happens is what the form in the
// card does: choose the stage, press its button. Without this file that form is all there is, and enough.
export function board() {
  let held = null;
  const lanes = () => [...document.querySelectorAll("[data-board] [data-stage]")];
  const card = (node) => node instanceof Element ? node.closest("[data-card]") : null;
  const lane = (node) => node instanceof Element ? node.closest("[data-board] [data-stage]") : null;

  document.addEventListener("dragstart", (event) => {
    held = card(event.target);
    if (!held) return;
    held.classList.add("held");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.getAttribute("aria-label") || "");
  });
  document.addEventListener("dragover", (event) => {
    const over = held && lane(event.target);
    if (!over) return;
    event.preventDefault();
    for (const one of lanes()) one.classList.toggle("over", one === over);
  });
  document.addEventListener("drop", (event) => {
    const over = held && lane(event.target);
    if (!over) return;
    event.preventDefault();
    move(held, over);
  });
  document.addEventListener("dragend", () => {
    held?.classList.remove("held");
    held = null;
    for (const one of lanes()) one.classList.remove("over");
  });
  document.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select")) return;
    const one = card(event.target);
    const all = lanes();
    const to = one && all[all.indexOf(lane(one)) + step];
    if (!to) return;
    event.preventDefault();
    move(one, to);
  });
}

function move(one, to) {
  const form = one.querySelector("form.move");
  const select = form?.querySelector("select[name=stage]");
  if (!select || to.contains(one)) return;
  select.value = to.dataset.stage;
  if (select.value !== to.dataset.stage) return;
  const says = document.querySelector("[data-board-says]");
  if (says) says.textContent = `${one.getAttribute("aria-label")}: ${to.getAttribute("aria-label")}`;
  // A lost deal is asked why: that is a page of its own.
  if ("lost" in to.dataset) form.removeAttribute("data-swap");
  else to.querySelector("header").after(one);
  form.requestSubmit();
}
