// What the administration's frame leaves out for people who do not see it: a main landmark, and names for pickers and for
// the fields of tables. Rows and pickers come later too, so every change of the page is looked at.

const wordsOf = (element) => element?.textContent.replace(/[*\s]+/g, " ").trim() ?? "";

function nameOf(field) {
  const label = wordsOf(field.labels?.[0]);
  if (label) return label;
  const whole = wordsOf(document.querySelector(`label[for="${field.id.replace(/_\d$/, "")}"]`));
  if (whole) return whole;
  const cell = field.closest("td");
  return wordsOf(cell?.closest("table")?.tHead?.rows[0]?.cells[cell.cellIndex]);
}

function mend(root) {
  for (const heading of root.querySelectorAll("th")) if (!heading.textContent.trim()) heading.setAttribute("role", "none");
  for (const field of root.querySelectorAll("td input:not([type=hidden]), td select, td textarea, input[placeholder]")) {
    if (!field.labels?.length && !field.ariaLabel) field.ariaLabel = `${nameOf(field)} ${field.placeholder ?? ""}`.trim() || null;
  }
  for (const picker of root.querySelectorAll(".select2-selection[aria-labelledby]")) {
    const name = nameOf(picker.closest(".select2").previousElementSibling);
    if (!name) continue;
    picker.removeAttribute("aria-labelledby");
    picker.ariaLabel = name;
    const shown = picker.querySelector("[role=textbox]");
    shown?.removeAttribute("role");
    shown?.removeAttribute("aria-readonly");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
  mend(document);
  new MutationObserver(() => mend(document)).observe(document.body, { childList: true, subtree: true });
});
