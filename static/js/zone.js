// A select marked data-guess-zone starts at the time zone of this machine, unless something was chosen already.

for (const select of document.querySelectorAll("select[data-guess-zone]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...select.options].some((option) => option.value === here);
  if (known && select.value === "UTC") select.value = here;
}
