// Dialogs and menus are the browser's own (commands and popovers) and work without this file. It adds: a modal where
// the browser knows no commands, dialogs that must be open when the page comes, and arrow keys in menus.

const modern = "commandForElement" in HTMLButtonElement.prototype;
let opener = null;

function open(dialog, from) {
  if (dialog.matches(":popover-open")) dialog.hidePopover();
  dialog.removeAttribute("popover");
  opener = from;
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[commandfor]");
  if (!button || modern) return;
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (!(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  if (button.getAttribute("command") === "close") {
    dialog.close();
    opener?.focus();
  } else open(dialog, button);
});

// A button inside a menu opens a dialog: the menu goes away, and the focus comes back to the menu's button.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu] button[commandfor]");
  const menu = button?.closest("[data-menu]");
  if (!menu) return;
  const home = document.querySelector(`[popovertarget="${menu.id}"]`);
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  menu.hidePopover();
  dialog?.addEventListener("close", () => home?.focus(), { once: true });
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[data-menu]");
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  const items = [...menu.querySelectorAll("a, button:not([disabled])")];
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  items[(next + items.length) % items.length]?.focus();
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown") return;
  const button = event.target.closest?.("[popovertarget]");
  const menu = button && document.getElementById(button.getAttribute("popovertarget"));
  if (!menu?.matches("[data-menu]")) return;
  event.preventDefault();
  menu.showPopover({ source: button });
  menu.querySelector("a, button")?.focus();
});

// A button says both; the browser that knows commands would grumble about the other word.
function ready(root) {
  if (modern) for (const button of root.querySelectorAll("[commandfor][popovertarget]")) button.removeAttribute("popovertarget");
  for (const dialog of root.querySelectorAll("dialog[data-open-now]")) if (!dialog.open) open(dialog, null);
}
ready(document);
document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
