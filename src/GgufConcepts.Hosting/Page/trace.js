// Traces that come from a file: checked before anything of them is shown.
import { Problem } from "./api.js";

const schema = 1;
const largest = 256 * 2 ** 20; // bytes

const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value);

function need(holds, where, wanted) {
  if (!holds) {
    throw new Problem(`${where} ${wanted}.`);
  }
}

const text = (value, where) => need(typeof value === "string", where, "is no text");
const finite = (value, where) => need(typeof value === "number" && Number.isFinite(value), where, "is no number");
const whole = (value, where) => need(Number.isSafeInteger(value), where, "is no whole number");
const optional = (value, check, where) => value === undefined || value === null || check(value, where);

function list(value, where, check) {
  need(Array.isArray(value), where, "is no list");
  value.forEach((item, i) => {
    need(isObject(item), `${where}[${i}]`, "is no object");
    check(item, `${where}[${i}]`);
  });
}

function checkStep(step, where) {
  whole(step.index, `${where}.index`);
  text(step.kind, `${where}.kind`);
  finite(step.entropy, `${where}.entropy`);
  finite(step.milliseconds, `${where}.milliseconds`);
  list(step.tokens, `${where}.tokens`, (token, at) => {
    whole(token.id, `${at}.id`);
    text(token.text, `${at}.text`);
    finite(token.probability, `${at}.probability`);
  });
  optional(step.chosen, (chosen, at) => {
    need(isObject(chosen), at, "is no object");
    text(chosen.text, `${at}.text`);
  }, `${where}.chosen`);
  optional(step.nearest, (nearest, at) => list(nearest, at, (token, place) => {
    text(token.text, `${place}.text`);
    finite(token.cosine, `${place}.cosine`);
  }), `${where}.nearest`);
}

function checkTrace(trace) {
  need(isObject(trace), "It", "holds no object");
  need(trace.schema === schema, `Its schema is ${JSON.stringify(trace.schema) ?? "missing"}, and`, `this page reads schema ${schema}`);
  need(isObject(trace.model), "model", "is no object");
  text(trace.model.name, "model.name");
  text(trace.prompt, "prompt");
  text(trace.strategy, "strategy");
  text(trace.stop, "stop");
  need(isObject(trace.settings), "settings", "is no object");
  optional(trace.answer, text, "answer");
  list(trace.steps, "steps", checkStep);
  list(trace.chunks, "chunks", (chunk, where) => {
    whole(chunk.firstStep, `${where}.firstStep`);
    whole(chunk.stepCount, `${where}.stepCount`);
    text(chunk.translation, `${where}.translation`);
  });
}

/** Reads a trace. Its own text is kept, so that what is saved again is what came. */
export function readTrace(json, name) {
  try {
    const trace = JSON.parse(json);
    checkTrace(trace);
    return trace;
  } catch (problem) {
    const why = problem instanceof Problem ? problem.message : "It is no JSON.";
    throw new Problem(`${name} is no trace: ${why} Choose a file saved here, or with think --trace.`);
  }
}

/** Reads a file that somebody chose or dropped. */
export async function readFile(file) {
  if (file.size > largest) {
    throw new Problem(`${file.name} has ${Math.round(file.size / 2 ** 20)} MB; a trace for this page has at most ${largest / 2 ** 20}.`);
  }
  let json;
  try {
    json = await file.text();
  } catch {
    throw new Problem(`${file.name} cannot be read; is it a folder, or gone?`);
  }
  json = json.replace(/^\uFEFF/u, "");
  return { trace: readTrace(json, file.name), json };
}
