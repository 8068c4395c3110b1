// Floating words that only accompany what also stands in the page, and what htmx could not do.
// Any module may ask for one: document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } })), or with a
// node in place of the text.

const STAYS = 6000;
const words = () => document.getElementById("words")?.dataset ?? {};

function show(text, level = "info", node = null) {
  const place = document.getElementById("toasts");
  if (!place || !(text || node)) return;
  const toast = document.createElement("div");
  toast.className = `toast toast--${level}`;
  const inside = node ?? document.createElement("span");
  inside.className = "toast__text";
  if (!node) inside.textContent = text;
  toast.append(inside);
  place.append(toast);
  setTimeout(() => toast.remove(), STAYS);
}

document.addEventListener("toast", (event) => show(event.detail.text ?? event.detail.value, event.detail.level, event.detail.node));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  button?.closest("[data-dismissable]")?.remove();
});

// A poll or a form of somebody whose session has ended is answered with the sign-in page: never put that into a corner.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const asked = new URL(requestConfig?.path ?? "", location.href);
  const came = new URL(xhr.responseURL || asked, location.href);
  if (came.pathname === asked.pathname || !came.pathname.startsWith("/account/login")) return;
  event.detail.shouldSwap = false;
  if (requestConfig.verb === "get" && requestConfig.elt.closest("[hx-trigger*=every]")) return;
  show(words().signedOut, "warning");
  came.searchParams.set("next", location.pathname + location.search);
  location.assign(came);
});

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.requestConfig.elt.closest("[hx-trigger*=every]")) return;
  show(words().failed, "error");
});
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.requestConfig.elt.closest("[hx-trigger*=every]")) return;
  show(words().offline, "error");
});
