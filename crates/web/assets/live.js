import { say } from "./say.js";

// <div data-live="/url">: progress by server-sent events. Each event: {"done":1,"total":9,"text":"…","finished":false,"href":"…"}
const open = new WeakSet();

export function live(root) {
  const here = [...root.querySelectorAll("[data-live]")];
  if (root instanceof Element && root.matches("[data-live]")) here.push(root);
  for (const box of here) {
    if (open.has(box)) continue;
    open.add(box);
    listen(box);
  }
}

function listen(box) {
  const source = new EventSource(box.dataset.live);
  source.addEventListener("message", (event) => {
    if (!box.isConnected) return source.close();
    let news;
    try { news = JSON.parse(event.data); } catch { return; }
    const bar = box.querySelector("progress");
    if (bar && Number.isFinite(news.total)) { bar.max = news.total || 1; bar.value = news.done; }
    const count = box.querySelector("[data-live-count]");
    if (count && Number.isFinite(news.total)) count.textContent = say("{n} of {all}", { n: group(news.done), all: group(news.total) });
    const text = box.querySelector("[data-live-text]");
    if (text && news.text) text.textContent = news.text;
    if (news.finished) {
      source.close();
      if (news.href) location.href = new URL(news.href, location.origin).origin === location.origin ? news.href : "/";
    }
  });
}

const group = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
