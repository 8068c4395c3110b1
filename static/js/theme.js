// Light, dark or as the system says. The choice is a cookie, so that the server writes it into <html> and no page flashes.

const YEAR = 31536000;

function choose(theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = theme ? YEAR : 0;
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choices] button");
  if (!button) return;
  choose(button.value);
  for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
});
