/* What this browser keeps of one lab while the server has not got it: in IndexedDB, since a notebook may be larger than anything else takes.

   A draft is kept for the person whose page it was and shown to nobody else; it goes as soon as the server has everything, and after thirty
   days in any case. Whoever shares a machine with strangers should sign out with everything saved: an unsaved draft stays, because losing what
   somebody wrote is worse. A browser that keeps nothing (a private window, say) makes drafts that are forgotten, never an error. */

const NAME = "slipway";
const STORE = "drafts";
const DAYS = 30;

export class Drafts {
  constructor({ person, lab, indexedDB, now = Date.now }) {
    Object.assign(this, { indexedDB, now });
    this.key = `${person}/${lab}`;
    this.last = Promise.resolve();
  }

  /** `{ base, at, notebook }`, or null. */
  async get() {
    const found = await this.#with("readonly", (store) => store.get(this.key));
    if (!found || this.now() - found.at > DAYS * 86_400_000) return null;
    return found;
  }

  put(draft) {
    return this.#queue(() => this.#with("readwrite", (store) => store.put(draft, this.key)));
  }

  remove() {
    return this.#queue(() => this.#with("readwrite", (store) => store.delete(this.key)));
  }

  /** Forgets drafts of anybody that are too old. */
  async expire() {
    await this.#with("readwrite", (store) => {
      const request = store.openCursor();
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return;
        if (this.now() - cursor.value.at > DAYS * 86_400_000) cursor.delete();
        cursor.continue();
      };
      return request;
    });
  }

  /* In the order they were asked for: a draft must not be written after it was removed. */
  #queue(act) {
    this.last = this.last.then(act, act);
    return this.last;
  }

  async #with(mode, act) {
    try {
      this.opened ??= open(this.indexedDB);
      const database = await this.opened;
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      return await new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(request.result);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } catch {
      return null;
    }
  }
}

function open(indexedDB) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
