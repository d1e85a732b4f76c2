import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";
import Whole from "markdown-it";

test("Markdown reads the same without the finder of bare addresses", async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), "nolinks-"));
  context.after(() => rm(folder, { recursive: true }));
  const here = fileURLToPath(new URL("..", import.meta.url));
  const outfile = path.join(folder, "markdown.mjs");
  await build({
    stdin: { contents: 'export { default } from "markdown-it";', resolveDir: here },
    absWorkingDir: here,
    outfile,
    bundle: true,
    format: "esm",
    alias: { "linkify-it": "./src/render/nolinks.js" },
  });
  const { default: Bundled } = await import(pathToFileURL(outfile));
  const text = "# A\n\nhttps://example.org and <https://example.org>, [x](https://example.org) a@b.example\n\n| a |\n|---|\n| **b** |\n";
  const options = { html: false, linkify: false, typographer: false };
  assert.equal(new Bundled(options).render(text), new Whole(options).render(text));
});
