/* Runs cells through the kernel: outputs gathered into the notebook, one after the other, and the self-check. */
import { _ } from "../words.js";

const MOST_OUTPUTS = 500;
const MOST_TEXT = 1_000_000;

/** Runs the cell of `view`. Resolves to how it ended; whoever asked for it has that announced. */
export async function runView(view, kernel, notebook) {
  const { cell } = view;
  const outputs = [];
  const shown = new Map();
  let clearsNext = false;
  // Another version may have taken the notebook's place meanwhile, with a cell of the same id.
  const keep = (count) => { if (notebook.find(cell.id) === cell) notebook.setOutputs(cell.id, outputs, count); };
  const changed = () => {
    keep(null);
    view.drawOutputs();
  };
  const add = (output, display) => {
    if (clearsNext) outputs.length = 0;
    clearsNext = false;
    const last = outputs.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      if (last.text.length < MOST_TEXT) last.text += output.text;
    } else if (outputs.length < MOST_OUTPUTS) outputs.push(output);
    if (display) shown.set(display, [...(shown.get(display) ?? []), output]);
    changed();
  };
  view.become("queued");
  let result;
  try {
    result = await kernel.run(cell.source, {
      onStart: () => {
        view.become("running", _("Running"));
        changed();
      },
      onOutput: add,
      onClear: (wait) => {
        clearsNext = wait;
        if (!wait) outputs.length = 0;
        changed();
      },
      onUpdate: (display, output) => {
        for (const each of shown.get(display) ?? []) Object.assign(each, { data: output.data, metadata: output.metadata });
        changed();
      },
      onAsk: async (prompt, { password }) => {
        const answer = await view.ask(prompt, password);
        add({ output_type: "stream", name: "stdout", text: `${prompt}${password ? "•••" : answer}\n` });
        return answer;
      },
    });
  } catch (error) {
    result = { status: "aborted", count: null, ename: "", evalue: error.message };
  }
  view.endAsking?.();
  if (result.status !== "aborted" || outputs.length) keep(result.count);
  view.drawOutputs();
  view.become({ ok: "done", error: "failed", interrupted: "failed", aborted: "idle" }[result.status]);
  return result;
}

/** Whether nothing else should run after this. */
export const stops = (result) => result.status !== "ok";

/** What a visible test says here: `{ state, text }`. */
export function verdictOf(result) {
  if (result.status === "ok") return { state: "right", text: "" };
  if (result.status === "aborted") return { state: "waiting", text: _("It was not run to its end.") };
  const said = result.evalue || result.ename;
  return { state: "wrong", text: result.ename === "AssertionError" ? said : `${result.ename}: ${result.evalue}`.replace(/: $/, "") };
}
