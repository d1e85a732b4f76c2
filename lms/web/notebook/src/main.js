/* Puts the page together: the notebook, Python, and what keeps the work. */
import { byId, el, icon } from "./dom.js";
import { Drafts } from "./keeping/drafts.js";
import { ask } from "./keeping/dialogs.js";
import { HandIn } from "./keeping/handin.js";
import { History } from "./keeping/history.js";
import { Keeping } from "./keeping/keeping.js";
import { patient } from "./keeping/patience.js";
import { Saver } from "./keeping/saver.js";
import { Tabs } from "./keeping/tabs.js";
import { Kernel } from "./kernel/client.js";
import { tellBefore } from "./notebook/before.js";
import { sheet } from "./notebook/commands.js";
import { Files } from "./notebook/files.js";
import { Finder } from "./notebook/finder.js";
import { Notebook } from "./notebook/model.js";
import { base64 } from "./notebook/preview.js";
import { Scales } from "./notebook/scales.js";
import { Toast } from "./notebook/toast.js";
import { NotebookView } from "./notebook/view.js";
import { _, learn } from "./words.js";

const LONGEST_RESTORE = 3000;
const HEAD_START = 50;
const LIGHT = 0.9; // of what the server takes: what it writes may be a little longer than what this page does

const config = JSON.parse(byId("workbench").textContent);
learn(config.words);
const isWork = config.mode === "work";
const language = document.documentElement.lang.replace(/^en$/, "en-GB");
const time = (moment) => new Date(moment).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = (moment) => new Date(moment).toLocaleDateString(language, { day: "numeric", month: "long", year: "numeric" });
const say = (text) => { byId("say").textContent = text; };
for (const id of ["alert", "say"]) new Toast(byId(id));

const notebook = Notebook.from(config.notebook);
const kernel = new Kernel({ iframe: byId("python"), config });
showPython();
tellBefore({ box: byId("before"), stopping: byId("cannot-interrupt"), asking: byId("cannot-ask"), kernel, notebook, say });
startPython();
// Python's frame is here before this script, most often: it starts beside what the page does now, and is there as much sooner.
await Promise.race([kernel.begun, pause(HEAD_START)]);
const view = new NotebookView({ root: byId("cells"), notebook, kernel, config, say });
const files = new Files({ root: byId("files"), kernel, config, onChange: () => kept?.saver.changed({ isTyped: false }) });
const finder = new Finder({ notebook, view });
const kept = isWork ? keep() : null;

buttons();
// What was left from before comes before what is typed now; a browser that does not answer is not waited for.
await Promise.race([kept?.restored, pause(LONGEST_RESTORE)]);
document.documentElement.dataset.notebook = "ready";

function pause(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

/** At once, so that it is there for the first cell; in a tab that nobody looks at, when somebody does. Who saves data starts it by a cell. */
function startPython() {
  if (navigator.connection?.saveData) return;
  if (!document.hidden) kernel.start().catch(() => {}); // why it did not is shown where Python's state is
  else document.addEventListener("visibilitychange", startPython, { once: true });
}

/** Everything that saves and hands in: the saver, and a promise of what was left from before. */
function keep() {
  const scales = new Scales(notebook, config.limits.notebookBytes * LIGHT);
  let leftOut = new Set();
  let isToldLeftOut = false;
  const drafts = new Drafts({ person: config.person, lab: config.lab.id, indexedDB: globalThis.indexedDB, locks: navigator.locks });
  const made = new Saver({
    config,
    read() {
      const { notebook: light, left } = scales.read();
      leftOut = left;
      view.leaveOut(left);
      return { notebook: light, files: files.toSave() };
    },
    encode: base64,
    fetch: patient((...all) => fetch(...all)),
    drafts,
    clock: { now: Date.now, set: (fn, wait) => setTimeout(fn, wait), clear: (id) => clearTimeout(id), random: Math.random },
    onState: (state, facts) => keeping.show(state, facts),
    onSaved({ refused = [] }) {
      files.refuse(refused);
      if (leftOut.size && !isToldLeftOut) say(_("What some cells put out is too large to be saved. What you type is saved all the same."));
      isToldLeftOut ||= leftOut.size > 0;
    },
  });
  const replaceWork = (version) => {
    notebook.load(version.notebook);
    files.took(version.files ?? []);
    made.took(version);
    // Should Python not start, that is told where it is shown; the notebook is here all the same.
    kernel.replaceFiles(version.files ?? []).catch(() => {});
  };
  const keeping = new Keeping({ config, saver: made, drafts, notebook, status: byId("status"), alert: byId("alert"), say, replaceWork, time });
  const handIn = new HandIn({ button: byId("hand-in"), panel: byId("result"), config, saver: made, showVerdicts: (verdicts) => view.showVerdicts(verdicts), say });
  const history = new History({ config, saver: made, notebook, replaceWork, time, day, say });
  notebook.onChange((change) => {
    const isTyped = change.kind !== "outputs";
    made.changed({ isTyped });
    if (isTyped) handIn.changed();
  });
  byId("history").addEventListener("click", () => history.open());
  byId("start-over").addEventListener("click", () => history.startOver());
  document.addEventListener("visibilitychange", () => { if (document.hidden) made.hide(); });
  addEventListener("pagehide", () => made.hide());
  addEventListener("online", () => { if (made.state === "retrying") made.save(); });
  addEventListener("beforeunload", (event) => { if (made.isUnsaved) event.preventDefault(); });
  addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      made.save();
    }
  });
  tellOtherTabs();
  keeping.show("saved");
  return { saver: made, restored: keeping.restoreDraft() };
}

/** That the lab is open in another tab too, for as long as it is. */
function tellOtherTabs() {
  if (!globalThis.BroadcastChannel) return;
  const tabs = new Tabs({
    channel: new BroadcastChannel(`slipway-${config.person}-${config.lab.id}`),
    name: `${Date.now()} ${Math.random()}`,
    onChange: (hasOthers) => { byId("other-tab").hidden = !hasOthers; },
  });
  addEventListener("pagehide", () => tabs.leave());
  // A page that comes back from the browser's memory becomes visible too.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tabs.ask(); });
  tabs.ask();
}

/** What Python is doing, and what it could not. */
function showPython() {
  const status = byId("python-status");
  const bar = byId("python-progress");
  const words = {
    off: _("Python starts with the first cell you run"),
    starting: _("Python is starting"),
    ready: _("Python is ready"),
    busy: _("Python is running"),
    dead: _("Python cannot run"),
  };
  let trouble = "";
  // A start that failed may be tried again: what was said of the one before is said no longer.
  const forget = () => {
    byId("trouble").replaceChildren();
    if (trouble && byId("alert").textContent === trouble) byId("alert").textContent = "";
  };
  const show = () => {
    if (kernel.state === "starting") forget();
    status.textContent = words[kernel.state];
    status.dataset.state = kernel.state;
    bar.hidden = kernel.state !== "starting";
    byId("stop").disabled = kernel.state !== "busy";
    for (const id of ["run-all", "check"]) byId(id).disabled = kernel.state === "dead";
  };
  kernel.on("state", show);
  kernel.on("progress", ({ text, done, of }) => {
    status.textContent = text;
    if (of) {
      bar.value = done / of;
      bar.hidden = done >= of;
    }
  });
  kernel.on("dead", (sentence) => {
    trouble = sentence;
    byId("alert").textContent = sentence;
    byId("trouble").replaceChildren(el("div", { class: "notice", "data-tone": "warn" }, icon("triangle-alert"), el("div", {}, el("p", {}, sentence))));
  });
  kernel.framed.then(({ isIsolated }) => {
    byId("stop").title = isIsolated ? _("Stops what runs; variables stay") : _("Stops by restarting Python, since this browser has no other way: variables are gone");
  });
  show();
}

function buttons() {
  const stop = async () => {
    const how = await kernel.interrupt().catch((error) => say(error.message));
    if (how) say(how === "interrupted" ? _("Stopped. Variables are as they were.") : _("Stopped by restarting Python: variables are gone. Your notebook is as it was."));
  };
  const restart = async () => {
    const chosen = await ask({
      title: _("Restart Python?"),
      body: el("p", {}, _("Variables are gone then; your notebook and its files stay as they are.")),
      actions: [["yes", _("Restart"), ""], ["no", _("Go on")]],
    });
    if (chosen === "yes") await kernel.restart().then(() => say(_("Python was restarted.")), (error) => say(error.message));
  };
  let checked = null;
  const drawCheck = () => {
    const { passed, of, isOutdated } = checked;
    const isWell = passed === of && !isOutdated;
    byId("check-result").replaceChildren(el("div", { class: "notice", "data-tone": isWell ? "ok" : "info" }, icon(isWell ? "circle-check" : "info"), el("div", {},
      el("strong", {}, _("{passed} of {of} visible tests pass here", { passed, of })),
      isOutdated && el("p", {}, _("The notebook has changed since.")),
      el("p", {}, _("In your browser, that is. The mark comes from the server, where more is tested than can be seen.")))));
  };
  const check = async () => {
    const found = await view.check();
    if (!found) return;
    checked = found;
    drawCheck();
    const { passed, of } = found;
    say(_("{passed} of {of} visible tests pass here", { passed, of }));
  };
  byId("run-all").addEventListener("click", () => view.runAll());
  byId("check").addEventListener("click", check);
  byId("stop").addEventListener("click", stop);
  byId("restart").addEventListener("click", restart);
  byId("help").addEventListener("click", help);
  byId("clear").addEventListener("click", () => view.clearOutputs());
  byId("find").addEventListener("click", () => finder.open());
  view.on("outdated", () => {
    if (!checked) return;
    checked.isOutdated = true;
    drawCheck();
  });
  view.on("interrupt", stop);
  view.on("restart", restart);
  view.on("help", help);
  view.on("find", () => finder.open());
  view.on("inspected", (text) => ask({ title: _("What Python says of it"), isWide: true, body: el("pre", { class: "nb-text", tabindex: "0" }, text) }));
}

function help() {
  ask({
    title: _("Keys"),
    isWide: true,
    body: Object.entries(sheet()).map(([mode, rows]) => el(
      "section",
      { class: "stack tight" },
      el("h3", {}, mode),
      el("dl", { class: "nb-keys" }, ...rows.flatMap(([keys, what]) => [el("dt", {}, ...keys.split(" ").map((key) => el("kbd", {}, key))), el("dd", {}, what)])),
    )),
  });
}
