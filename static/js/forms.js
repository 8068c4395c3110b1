// Manners of every form: one press sends once; Ctrl+Enter sends what is being written; filters go off by themselves.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-boost")) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (!(form instanceof HTMLFormElement)) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  event.detail.requestConfig.triggeringEvent?.submitter?.setAttribute("aria-busy", "true");
});

// The address is that of the button pressed, whatever else had the focus, and the button must be that of the chosen
// mode: a note must never become a reply.
document.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt;
  const submitter = event.detail.triggeringEvent?.submitter;
  if (submitter?.hasAttribute("formaction")) event.detail.path = submitter.getAttribute("formaction");
  const mode = form.matches("[data-composer]") && form.querySelector("[data-mode]:checked")?.value;
  if (mode && submitter?.dataset.for !== mode) event.preventDefault();
});

function rest(root) {
  for (const form of root.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
  for (const button of root.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt instanceof HTMLFormElement) rest(event.detail.elt.parentElement ?? document);
});
window.addEventListener("pageshow", () => rest(document));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("textarea") && event.target.form;
  const button = form && [...form.querySelectorAll("button[type=submit]")].find((one) => one.offsetParent);
  if (!button) return;
  event.preventDefault();
  button.click();
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-filters]");
  const choice = "select, input[type=checkbox], input[type=radio], input[type=date]";
  if (form && event.target.matches(choice)) form.requestSubmit();
});

// Empty filters stay out of the address.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-filters]")) return;
  const empty = [...event.target.elements].filter((control) => control.name && !control.disabled && control.value === "");
  for (const control of empty) control.disabled = true;
  setTimeout(() => { for (const control of empty) control.disabled = false; });
});

document.addEventListener("click", (event) => {
  const all = event.target.closest?.("[data-check-all]");
  if (!all) return;
  const boxes = document.querySelectorAll(`input[type=checkbox][name="${all.dataset.checkAll}"]`);
  for (const box of boxes) box.checked = all.checked;
});

// The demonstration's people: a press fills in who signs in.
document.addEventListener("click", (event) => {
  const person = event.target.closest?.("[data-fill]");
  const form = person && document.querySelector("main form");
  if (!form) return;
  form.elements.login.value = person.dataset.fill;
  form.elements.password.value = "demo";
  form.querySelector("button[type=submit]").focus();
});

function focusSummary() { document.querySelector(".error-summary")?.focus(); }
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.boosted) focusSummary(); });
focusSummary();
