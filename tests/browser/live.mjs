// Uses the live page as people do, and prints what it saw as one JSON object on standard output: an object a scene.
// PageTests.cs starts the server and says what is right.
//
// usage: node live.mjs CHROMIUM URL FOLDER [SCENE...]
// The server has the models atlas and endless; one thought of endless runs at a time and one waits. FOLDER holds
// hostile.json, a trace, and broken.json, which is none; what the page saves goes there.
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { intrude, launch, open, violations } from "./chromium.mjs";

const [chromium, url, folder, ...wanted] = process.argv.slice(2);
const browser = await launch(chromium);

const text = (page, selector) => page.evaluate(at => document.querySelector(at)?.innerText.trim() ?? null, selector);
const texts = (page, selector) => page.evaluate(at => [...document.querySelectorAll(at)].map(element => element.innerText.trim()), selector);
const columns = page => page.locator("thead .step").count();
const idle = page => page.waitForFunction(() => !document.body.classList.contains("busy") && !document.getElementById("result").hidden);
const settled = page => page.waitForFunction(() => !document.getElementById("step").innerText.includes("Looking for"));

// Opens the page, and notes what a screen reader is told and how many steps there are at each moment: up to the last
// column's, as the map goes over to the next part after 300.
async function visit(seen, { width = 1280, scheme = "light", address = url, ...more } = {}) {
  Object.assign(seen, { width, scheme, errors: [], requests: [], said: [] });
  const page = await open(browser, seen, { width, scheme, ...more });
  await page.goto(address);
  await page.waitForFunction(() => document.querySelector("#model-A").options.length > 0 && !document.querySelector("#model-A").disabled);
  await page.evaluate(() => {
    window.counts = [];
    window.said = [];
    const count = () => {
      const last = [...document.querySelectorAll("thead .step")].at(-1);
      const now = last ? Number(last.textContent) + 1 : 0;
      if (now !== window.counts.at(-1)) {
        window.counts.push(now);
      }
    };
    new MutationObserver(count).observe(document.getElementById("score"), { childList: true, subtree: true });
    new MutationObserver(() => window.said.push(document.getElementById("status").innerText))
      .observe(document.getElementById("status"), { childList: true, characterData: true, subtree: true });
  });
  return page;
}

async function leave(page, seen) {
  seen.said = await page.evaluate(() => window.said);
  await page.context().close();
}

// What is shown of a thought, or of two.
const shown = async page => ({
  heading: await text(page, "#asked"),
  heads: await texts(page, "#heads > div"),
  columns: await columns(page),
  rows: await page.evaluate(() => [...document.querySelectorAll("tbody.cells")].map(body => body.rows.length)),
  tokens: await texts(page, "tbody.cells th"),
  readings: await texts(page, ".readings .words"),
  under: await texts(page, "tbody.reading a"),
  curve: await page.getAttribute(".curve svg", "aria-label"),
  panel: await text(page, "#step"),
});

// Until a request waits for a model, as the server's figures say.
async function queued(model) {
  const depth = new RegExp(`^ggufconcepts_queue_depth\\{.*"${model}"\\} 1$`, "mu");
  while (!depth.test(await (await fetch(`${url}metrics`)).text())) {
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

// Opens the settings that both thoughts share, and fills some in.
const more = async (page, ...fields) => {
  await page.locator("#shared > summary").click();
  for (const [name, value] of fields) {
    await page.fill(`#${name}`, value);
  }
};

async function save(page, button, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  copyFileSync(await download.path(), join(folder, name));
  return download.suggestedFilename();
}

const choose = async (page, button, ...names) => {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: button }).click()]);
  await chooser.setFiles(names.map(name => join(folder, name)));
};

const scenes = {
  // Opens, thinks, looks at a step; on every screen.
  async first() {
    const looks = [[1280, "light"], [1280, "dark"], [390, "light"], [390, "dark"]];
    return Promise.all(looks.map(async ([width, scheme]) => {
      const seen = {};
      const page = await visit(seen, { width, scheme });
      seen.background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      seen.violations = [await violations(page)];
      seen.widths = [await page.evaluate(() => document.documentElement.scrollWidth)];
      await page.click("#think");
      await idle(page);
      Object.assign(seen, await shown(page));
      seen.violations.push(await violations(page));
      seen.widths.push(await page.evaluate(() => document.documentElement.scrollWidth));
      const cell = page.locator("tbody.cells td[class*=w]").first();
      await (width < 500 ? cell.tap() : cell.click());
      await settled(page);
      seen.kept = await text(page, "#step");
      for (const details of await page.locator("form details:visible > summary").all()) {
        await details.click();
      }
      seen.violations.push(await violations(page));
      seen.widths.push(await page.evaluate(() => document.documentElement.scrollWidth));
      await page.screenshot({ path: join(folder, `first-${width}-${scheme}.png`), fullPage: true });
      const before = { ...seen, errors: [...seen.errors], requests: [...seen.requests] };
      before.blocked = await intrude(page);
      await leave(page, before);
      return before;
    }));
  },

  // Steps appear while the thought goes on, for as long as it is not stopped.
  async stop() {
    const seen = {};
    const page = await visit(seen, { reducedMotion: "no-preference" });
    await page.selectOption("#model-A", "endless");
    await more(page, ["maxSteps", "60000"]);
    await page.selectOption("#reader", "none");
    await page.click("#think");
    await page.waitForFunction(() => window.counts.length >= 5); // however slow the machine: the thought goes on
    seen.counts = (await page.evaluate(() => window.counts)).slice(0, 12);
    seen.during = { state: await text(page, "#heads .state"), think: await page.getAttribute("#think", "aria-disabled"), stop: await page.isEnabled("#stop") };
    await page.waitForFunction(() => !document.getElementById("parts").hidden); // more than one part of 300
    await page.focus("#stop");
    await page.keyboard.press("Enter");
    await idle(page);
    Object.assign(seen, await shown(page));
    seen.focused = await page.evaluate(() => document.activeElement.id);
    seen.state = await text(page, "#heads .state");
    seen.file = await save(page, "Save the trace", "stopped.json");
    await page.click("#earlier");
    seen.earlier = { part: await text(page, "#part"), first: await text(page, "thead .step") };
    await page.fill("#maxSteps", "5"); // its place on the model is free again
    await page.click("#think");
    await idle(page);
    seen.after = await shown(page);
    await leave(page, seen);
    return seen;
  },

  // Two strategies on one prompt.
  async beside() {
    const seen = {};
    const page = await visit(seen);
    await page.check("#beside");
    seen.strategies = [await page.inputValue("#strategy-A"), await page.inputValue("#strategy-B")];
    await page.click("#think");
    await idle(page);
    Object.assign(seen, await shown(page));
    await page.locator("tbody.cells").last().locator("td[class*=w]").first().click();
    await settled(page);
    seen.kept = await text(page, "#step");
    seen.violations = await violations(page);
    seen.files = [await save(page, "Save trace A", "a.json"), await save(page, "Save trace B", "b.json"), await save(page, "Save the report", "pair.html")];
    await page.screenshot({ path: join(folder, "beside.png"), fullPage: true });
    await leave(page, seen);
    return seen;
  },

  // Saves a trace and its report, opens it again, drops it, sets it beside another, and opens what is none.
  async files() {
    const seen = {};
    const page = await visit(seen);
    await page.click("#think");
    await idle(page);
    seen.made = await shown(page);
    seen.names = [await save(page, "Save the trace", "saved.json"), await save(page, "Save the report", "report.html")];
    await page.reload();
    await page.waitForFunction(() => !document.querySelector("#model-A").disabled);
    await choose(page, "Open a trace…", "saved.json");
    await idle(page);
    seen.opened = await shown(page);
    seen.focused = await page.evaluate(() => document.activeElement.id);
    await page.locator("thead .step button").first().click();
    await settled(page);
    seen.kept = await text(page, "#step");
    await save(page, "Save the trace", "again.json");
    await choose(page, "Open a trace beside it…", "hostile.json");
    await page.waitForFunction(() => document.querySelectorAll("tbody.head").length === 2);
    seen.hostile = await shown(page);
    await page.locator("thead .step button").first().click();
    await settled(page);
    seen.hostileKept = await text(page, "#step");
    seen.markup = await page.evaluate(() => document.querySelectorAll("#result script, #result img, #result iframe, #result [onclick], #result [onerror], #result style").length);
    seen.violations = await violations(page);
    await choose(page, "Open a trace…", "broken.json");
    await page.waitForFunction(() => document.getElementById("problem").innerText !== "");
    seen.broken = await text(page, "#problem");
    await page.evaluate(json => {
      const files = new DataTransfer();
      files.items.add(new File([json], "dropped.json", { type: "application/json" }));
      for (const name of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(name, { dataTransfer: files, bubbles: true, cancelable: true }));
      }
    }, readFileSync(join(folder, "saved.json"), "utf8"));
    await page.waitForFunction(() => document.querySelectorAll("tbody.head").length === 0);
    seen.dropped = { ...await shown(page), problem: await text(page, "#problem"), veil: await page.isVisible("#drop") };
    await leave(page, seen);
    return seen;
  },

  // No pointer at all, below a path prefix.
  async keyboard() {
    const seen = {};
    const page = await visit(seen, { address: `${url}below/` });
    const at = () => page.evaluate(() => document.activeElement.id || document.activeElement.getAttribute("aria-label") || document.activeElement.innerText);
    seen.stops = [];
    const tab = async until => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press("Tab");
        const name = await at();
        seen.stops.push(name);
        if (until(name)) {
          return;
        }
      }
    };
    await tab(name => name === "prompt");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("The capital of Japan is");
    await tab(name => name === "think");
    await page.keyboard.press("Enter");
    await idle(page);
    seen.focused = await at();
    Object.assign(seen, await shown(page));
    await tab(name => name.startsWith("step 0"));
    seen.first = await text(page, "#step h3");
    await page.keyboard.press("ArrowRight");
    seen.second = { name: await at(), title: await text(page, "#step h3") };
    await page.keyboard.press("End");
    seen.last = { name: await at(), title: await text(page, "#step h3") };
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await settled(page);
    seen.kept = await text(page, "#step");
    seen.pressed = await page.evaluate(() => document.activeElement.getAttribute("aria-pressed"));
    await page.keyboard.press("Escape");
    seen.letGo = await page.evaluate(() => document.activeElement.getAttribute("aria-pressed"));
    await page.keyboard.press("Tab");
    seen.next = await at();
    await leave(page, seen);
    return seen;
  },

  // A server that asks for a key: FOLDER holds key.txt.
  async key() {
    const seen = { width: 1280, scheme: "light", errors: [], requests: [] };
    const page = await open(browser, seen, { width: 1280, scheme: "light" });
    const asked = words => page.waitForFunction(wanted => document.getElementById("key-problem").innerText.includes(wanted), words);
    await page.goto(url);
    await asked("asks for an API key");
    seen.asked = await text(page, "#key-form");
    seen.focused = await page.evaluate(() => document.activeElement.id);
    seen.violations = await violations(page);
    await page.keyboard.type("a wrong one");
    await page.keyboard.press("Enter");
    await asked("cannot be a key");
    await page.fill("#key", "surely-not-the-right-one");
    await page.keyboard.press("Enter");
    await asked("does not know this key");
    seen.wrong = await text(page, "#key-problem");
    await page.fill("#key", readFileSync(join(folder, "key.txt"), "utf8"));
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("key-form").hidden);
    seen.after = await page.evaluate(() => document.activeElement.id);
    await page.click("#think");
    await idle(page);
    seen.columns = await columns(page);
    seen.stored = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
    await page.reload();
    await page.waitForFunction(() => document.querySelector("#model-A").options.length > 0 && !document.querySelector("#model-A").disabled);
    seen.again = await page.isVisible("#key-form");
    await page.context().close();
    return seen;
  },

  // What goes wrong is said beside the form.
  async errors() {
    const seen = {};
    const page = await visit(seen);
    const problem = async () => {
      await page.waitForFunction(() => document.getElementById("problem").innerText !== "" && !document.body.classList.contains("busy"));
      return text(page, "#problem");
    };
    await page.fill("#prompt", "");
    await page.click("#think");
    seen.empty = await problem();
    await page.fill("#prompt", "The capital of France is");
    await page.click("#think");
    await idle(page);
    await more(page, ["maxSteps", "many"]);
    await page.click("#think");
    seen.setting = await problem();
    seen.invalid = await page.evaluate(() => document.querySelector("[aria-invalid]")?.id ?? null);
    seen.kept = await columns(page); // the thought before is still there
    seen.violations = await violations(page);

    await page.selectOption("#model-A", "endless"); // one runs, one waits, the third is refused
    await page.fill("#maxSteps", "60000");
    await page.selectOption("#reader", "none");
    const others = await Promise.all([0, 1].map(() => visit({})));
    for (const other of others) {
      await other.selectOption("#model-A", "endless");
      await more(other, ["maxSteps", "60000"]);
      await other.selectOption("#reader", "none");
    }
    await others[0].click("#think");
    await others[0].waitForFunction(() => document.querySelectorAll("thead .step").length > 0);
    await others[1].click("#think");
    await others[1].waitForFunction(() => document.querySelector("#heads .state")?.innerText.startsWith("waiting"));
    await queued("endless"); // the page cannot know
    await page.click("#think");
    seen.full = await problem();
    await others[0].click("#stop");
    await others[1].waitForFunction(() => document.querySelectorAll("thead .step").length > 0); // its turn
    await others[1].click("#stop");
    for (const other of others) {
      await other.context().close();
    }

    await page.context().setOffline(true);
    await page.click("#think");
    seen.gone = await problem();
    await leave(page, seen);
    return seen;
  },
};

const all = {};
for (const name of wanted.length > 0 ? wanted : Object.keys(scenes)) {
  all[name] = await scenes[name]();
}
console.log(JSON.stringify(all));
await browser.close();
