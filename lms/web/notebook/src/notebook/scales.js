/* What of a notebook is saved: everything, or, where that is more than the server takes, all but the outputs of the cells that put out most.
   What somebody typed is never kept from being saved by what a run printed. */

const encoder = new TextEncoder();

/* The server writes a notebook as this does, and a line end behind it; only some numbers are longer there (1e-8 is 1e-08). */
const bytesOf = (json) => encoder.encode(JSON.stringify(json, null, 1)).length;
const withOutputs = (cell, outputs) => ("outputs" in cell ? { ...cell, outputs } : cell);

export class Scales {
  /** `most` is in bytes. */
  constructor(notebook, most) {
    Object.assign(this, { notebook, most });
    this.known = new WeakMap();
    notebook.onChange(({ kind, id }) => { if (kind !== "source") this.known.delete(notebook.find(id)); });
  }

  /** `{ notebook, left }`: what is to be saved, and the ids of the cells whose outputs were left out of it. */
  read() {
    const whole = this.notebook.toJSON();
    const weights = whole.cells.map((cell, index) => this.#weigh(this.notebook.cells[index], cell));
    let size = bytesOf({ ...whole, cells: whole.cells.map((cell) => withOutputs(cell, [])) }) + 1;
    for (const weight of weights) size += weight;
    const left = new Set();
    const heaviestFirst = [...weights.keys()].sort((one, other) => weights[other] - weights[one]);
    for (const index of heaviestFirst) {
      if (size <= this.most || weights[index] === 0) break;
      size -= weights[index];
      left.add(whole.cells[index].id);
    }
    return { notebook: { ...whole, cells: whole.cells.map((cell) => (left.has(cell.id) ? withOutputs(cell, []) : cell)) }, left };
  }

  /* Weighed again only when it put out something else: a letter that is typed must not cost as much as all that was ever printed. */
  #weigh(cell, { outputs = [] }) {
    if (!outputs.length) return 0;
    if (!this.known.has(cell)) this.known.set(cell, bytesOf({ cells: [{ outputs }] }) - bytesOf({ cells: [{ outputs: [] }] }));
    return this.known.get(cell);
  }
}
