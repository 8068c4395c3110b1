// A page that was fetched again takes the place of the open one piece by piece: what is the same stays as it is, so
// nothing typed is lost, no focus moves, no menu closes. document.dispatchEvent(new CustomEvent("fresh", { detail: { page } }))

// What script and browser have put on elements since they came.
const OURS = new Set(["open", "popover", "popovertarget", "aria-busy", "aria-pressed", "data-sending", "data-follows", "data-dismissed"]);
const PLACES = ["#bell", "#consents-tab", ".masthead__nav", ".rail__in", "#main"];

const isBlank = (node) => node.nodeType !== Node.ELEMENT_NODE && !node.nodeValue.trim();
const key = (node) => node.id || node.getAttribute?.("aria-labelledby") || (node.nodeName === "TR" && node.querySelector(".list__link")?.getAttribute("href")) || "";
const alike = (one, other) => one.nodeName === other.nodeName && one.classList?.[0] === other.classList?.[0];
const isTyped = (area) => area.value !== area.defaultValue;
const holdsWork = (node) => [...(node.querySelectorAll?.("textarea") ?? [])].some(isTyped);

function arrived(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  htmx.process(node);
  htmx.trigger(node, "htmx:load", { elt: node });
}
function insert(parent, node, before) {
  const copy = document.importNode(node, true);
  parent.insertBefore(copy, before);
  arrived(copy);
}

function attributes(old, fresh) {
  for (const { name, value } of fresh.attributes) if (!OURS.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!OURS.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
}

function children(old, fresh) {
  const has = new Map([...old.childNodes].filter(key).map((node) => [key(node), node]));
  const coming = [...fresh.childNodes].filter((node) => !isBlank(node));
  const wanted = new Set(coming.map(key).filter(Boolean));
  const next = (node) => {
    // What somebody is writing stays, even where the fresh page has no place for it any more.
    while (node && (isBlank(node) || (key(node) && !wanted.has(key(node)) && holdsWork(node)))) node = node.nextSibling;
    return node;
  };
  let at = next(old.firstChild);
  const drop = () => {
    const gone = at;
    at = next(at.nextSibling);
    gone.remove();
  };
  for (const node of coming) {
    while (at && key(at) && !wanted.has(key(at))) drop();
    const known = has.get(key(node));
    if (known && known !== at) {
      if (old.moveBefore) old.moveBefore(known, at);
      else old.insertBefore(known, at);
      one(known, node);
    } else if (known || (at && !key(at) && !key(node) && alike(at, node))) {
      const here = at;
      at = next(at.nextSibling);
      one(here, node);
    } else insert(old, node, at);
  }
  while (at) {
    if (holdsWork(at)) at = next(at.nextSibling);
    else drop();
  }
}

// A conversation only grows at its end: parts of it that were asked for stay, though the fresh page shows the newest only.
function grow(old, fresh) {
  const same = [...fresh.children].filter((node) => node.id && document.getElementById(node.id)?.parentElement === old);
  if (!same.length) {
    children(old, fresh);
    return;
  }
  for (const node of same) one(document.getElementById(node.id), node);
  const last = document.getElementById(same.at(-1).id);
  while (last.nextSibling) last.nextSibling.remove();
  for (let node = same.at(-1).nextElementSibling; node; node = node.nextElementSibling) insert(old, node, null);
}

// The writing box is changed under nobody's hands. What it says its writer has seen is what stood there when he began.
function composer(old, fresh) {
  const shape = (form) => [...form.querySelectorAll("[formaction], [data-mode], .composer__hint")]
    .map((part) => [part.getAttribute("formaction"), part.getAttribute("value"), part.hasAttribute("disabled"), part.textContent].join()).join("\n");
  const isEmpty = !old.querySelector("textarea").value.trim() && ![...old.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  if (shape(old) === shape(fresh)) {
    const seen = fresh.querySelector("[name=seen]");
    if (isEmpty && seen && old.elements.seen) old.elements.seen.value = seen.value;
  } else if (isEmpty && !old.contains(document.activeElement)) {
    const copy = document.importNode(fresh, true);
    old.replaceWith(copy);
    arrived(copy);
  }
}

function one(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.matches("[data-live-keep], #messages, textarea") || old === document.activeElement && old.matches("input, select")) return;
  if (old.isEqualNode(fresh)) return;
  if (old.id === "composer") composer(old, fresh);
  else if (old.nodeName !== fresh.nodeName || old.nodeName === "svg") {
    const copy = document.importNode(fresh, true);
    old.replaceWith(copy);
    arrived(copy);
  } else {
    attributes(old, fresh);
    const [mine, theirs] = [old, fresh].map((node) => node.querySelector(":scope > .timeline"));
    if ("liveGrows" in old.dataset) grow(old, fresh);
    else if (old.matches(".history:has(> .history)") && mine && theirs) one(mine, theirs);
    else children(old, fresh);
  }
}

document.addEventListener("fresh", ({ detail: { page } }) => {
  for (const place of PLACES) {
    const [old, fresh] = [document, page].map((tree) => tree.querySelector(place));
    if (old && fresh) one(old, fresh);
  }
});
