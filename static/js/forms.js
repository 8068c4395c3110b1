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
  if (!form) return;
  const button = [...form.querySelectorAll("button[type=submit]:not([disabled])")].find((one) => one.offsetParent);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// The address is that of the button pressed, whatever else had the focus: a note must not become a reply.
document.addEventListener("htmx:configRequest", (event) => {
  const submitter = event.detail.triggeringEvent?.submitter;
  if (submitter?.hasAttribute("formaction")) event.detail.path = submitter.getAttribute("formaction");
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-filters]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
});

// Empty filters stay out of the address.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-filters]")) return;
  for (const control of event.target.elements) if (control.name && control.value === "") control.disabled = true;
  setTimeout(() => { for (const control of event.target.elements) control.disabled = false; });
});

document.addEventListener("click", (event) => {
  const all = event.target.closest?.("[data-check-all]");
  if (!all) return;
  for (const box of document.querySelectorAll(`input[type=checkbox][name="${all.dataset.checkAll}"]`)) box.checked = all.checked;
});

function focusSummary() { document.querySelector(".error-summary")?.focus(); }
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.boosted) focusSummary(); });
focusSummary();
