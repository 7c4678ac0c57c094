// Everything here is courtesy: each page works without it.
import { board } from "./board.js";
import { inline } from "./inline.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { palette } from "./palette.js";
import { passkey } from "./passkey.js";
import { reads } from "./reads.js";
import { receipt } from "./receipt.js";
import { peek } from "./peek.js";
import { swap } from "./swap.js";
import { terms } from "./terms.js";
import { theme } from "./theme.js";

document.documentElement.classList.add("js");
theme();
terms();
swap();
board();
inline();
peek();
palette();
keys();
live(document);
reads();
receipt();
passkey();

// A menu closes when focus or a click goes elsewhere, and on Escape, which gives focus back to its button.
const menus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
