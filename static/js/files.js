// Files to send: drop, paste, a list with sizes and "remove", early hints, and progress while they travel.
// The list is the input's own (a DataTransfer), so the form is sent as a plain form sends it.

const size = (bytes) => {
  const units = ["B", "KB", "MB", "GB"];
  let at = 0;
  while (bytes >= 1024 && at < 3) { bytes /= 1024; at += 1; }
  return `${bytes.toLocaleString(document.documentElement.lang, { maximumFractionDigits: at > 1 ? 1 : 0 })} ${units[at]}`;
};
const same = (one, other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
const inputOf = (drop) => drop.querySelector("input[type=file]");

function put(drop, files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  inputOf(drop).files = transfer.files;
  draw(drop);
}

function wrong(drop, file, index) {
  const { maxSize, maxSizeText, maxCount, textBig, textEmpty, textMany } = drop.dataset;
  if (file.size === 0) return textEmpty;
  if (maxSize && file.size > Number(maxSize)) return `${textBig} ${maxSizeText}`;
  if (maxCount && index >= Number(maxCount)) return `${textMany} ${maxCount}`;
  return "";
}

function draw(drop) {
  const input = inputOf(drop);
  const list = drop.querySelector(".file-drop__list");
  drop.kept = [...input.files];
  list.replaceChildren(...drop.kept.map((file, index) => {
    const fault = wrong(drop, file, index);
    const item = document.createElement("li");
    item.className = fault ? "file-drop__item file-drop__item--bad" : "file-drop__item";
    const title = document.createElement("span");
    title.className = "file-drop__name";
    title.textContent = file.name;
    title.title = file.name;
    const note = document.createElement("span");
    note.className = "file-drop__size";
    note.textContent = fault ? `${size(file.size)}: ${fault}` : size(file.size);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "button button--quiet button--small";
    remove.textContent = drop.dataset.textRemove;
    remove.setAttribute("aria-label", `${drop.dataset.textRemove}: ${file.name}`);
    remove.addEventListener("click", () => {
      put(drop, drop.kept.filter((other) => other !== file));
      input.focus();
    });
    item.append(title, note, remove);
    return item;
  }));
}

function add(drop, files) {
  const kept = drop.kept ?? [];
  put(drop, [...kept, ...[...files].filter((file) => !kept.some((other) => same(other, file)))]);
}

function begin(root) {
  for (const drop of root.querySelectorAll("[data-file-drop]:not(.file-drop--live)")) {
    drop.classList.add("file-drop--live");
    const input = inputOf(drop);
    // Choosing again adds to what is there, as dropping does.
    input.addEventListener("change", () => {
      const chosen = [...input.files];
      if (chosen.length) add(drop, chosen);
      else put(drop, drop.kept ?? []);
    });
    for (const over of ["dragenter", "dragover"]) drop.addEventListener(over, () => drop.classList.add("file-drop--over"));
    for (const off of ["dragleave", "drop"]) drop.addEventListener(off, () => drop.classList.remove("file-drop--over"));
    if (input.files.length) draw(drop);
  }
}

// The whole form is the target of a drop, so that a near miss does not open the file instead of the page.
const dropOf = (event) => event.target.closest?.("form")?.querySelector("[data-file-drop]");
document.addEventListener("dragover", (event) => {
  if (event.dataTransfer?.types.includes("Files") && dropOf(event)) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const drop = dropOf(event);
  if (!drop || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  add(drop, event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  const drop = dropOf(event);
  if (drop && event.clipboardData?.files.length) {
    event.preventDefault();
    add(drop, event.clipboardData.files);
  }
});

document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.closest?.("form")?.querySelector("[data-file-drop] progress");
  if (!bar || !event.detail.lengthComputable || !bar.closest("[data-file-drop]").kept?.length) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});
document.addEventListener("htmx:afterRequest", (event) => {
  for (const bar of event.detail.elt.querySelectorAll("[data-file-drop] progress")) bar.hidden = true;
});
// Chosen files outlive a refused form (hx-preserve), but not an accepted one: that answers from another address.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig?.verb !== "post" || !xhr.responseURL) return;
  const asked = new URL(requestConfig.path, location.href);
  if (new URL(xhr.responseURL).pathname === asked.pathname) return;
  for (const drop of requestConfig.elt.querySelectorAll("[data-file-drop]")) put(drop, []);
});

document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
begin(document);
