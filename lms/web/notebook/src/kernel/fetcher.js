/* Fetches what Python is made of, in a worker of the page: it is some fifty megabytes, and who types meanwhile should not feel them. Python's
   worker asks over a port of its own, by kind and name; what may be had is on the lists of the page's (assets.js). */
import { Assets, NoSuchFile } from "./assets.js";

/* More than any start asks for. Code in the notebook may ask for what is on the lists, but not all day. */
const MOST_ASKED = 5000;

let port = null;

/** Each message is one start of Python: `config` with the lists, the `port` that it asks on, and its `generation`, which is told with
    everything that the page is told: `{ t: "bytes", done, of }` and `{ t: "lost" }` when something did not come. */
self.onmessage = ({ data: { config, generation, port: opened } }) => {
  port?.close();
  port = opened;
  const tell = (message) => self.postMessage({ ...message, generation });
  const assets = new Assets({
    config,
    fetch: (...all) => self.fetch(...all),
    onBytes: (done, of) => tell({ t: "bytes", done, of }),
  });
  let asked = 0;
  opened.onmessage = async ({ data: { id, kind, name } }) => {
    asked += 1;
    if (asked > MOST_ASKED) return;
    try {
      const bytes = await assets.get(kind, name);
      opened.postMessage({ id, bytes }, [bytes]);
    } catch (error) {
      // The page hears it first: what Python makes of it comes to the page as well.
      if (!(error instanceof NoSuchFile)) tell({ t: "lost" });
      opened.postMessage({ id, error: String(error.message) });
    }
  };
  assets.prefetch();
};
