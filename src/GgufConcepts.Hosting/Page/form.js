// What is asked for: the prompt, one model and strategy or two, and the settings of both.
import { Problem } from "./api.js";
import { byId } from "./dom.js";
import { Picker, read } from "./picker.js";

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
