/* What the page knows of the working folder, so that a new Python begins with the files that the one before it left. */

export class Folder {
  /** `saved` are the files that the server has: `[{ name }]`. */
  constructor(saved) {
    this.replace(saved);
  }

  /** A Python begins with these of the server's, and with nothing else. */
  replace(saved) {
    this.saved = new Set(saved.map(({ name }) => name));
    this.stamps = new Map(saved.map(({ name }) => [name, null]));
    this.read = new Map();
  }

  /** There are these files now, `[{ name, size, changed }]`, and no others. */
  listed(files) {
    this.stamps = new Map(files.map((file) => [file.name, stampOf(file)]));
    for (const name of this.read.keys()) if (!this.stamps.has(name)) this.read.delete(name);
  }

  /** This is what `name` holds. */
  took(name, bytes) {
    this.read.set(name, { bytes, stamp: this.stamps.get(name) });
  }

  /** Whether the page has read what `file` holds since it was written last. */
  knows(file) {
    return this.read.get(file.name)?.stamp === stampOf(file);
  }

  /** Of the files that are there, those that can be had again: from the page, or else from the server. */
  get names() {
    return [...this.stamps.keys()].filter((name) => this.read.has(name) || this.saved.has(name));
  }

  /** What the page has read of `name`, or null. The bytes are the caller's, to give away. */
  bytesOf(name) {
    return this.read.get(name)?.bytes.slice() ?? null;
  }
}

const stampOf = ({ size, changed }) => `${size} ${changed}`;
