/* A network that has changed may leave a request without an answer for many minutes, and nothing else is saved as long as one is waited for. */
const ANSWER = 30_000; // milliseconds
const UPLOAD = 20; // bytes of a body in each millisecond more
const READING = 600_000; // milliseconds, from the beginning of an answer to its end: it may be a whole notebook, on a slow line

/** `fetch`, which fails when an answer did not begin in time, or did not end. */
export function patient(fetch, { answer = ANSWER, reading = READING } = {}) {
  return async (address, options = {}) => {
    const limit = new AbortController();
    const giveUp = () => limit.abort(new DOMException("There was no answer.", "TimeoutError"));
    const timer = setTimeout(giveUp, answer + (options.body?.byteLength ?? 0) / UPLOAD);
    const begun = await fetch(address, { ...options, signal: limit.signal }).finally(() => clearTimeout(timer));
    setTimeout(giveUp, reading); // which does nothing to what has ended
    return begun;
  };
}
