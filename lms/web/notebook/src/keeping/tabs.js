/* Which other tabs of this browser have the same lab open: they would only meet at the server, in a conflict. */

const PATIENCE = 1000;

export class Tabs {
  /** `channel` is a BroadcastChannel of the lab's; `name` is this tab's alone; `onChange` is told whether there are others. */
  constructor({ channel, name, onChange, setTimeout = (...all) => globalThis.setTimeout(...all) }) {
    Object.assign(this, { channel, name, onChange, setTimeout });
    this.others = new Map();
    this.round = 0;
    channel.addEventListener("message", ({ data }) => this.#hear(data));
  }

  /** Asks who is there. Whoever does not answer any more is gone: a tab that crashed takes no leave. */
  ask() {
    this.round += 1;
    const { round } = this;
    this.#say("asks");
    this.setTimeout(() => {
      for (const [name, heard] of this.others) if (heard < round) this.others.delete(name);
      this.#tell();
    }, PATIENCE);
  }

  leave() {
    this.#say("leaves");
  }

  #hear({ kind, name }) {
    if (kind === "leaves") this.others.delete(name);
    else this.others.set(name, this.round);
    if (kind === "asks") this.#say("answers");
    this.#tell();
  }

  #say(kind) {
    this.channel.postMessage({ kind, name: this.name });
  }

  #tell() {
    this.onChange(this.others.size > 0);
  }
}
