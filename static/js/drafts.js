// Nothing typed is lost: a textarea with data-draft-key keeps its text in this browser until the server has taken it.
//
// A draft is marked when its form is sent. It is dropped when the next page comes without a refusal, and stays when that
// page is a refusal, the sign-in page, an error, or the same page loaded again. Signing out forgets all drafts.

const OWNER = document.body.dataset.user ?? "";
const PREFIX = "draft:";
const name = (key) => `${PREFIX}${document.body.dataset.user}:${key}`;
const words = () => document.getElementById("words")?.dataset ?? {};

function read(key) {
  try { return JSON.parse(localStorage.getItem(name(key))); } catch { return null; }
}
function write(key, draft) {
  try { localStorage.setItem(name(key), JSON.stringify(draft)); } catch { /* a full or forbidden store only means no draft */ }
}
function drop(key) { localStorage.removeItem(name(key)); }
function own() {
  const start = name("");
  return Object.keys(localStorage).filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
}

function settle(arrived) {
  if (!document.body.dataset.user) return;
  const refused = document.querySelector("[data-refused], [aria-invalid=true]");
  for (const key of own()) {
    const draft = read(key);
    if (!draft?.sent) continue;
    if (arrived && !refused) drop(key);
    else write(key, { ...draft, sent: false });
  }
}

function offer(area) {
  const draft = read(area.dataset.draftKey);
  if (!draft || draft.sent || !draft.text.trim() || area.value.trim()) return;
  area.value = draft.text;
  const note = document.createElement("p");
  note.className = "draft-note";
  note.setAttribute("role", "status");
  note.append(words().draftKept ?? "");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet button--small";
  button.textContent = words().draftDrop ?? "";
  button.addEventListener("click", () => {
    area.value = "";
    drop(area.dataset.draftKey);
    note.remove();
    area.focus();
  });
  note.append(button);
  area.after(note);
}

function begin(root) {
  for (const area of root.querySelectorAll("textarea[data-draft-key]")) if (OWNER) offer(area);
}

document.addEventListener("input", (event) => {
  const key = event.target.dataset?.draftKey;
  if (!key || !OWNER) return;
  if (event.target.value.trim()) write(key, { text: event.target.value, at: Date.now() });
  else drop(key);
});

document.addEventListener("submit", (event) => {
  if (event.target.hasAttribute("data-forget-drafts")) {
    for (const key of own()) drop(key);
    return;
  }
  for (const area of event.target.querySelectorAll("textarea[data-draft-key]")) {
    if (area.value.trim()) write(area.dataset.draftKey, { text: area.value, at: Date.now(), sent: true });
  }
}, true);

// An answer that never came leaves the draft a draft.
for (const lost of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(lost, () => settle(false));

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== document.body) return;
  settle(true);
  begin(document);
});

const arrival = performance.getEntriesByType("navigation")[0]?.type ?? "navigate";
settle(arrival === "navigate");
begin(document);
