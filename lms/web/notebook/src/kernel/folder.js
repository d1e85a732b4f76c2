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

  /** What a new Python begins with, of the files that are there: `held` are those the page has read, `[{ name, bytes }]` with an ArrayBuffer
      to give away, and `saved` the names of those that only the server has. */
  toBegin() {
    const there = [...this.stamps.keys()];
    return {
      held: there.filter((name) => this.read.has(name)).map((name) => ({ name, bytes: this.read.get(name).bytes.slice().buffer })),
      saved: there.filter((name) => !this.read.has(name) && this.saved.has(name)),
    };
  }
}

const stampOf = ({ size, changed }) => `${size} ${changed}`;
