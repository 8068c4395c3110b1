// The keyboard of the panel: / search, g t tasks, g q queue, g b board, j k rows, r reply, n note, ? help.
// Silent while somebody writes, while a dialog is open, and with a modifier held.

const WAIT = 1200;
const ROWS = "main :is(.list__link, .board-card__link)";
let armed = 0;

const busy = (event) =>
  event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey ||
  event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]") ||
  document.querySelector("dialog[open], [popover]:popover-open");

function row(step) {
  const links = [...document.querySelectorAll(ROWS)];
  if (!links.length) return false;
  const here = document.activeElement?.closest?.("tr, li")?.querySelector(ROWS);
  const at = links.indexOf(here);
  links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
  return true;
}

function write(mode) {
  const area = document.getElementById("composer-text");
  if (!area) return false;
  const choice = document.querySelector(`[data-composer] [data-mode="${mode}"]:not(:disabled)`);
  if (mode !== "reply" && !choice) return false;
  if (choice) choice.checked = true;
  area.focus();
  area.scrollIntoView({ block: "center" });
  return true;
}

function help() {
  const button = document.querySelector('[commandfor="keys-help"][command="show-modal"]');
  const dialog = document.getElementById("keys-help");
  if (!button || !dialog) return false;
  dialog.removeAttribute("popover");
  dialog.showModal();
  return true;
}

function go(place) {
  const address = document.querySelector("[data-keys]")?.dataset[place];
  if (address) location.assign(address);
  return Boolean(address);
}

const KEYS = {
  "/": () => {
    const search = document.querySelector("[data-search]");
    search?.focus();
    search?.select();
    return Boolean(search);
  },
  "?": help,
  j: () => row(1),
  k: () => row(-1),
  r: () => write("reply"),
  n: () => write("note"),
};
const AFTER_G = { t: () => go("urlTasks"), q: () => go("urlQueue"), b: () => go("urlBoard") };

document.addEventListener("keydown", (event) => {
  if (busy(event)) return;
  const second = Date.now() - armed < WAIT;
  armed = 0;
  if (!second && event.key === "g") {
    armed = Date.now();
    return;
  }
  const act = second ? AFTER_G[event.key] : KEYS[event.key];
  if (act?.()) event.preventDefault();
});
