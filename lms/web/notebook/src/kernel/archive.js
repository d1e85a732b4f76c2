/* Zips whose files are stored as they are, which is how the runtime is built: read here, since Python would first load all it needs for it. */

const ENTRY = 0x02014b50;
const END = 0x06054b50;
const decoder = new TextDecoder();

/** The files of a zip by name, as parts of `bytes` (a Uint8Array); null where one is compressed, or where it is no such zip. */
export function stored(bytes) {
  try {
    return read(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    if (error instanceof RangeError) return null; // it points outside of itself
    throw error;
  }
}

function read(bytes, view) {
  const files = new Map();
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== END) end -= 1;
  let at = view.getUint32(end + 16, true);
  for (let count = view.getUint16(end + 10, true); count > 0; count -= 1) {
    if (view.getUint32(at, true) !== ENTRY || view.getUint16(at + 10, true) !== 0) return null;
    const size = view.getUint32(at + 24, true);
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const local = view.getUint32(at + 42, true);
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    files.set(decoder.decode(bytes.subarray(at + 46, at + 46 + name)), bytes.subarray(begin, begin + size));
    at += 46 + name + extra + comment;
  }
  return files;
}
