// Traces from files and into files.
import { Problem, report } from "./api.js";
import { byId, el } from "./dom.js";
import { Thought } from "./thought.js";
import { readFile } from "./trace.js";

function save(content, name) {
  const url = URL.createObjectURL(content);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // once the browser has surely begun to read it
}

const nameOf = thought => `${thought.prompt.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/gu, "").slice(0, 40) || "thought"}.${
  thought.strategy.replace(/[^\w-]+/gu, "-")}`;

/** Opens and saves traces. */
export class Files {
  #show;
  #thoughts = [];
  #place = "alone";
  #offered = "";

  /** @param show Shows thoughts, one or two. */
  constructor(show) {
    this.#show = show;
    byId("open").addEventListener("click", () => this.#choose("alone"));
    byId("file").addEventListener("change", event => {
      const chosen = [...event.target.files];
      event.target.value = ""; // so that the same file can be chosen again
      this.#open(chosen, this.#place);
    });
    this.#listen();
  }

  /** Offers to save what is shown. */
  offer(thoughts) {
    this.#thoughts = thoughts;
    const ended = thoughts.every(thought => !thought.runs);
    const key = `${ended} ${thoughts.map(thought => `${thought.strategy} ${thought.state}`)}`;
    if (key === this.#offered) {
      return;
    }
    this.#offered = key;
    const two = thoughts.length > 1;
    const buttons = thoughts.map((thought, i) => button(two ? `Save trace ${"AB"[i]}` : "Save the trace",
      () => save(new Blob([thought.toJson()], { type: "application/json" }), `${nameOf(thought)}.json`), !ended));
    byId("files").replaceChildren(...buttons,
      button("Save the report", () => this.#report(), !ended),
      ...two ? [] : [button("Open a trace beside it…", () => this.#choose("beside"), !ended)]);
  }

  async #report() {
    try {
      this.#complain(null);
      const page = await report(this.#thoughts.map(thought => thought.toJson()));
      save(new Blob([page], { type: "text/html" }), `${this.#thoughts.map(nameOf)[0]}.html`);
    } catch (problem) {
      this.#complain(problem);
    }
  }

  #choose(place) {
    this.#place = place;
    byId("file").click();
  }

  async #open(chosen, place) {
    const complain = problem => place === "beside" ? this.#complain(problem) : this.#complainAbove(problem);
    try {
      complain(null);
      if (chosen.length > 2) {
        throw new Problem(`${chosen.length} files are too many; choose one trace, or two to see them side by side.`);
      }
      const opened = (await Promise.all(chosen.map(readFile))).map(({ trace, json }) => Thought.load(trace, json));
      if (opened.length > 0) {
        this.#show(place === "beside" && opened.length === 1 ? [this.#thoughts[0], ...opened] : opened);
        byId("asked").focus();
      }
    } catch (problem) {
      complain(problem);
    }
  }

  #complain(problem) {
    byId("file-problem").textContent = problem?.message ?? "";
  }

  #complainAbove(problem) {
    byId("problem").textContent = problem?.message ?? "";
  }

  // Files can be dropped anywhere on the page.
  #listen() {
    const drop = byId("drop");
    const isFile = event => event.dataTransfer?.types.includes("Files");
    const mark = event => {
      for (const zone of drop.children) {
        zone.classList.toggle("on", zone === event.target.closest?.("[data-place]"));
      }
    };
    document.addEventListener("dragover", event => {
      if (isFile(event)) {
        event.preventDefault();
        drop.children[1].hidden = this.#thoughts.length === 0 || this.#thoughts.some(thought => thought.runs);
        drop.hidden = false;
        mark(event);
      }
    });
    document.addEventListener("dragleave", event => {
      if (event.relatedTarget === null) {
        drop.hidden = true;
      }
    });
    document.addEventListener("drop", event => {
      if (isFile(event)) {
        event.preventDefault();
        drop.hidden = true;
        this.#open([...event.dataTransfer.files], event.target.closest?.("[data-place]")?.dataset.place ?? "alone");
      }
    });
  }
}

function button(label, act, disabled) {
  const made = el("button", { type: "button", disabled }, label);
  made.addEventListener("click", act);
  return made;
}
