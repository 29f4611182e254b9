// What is chosen for one thought.
import { el } from "./dom.js";

/** What was typed: a number as one, anything else as it is, and the server says what is wrong with it. */
export function read(value) {
  const typed = value.trim();
  const asNumber = Number(typed);
  return typed !== "" && Number.isFinite(asNumber) ? asNumber : typed;
}

const states = { unloaded: " (loads when asked)", loading: " (is being loaded)", failed: " (failed)" };

const option = (value, label, title) => el("option", { value, title }, label);

/** Chooses a model and a strategy, with the strategy's settings. */
export class Picker {
  root;
  #letter;
  #catalog = { models: [], strategies: [], presets: [] };
  #model;
  #strategy;
  #summary = el("p", { class: "note" });
  #settings = el("div", { class: "fields" });
  #details = el("details", null, el("summary", null, "Settings"), this.#settings);
  #badge;

  constructor(letter, changed) {
    this.#letter = letter;
    this.#badge = el("b", { class: `badge ${letter}` }, letter);
    this.#model = el("select", { id: `model-${letter}`, disabled: true });
    this.#strategy = el("select", { id: `strategy-${letter}`, disabled: true, "aria-describedby": `summary-${letter}` });
    this.#summary.id = `summary-${letter}`;
    this.root = el("div", { class: "picker", role: "group", "aria-label": `Thought ${letter}` },
      this.#badge,
      el("div", { class: "field" }, el("label", { for: this.#model.id }, "Model"), this.#model),
      el("div", { class: "field" }, el("label", { for: this.#strategy.id }, "Strategy"), this.#strategy),
      this.#summary,
      this.#details);
    this.#model.addEventListener("change", () => changed(this));
    this.#strategy.addEventListener("change", () => {
      this.#showStrategy();
      changed(this);
    });
  }

  /** Offers what the server has. */
  offer(catalog, strategy) {
    this.#catalog = catalog;
    const model = this.#model.value;
    this.#model.replaceChildren(...catalog.models.map(({ id, concept }) => option(
      id, [id, states[concept?.state] ?? "", concept?.vectors === false ? " (tokens only)" : ""].join(""))));
    if (catalog.models.some(({ id }) => id === model)) {
      this.#model.value = model;
    }
    if (this.#strategy.options.length === 0) {
      this.#strategy.replaceChildren(
        el("optgroup", { label: "Strategies" }, ...catalog.strategies.map(({ name, summary }) => option(`strategy ${name}`, name, summary))),
        ...catalog.presets.length > 0
          ? [el("optgroup", { label: "Published settings" }, ...catalog.presets.map(({ name, summary }) => option(`preset ${name}`, name, summary)))]
          : []);
      this.#strategy.value = `strategy ${strategy}`;
      if (this.#strategy.selectedIndex < 0) {
        this.#strategy.selectedIndex = 0;
      }
      this.#showStrategy();
    }
    this.#model.disabled = catalog.models.length === 0;
    this.#strategy.disabled = catalog.strategies.length === 0;
  }

  get model() {
    return this.#catalog.models.find(({ id }) => id === this.#model.value);
  }

  get preset() {
    const [kind, name] = this.#strategy.value.split(" ");
    return kind === "preset" ? this.#catalog.presets.find(preset => preset.name === name) : null;
  }

  get strategy() {
    const name = this.preset ? this.preset.strategy.split(":")[0] : this.#strategy.value.split(" ")[1];
    return this.#catalog.strategies.find(strategy => strategy.name === name);
  }

  /** The strategy and what was changed of its settings. */
  get settings() {
    const settings = this.preset ? { preset: this.preset.name } : { strategy: this.strategy?.name };
    for (const input of this.#settings.querySelectorAll("[name]")) {
      if (input.value.trim() !== "") {
        settings[input.name] = input.value === "true" || input.value === "false" ? input.value === "true" : read(input.value);
      }
    }
    return settings;
  }

  /** The input of a setting. */
  find(name) {
    return [...this.#settings.querySelectorAll("[name]")].find(input => input.name === name);
  }

  #showStrategy() {
    const described = this.preset ?? this.strategy;
    this.#summary.replaceChildren(...described ? [described.summary, described.source ? el("span", { class: "source" }, described.source) : ""] : []);
    const settings = this.strategy?.settings ?? [];
    const published = new Map((this.preset?.strategy.split(":")[1] ?? "").split(",").map(pair => pair.split("=")));
    this.#settings.replaceChildren(...settings.map(setting => this.#field(setting, published.get(setting.name) ?? setting.default)));
    this.#details.hidden = settings.length === 0;
  }

  // What is left empty has the standard value, which stands there in grey.
  #field({ name, kind, meaning }, standard) {
    const id = `${name}-${this.#letter}`;
    const common = { id, name, "aria-describedby": `${id}-meaning` };
    const choices = kind === "choice" ? /^([\w|]+): (.*)$/u.exec(meaning) : null;
    const small = el("small", { id: `${id}-meaning` }, choices ? choices[2] : meaning);
    const select = (...options) => el("select", common, option("", standard), ...options.filter(each => each !== standard).map(each => option(each, each)));
    const input = kind === "flag" ? select("false", "true")
      : choices ? select(...choices[1].split("|"))
      : el("input", { ...common, inputmode: kind === "wholeNumber" ? "numeric" : "decimal", placeholder: standard });
    return el("div", { class: "field" }, el("label", { for: id }, name), input, small);
  }

  /** Whether its letter and name are shown, as where there are two. */
  set isOne(alone) {
    this.#badge.hidden = alone;
    this.root.classList.toggle("alone", alone);
    this.root.setAttribute("aria-label", alone ? "Model and strategy" : `Thought ${this.#letter}`);
  }
}
