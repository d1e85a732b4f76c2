/* What the page says in a sentence, for everybody: a live region is heard, and its box is seen for as long as it takes to read. */

const READING = 5000;
const READING_CHARACTER = 60;

/** Shows the box around `region` (`.nb-toast`) whenever something is said in it: for as long as it takes to read, or, where it has a button,
    until that is pressed or there is nothing to say any more. */
export class Toast {
  constructor(region) {
    this.region = region;
    this.box = region.closest(".nb-toast");
    this.button = this.box.querySelector("button");
    this.button?.addEventListener("click", () => this.#dismiss());
    this.box.addEventListener("focusin", (event) => { this.cameFrom = event.relatedTarget; });
    this.box.addEventListener("pointerenter", () => clearTimeout(this.timer));
    this.box.addEventListener("pointerleave", () => this.#wait());
    document.addEventListener("focusin", () => this.#place());
    new MutationObserver(() => this.#show()).observe(region, { childList: true, characterData: true, subtree: true });
  }

  #show() {
    const isSaid = this.region.textContent !== "";
    this.box.toggleAttribute("data-shown", isSaid);
    if (this.button) this.button.hidden = !isSaid;
    this.#place();
    this.#wait();
  }

  #wait() {
    clearTimeout(this.timer);
    if (this.button) return;
    this.timer = setTimeout(() => this.box.removeAttribute("data-shown"), READING + READING_CHARACTER * this.region.textContent.length);
  }

  /* Away from where one types or reads: on a narrow page it stands at the edge that is farther from the focus. */
  #place() {
    const { activeElement: focused } = document;
    // What moved away under a finger could not be pressed.
    if (this.box.parentElement.contains(focused) || !this.box.hasAttribute("data-shown")) return;
    const { top, bottom } = (focused?.closest(".cm-editor")?.querySelector(".cm-cursor-primary") ?? focused ?? document.body).getBoundingClientRect();
    const isLow = (Math.max(top, 0) + Math.min(bottom, window.innerHeight)) / 2 > window.innerHeight / 2;
    this.box.parentElement.dataset.edge = isLow && focused !== document.body ? "top" : "bottom";
  }

  #dismiss() {
    this.region.textContent = "";
    this.cameFrom?.focus();
  }
}
