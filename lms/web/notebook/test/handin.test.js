import { page } from "./dom.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { HandIn, verdictsOf } from "../src/keeping/handin.js";
import { settle } from "./server.js";

const graded = (more = {}) => ({
  number: 1, standing: "PASSED", standingWords: "Passed", final: true, charged: true, points: 20, maxPoints: 20, percentWords: "100 %",
  notes: [], phases: [], cells: [], onSlurm: [], url: "/submissions/1", ...more,
});

let all;
beforeEach(() => {
  const body = page('<button id="hand-in"></button><p id="attempts"></p><section id="panel" hidden></section>');
  const saver = { acts: [], fetch: async () => ({ ok: true, json: async () => all.state }), act: async (...call) => { saver.acts.push(call); return all.answer(); } };
  all = { body, saver, verdicts: [], said: [], state: graded(), answer: () => ({ ok: true, isCurrent: true, told: { attemptsLeft: 2, stateUrl: "/submissions/1/state" } }) };
  all.make = (config = {}) => new HandIn({
    button: body.querySelector("#hand-in"),
    panel: body.querySelector("#panel"),
    config: { handIn: { allowed: true, attemptsLeft: 3, why: "" }, urls: { handIn: "/hand-in" }, ...config },
    saver,
    showVerdicts: (verdicts) => all.verdicts.push(verdicts),
    say: (text) => all.said.push(text),
  });
});
const panel = () => all.body.querySelector("#panel").textContent;

test("handing in saves and hands in that version, then shows the result beside the cells", async () => {
  all.state = graded({ cells: [{ gradeId: "budget", kind: "tests", points: 5, maxPoints: 5, message: "" }] });
  await all.make().handIn();
  await settle();
  assert.deepEqual(all.saver.acts, [["/hand-in", { keep: true }]]);
  assert.match(panel(), /Handed in as no. 1/);
  assert.match(panel(), /20 of 20 points/);
  assert.deepEqual(all.verdicts.at(-1).get("budget"), { state: "right", text: "5 of 5 points." });
  assert.match(all.body.querySelector("#attempts").textContent, /2 more times/);
});

test("what could not be saved is not handed in, and says so", async () => {
  all.answer = () => null;
  await all.make().handIn();
  assert.match(panel(), /could not be saved, so it was not handed in/);
});

test("a refusal is told with its reason, and that it cost nothing; a lost answer too", async () => {
  all.answer = () => ({ ok: false, told: { error: { message: "Cell 3 is missing." } } });
  await all.make().handIn();
  assert.equal(panel(), "Cell 3 is missing. It cost no attempt.");
  all.answer = () => { throw new TypeError("network"); };
  await all.make().handIn();
  assert.match(panel(), /could not be reached/);
});

test("two presses hand in once; without attempts the button says why it cannot be pressed", async () => {
  const handIn = all.make();
  await Promise.all([handIn.handIn(), handIn.handIn()]);
  assert.equal(all.saver.acts.length, 1);
  all.make({ handIn: { allowed: true, attemptsLeft: 0, why: "" } });
  const button = all.body.querySelector("#hand-in");
  assert.equal(button.disabled, true);
  assert.equal(button.title, "All attempts are used.");
});

test("what is changed after the result is said once", async () => {
  const handIn = all.make();
  await handIn.handIn();
  await settle();
  handIn.changed();
  assert.match(panel(), /changed the notebook since/);
});

test("so is what is changed while it is graded, or was before the page was opened", async () => {
  all.state = graded({ final: false, standing: "QUEUED", standingWords: "Waiting" });
  const handIn = all.make();
  await handIn.handIn();
  await settle();
  handIn.changed();
  assert.match(panel(), /changed the notebook since/);
  all.state = graded();
  all.make({ submission: { stateUrl: "/submissions/1/state", isChanged: true } });
  await settle();
  assert.match(panel(), /changed the notebook since/);
});

test("so is what is typed while it is on its way", async () => {
  const handIn = all.make();
  const { answer } = all;
  all.answer = () => {
    handIn.changed();
    return { ...answer(), isCurrent: false };
  };
  await handIn.handIn();
  await settle();
  assert.match(panel(), /changed the notebook since/);
});

test("what becomes of it is heard when it is another, and whoever stands on its link stays there", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  all.state = graded({ final: false, standing: "QUEUED", standingWords: "Waiting" });
  await all.make().handIn();
  await settle();
  all.body.querySelector("#panel a").focus();
  for (const state of [all.state, graded()]) {
    all.state = state;
    context.mock.timers.tick(5000);
    await settle();
    assert.equal(document.activeElement, all.body.querySelector("#panel a"));
  }
  assert.deepEqual(all.said, ["Passed"]);
});

test("cells called like parts of every object have their verdict", () => {
  const cells = ["constructor", "__proto__"].map((gradeId) => ({ gradeId, kind: "tests", points: 0, maxPoints: 1, message: "No." }));
  const verdicts = verdictsOf({ cells, onSlurm: [] });
  assert.deepEqual([...verdicts.keys()], ["constructor", "__proto__"]);
  assert.equal(verdicts.get("__proto__").text, "0 of 1 points. No.");
});

test("what a mentor reads waits, what a mentor marked is marked, and Slurm's proof is said", () => {
  const verdicts = verdictsOf({
    cells: [
      { gradeId: "waits", kind: "manual", points: null, maxPoints: 4, message: "" },
      { gradeId: "marked", kind: "manual", points: 3, maxPoints: 4, message: "" },
    ],
    onSlurm: [{ gradeId: "job", passed: false, message: "" }],
  });
  assert.deepEqual([...verdicts.values()].map(({ state }) => state), ["manual", "right", "wrong"]);
  assert.equal(verdicts.get("job").text, "Not proved on Slurm yet.");
});
