/* A network that has changed may leave a request without an answer for many minutes, and nothing else is saved as long as one is waited for. */
const ANSWER = 30_000; // milliseconds
const UPLOAD = 20; // bytes of a body in each millisecond more

/** `fetch`, which fails when no answer came in time. */
export function patient(fetch, { answer = ANSWER } = {}) {
  return (address, options = {}) => fetch(address, { ...options, signal: AbortSignal.timeout(answer + (options.body?.byteLength ?? 0) / UPLOAD) });
}
