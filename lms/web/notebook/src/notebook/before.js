/* What this very browser cannot do: the server cannot know it, so it joins what the page says before one starts when Python's frame is there. */
const ASKS = /(?<![\w.]|def )input\s*\(|(?<!def )\bgetpass\s*\(/;

/** Whether code waits for somebody to type something; comments on lines of their own do not. */
export function asks(code) {
  return code.split("\n").some((line) => !/^\s*#/.test(line) && ASKS.test(line));
}

/** `box` is a `details` with an item for each: `stopping`, told where Stop can only restart Python, and `asking`, told where `input()` cannot
    wait and a cell calls it, be it one that is written later. */
export async function tellBefore({ box, stopping, asking, kernel, notebook, say }) {
  const tell = (item) => {
    item.hidden = false;
    box.hidden = false;
  };
  const { isIsolated, canAsk } = await kernel.framed;
  if (!isIsolated) tell(stopping);
  if (canAsk) return;
  const look = () => {
    if (!asking.hidden || !notebook.cells.some((cell) => cell.type === "code" && asks(cell.source))) return false;
    tell(asking);
    box.open = true;
    return true;
  };
  look();
  notebook.onChange(({ kind }) => { if (kind !== "outputs" && look()) say(asking.textContent); });
}
