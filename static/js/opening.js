// The opening form: services and file rules follow the chosen department. Without this file all of them are shown, in groups.

function follow(form) {
  const department = form.elements.department;
  const service = form.elements.service;
  if (!department || !service) return;
  const groups = [...service.querySelectorAll("optgroup")];
  const first = service.querySelector("option[value='']");

  function narrow() {
    const chosen = department.value;
    const kept = service.value;
    const fitting = groups.filter((group) => !chosen || group.firstElementChild.dataset.department === chosen);
    service.replaceChildren(...(first ? [first] : []), ...fitting);
    const options = fitting.flatMap((group) => [...group.children]);
    const still = options.find((option) => option.value === kept);
    service.value = still?.value ?? (chosen && options.length === 1 ? options[0].value : first ? "" : options[0]?.value ?? "");
    say();
  }

  function say() {
    for (const rule of form.querySelectorAll("[data-file-rules] > [data-department]")) {
      rule.hidden = Boolean(department.value) && rule.dataset.department !== department.value;
      for (const exception of rule.querySelectorAll("[data-service]")) {
        exception.hidden = Boolean(service.value) && exception.dataset.service !== service.value;
      }
    }
  }

  department.addEventListener("change", narrow);
  service.addEventListener("change", () => {
    const owner = service.selectedOptions[0]?.dataset.department;
    if (owner && department.value !== owner) {
      department.value = owner;
      narrow();
    } else say();
  });
  narrow();
}

function begin(root) {
  for (const form of root.querySelectorAll("form[data-opening]:not([data-follows])")) {
    form.dataset.follows = "yes";
    follow(form);
  }
}
document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
begin(document);
