// Hovering over a chip opens its card; without this file a click or Enter does.
export function terms() {
  let timer = 0;
  const card = (chip) => chip && document.getElementById(chip.getAttribute("popovertarget"));
  const near = (node) => node instanceof Element ? node.closest(".chip[popovertarget]") : null;
  const over = (node) => node instanceof Element && node.closest(".terms-card");

  const open = (chip, wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const target = card(chip);
      if (target?.showPopover && !target.matches(":popover-open")) target.showPopover({ source: chip });
    }, wait);
  };
  const close = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const target of document.querySelectorAll(".terms-card:popover-open")) {
        if (!target.matches(":hover, :focus-within")) target.hidePopover();
      }
    }, 180);
  };

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const chip = near(event.target);
    if (chip) open(chip, 220);
    else if (over(event.target)) clearTimeout(timer);
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType === "touch") return;
    if (near(event.target) || over(event.target)) close();
  });
  document.addEventListener("focusin", (event) => {
    const chip = near(event.target);
    if (chip?.matches(":focus-visible")) open(chip, 120);
  });
  document.addEventListener("focusout", (event) => {
    if (near(event.target) || over(event.target)) close();
  });
}
