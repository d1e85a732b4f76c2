/* The working folder, as the learner's code left it: shown, looked at, taken along, and what is theirs of it saved with the notebook. */
import { el, icon } from "../dom.js";
import { _ } from "../words.js";

const MOST_SHOWN = 100_000;
const IMAGES = { png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp" };

export class Files {
  /** `onChange` is called when what is to be saved is another than before. */
  constructor({ root, kernel, config, onChange }) {
    Object.assign(this, { root, kernel, config, onChange });
    this.saved = config.files.map(({ name, sha256, size }) => ({ name, sha256, size, bytes: null }));
    this.known = new Map();
    this.given = null;
    this.tooMuch = "";
    kernel.on("files", () => { this.refresh(); });
    this.#draw(config.handedOut.map(({ name, size }) => ({ name, size, given: true })), config.files);
  }

  /** `[{ name, sha256, size, bytes }]` of what the learner's code wrote; bytes of null are at the server already. */
  toSave() {
    return this.saved;
  }

  async refresh() {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const found = await this.kernel.files();
      const first = this.given === null;
      const mine = [];
      for (const file of found) {
        if (file.size > this.config.limits.fileBytes) continue;
        const { sha256, bytes } = await this.#read(file);
        if (first && file.given) (this.handed ??= new Map()).set(file.name, sha256);
        if (this.handed?.get(file.name) !== sha256) mine.push({ name: file.name, sha256, size: file.size, bytes });
      }
      this.given = true;
      this.#keep(mine);
      this.#draw(found.filter((file) => file.given), found.filter((file) => !file.given));
    } catch {
      /* Python ended meanwhile: what was known stays. */
    } finally {
      this.isLooking = false;
    }
  }

  #keep(mine) {
    const { files: most, fileBytes } = this.config.limits;
    let room = fileBytes;
    const kept = mine.slice(0, most).filter((file) => (room -= file.size) >= 0);
    this.tooMuch = kept.length < mine.length
      ? _("Not all files are saved with your notebook: at most {most}, and {size} MB together.", { most, size: fileBytes >> 20 })
      : "";
    const key = (files) => JSON.stringify(files.map(({ name, sha256 }) => [name, sha256]));
    const isOther = key(kept) !== key(this.saved);
    this.saved = kept;
    if (isOther) this.onChange();
  }

  /* Read again only when it was written again. */
  async #read({ name, size, changed }) {
    const before = this.known.get(name);
    if (before && before.size === size && before.changed === changed) return before;
    const bytes = await this.kernel.readFile(name);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const read = { size, changed, bytes, sha256: [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
    this.known.set(name, read);
    return read;
  }

  #draw(given, written) {
    const row = (file) => {
      const view = el("button", { type: "button", class: "button quiet small", onclick: () => this.#show(file, box, view) }, _("Look"));
      const box = el("div", { class: "nb-file", hidden: true });
      return el(
        "li",
        {},
        el("div", { class: "cluster" }, icon("file-text"), el("code", {}, file.name), el("span", { class: "hint" }, size(file.size)), view,
          el("button", { type: "button", class: "button quiet small", onclick: () => this.#take(file) }, icon("download"), el("span", { class: "visually-hidden" }, _("Download {name}", { name: file.name })))),
        box,
      );
    };
    const list = (title, files, none) => [
      el("h3", {}, title),
      files.length ? el("ul", { class: "nb-files", role: "list" }, ...files.map(row)) : el("p", { class: "hint" }, none),
    ];
    this.root.replaceChildren(
      ...(given.length ? list(_("Handed out"), given, "") : []),
      ...list(_("Written by your code"), written, _("Nothing yet. What your code writes appears here, and is saved with your notebook.")),
      ...(this.tooMuch ? [el("p", { class: "field-error" }, icon("triangle-alert"), el("span", {}, this.tooMuch))] : []),
    );
  }

  async #bytes(file) {
    await this.kernel.start();
    return this.kernel.readFile(file.name);
  }

  async #show(file, box, button) {
    if (!box.hidden) {
      box.hidden = true;
      button.textContent = _("Look");
      return;
    }
    button.textContent = _("Loading…");
    let shown;
    try {
      const bytes = await this.#bytes(file);
      const type = IMAGES[file.name.split(".").at(-1).toLowerCase()];
      shown = type ? el("img", { src: `data:${type};base64,${base64(bytes)}`, alt: file.name }) : el("pre", { class: "nb-text", tabindex: "0" }, asText(bytes));
    } catch (error) {
      shown = el("p", { class: "field-error" }, error.message);
    }
    box.replaceChildren(shown);
    box.hidden = false;
    button.textContent = _("Close");
  }

  async #take(file) {
    const bytes = await this.#bytes(file);
    // A blob: address of this site opened as a page would be of this site: as a download of octets it is only a file.
    const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    const link = el("a", { href: address, download: file.name.split("/").at(-1) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}

export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

function asText(bytes) {
  const text = new TextDecoder("utf-8").decode(bytes.subarray(0, MOST_SHOWN));
  if (text.includes("\0")) return _("This file is not text.");
  return bytes.length > MOST_SHOWN ? `${text}\n[…]` : text;
}

function size(bytes) {
  return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
