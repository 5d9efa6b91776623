// Calls our own routes, and tells the page when the session has ended: by an answer, by idleness, or in another tab.

const tabs = new BroadcastChannel("kelp-session");
let idleMilliseconds = 0;
let idleTimer;
let onEnd = () => {};

/** A failure that the service told. `error` is its document, `status` the status of HTTP. */
export class ServiceFailure extends Error {
  constructor(status, error) {
    super(error?.message ?? `The service answered with status ${status}.`);
    this.status = status;
    this.error = error;
  }
}

/** Keeps the digits of whole numbers that a browser would round, as text. */
function keepDigits(_, value, context) {
  const isRounded = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded && /^-?\d+$/.test(context?.source ?? "") ? context.source : value;
}

/** Returns the document that one of our routes answers with; null for none. Throws `ServiceFailure`. */
export async function call(method, path, body, signal) {
  const sent = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, { method, signal, ...sent });
  const text = await answer.text();
  if (answer.ok) noteUse();
  let document = null;
  try {
    document = text ? JSON.parse(text, keepDigits) : null;
  } catch (broken) {
    throw new ServiceFailure(answer.status, { message: "The answer broke off. Run the query again." });
  }
  if (!answer.ok) throw new ServiceFailure(answer.status, document?.error);
  return document;
}

/** Begins to watch over a session; `whenEnded` is called once, with the reason to show. */
export function watchSession(idleSeconds, whenEnded) {
  idleMilliseconds = idleSeconds * 1000;
  onEnd = whenEnded;
  noteUse();
}

/** Ends the watch, and tells the other tabs that the session is over. */
export function endWatch() {
  stop();
  tabs.postMessage("ended");
}

function stop() {
  clearTimeout(idleTimer);
  idleMilliseconds = 0;
}

function noteUse() {
  restartTimer();
  if (idleMilliseconds) tabs.postMessage("used");
}

function restartTimer() {
  clearTimeout(idleTimer);
  if (!idleMilliseconds) return;
  idleTimer = setTimeout(() => {
    stop();
    // It is over at the service as well; this also deletes what the browser kept.
    fetch("/portal/session", { method: "DELETE" }).catch(() => {});
    onEnd("You were signed out because the page was not used for a while.");
  }, idleMilliseconds);
}

tabs.addEventListener("message", ({ data }) => {
  if (data === "used") restartTimer();
  if (data === "ended" && idleMilliseconds) {
    stop();
    onEnd("You signed out in another window.");
  }
});
