// What a thought became in words: its state, its answer, its readings.
import { el } from "./dom.js";
import { begin, count, describeStop, number, steps } from "./text.js";

const longestInHeading = 240; // characters

/** How far a thought is, in one sentence. */
export function describe(thought) {
  const many = count(thought.steps.length, "step");
  switch (thought.state) {
    case "waiting": return "waiting for its turn…";
    case "thinking": return thought.steps.length > 0 ? `thinking, ${many} so far…` : "reading the prompt…";
    case "answering": return `${many}, answering…`;
    case "stopped": return `stopped by you after ${many}.`;
    case "failed": return `broke off after ${many}.`;
    default: {
      const why = describeStop(thought.stop, thought.rule);
      const rate = thought.timings.stepsPerSecond;
      const speed = Number.isFinite(rate) && rate > 0 ? `, ${number(rate, rate < 10 ? 1 : 0)} a second` : "";
      return `${many}${speed}. Stopped: ${why ?? thought.stop}.`;
    }
  }
}

function whyNoAnswer(thought) {
  switch (thought.state) {
    case "waiting":
    case "thinking":
    case "answering": return "…";
    case "stopped":
    case "failed": return "No answer: it did not get there.";
    default:
      return thought.stop === "endOfText" ? "No answer: the text had come to its end."
        : "No answer.";
  }
}

/** The words of one thought. */
export class Words {
  /** The head: state and answer; and the readings. */
  head;
  readings;
  /** The answer as it stands behind the prompt, where the thought is alone. */
  continuation = el("span", { class: "continuation", dir: "auto" });

  #thought;
  #letter;
  #state = el("span", { class: "state" });
  #answer = el("p", { class: "words answer", dir: "auto" });
  #list = el("ol", { class: "readings" });
  #none = el("p", { class: "none" });

  /** @param prompt Whether the prompt is said as well, as where two differ. */
  constructor(thought, letter, name, prompt = false) {
    this.#thought = thought;
    this.#letter = letter;
    const badge = () => letter ? el("b", { class: `badge ${letter}` }, letter) : null;
    this.head = el("div", { class: `side ${letter}` },
      el("p", { class: "lead" }, badge(), letter ? " " : null, el("b", null, begin(thought.strategy, 60)), " on ", el("bdi", null, begin(name, 60)), ": ", this.#state),
      prompt ? el("p", { class: "words", dir: "auto" }, begin(thought.prompt, 400) || "An empty prompt") : null,
      this.#answer);
    this.readings = el("div", { class: `side ${letter}` }, letter ? el("h3", null, badge(), " Readings") : null, this.#none, this.#list);
    this.update();
  }

  update() {
    const thought = this.#thought;
    this.#state.textContent = describe(thought);
    const continues = !this.#letter && thought.answer.length <= longestInHeading && !thought.answer.trim().includes("\n");
    this.continuation.textContent = continues ? thought.answer : "";
    this.#answer.hidden = continues && (thought.answer !== "" || thought.runs);
    this.#answer.classList.toggle("none", thought.answer === "");
    this.#answer.textContent = thought.answer.trimStart() || whyNoAnswer(thought);
    while (this.#list.children.length > thought.chunks.length) {
      this.#list.lastChild.remove();
    }
    for (let i = this.#list.children.length; i < thought.chunks.length; i++) {
      const chunk = thought.chunks[i];
      this.#list.append(el("li", { id: `${this.#letter}reading-${i + 1}` },
        el("p", { class: "note" }, steps(chunk.firstStep, chunk.stepCount), chunk.replaced ? ", whose place these words took" : null),
        chunk.translation ? el("p", { class: "words", dir: "auto" }, chunk.translation) : el("p", { class: "none" }, "(no words)")));
    }
    this.#list.hidden = thought.chunks.length === 0;
    this.#none.hidden = thought.chunks.length > 0;
    this.#none.textContent = thought.runs ? "Nothing read yet." : "Nobody read this thought.";
  }
}
