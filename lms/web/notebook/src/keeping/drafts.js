/* What this browser keeps of one lab while the server has not got it: in IndexedDB, since a notebook may be larger than anything else takes.

   Each tab has a draft of its own, and holds a lock of its name as long as it lives: so a draft whose lock is free was left by a tab that is
   gone, and the next one takes it over. Where a browser has no locks, every other draft is taken for one that was left: what is shown twice is
   not lost.

   A draft is kept for the person whose page it was and shown to nobody else; it goes as soon as the server has everything, and after thirty
   days in any case. Whoever shares a machine with strangers should sign out with everything saved: an unsaved draft stays, because losing what
   somebody wrote is worse. A browser that keeps nothing (a private window, say) is never an error: `put` says what became of it. */

const NAME = "slipway";
const STORE = "drafts";
const DAYS = 30;

export class Drafts {
  constructor({ person, lab, indexedDB, locks, tab = crypto.randomUUID?.() ?? String(Math.random()), now = Date.now }) {
    Object.assign(this, { indexedDB, locks, now });
    this.prefix = `${person}/${lab}/`;
    this.key = this.prefix + tab;
    this.taken = [];
    this.last = Promise.resolve();
    this.#hold(this.key);
  }

  /** The newest that no living tab has, `{ base, at, notebook, sent }`, or null. It is this tab's by then, and goes with its own. */
  async takeOver() {
    const found = [];
    await this.#with("readonly", (store) => eachOf(store, (key, draft) => { if (String(key).startsWith(this.prefix) && key !== this.key) found.push([key, draft]); }));
    found.sort(([, one], [, other]) => other.at - one.at);
    for (const [key, draft] of found) {
      if (this.#isFresh(draft) && (await this.#hold(key))) {
        this.taken.push(key);
        return draft;
      }
    }
    return null;
  }

  /** What was taken over was not taken, after all: it waits for the next page. */
  giveBack() {
    this.taken.pop();
  }

  /** Resolves to whether this browser keeps it. */
  async put(draft) {
    return (await this.#queue(() => this.#with("readwrite", (store) => store.put(draft, this.key)))) !== null;
  }

  remove() {
    const gone = [this.key, ...this.taken];
    return this.#queue(() => this.#with("readwrite", (store) => gone.map((key) => store.delete(key)).at(-1)));
  }

  /** Forgets drafts of anybody that are too old. */
  async expire() {
    await this.#with("readwrite", (store) => eachOf(store, (key, draft) => { if (!this.#isFresh(draft)) store.delete(key); }));
  }

  #isFresh(draft) {
    return this.now() - draft.at <= DAYS * 86_400_000;
  }

  /* Until this page ends. Resolves to whether nobody else holds it. */
  #hold(name) {
    if (!this.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.locks
        .request(`${NAME}-draft-${name}`, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock && new Promise(() => {});
        })
        .catch(() => resolve(true));
    });
  }

  /* In the order they were asked for: a draft must not be written after it was removed. */
  #queue(act) {
    this.last = this.last.then(act, act);
    return this.last;
  }

  /* A browser may close a database at any time, or fail to open one once: tried again with another. Resolves to null where that fails, too. */
  async #with(mode, act, { again = true } = {}) {
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
      this.opened = null;
      return again ? this.#with(mode, act, { again: false }) : null;
    }
  }
}

function eachOf(store, act) {
  const request = store.openCursor();
  request.onsuccess = () => {
    const cursor = request.result;
    if (!cursor) return;
    act(cursor.key, cursor.value);
    cursor.continue();
  };
  return request;
}

function open(indexedDB) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
