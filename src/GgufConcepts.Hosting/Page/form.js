// What is asked for: the prompt, one model and strategy or two, and the settings of both.
import { Problem } from "./api.js";
import { byId, el } from "./dom.js";

// A number is sent as one; anything else as it was typed, and the server says what is wrong with it.
function read(value) {
  const typed = value.trim();
  const asNumber = Number(typed);
  return typed !== "" && Number.isFinite(asNumber) ? asNumber : typed;
}

const option = (value, label, title) => el("option", { value, title }, label);

/** Chooses a model and a strategy, with the strategy's settings. */
class Picker {
  root;
  #letter;
  #catalog = { models: [], strategies: [], presets: [] };
  #model;
  #strategy;
  #summary = el("p", { class: "note" });
  #settings = el("div", { class: "fields" });
  #details = el("details", null, el("summary", null, "Settings"), this.#settings);
  #badge;
  #changed;

  constructor(letter, changed) {
    this.#letter = letter;
    this.#changed = changed;
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
      id, [id, concept?.state && concept.state !== "ready" ? ` (${concept.state})` : "", concept?.vectors === false ? " (tokens only)" : ""].join(""))));
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
    const name = this.preset ? this.preset.strategy : this.#strategy.value.split(" ")[1];
    return this.#catalog.strategies.find(strategy => strategy.name === name);
  }

  /** The strategy and what was changed of its settings. */
  get settings() {
    const settings = this.preset ? { preset: this.preset.name } : { strategy: this.strategy?.name };
    for (const input of this.#settings.querySelectorAll("[name]")) {
      if (input.type === "checkbox" ? input.checked : input.value.trim() !== "") {
        settings[input.name] = input.type === "checkbox" ? true : input.tagName === "SELECT" ? input.value : read(input.value);
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
    this.#settings.replaceChildren(...settings.map(setting => this.#field(setting)));
    this.#details.hidden = settings.length === 0;
  }

  #field({ name, kind, default: standard, meaning }) {
    const id = `${name}-${this.#letter}`;
    const common = { id, name, "aria-describedby": `${id}-meaning` };
    const choices = kind === "choice" ? /^([a-z|]+): (.*)$/u.exec(meaning) : null;
    const published = this.preset ? "as published" : null;
    const small = el("small", { id: `${id}-meaning` }, choices ? choices[2] : meaning);
    if (kind === "flag") {
      return el("div", { class: "field" }, el("span", { class: "name" }, name),
        el("label", { class: "check" }, el("input", { type: "checkbox", ...common }), " on"), small);
    }
    const input = choices
      ? el("select", common, option("", published ?? standard), ...choices[1].split("|").filter(choice => published || choice !== standard).map(choice => option(choice, choice)))
      : el("input", { ...common, inputmode: kind === "wholeNumber" ? "numeric" : "decimal", placeholder: published ?? standard });
    return el("div", { class: "field" }, el("label", { for: id }, name), input, small);
  }

  /** Whether its letter and name are shown, as where there are two. */
  set isOne(alone) {
    this.#badge.hidden = alone;
    this.root.classList.toggle("alone", alone);
    this.root.setAttribute("aria-label", alone ? "Model and strategy" : `Thought ${this.#letter}`);
  }
}

/** The whole form. */
export class Form {
  #pickers = ["A", "B"].map(letter => new Picker(letter, picker => this.#chosen(picker)));
  #beside = byId("beside");
  #touched = new Set(); // fields that somebody has set

  constructor() {
    byId("pickers").append(...this.#pickers.map(picker => picker.root));
    this.#beside.addEventListener("change", () => this.#arrange());
    byId("shared").addEventListener("input", event => this.#touched.add(event.target.id));
    byId("reader").addEventListener("change", () => this.#arrange());
    const prompt = byId("prompt");
    prompt.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        byId("ask").requestSubmit();
      }
    });
    this.#arrange();
  }

  offer(catalog) {
    this.#pickers[0].offer(catalog, "soft");
    this.#pickers[1].offer(catalog, "token");
    this.#arrange();
  }

  /** What to send, a request a thought, with the model it is for. */
  get requests() {
    const prompt = byId("prompt").value.replaceAll("\r\n", "\n");
    if (prompt === "") {
      throw new Problem("The prompt is empty; type something to think about.", "prompt");
    }
    return this.#used.map(picker => {
      if (!picker.model) {
        throw new Problem("The server has no model to think with.");
      }
      const request = { model: picker.model.id, prompt, stream: true, nearest: 0, concept: { ...picker.settings, ...this.#shared(picker) } };
      const seed = byId("seed").value;
      return { request: seed.trim() === "" ? request : { ...request, seed: read(seed) }, model: picker.model };
    });
  }

  /** Shows which field is at fault: the one that is named, or with whose name the reason begins. */
  blame(problem) {
    for (const input of document.querySelectorAll("#ask [aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-errormessage");
    }
    const path = (problem?.setting ?? /^[\w.]+(?= )/u.exec(problem?.message ?? "")?.[0] ?? "").split(".");
    const name = path.includes("reader") ? "reader" : path.at(-1);
    const input = this.#used.map(picker => picker.find(name)).find(found => found) ?? (name && byId("ask").elements.namedItem(name));
    if (input instanceof HTMLElement) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-errormessage", "problem");
      const details = input.closest("details");
      if (details) {
        details.open = true;
      }
    }
  }

  get #used() {
    return this.#beside.checked ? this.#pickers : [this.#pickers[0]];
  }

  #shared(picker) {
    const settings = {};
    for (const name of ["maxSteps", "stopEntropy", "stopPatience"]) {
      if (byId(name).value.trim() !== "") {
        settings[name] = read(byId(name).value);
      }
    }
    if (byId("fixedLength").checked) {
      settings.fixedLength = true;
    }
    const reader = byId("reader").value;
    settings.reader = reader !== "none";
    if (reader === "chunks" && picker.strategy?.feedsVectors !== false && byId("chunk").value.trim() !== "") {
      settings.chunk = read(byId("chunk").value);
    }
    if (byId("maxTokens").value.trim() !== "") {
      settings.answer = { maxTokens: read(byId("maxTokens").value) };
    }
    if (!byId("chat-label").hidden && byId("chat").checked && picker.model?.concept?.chat) {
      settings.chat = true;
    }
    return settings;
  }

  // Published settings come whole: what the page had filled in by itself makes way for them.
  #chosen(picker) {
    if (picker.preset) {
      for (const name of ["maxSteps", "stopEntropy", "stopPatience"].filter(field => !this.#touched.has(field))) {
        byId(name).value = "";
      }
      if (!this.#touched.has("fixedLength")) {
        byId("fixedLength").checked = false;
      }
      if (!this.#touched.has("reader")) {
        byId("reader").value = "end";
      }
    }
    this.#arrange();
  }

  #arrange() {
    const beside = this.#beside.checked;
    this.#pickers[1].root.hidden = !beside;
    this.#pickers.forEach(picker => {
      picker.isOne = !beside;
    });
    byId("chunk").disabled = byId("reader").value !== "chunks";
    byId("chat-label").hidden = !this.#used.some(picker => picker.model?.concept?.chat);
  }
}
