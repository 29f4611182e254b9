// What the server is asked. Addresses are relative, so that the page works below a prefix.
import { keptKey } from "./key.js";

/** A refusal in words that can be shown. */
export class Problem extends Error {
  /** @param {string|null} setting The field that is at fault, where one is. */
  constructor(message, setting = null) {
    super(message);
    this.setting = setting;
    this.needsKey = false; // whether the server asks for an API key, or for another
  }
}

const gone = () => new Problem(`The server at ${location.host} does not answer. Is it still running?`);

async function send(path, options) {
  let response;
  try {
    const key = keptKey();
    response = await fetch(path, key ? { ...options, headers: { ...options?.headers, Authorization: `Bearer ${key}` } } : options);
  } catch (problem) {
    throw problem.name === "AbortError" ? problem : gone();
  }
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

async function refusal(response) {
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // no document, or none of ours: the status has to do
  }
  const message = typeof error.message === "string" && error.message ? error.message : `The server answered ${response.status} ${response.statusText}.`;
  const problem = new Problem(message.replace(/;? *try again later\.$/iu, ".") + later(response), typeof error.param === "string" ? error.param : null);
  problem.needsKey = response.status === 401;
  if (problem.needsKey) {
    problem.message = keptKey() ? "The server does not know this key." : "The server asks for an API key.";
  }
  return problem;
}

// When it may be better, where the server expects that it will.
function later(response) {
  if (response.status !== 429 && response.status !== 503) {
    return "";
  }
  const seconds = Number(response.headers.get("Retry-After"));
  return seconds > 1 ? ` Try again in ${seconds} seconds.` : seconds === 1 ? " Try again in a second." : " Try again in a moment.";
}

const post = (path, body, signal) => send(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: typeof body === "string" ? body : JSON.stringify(body), signal,
});

/** A document. */
export const get = async path => (await send(path)).json();

/** The tokens nearest to what steps fed. */
export const nearest = async (model, step, signal) =>
  (await (await post("v1/concepts/nearest", { model, count: 8, steps: [step] }, signal)).json()).steps?.[0]?.nearest ?? [];

/** The report page of one trace or two, each as JSON text. */
export const report = async traces => (await post(
  "v1/concepts/report", traces.length === 1 ? traces[0] : `{"first":${traces[0]},"second":${traces[1]}}`)).blob();

/** Thinks: what happens, as it happens, as { event, data } with the data still as text. */
export async function* think(request, signal) {
  const response = await post("v1/concepts/think", request, signal);
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    throw new Problem("The server answered with something else than a stream of events.");
  }
  try {
    yield* events(response.body);
  } catch (problem) {
    throw problem.name === "AbortError" ? problem : new Problem("The connection broke off; what had come is shown.");
  }
}

/** The events of a stream (HTML standard, "server-sent events"): lines of fields, an empty line ends one. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let begun = []; // pieces of a line whose end has not come: the last event, a whole trace, may have thousands
  let event = "";
  let data = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    begun.push(value);
    if (!value.includes("\n")) {
      continue;
    }
    const lines = begun.join("").split("\n");
    begun = [lines.pop()];
    for (const line of lines.map(each => each.endsWith("\r") ? each.slice(0, -1) : each)) {
      if (line === "") {
        if (data.length > 0) {
          yield { event: event || "message", data: data.join("\n") };
        }
        event = "";
        data = [];
        continue;
      }
      const colon = line.indexOf(":"); // 0 for a comment, which keeps the connection alive
      const name = colon < 0 ? line : line.slice(0, colon);
      const content = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /u, "");
      if (name === "event") {
        event = content;
      } else if (name === "data") {
        data.push(content);
      }
    }
  }
}
