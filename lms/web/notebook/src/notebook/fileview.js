/* One file of the working folder: its name and size, whether it is saved, and ways to look at it and to take it along. */
import { el, icon } from "../dom.js";
import { _ } from "../words.js";
import { preview } from "./preview.js";

export class FileView {
  /** `read(name)` resolves to the file's bytes. */
  constructor(name, read) {
    Object.assign(this, { name, read });
    this.size = el("span", { class: "hint" });
    this.look = el("button", { type: "button", class: "button quiet small", "aria-expanded": "false", onclick: () => this.#toggle() });
    const take = el("button", { type: "button", class: "button quiet small", onclick: () => this.#take() }, icon("download"), el("span", { class: "visually-hidden" }, _("Download {name}", { name })));
    this.why = el("p", { class: "field-error", hidden: true });
    this.box = el("div", { class: "nb-file", hidden: true });
    this.element = el("li", {}, el("div", { class: "cluster" }, icon("file-text"), el("code", {}, name), this.size, el("span", { class: "nb-gap" }), this.look, take), this.why, this.box);
    this.#label(_("Look"));
  }

  /** `why` it is not saved, or "". What is being looked at is read again when it was written again. */
  show({ size, sha256, why }) {
    this.size.textContent = sizeOf(size);
    this.why.hidden = !why;
    this.why.replaceChildren(...(why ? [icon("triangle-alert"), el("span", {}, _("Not saved: {message}", { message: why }))] : []));
    const isOther = sha256 !== this.sha256;
    this.sha256 = sha256;
    if (isOther && !this.box.hidden) this.#open();
  }

  async #toggle() {
    if (this.box.hidden) {
      this.#label(_("Loading…"));
      await this.#open();
    } else this.box.hidden = true;
    this.look.setAttribute("aria-expanded", String(!this.box.hidden));
    this.#label(this.box.hidden ? _("Look") : _("Close"));
  }

  async #open() {
    let shown;
    try {
      shown = preview(this.name, await this.read(this.name));
    } catch (error) {
      shown = this.#trouble(error);
    }
    this.box.replaceChildren(shown);
    this.box.hidden = false;
  }

  async #take() {
    let bytes;
    try {
      bytes = await this.read(this.name);
    } catch (error) {
      this.box.replaceChildren(this.#trouble(error));
      this.box.hidden = false;
      return;
    }
    // A blob: address of this site opened as a page would be of this site: as a download of octets it is only a file.
    const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    el("a", { href: address, download: this.name.split("/").at(-1) }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  #trouble(error) {
    return el("p", { class: "field-error", role: "alert" }, icon("triangle-alert"), el("span", {}, error.message));
  }

  #label(text) {
    this.look.textContent = text;
    this.look.setAttribute("aria-label", `${text}: ${this.name}`);
  }
}

function sizeOf(bytes) {
  return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
