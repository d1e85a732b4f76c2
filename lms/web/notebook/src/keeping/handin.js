/* Hands in what is saved, and shows what becomes of it beside the notebook. */
import { el, icon } from "../dom.js";
import { _ } from "../words.js";

const FIRST = 1000;
const LAST = 5000;
const SIGNS = { done: "circle-check", now: "loader-circle", bad: "circle-x" };

export class HandIn {
  /** `button` hands in; `panel` is where phases and the result stand. */
  constructor({ button, panel, config, saver, showVerdicts, say }) {
    Object.assign(this, { button, panel, config, saver, showVerdicts, say });
    this.allowed = config.handIn.allowed;
    this.left = config.handIn.attemptsLeft;
    this.isChanged = config.submission?.isChanged === true;
    button.addEventListener("click", () => this.handIn());
    this.#enable();
    if (config.submission) this.follow(config.submission.stateUrl);
  }

  /** Something was changed since. */
  changed() {
    if (this.isChanged) return;
    this.isChanged = true;
    if (this.shown) this.#draw(this.shown);
  }

  async handIn() {
    if (this.isBusy) return;
    this.isBusy = true;
    this.#enable();
    try {
      this.#tell("info", _("Saving what you have…"));
      const done = await this.saver.act(this.config.urls.handIn, { keep: true });
      if (!done) {
        this.#tell("bad", _("It could not be saved, so it was not handed in. See the line at the top; it cost no attempt."));
        return;
      }
      const { ok, told, isCurrent } = done;
      if (!ok) {
        this.#tell("bad", `${told.error?.message ?? ""} ${_("It cost no attempt.")}`);
        return;
      }
      this.left = told.attemptsLeft;
      this.isChanged = !isCurrent;
      this.showVerdicts(new Map());
      this.follow(told.stateUrl);
      this.panel.scrollIntoView({ block: "nearest" });
    } catch {
      this.#tell("bad", _("The site could not be reached. Try again; if it was handed in already, you are told so. It costs nothing twice."));
    } finally {
      this.isBusy = false;
      this.#enable();
    }
  }

  /** Shows how far a submission is, until its grade is there. */
  async follow(address) {
    const mine = {};
    this.following = mine;
    let wait = FIRST;
    while (this.following === mine) {
      let state = null;
      try {
        const answer = await this.saver.fetch(address, { headers: { Accept: "application/json" } });
        if (answer.ok) state = await answer.json();
      } catch {
        /* Offline for a moment: asked again. */
      }
      if (this.following !== mine) return;
      if (state) {
        this.isGrading = !state.final;
        this.#draw(state);
        this.#enable();
        if (state.final) {
          this.showVerdicts(verdictsOf(state));
          return;
        }
      }
      await new Promise((resolve) => { setTimeout(resolve, wait); });
      wait = Math.min(LAST, wait * 1.2);
    }
  }

  #enable() {
    const why = this.isGrading ? _("It is being graded: wait for the result.") : this.left === 0 ? _("All attempts are used.") : this.config.handIn.why;
    this.button.disabled = this.isBusy || this.isGrading === true || !this.allowed || this.left === 0;
    this.button.title = this.button.disabled ? why : "";
    const hint = document.getElementById("attempts");
    if (hint) {
      hint.textContent = this.button.disabled && why ? why
        : this.left === null || this.left === undefined ? ""
          : this.left === 1 ? _("You may hand in once more.") : _("You may hand in {left} more times.", { left: this.left });
    }
  }

  #tell(tone, text) {
    this.panel.hidden = false;
    this.panel.replaceChildren(el("div", { class: "notice", "data-tone": tone, role: tone === "bad" ? "alert" : "status" }, icon(tone === "bad" ? "circle-alert" : "info"), el("div", {}, el("p", {}, text))));
  }

  #draw(state) {
    if (this.shown && this.shown.standing !== state.standing) this.say(state.standingWords);
    this.shown = state;
    const isHere = this.panel.contains(document.activeElement);
    this.panel.hidden = false;
    const isGraded = state.final && !["STUCK", "REFUSED"].includes(state.standing);
    const tone = { PASSED: "ok", FAILED: "warn", REVIEW: "info", STUCK: "warn", REFUSED: "warn" }[state.standing] ?? "info";
    this.panel.replaceChildren(...[
      el("div", { class: "cluster spread" },
        el("h2", {}, _("Handed in as no. {number}", { number: state.number })),
        el("span", { class: "chip", "data-tone": tone }, state.standingWords)),
      isGraded && el("p", {}, el("span", { class: "score" }, String(state.points), el("small", {}, ` ${_("of {points} points", { points: state.maxPoints })}`)), el("span", { class: "hint" }, state.percentWords)),
      state.standing === "REVIEW" && el("p", {}, _("A mentor reads your written part; the points are the machine's until then.")),
      this.isChanged && el("p", { class: "hint" }, _("You have changed the notebook since.")),
      !state.charged && state.final && el("p", {}, _("It cost no attempt.")),
      ...state.notes.map((note) => el("p", { class: "hint" }, note)),
      state.final ? null : el("ol", { class: "timeline" }, ...state.phases.map(({ what, told, state: name }) => el("li", { "data-state": name }, icon(SIGNS[name] ?? "circle"), el("strong", {}, what), told && el("p", { class: "hint" }, told)))),
      isGraded && el("p", { class: "hint" }, _("Test by test, the result stands at the cells below.")),
      el("p", {}, el("a", { href: state.url }, _("The whole result"))),
    ].filter(Boolean));
    if (isHere) this.panel.querySelector("a").focus({ preventScroll: true });
  }
}

/** What the server found, for the cells it is about: a map by grade id. */
export function verdictsOf(state) {
  const verdicts = new Map();
  for (const { gradeId, kind, points, maxPoints, message } of state.cells) {
    const told = _("{points} of {max} points.", { points: points ?? "–", max: maxPoints });
    if (kind === "manual" && points === null) verdicts.set(gradeId, { state: "manual", text: _("A mentor reads it.") });
    else if (kind === "manual") verdicts.set(gradeId, { state: "right", text: _("{told} Marked by a mentor.", { told }) });
    else verdicts.set(gradeId, { state: points === maxPoints ? "right" : "wrong", text: [told, message].filter(Boolean).join(" ") });
  }
  for (const { gradeId, passed, message } of state.onSlurm) {
    verdicts.set(gradeId, { state: passed ? "right" : "wrong", text: message || (passed ? _("Proved on Slurm.") : _("Not proved on Slurm yet.")) });
  }
  return verdicts;
}
