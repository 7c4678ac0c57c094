// Light, dark or what the system says. The choice is a cookie, so that the server renders it the next time.
export function theme() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set]");
    if (!button) return;
    const choice = button.dataset.themeSet;
    document.documentElement.dataset.theme = choice;
    const age = choice === "auto" ? 0 : 31536000;
    document.cookie = `theme=${choice}; Path=/; Max-Age=${age}; SameSite=Lax`;
    mark();
  });
  mark();
}

function mark() {
  const now = document.documentElement.dataset.theme || "auto";
  for (const button of document.querySelectorAll("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === now));
  }
}
