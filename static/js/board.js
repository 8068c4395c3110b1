// The board for the hand and for the keyboard. A drop presses the item of the card's own menu that leads to the column, so
// what is possible is said by the server alone; where no item leads there, the column's sentence says why and the card goes back.

const board = () => document.querySelector("[data-board]");
const columnOf = (element) => element.closest("[data-column]");
const listOf = (column) => column.querySelector("[data-cards]");
const linkOf = (card) => card.querySelector("[data-card-link]");
const stepsTo = (card, column) => [...card.querySelectorAll("[data-step]")].filter((step) => step.dataset.to === column.dataset.column);

let dragged = null; // the card under the hand
let moved = null; // { card, parent, next }: a card that waits in another column for the server's word
let last = null; // the id of the card that was moved, to be found again when the board comes anew

const say = (text, level) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));

// --- a step on its way, and the way back

function put(card, column) {
  moved = { card, parent: card.parentElement, next: card.nextElementSibling };
  card.setAttribute("aria-busy", "true");
  listOf(column).prepend(card);
}

function putBack() {
  if (!moved) return;
  const { card, parent, next } = moved;
  moved = null;
  card.removeAttribute("aria-busy");
  parent.insertBefore(card, next?.parentElement === parent ? next : null);
  linkOf(card).focus();
}

function reasonNot(card, column) {
  return JSON.parse(board().dataset.refusals)[card.dataset.way]?.[column.dataset.column];
}

// Several moves lead to one column: the card's menu asks which, and shows no others meanwhile.
function choose(card, steps) {
  const menu = card.querySelector("[data-menu]");
  for (const step of menu.querySelectorAll("[data-step]")) step.hidden = !steps.includes(step);
  menu.addEventListener("toggle", function whole(event) {
    if (event.newState !== "closed") return;
    menu.removeEventListener("toggle", whole);
    for (const step of menu.querySelectorAll("[data-step]")) step.hidden = false;
  });
  menu.showPopover({ source: card.querySelector("[popovertarget]") });
  steps[0].focus();
}

function drop(card, column) {
  if (column === columnOf(card)) return;
  const steps = stepsTo(card, column);
  if (!steps.length) say(reasonNot(card, column), "warning");
  else if (steps.length > 1) choose(card, steps);
  else {
    put(card, column);
    steps[0].click();
  }
}

// --- a step that needs words or a choice: the form of its own page, or the ticket's box to write in, inside a dialog

const PAGE = "#main > *";
const BOX = ".error-summary, #composer";
const dialog = () => document.getElementById("board-step");
const inside = () => document.querySelector("[data-step-body]");

function ask(step) {
  const address = step.getAttribute("href");
  dialog().querySelector("h2").textContent = step.querySelector("[data-word]").textContent;
  window.htmx.ajax("GET", address, { target: "[data-step-body]", swap: "innerHTML", select: step.hash ? BOX : PAGE })
    .then(() => { if (!dialog()?.open) putBack(); });
}

function showStep() {
  const heading = inside().querySelector("h1");
  if (heading) {
    dialog().querySelector("h2").textContent = heading.textContent;
    heading.remove();
  }
  for (const link of inside().querySelectorAll(".back")) if (link.pathname === location.pathname) link.remove();
  for (const form of inside().querySelectorAll("form")) {
    if (!form.elements.next) form.append(document.querySelector("#board-form [name=next]").cloneNode());
    form.dataset.stepReady = "";
    form.setAttribute("hx-boost", "true");
    window.htmx.process(form);
  }
  if (!dialog().open) {
    dialog().removeAttribute("popover");
    dialog().showModal();
  }
  (inside().querySelector(".error-summary") ?? inside().querySelector("input:not([type=hidden]), select, textarea"))?.focus();
}

document.addEventListener("click", (event) => {
  const step = event.target.closest?.("[data-step]");
  if (!step) return;
  last = step.closest("[data-card]").id;
  if (!(step instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey || !window.htmx) return;
  event.preventDefault();
  const menu = step.closest("[data-menu]");
  if (menu.matches(":popover-open")) menu.hidePopover();
  ask(step);
});

// "Keep it as it is" leads back to where the dialog stands.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-step-body] a");
  if (!link || link.pathname !== location.pathname) return;
  event.preventDefault();
  dialog().close();
});

document.addEventListener("close", (event) => {
  if (event.target !== dialog()) return;
  inside().replaceChildren();
  if (moved) putBack();
  else if (last) linkOf(document.getElementById(last) ?? document.createElement("p"))?.focus();
}, true);

// --- what the server answers

function sentencesIn(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.querySelectorAll(".error-summary li, .messages .notice--error .notice__text")].map((one) => one.textContent.trim()).join(" ");
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (!board() || !event.detail.shouldSwap) return;
  const came = new URL(xhr.responseURL || location.href, location.href);
  const isStep = requestConfig.target === inside();
  const { elt } = requestConfig; // the event's own one is where the answer goes
  const isForm = !isStep && (elt.id === "board-form" || Boolean(elt.closest?.("[data-step-body]")));
  if (isStep) {
    if (came.pathname === new URL(requestConfig.path, location.href).pathname) return;
    // The step is made on another page, or it is too late for it.
    event.detail.shouldSwap = false;
    location.assign(came);
  } else if (isForm && xhr.status >= 400) {
    if (elt.id === "board-form") {
      event.detail.shouldSwap = false;
      say(sentencesIn(xhr.responseText) || document.getElementById("words").dataset.failed, "error");
      putBack();
    } else {
      event.detail.target = inside();
      event.detail.selectOverride = elt.id === "composer" ? BOX : PAGE;
    }
  } else if (isForm) {
    moved = null; // the board comes anew, and the card with it
    if (came.pathname !== location.pathname) {
      event.detail.shouldSwap = false;
      location.assign(came);
    }
  }
});

// All of this happens on the board: no answer is another place in the browser's history.
document.addEventListener("htmx:beforeHistoryUpdate", (event) => {
  if (board()) Object.assign(event.detail.history, { type: "replace", path: location.pathname + location.search });
});

document.addEventListener("htmx:afterSwap", () => {
  if (inside()?.querySelector("form:not([data-step-ready])")) showStep();
});

for (const failure of ["htmx:responseError", "htmx:sendError"]) document.addEventListener(failure, () => putBack());

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== document.body) return;
  const card = last && document.getElementById(last);
  last = null;
  if (card) linkOf(card).focus();
});

// --- the hand

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card) return;
  dragged = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", linkOf(card).textContent);
  card.classList.add("board-card--dragged");
  for (const column of board().querySelectorAll("[data-column]")) {
    if (column === columnOf(card)) continue;
    column.classList.add(stepsTo(card, column).length ? "board__column--can" : "board__column--cannot");
  }
});

function over(column) {
  for (const one of document.querySelectorAll(".board__column--over")) if (one !== column) one.classList.remove("board__column--over");
  column?.classList.add("board__column--over");
}

document.addEventListener("dragover", (event) => {
  const column = dragged && event.target.closest?.("[data-column]");
  if (!dragged) return;
  over(column);
  if (column) event.preventDefault(); // a column that refuses takes the drop too, to say why
});

document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest?.("[data-column]");
  if (!column) return;
  event.preventDefault();
  const card = dragged;
  end();
  drop(card, column);
});

function end() {
  dragged?.classList.remove("board-card--dragged");
  dragged = null;
  over(null);
  for (const column of document.querySelectorAll("[data-column]")) column.classList.remove("board__column--can", "board__column--cannot");
}
document.addEventListener("dragend", end);

// --- the keyboard: up and down in a column, left and right to the next column that has cards, m for the menu

function neighbour(card, key) {
  if (key === "ArrowDown") return card.nextElementSibling;
  if (key === "ArrowUp") return card.previousElementSibling;
  const columns = [...board().querySelectorAll("[data-column]")].filter((column) => column.querySelector("[data-card]"));
  const next = columns[columns.indexOf(columnOf(card)) + (key === "ArrowRight" ? 1 : -1)];
  const cards = next ? [...next.querySelectorAll("[data-card]")] : [];
  return cards[Math.min([...card.parentElement.children].indexOf(card), cards.length - 1)];
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card-link]")?.closest("[data-card]");
  if (!card || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.key === "m") {
    const menu = card.querySelector("[data-menu]");
    menu?.showPopover({ source: card.querySelector("[popovertarget]") });
    menu?.querySelector("[data-step]")?.focus();
  } else if (event.key.startsWith("Arrow")) {
    const next = neighbour(card, event.key);
    if (next) linkOf(next).focus();
  } else return;
  event.preventDefault();
});

function begin() {
  for (const card of document.querySelectorAll("[data-card]")) card.draggable = true;
}
document.addEventListener("htmx:load", begin);
begin();
