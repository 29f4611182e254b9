// One step in full: what it hesitated between, and which tokens lie nearest to what it was fed.
import { el } from "./dom.js";
import { colorOf } from "./heat.js";
import { count, fed, number, plain, share, token } from "./text.js";

const most = 200; // tokens of a distribution that are listed
const glance = 12; // while no step is chosen

/** The panel of a step. */
export class StepPanel {
  /** Called when somebody lets the step go that is kept. */
  onLetGo = () => {};

  #panel;
  #drawn = "";
  #nearest = new Map(); // by thought, then by step: a list, or the reason why there is none

  constructor(panel) {
    this.#panel = panel;
  }

  /** Looks for the neighbours of a step, unless they are known. */
  async find(thought, place, search) {
    const known = this.#nearest.get(thought) ?? new Map();
    this.#nearest.set(thought, known);
    if (known.has(place) || thought.steps[place]?.nearest) {
      return;
    }
    known.set(place, "Looking for the nearest tokens…");
    this.#drawn = "";
    try {
      known.set(place, await search(thought, thought.steps[place]));
    } catch (problem) {
      known.set(place, problem.message);
    }
    this.#drawn = "";
  }

  /** Shows a step of each thought: the one of a place, or each one's latest. */
  show(thoughts, place, pinned) {
    const places = thoughts.map(thought => place ?? thought.steps.length - 1);
    const latest = places.every((at, i) => at === thoughts[i].steps.length - 1);
    const key = [places, pinned, latest].join(" ");
    if (key === this.#drawn) {
      return;
    }
    this.#drawn = key;
    const [first, ...others] = places;
    const name = others.some(other => other !== first) ? "Steps" : `Step ${others.length > 0 ? first : thoughts[0].steps[first].index}`;
    const title = el("h3", null, name, el("span", { class: "note" }, pinned ? " kept" : latest ? " the latest" : ""));
    this.#panel.classList.toggle("kept", pinned);
    this.#panel.replaceChildren(title, pinned ? this.#close() : "",
      ...thoughts.map((thought, i) => this.#side(thought, places[i], name === "Steps", thoughts.length > 1 ? "AB"[i] : "", pinned)));
  }

  /** Says what will be here. */
  clear(words) {
    this.#drawn = "";
    this.#nearest.clear();
    this.#panel.classList.remove("kept");
    this.#panel.replaceChildren(el("p", { class: "none" }, words));
  }

  #close() {
    const button = el("button", { type: "button", class: "close", "aria-label": "Let this step go", title: "Let it go (Esc)" }, "×");
    button.addEventListener("click", () => this.onLetGo());
    return button;
  }

  #side(thought, place, named, letter, pinned) {
    const step = thought.steps[place];
    const badge = letter ? el("p", { class: "whose" }, el("b", { class: `badge ${letter}` }, letter), named && step ? ` step ${step.index}` : "") : null;
    if (!step) {
      return el("div", { class: `part ${letter}` }, badge, el("p", { class: "none" }, "It has no such step."));
    }
    const shown = pinned ? most : glance;
    const sure = thought.rule.entropy > 0 && step.entropy < thought.rule.entropy;
    return el("div", { class: `part ${letter}` }, badge,
      el("dl", { class: "facts" },
        fact("entropy", `${number(step.entropy)} nats`, sure ? `below the stop line of ${plain(thought.rule.entropy)}` : null, sure),
        fact("fed", fed(step), null),
        fact("took", `${number(step.milliseconds, 1)} ms`, null)),
      el("h4", null, step.kind === "concept" ? "Tokens and their weights" : "Likeliest tokens"),
      bars(step.tokens.slice(0, shown).map(({ text, probability }) => ({ text, value: probability, label: share(probability) })), true),
      pinned && step.tokens.length > shown ? el("p", { class: "note" }, `and ${count(step.tokens.length - shown, "token")} more, in the trace`) : null,
      ...this.#neighbours(thought, step, place, pinned));
  }

  #neighbours(thought, step, place, pinned) {
    const known = step.nearest ?? this.#nearest.get(thought)?.get(place);
    if (!known) {
      return pinned ? [] : [el("p", { class: "note" }, "Choose a step to keep it here, with all its tokens and those nearest to it.")];
    }
    return [
      el("h4", null, "Nearest by cosine"),
      typeof known === "string"
        ? el("p", { class: "note" }, known)
        : bars(known.map(({ text, cosine }) => ({ text, value: Math.max(0, cosine), label: number(cosine, 2) })), false),
    ];
  }
}

const fact = (name, value, more, sure = false) => el("div", null,
  el("dt", null, name), el("dd", { class: sure ? "sure" : null }, value, more ? el("small", null, more) : null));

function bars(items, colored) {
  if (items.length === 0) {
    return el("p", { class: "none" }, "none");
  }
  return el("ol", { class: "bars" }, ...items.map(({ text, value, label }) => {
    const bar = el("span", { class: `fill ${colored ? colorOf(value) : ""}`.trim(), "aria-hidden": "true" });
    bar.style.inlineSize = `${Math.min(100, Math.max(0, value * 100))}%`;
    return el("li", null, token(text, 64), " ", el("span", { class: "track", "aria-hidden": "true" }, bar), " ", el("data", { value }, label));
  }));
}
