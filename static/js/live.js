// The page follows what happens elsewhere: bell, lists and ticket look again as soon as the server hints at it; what is
// new is pointed out, in the page or by the browser where the page is not looked at. Hints carry no content: whatever
// is shown was fetched as any page is. Without the channel (an old proxy) the bell polls, as its markup says.
//
// A browser has six lines to a server at most: so the pages in view have a stream, and of the hidden ones only one,
// which may raise the browser's notices. Others close theirs, and catch up when they are looked at again.

const OWNER = document.body.dataset.user ?? "";
const NEWEST = `live:newest:${OWNER}`;
const SHOWN = `live:shown:${OWNER}`;
const HIDDEN_FOR = 30_000;
const LISTS_EVERY = 3_000;
const MOST_WAIT = 300_000;

const place = () => document.getElementById("live");
const visible = () => document.visibilityState === "visible";
const may = () => "Notification" in window && Notification.permission === "granted";
const soon = (most) => new Promise((done) => { setTimeout(done, Math.random() * most); });

let source = null;
let address = "";
let greeted = false;
let tries = 0;
let retry = 0;
let sleep = 0;
let keeper = false;
let over = false;
const due = new Set();

// --- The stream ---

function close() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

function open() {
  const here = place();
  if (!here || !OWNER || over || !window.EventSource) return;
  const { page, seen } = here.dataset;
  const wanted = `${here.dataset.address}?${new URLSearchParams({ page, seen })}`;
  if (source && address === wanted && source.readyState !== EventSource.CLOSED) return;
  close();
  address = wanted;
  source = new EventSource(wanted);
  source.addEventListener("hello", (event) => { tries = 0; hello(Number(event.data)); });
  source.addEventListener("hub", () => { look(); if (place()?.dataset.page === "hub") refresh(); });
  source.addEventListener("page", refresh);
  source.addEventListener("people", people);
  source.addEventListener("again", async () => { await soon(3000); everything(); });
  source.addEventListener("bye", () => { over = true; close(); });
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    close();
    tries += 1;
    retry = setTimeout(open, Math.min(MOST_WAIT, 5000 * 2 ** tries) * (0.5 + Math.random() / 2));
  });
}

// The newest line of the hub comes with every greeting: what came while no stream was open is seen by that.
function hello(newest) {
  const known = sessionStorage.getItem(NEWEST);
  if (known === null) sessionStorage.setItem(NEWEST, newest);
  else if (newest > Number(known)) look();
  if (greeted) everything();
  greeted = true;
}

function everything() {
  look();
  refresh();
  people();
}

// --- Looking again ---

async function fetched(url) {
  try {
    const answer = await fetch(url, { headers: { "X-Live": "1" } });
    const lost = answer.redirected && new URL(answer.url).pathname.startsWith("/account/");
    if (answer.status !== 200 || lost) return { status: lost ? 401 : answer.status };
    return { status: 200, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
  } catch {
    return { status: 0 };
  }
}

let looking = false;
async function look() {
  if (looking || (!visible() && !may())) {
    due.add("hub");
    return;
  }
  looking = true;
  const after = sessionStorage.getItem(NEWEST) ?? "";
  const { status, page } = await fetched(`${place()?.dataset.bell}?after=${after}`);
  looking = false;
  if (status === 204) {
    over = true; // signed out elsewhere
    close();
  }
  if (page) {
    document.dispatchEvent(new CustomEvent("fresh", { detail: { page } }));
    const news = page.getElementById("news");
    if (news) await pointOut([...news.content.children].reverse(), news.dataset.newest);
  }
  if (due.has("hub") && (visible() || may())) {
    due.delete("hub");
    look();
  }
}

let refreshing = false;
let refreshed = 0;
async function refresh() {
  const name = place()?.dataset.page;
  if (!name || refreshing || !visible()) {
    if (name) due.add("page");
    return;
  }
  refreshing = true;
  // A busy queue changes all the time, and everybody has it open.
  const wait = /\d/.test(name) ? 0 : refreshed + LISTS_EVERY - Date.now();
  await soon(100);
  if (wait > 0) await new Promise((done) => { setTimeout(done, wait); });
  due.delete("page");
  const address = location.href;
  const isRefused = document.querySelector("[data-refused], [aria-invalid=true]");
  const { status, page } = isRefused ? {} : await fetched(address);
  refreshed = Date.now();
  refreshing = false;
  if (page && address === location.href) document.dispatchEvent(new CustomEvent("fresh", { detail: { page } }));
  const isWriting = document.getElementById("composer-text")?.value.trim();
  if (isRefused || isWriting || status === 404 || status === 403) toast({ text: place()?.dataset.changed });
  if (due.has("page") && visible()) refresh();
}

function people() {
  if (visible()) htmx.trigger(document.body, "live:people");
  else due.add("people");
}

// --- Pointing out ---

const toast = (detail) => document.dispatchEvent(new CustomEvent("toast", { detail }));

async function pointOut(forms, newest) {
  sessionStorage.setItem(NEWEST, newest);
  if (!forms.length) return;
  if (visible()) {
    localStorage.setItem(SHOWN, newest);
    for (const form of forms) toast({ node: document.importNode(form, true) });
    return;
  }
  await new Promise((done) => { setTimeout(done, 600); }); // a page that is looked at goes first
  if (Number(localStorage.getItem(SHOWN)) >= Number(newest)) return;
  localStorage.setItem(SHOWN, newest);
  for (const form of forms) raise(form);
}

function raise(form) {
  try {
    const notice = new Notification(document.title, { body: form.textContent.trim(), tag: `hub-${form.dataset.key}`, lang: document.documentElement.lang });
    notice.addEventListener("click", () => {
      window.focus();
      const copy = document.importNode(form, true);
      copy.hidden = true;
      document.body.append(copy);
      copy.requestSubmit();
      notice.close();
    });
  } catch { /* some phones know notices but not this way to raise them; the hub has it */ }
}

// Asked for once, on a press, where the browser has not been asked yet (R2.26).
function offer() {
  const canBeAsked = "Notification" in window && window.isSecureContext && Notification.permission === "default";
  for (const box of document.querySelectorAll("[data-browser-notices]")) box.hidden = !canBeAsked;
}
document.addEventListener("click", async (event) => {
  if (!event.target.closest?.("[data-browser-notices] button")) return;
  await Notification.requestPermission();
  offer();
  keep();
});

let asked = false;
function keep() {
  if (asked || !may() || !navigator.locks || !place()) return;
  asked = true;
  navigator.locks.request(`live:${OWNER}`, () => {
    keeper = true;
    open();
    return new Promise(() => {}); // until this page goes
  });
}

// --- Coming and going ---

document.addEventListener("visibilitychange", () => {
  clearTimeout(sleep);
  if (!visible()) {
    sleep = setTimeout(() => { if (!visible() && !keeper) close(); }, HIDDEN_FOR);
    return;
  }
  open();
  const was = new Set(due);
  due.clear();
  if (was.has("hub")) look();
  if (was.has("page")) refresh();
  if (was.has("people")) people();
});
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });

// Another page has come into this one.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== document.body) return;
  greeted = false;
  due.clear();
  offer();
  open();
});

// While the channel is open, nobody needs to poll.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "bell" && source?.readyState === EventSource.OPEN) event.preventDefault();
});

offer();
open();
keep();
