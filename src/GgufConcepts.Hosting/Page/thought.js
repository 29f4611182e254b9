// One thought: what is known of it so far, whether it runs or comes from a file.
import { HeatRows } from "./heat.js";

/** Columns drawn at once; the map shows a longer thought part by part. */
export const most = 300;

const numberOf = value => typeof value === "number" && Number.isFinite(value) ? value : 0;

export class Thought {
  steps = [];
  /** Where each step stands in the list, by its index. */
  places = new Map();
  chunks = [];
  answer = "";
  promptTokens = [];
  stop = "";
  /** "waiting", "thinking", "answering", "done", "stopped" or "failed". */
  state = "waiting";
  problem = "";
  /** The trace as JSON text, once it is whole. */
  json = null;
  timings = {};

  /** @param request What is sent to the server. @param model The model as the server describes it. */
  static ask(request, model) {
    const thought = new Thought();
    const { strategy, preset, stopEntropy, stopPatience } = request.concept;
    thought.request = request;
    thought.modelId = request.model;
    thought.model = model;
    thought.prompt = request.prompt;
    thought.strategy = strategy ?? preset ?? "";
    thought.rule = { entropy: numberOf(stopEntropy), patience: numberOf(stopPatience) };
    return thought;
  }

  /** @param json The text that the trace was read from. */
  static load(trace, json) {
    const thought = new Thought();
    thought.#complete(trace, json);
    trace.steps.forEach(step => thought.#addStep(step));
    return thought;
  }

  /** Takes in what happened. */
  add({ event, data }) {
    const value = JSON.parse(data);
    switch (event) {
      case "prompt":
        this.promptTokens = value.tokens;
        this.timings.promptMs = value.milliseconds;
        this.state = "thinking";
        break;
      case "step":
        this.#addStep(value);
        this.state = "thinking";
        break;
      case "chunk":
        this.chunks.push(value);
        break;
      case "answer":
        this.answer += value.text;
        this.state = "answering";
        break;
      case "done":
        this.#complete(value, data);
        break;
      case "error":
        this.fail(value.error?.message ?? "The server said that it failed.");
        break;
    }
  }

  fail(problem) {
    this.state = "failed";
    this.stop = "failed";
    this.problem = problem;
  }

  cancel() {
    this.state = "stopped";
    this.stop = "cancelled";
  }

  get runs() {
    return ["waiting", "thinking", "answering"].includes(this.state);
  }

  /** The trace as JSON text; of a thought that did not come to its end, what there is of it. */
  toJson() {
    if (this.json !== null) {
      return this.json;
    }
    const stepsMs = this.steps.reduce((sum, step) => sum + step.milliseconds, 0);
    const model = this.model?.concept ?? {};
    const { strategy, preset, ...settings } = this.request.concept;
    return JSON.stringify({
      schema: 1,
      model: {
        name: model.name ?? this.modelId, path: "", architecture: model.architecture ?? "",
        embeddingLength: model.embeddingLength ?? 0, vocabularySize: model.vocabularySize ?? 0,
      },
      prompt: this.prompt,
      promptTokens: this.promptTokens,
      strategy: this.strategy,
      settings: preset ? { ...settings, preset } : settings,
      seed: this.request.seed ?? 0,
      steps: this.steps,
      chunks: this.chunks,
      answer: this.answer,
      stop: this.stop,
      timings: {
        loadMs: 0, promptMs: this.timings.promptMs ?? 0, stepsMs, readMs: 0, answerMs: 0,
        stepsPerSecond: stepsMs > 0 ? this.steps.length * 1000 / stepsMs : 0,
      },
    });
  }

  #addStep(step) {
    if (!this.places.has(step.index)) {
      this.places.set(step.index, this.steps.length);
    }
    this.steps.push(step);
  }

  #complete(trace, json) {
    this.json = json;
    this.prompt = trace.prompt;
    this.strategy = trace.strategy;
    this.traceModel = trace.model;
    this.rule = { entropy: Math.max(0, numberOf(trace.settings.stopEntropy)), patience: numberOf(trace.settings.stopPatience) };
    this.answer = trace.answer ?? "";
    this.chunks = trace.chunks;
    this.stop = trace.stop;
    this.timings = trace.timings ?? {};
    this.state = "done";
  }
}

/** A part of a thought as the map draws it: up to `most` steps, with the rows they make. */
export class Part {
  rows = new HeatRows();
  entropies = [];

  constructor(thought, letter, start) {
    Object.assign(this, { thought, letter, start });
    this.grow();
  }

  get stop() {
    return this.thought.rule;
  }

  /** Takes in the steps that came since. */
  grow() {
    const until = Math.min(this.thought.steps.length, this.start + most);
    for (let i = this.start + this.entropies.length; i < until; i++) {
      this.rows.add(this.thought.steps[i]);
      this.entropies.push(this.thought.steps[i].entropy);
    }
  }

  /** The chunks whose steps are here: the first column, how many, their number and words. */
  get chunks() {
    let next = 0;
    return this.thought.chunks.flatMap((chunk, i) => {
      const place = this.thought.places.get(chunk.firstStep) ?? -1;
      if (place < next || chunk.stepCount < 1) {
        return [];
      }
      next = Math.min(place + chunk.stepCount, this.thought.steps.length);
      const first = Math.max(0, place - this.start);
      const last = Math.min(this.entropies.length, next - this.start);
      return last > first ? [{ chunk, number: i + 1, first, count: last - first }] : [];
    });
  }
}
