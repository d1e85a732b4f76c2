/* The working folder, as the learner's code left it: shown, looked at, taken along, and what is theirs of it saved with the notebook. */
import { arrange, el, icon } from "../dom.js";
import { _ } from "../words.js";
import { FileView } from "./fileview.js";

export class Files {
  /** `onChange` is called when what is to be saved is another than before. */
  constructor({ root, kernel, config, onChange }) {
    Object.assign(this, { root, kernel, config, onChange });
    this.handedOut = new Map(config.handedOut.map(({ name, sha256 }) => [name, sha256]));
    this.refused = new Map();
    this.views = new Map();
    this.shown = [];
    this.lists = [true, false].map(() => el("ul", { class: "nb-files", role: "list" }));
    this.head = el("h3", {}, _("Handed out"));
    this.none = el("p", { class: "hint" }, _("Nothing yet. What your code writes appears here, and is saved with your notebook."));
    // A browser works out sums only on pages that nobody on the way could have changed.
    this.canSave = globalThis.crypto?.subtle !== undefined;
    const unsaved = !this.canSave && el("p", { class: "field-error" }, icon("triangle-alert"), el("span", {}, _("This page did not come by https, so files that your code writes cannot be saved with your notebook. Download those you want to keep.")));
    root.replaceChildren(this.head, this.lists[0], el("h3", {}, _("Written by your code")), unsaved || this.none, this.lists[1]);
    kernel.on("files", () => { this.refresh(); });
    this.took(config.files);
  }

  /** The server has these files of the learner's, `[{ name, sha256, size }]`, and no others. */
  took(files) {
    this.saved = files.map(({ name, sha256, size }) => ({ name, sha256, size, bytes: null }));
    this.known = new Map();
    const all = new Map([...this.config.handedOut, ...files].map((file) => [file.name, file]));
    this.#draw([...all.values()].map(({ name, size, sha256 }) => ({ name, size, sha256, given: this.handedOut.has(name), why: "" })));
  }

  /** `[{ name, sha256, size, bytes }]` of what the learner's code wrote; bytes of null are at the server already. */
  toSave() {
    return this.saved.filter(({ name }) => !this.refused.has(name));
  }

  /** What the server took no file under: `[{ path, why }]`. It is not sent again, and everything else is saved. */
  refuse(refused) {
    if (!refused.length) return;
    for (const { path, why } of refused) this.refused.set(path, why);
    this.#draw(this.shown);
  }

  /** Looks at Python's folder; asked again meanwhile, once more after that. */
  refresh() {
    this.isStale = true;
    this.looking ??= this.#lookWhileStale().finally(() => { this.looking = null; });
    return this.looking;
  }

  async #lookWhileStale() {
    while (this.isStale) {
      this.isStale = false;
      try {
        await this.#look();
      } catch {
        /* Python ended meanwhile, or does not start: what was known stays. */
      }
    }
  }

  async #look() {
    const { fileBytes } = this.config.limits;
    const found = await this.kernel.files();
    if (!this.canSave) {
      this.#draw(found.map(({ name, size, changed, given }) => ({ name, size, sha256: `written at ${changed}`, given, why: "" })));
      return;
    }
    const read = [];
    for (const file of found) read.push(file.size > fileBytes ? { ...file, sha256: "" } : { ...file, ...await this.#readOrWhy(file) });
    const names = new Set(found.map(({ name }) => name));
    for (const name of this.known.keys()) if (!names.has(name)) this.known.delete(name);
    const mine = read.filter(({ name, sha256, given }) => (sha256 ? this.handedOut.get(name) !== sha256 : !given));
    const left = this.#keep(mine);
    this.#draw(read.map(({ name, size, sha256, given, why }) => ({ name, size, sha256, given, why: left.get(name) ?? why ?? "" })));
  }

  /* What there is room for is saved. Gives what was left out, by name, and why. */
  #keep(mine) {
    const { files: most, fileBytes } = this.config.limits;
    const left = new Map();
    const kept = [];
    let room = fileBytes;
    for (const { name, size, sha256, bytes, why } of mine) {
      if (why) left.set(name, why);
      else if (size > room) left.set(name, _("Files saved with your notebook may have {size} MB together.", { size: fileBytes >> 20 }));
      else if (kept.length === most) left.set(name, _("At most {most} files are saved with your notebook.", { most }));
      else {
        kept.push({ name, size, sha256, bytes });
        room -= size;
      }
    }
    const key = (files) => JSON.stringify(files.map(({ name, sha256 }) => [name, sha256]));
    const isOther = key(kept) !== key(this.saved);
    this.saved = kept;
    if (isOther) this.onChange();
    return left;
  }

  /* A file that cannot be read is told at its place, and keeps no other from being shown and saved. */
  async #readOrWhy(file) {
    try {
      return await this.#read(file);
    } catch (error) {
      if (!["ready", "busy"].includes(this.kernel.state)) throw error;
      return { sha256: "", why: _("{name} cannot be read.", { name: file.name }) };
    }
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

  /* What the page has read already is there at once, and when Python is busy or gone. */
  async #bytes(name) {
    const known = this.known.get(name);
    if (known) return known.bytes;
    await this.kernel.start();
    return this.kernel.readFile(name);
  }

  #draw(files) {
    this.shown = files;
    const before = this.views;
    this.views = new Map(files.map(({ name }) => [name, before.get(name) ?? new FileView(name, (which) => this.#bytes(which))]));
    for (const file of files) this.views.get(file.name).show({ ...file, why: this.refused.get(file.name) ?? file.why });
    const elements = (isGiven) => files.filter(({ given }) => given === isGiven).map(({ name }) => this.views.get(name).element);
    arrange(this.lists[0], elements(true));
    arrange(this.lists[1], elements(false));
    this.head.hidden = this.lists[0].hidden = !this.lists[0].childElementCount;
    this.none.hidden = this.lists[1].childElementCount > 0;
  }
}
