/* Not a test by itself: what tests/browser/test_kernel.py puts in place of the page's script, to drive the kernel without a notebook around. */
import { Kernel } from "../../lms/web/notebook/src/kernel/client.js";

const config = JSON.parse(document.getElementById("workbench").textContent);
const iframe = document.createElement("iframe");
iframe.title = "Python";
iframe.hidden = true;
iframe.setAttribute("sandbox", "allow-scripts");
iframe.setAttribute("allow", "cross-origin-isolated");
iframe.src = config.frame;
document.body.append(iframe);

const kernel = new Kernel({ iframe, config });
const told = [];
kernel.on("dead", (sentence) => told.push(sentence));

/** Runs `code`, answering questions from `answers`; what came of it. */
async function run(code, answers = []) {
  const outputs = [];
  const asked = [];
  const result = await kernel.run(code, {
    onOutput: (output, display) => outputs.push(display ? { ...output, display } : output),
    onUpdate: (display, output) => outputs.push({ ...output, updates: display }),
    onClear: (wait) => outputs.push({ cleared: wait }),
    onAsk: async (prompt, { password }) => {
      asked.push({ prompt, password });
      return answers.shift() ?? null;
    },
  });
  return { ...result, outputs, asked, text: outputs.map((each) => each.text ?? "").join("") };
}

window.harness = { kernel, run, told, config };
