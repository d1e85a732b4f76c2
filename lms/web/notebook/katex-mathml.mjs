// KaTeX draws every formula twice, as HTML and as MathML. The page uses MathML alone, so the bundle is made of KaTeX's sources without the
// builders of HTML and the measures of all fonts but one. test/katex.test.js compares what it draws with the whole of KaTeX.
import fs from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const KATEX = fileURLToPath(new URL("node_modules/katex/", import.meta.url));

/* A builder is a property of what defines a function: a name alone, or a function to its closing brace. */
const BUILDER = /^    htmlBuilder(?:,$|[(:].*?^    \},?$)/gms;
const NO_HTML = 'export default () => { throw new Error("There is MathML only."); };';

export const mathmlOnly = {
  name: "katex-mathml",
  async setup(build) {
    const { version } = JSON.parse(await fs.readFile(path.join(KATEX, "package.json"), "utf8"));
    build.initialOptions.define = { ...build.initialOptions.define, __VERSION__: JSON.stringify(version) };
    build.onResolve({ filter: /^katex$/ }, () => ({ path: path.join(KATEX, "katex.ts") }));
    build.onLoad({ filter: /katex\/src\/buildHTML\.ts$/ }, () => ({ contents: NO_HTML }));
    build.onLoad({ filter: /katex\/src\/fontMetricsData\.js$/ }, async (file) => ({ contents: await letters(file.path) }));
    build.onLoad({ filter: /katex\/src\/(functions|environments)\/\w+\.ts$/ }, async (file) => {
      const contents = (await fs.readFile(file.path, "utf8")).replace(BUILDER, "");
      const left = /^    htmlBuilder.*/m.exec(contents);
      if (left) throw new Error(`${file.path}: a builder of HTML is written in a way that ${import.meta.url} does not know: ${left[0]}`);
      return { contents, loader: "ts" };
    });
  },
};

/* MathML asks whether a font has a letter, and only of the one that \mathrm is written in; some macros ask how high its letters are. */
async function letters(file) {
  const { default: metrics } = await import(pathToFileURL(file));
  return `export default ${JSON.stringify({ "Main-Regular": metrics["Main-Regular"] })};`;
}
