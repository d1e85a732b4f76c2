/* Python for tests: it answers what a script says, by the code it is given, and everything else with success. */
export class ScriptedKernel {
  constructor(script = {}) {
    this.script = new Map(Object.entries(script));
    this.ran = [];
    this.state = "ready";
    this.fails = "";
    this.count = 0;
    this.listeners = new Map();
    this.folder = new Map();
  }

  on(event, fn) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), fn]);
  }

  tell(event, value) {
    return Promise.all((this.listeners.get(event) ?? []).map((fn) => fn(value)));
  }

  async start() {
    if (this.fails) throw new Error(this.fails);
  }

  async run(code, { onOutput, onClear, onUpdate, onAsk, onStart }) {
    await this.start();
    this.ran.push(code);
    this.state = "busy";
    onStart();
    const { act = () => {}, status = "ok", ename = "", evalue = "" } = this.script.get(code) ?? {};
    await act({ onOutput, onClear, onUpdate, onAsk });
    this.state = "ready";
    this.count += 1;
    return { status, count: this.count, ename, evalue };
  }

  async complete(_code, cursor) {
    return { from: cursor, to: cursor, options: [] };
  }

  async inspect() {
    return { found: false, text: "" };
  }

  /* `folder` is name to text, or to `{ bytes, changed }`. */
  async files() {
    await this.start();
    return [...this.folder].map(([name, bytes]) => ({ name, size: bytes.length, changed: bytes.changed ?? 0, given: this.given?.has(name) ?? false }));
  }

  async readFile(name) {
    await this.start();
    if (!this.folder.has(name)) throw new Error(`${name} cannot be read.`);
    return this.folder.get(name);
  }
}
