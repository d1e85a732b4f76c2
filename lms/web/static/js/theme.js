/* The server writes data-theme from the cookie, so a page never flashes in the wrong colours. */
export function switchTheme() {
  const root = document.documentElement;
  const switcher = document.querySelector(".theme");
  if (!switcher) return;

  const show = (theme) => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const button of switcher.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
  };

  show(root.dataset.theme ?? "auto");
  switcher.hidden = false;
  switcher.addEventListener("click", (event) => {
    const theme = event.target.closest("button")?.dataset.themeChoice;
    if (!theme) return;
    show(theme);
    const age = theme === "auto" ? 0 : 31536000;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax${secure}`;
  });
}
