// How a text reads, while it is being written: asks the server a moment after the last stroke. Without this, Preview says it.
const waits = new Map();

async function ask(form, i) {
  const value = (name) => form.elements[`${name}-${i}`]?.value ?? "";
  const text = ["title", "benefit", "text", "risks", "if-no"].map(value).join("\n");
  const body = new URLSearchParams({ csrf: form.elements.csrf.value, lang: value("lang"), text });
  const answer = await fetch(form.dataset.reads, { method: "POST", body }).catch(() => null);
  const line = form.querySelector(`[data-reads-for="${i}"]`);
  if (answer?.ok && line) line.textContent = await answer.text();
}

export function reads() {
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    const i = form?.dataset.reads && /-(\d)$/.exec(event.target.name ?? "")?.[1];
    if (!i) return;
    clearTimeout(waits.get(i));
    waits.set(i, setTimeout(() => ask(form, i), 400));
  });
}
