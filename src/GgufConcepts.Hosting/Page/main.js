// Think live: asks, draws what comes, and what comes from files.
import { Problem, get, nearest, think } from "./api.js";
import { byId, el } from "./dom.js";
import { Files } from "./files.js";
import { Form } from "./form.js";
import { KeyForm } from "./key.js";
import { Pace } from "./pace.js";
import { Score, parts } from "./score.js";
import { legend } from "./side.js";
import { StepPanel } from "./step.js";
import { begin } from "./text.js";
import { Thought } from "./thought.js";
import { Words, describe } from "./words.js";

const form = new Form();
const score = new Score(byId("score"));
const panel = new StepPanel(byId("step"));
const files = new Files(show);
const keyForm = new KeyForm(load);
let catalog = { models: [], strategies: [], presets: [] };
let thoughts = [];
let words = [];
let running = null; // stops what runs
let looked = null; // the step that is pointed at, and the one that is kept
let pinned = null;
let part = 0; // of a long thought
let asking = 0;
let silent = false; // whether the problem that is shown is that the server said nothing
let follows = true; // whether the map goes on to the next part by itself

const say = text => {
  byId("status").textContent = text;
};

function complain(problem) {
  silent = false;
  byId("problem").textContent = problem?.message ?? "";
  form.blame(problem);
}

// What the server has; asked again while a model is being loaded, and after a thought, which may have loaded one.
async function load() {
  try {
    const [models, strategies] = await Promise.all([get("v1/models"), get("v1/concepts/strategies")]);
    catalog = { models: models.data, strategies: strategies.strategies, presets: strategies.presets ?? [] };
    form.offer(catalog);
    keyForm.hide();
    if (silent) {
      complain(null);
    }
    if (catalog.models.some(({ concept }) => concept?.state === "loading")) {
      askAgain(2000);
    }
  } catch (problem) {
    if (problem.needsKey) {
      keyForm.show(problem.message);
      return;
    }
    complain(problem);
    silent = true;
    askAgain(5000);
  }
}

function askAgain(milliseconds) {
  clearTimeout(asking);
  asking = setTimeout(load, milliseconds);
}

function show(shown) {
  running?.abort();
  thoughts = shown;
  looked = null;
  pinned = null;
  part = 0;
  follows = true;
  complain(null);
  byId("result").hidden = thoughts.length === 0;
  if (thoughts.length === 0) {
    return;
  }
  const letters = thoughts.length > 1 ? ["A", "B"] : [""];
  const differ = thoughts.some(thought => thought.prompt !== thoughts[0].prompt);
  words = thoughts.map((thought, i) => new Words(thought, letters[i], thought.modelId ?? thought.traceModel.name, differ));
  byId("asked").replaceChildren(...differ ? ["Two prompts"]
    : [el("bdi", null, begin(thoughts[0].prompt, 400) || "An empty prompt"), thoughts.length === 1 ? words[0].continuation : ""]);
  byId("heads").replaceChildren(...words.map(({ head }) => head));
  byId("readings").replaceChildren(...words.map(({ readings }) => readings));
  for (const id of ["heads", "readings"]) {
    byId(id).classList.toggle("one", thoughts.length === 1);
  }
  panel.clear(thoughts.some(thought => thought.runs) ? "The latest step will be here, with all it hesitates between." : "There are no steps.");
  score.show(thoughts);
  draw();
}

// Draws what has come since.
function draw() {
  const starts = parts(thoughts);
  if (score.runs && follows && part < starts.length - 1) {
    turn(starts.length - 1);
  }
  score.update();
  words.forEach(side => side.update());
  byId("asked").classList.toggle("long", byId("asked").textContent.length > 120);
  byId("legend").replaceChildren(...legend(thoughts));
  byId("parts").hidden = starts.length < 2;
  byId("earlier").disabled = part === 0;
  byId("later").disabled = part >= starts.length - 1;
  byId("part").textContent = `part ${part + 1} of ${starts.length}`;
  files.offer(thoughts);
  look();
}

function turn(to) {
  part = to;
  follows = part === parts(thoughts).length - 1;
  score.show(thoughts, parts(thoughts)[part]);
}

function look() {
  const place = looked ?? pinned;
  score.mark(place, pinned);
  if (thoughts.some(thought => thought.steps.length > 0)) {
    panel.show(thoughts, place, place !== null && place === pinned);
  }
}

async function pin(place) {
  pinned = place;
  look();
  if (place === null) {
    return;
  }
  const visible = byId("step").getBoundingClientRect().top - 120;
  if (byId("score").getBoundingClientRect().top > visible) { // the panel of a small screen lies over the score
    byId("score").scrollIntoView();
  }
  await Promise.all(thoughts.filter(thought => thought.steps[place]).map(thought => {
    const found = panel.find(thought, place, search);
    look();
    return found;
  }));
  look();
}

// The tokens near to a step, from the model that made it, where the server has it.
async function search(thought, step) {
  const made = thought.traceModel;
  const model = thought.modelId ?? catalog.models.find(({ concept }) => concept && concept.name === made.name
    && concept.architecture === made.architecture && concept.vocabularySize === made.vocabularySize)?.id;
  if (model === undefined) {
    throw new Problem(`The nearest tokens need the model of the trace, ${made.name}, which this server does not have.`);
  }
  return nearest(model, step);
}

// Asks for a thought and takes in what comes, until it ends or is stopped.
function run(thought, signal) {
  return new Promise(resolve => {
    const pace = new Pace(happened => {
      if (happened.event === "end") {
        resolve();
      } else if (thought.runs) {
        try {
          thought.add(happened);
        } catch {
          thought.fail(`The server sent a ${happened.event} that this page does not understand.`);
          resolve();
        }
      }
    }, draw);
    signal.addEventListener("abort", () => {
      pace.flush();
      if (thought.runs) {
        thought.cancel();
      }
      resolve();
    });
    (async () => {
      try {
        for await (const happened of think(thought.request, signal)) {
          pace.add(happened);
        }
        pace.add({ event: "end" });
      } catch (problem) {
        pace.flush();
        if (problem.name !== "AbortError") {
          thought.fail(problem.message);
          thought.setting = problem.setting;
          if (problem.needsKey) {
            keyForm.show(problem.message);
          }
        }
        resolve();
      }
    })();
  }).then(() => {
    if (thought.runs) {
      thought.fail("The server ended the stream before the thought was done.");
    }
  });
}

async function ask(event) {
  event.preventDefault();
  if (running) {
    return;
  }
  let asked;
  try {
    asked = form.requests;
  } catch (problem) {
    complain(problem);
    return;
  }
  const stop = new AbortController();
  const before = thoughts;
  show(asked.map(({ request, model }) => Thought.ask(request, model)));
  running = stop;
  busy(true);
  if (byId("result").getBoundingClientRect().top > innerHeight * 0.35) {
    byId("bar").scrollIntoView(); // so that what comes can be seen, and can be stopped
  }
  say(`Thinking about: ${begin(thoughts[0].prompt, 80)}`);
  const mine = thoughts;
  await Promise.all(mine.map(thought => run(thought, stop.signal)));
  if (running === stop) {
    running = null;
    busy(false);
  }
  if (mine.some(thought => thought.model.concept?.state !== "ready")) {
    load();
  }
  if (mine !== thoughts) {
    return; // another trace is shown by now
  }
  draw();
  const failed = mine.find(thought => thought.state === "failed");
  if (failed) {
    if (mine.every(thought => thought.steps.length === 0)) { // nothing came: what was shown before may stay
      show(before);
    }
    const name = mine.length > 1 && mine.some(thought => thought.problem !== failed.problem) ? `${"AB"[mine.indexOf(failed)]}: ` : "";
    complain(new Problem(name + failed.problem, failed.setting));
    say(""); // the alert has said it
    return;
  }
  say(mine.map((thought, i) => [mine.length > 1 ? `${"AB"[i]}: ` : "", describe(thought), thought.answer ? ` Answer: ${thought.answer.trim()}` : ""].join("")).join(" "));
}

function busy(on) {
  const focused = document.activeElement === byId("stop");
  byId("think").setAttribute("aria-disabled", String(on));
  byId("stop").disabled = !on;
  document.body.classList.toggle("busy", on);
  if (!on && focused) {
    byId("think").focus();
  }
}

score.onLook = place => {
  if (place !== looked) {
    looked = place;
    look();
  }
};
panel.onLetGo = () => pin(null);
score.onPin = place => pin(place === pinned ? null : place);
byId("ask").addEventListener("submit", ask);
byId("stop").addEventListener("click", () => running?.abort());
byId("earlier").addEventListener("click", () => {
  turn(part - 1);
  draw();
});
byId("later").addEventListener("click", () => {
  turn(part + 1);
  draw();
});
document.addEventListener("keydown", event => {
  if (event.key === "Escape" && pinned !== null) {
    pin(null);
  }
});
load();
