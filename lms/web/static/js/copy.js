/* The clipboard needs a secure context; where there is none, no button is better than one that fails. */
const words = document.documentElement.dataset;

export function addCopyButtons(part) {
  if (!navigator.clipboard) return;
  for (const figure of part.querySelectorAll("figure.code:not([data-language='text']):not(:has(.copy))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = words.copy;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(figure.querySelector("code").textContent.trimEnd() + "\n");
        button.textContent = words.copied;
      } catch {
        getSelection().selectAllChildren(figure.querySelector("code"));
        return;
      }
      setTimeout(() => { button.textContent = words.copy; }, 2000);
    });
    figure.append(button);
  }
}
