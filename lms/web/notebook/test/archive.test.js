import assert from "node:assert/strict";
import { test } from "node:test";

import { stored } from "../src/kernel/archive.js";

/* Made by Python's zipfile: a.py, empty and é/b.txt, with a comment behind. */
const STORED = "UEsDBBQAAAAAAAAAIQB2oVtHBQAAAAUAAAAEAAAAYS5weXggPSAxUEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAAFAAAAZW1wdHlQSwMEFAAACAAAAAAhAIamEDYFAAAABQAAAAgAAADDqS9iLnR4dGhlbGxvUEsBAhQDFAAAAAAAAAAhAHahW0cFAAAABQAAAAQAAAAAAAAAAAAAAIABAAAAAGEucHlQSwECFAMUAAAAAAAAACEAAAAAAAAAAAAAAAAABQAAAAAAAAAAAAAAgAEnAAAAZW1wdHlQSwECFAMUAAAIAAAAACEAhqYQNgUAAAAFAAAACAAAAAAAAAAAAAAAgAFKAAAAw6kvYi50eHRQSwUGAAAAAAMAAwCbAAAAdQAAAAcAY29tbWVudA==";
const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));

test("the files of a stored zip are read by name", () => {
  const files = stored(bytes(STORED));
  assert.deepEqual([...files].map(([name, data]) => [name, new TextDecoder().decode(data)]), [["a.py", "x = 1"], ["empty", ""], ["é/b.txt", "hello"]]);
});

test("a zip that is a part of a larger buffer is read in its own place", () => {
  const larger = new Uint8Array([9, 9, 9, ...bytes(STORED)]);
  assert.equal(stored(larger.subarray(3)).size, 3);
});

test("a compressed zip, and what is no zip, are left to others", () => {
  const compressed = bytes(STORED);
  compressed[0x75 + 10] = 8;
  assert.equal(stored(compressed), null);
  for (const other of [new Uint8Array(), new Uint8Array(500), bytes(STORED).subarray(0, 100), bytes(STORED).subarray(50)]) assert.equal(stored(other), null);
});
