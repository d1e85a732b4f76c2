/* The server writes data-theme from the cookie, so a page never flashes in the wrong colours. */
const root = document.documentElement;
const switcher = document.querySelector(".theme");

function choose(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of switcher.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

if (switcher) {
  choose(root.dataset.theme ?? "auto");
  switcher.hidden = false;
  switcher.addEventListener("click", (event) => {
    const theme = event.target.closest("button")?.dataset.themeChoice;
    if (!theme) return;
    choose(theme);
    const age = theme === "auto" ? 0 : 31536000;
    document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  });
}
