/* What the learner sees of keeping: one line that says where their work is, and a dialog where they have to decide. */
import { el } from "../dom.js";
import { _ } from "../words.js";
import { differences, isSame } from "./compare.js";
import { ask, drawDifferences } from "./dialogs.js";

export class Keeping {
  /** `replaceWork({ notebook, files, revision, savedAt })` puts another version on the page. `status` shows, `alert` calls, `say` tells. */
  constructor({ config, saver, drafts, notebook, status, alert, say, replaceWork, time }) {
    Object.assign(this, { config, saver, drafts, notebook, status, alert, say, replaceWork, time });
    this.signIn = el("button", { class: "button secondary small", type: "button", hidden: true, onclick: () => this.askToSignIn() }, _("Sign in again"));
    status.after(this.signIn);
    const back = () => { if (this.#isOut && !document.hidden) this.#tryAgain(); };
    addEventListener("focus", back);
    document.addEventListener("visibilitychange", back);
  }

  /* Whether nothing is saved because it is nobody's, or somebody else's, page. */
  get #isOut() {
    return this.saver.state === "signed-out" || this.saver.state === "other-person";
  }

  /** What the saver tells. */
  show(state, facts = {}) {
    const { saver } = this;
    const where = saver.isDrafted ? _("It is kept in this browser.") : _("This browser keeps nothing: leave this page open.");
    const words = {
      saved: saver.savedAt ? _("Saved at {time}", { time: this.time(saver.savedAt) }) : _("Nothing to save yet"),
      changed: _("Not saved yet"),
      saving: _("Saving…"),
      retrying: navigator.onLine === false
        ? _("Not saved yet: you are offline. {where}", { where })
        : _("Not saved yet; trying again in {seconds} s. {where}", { seconds: facts.seconds, where }),
      conflict: _("Not saved: this lab was saved elsewhere"),
      "signed-out": _("Not saved: you are signed out. {where}", { where }),
      "other-person": _("Not saved: somebody else is signed in. {where}", { where }),
      refused: _("Not saved: {message}", { message: facts.message }),
    }[state];
    this.status.textContent = words;
    this.status.dataset.state = state;
    this.signIn.hidden = !this.#isOut;
    const isTrouble = ["retrying", "conflict", "signed-out", "other-person", "refused"].includes(state);
    const trouble = isTrouble ? `${state}, ${where}` : null;
    if (isTrouble && trouble !== this.trouble) this.alert.textContent = words;
    else if (state === "saved" && this.trouble) {
      this.alert.textContent = "";
      this.say(words);
    }
    if (isTrouble || state === "saved") this.trouble = trouble;
    if (state === "conflict") this.decide(facts);
    if (this.#isOut) this.askToSignIn();
  }

  /** Two versions: the learner says which to go on with. Both stay in the history, whatever they say. */
  async decide({ revision, savedAt }) {
    if (this.deciding) return;
    this.deciding = true;
    let theirs = await this.#version(revision);
    let trouble = null;
    for (;;) {
      if ((await this.#askWhich(theirs, savedAt, trouble)) !== "theirs") {
        this.deciding = false;
        await this.saver.goOn({ revision, keep: true });
        return;
      }
      theirs ??= await this.#version(revision);
      if (!theirs) trouble = _("The other version could not be loaded just now. Try again in a moment.");
      else if (await this.saver.keepBeside()) break;
      else trouble = _("What is here could not be kept beside the other version just now, so nothing was replaced. Try again in a moment.");
    }
    this.deciding = false;
    this.replaceWork({ ...theirs, revision, savedAt });
  }

  #askWhich(theirs, savedAt, trouble) {
    return ask({
      title: _("This lab was saved elsewhere meanwhile"),
      isWide: true,
      canClose: false,
      body: [
        el("p", {}, savedAt
          ? _("In another window or on another machine, at {time}. Both versions are kept in the history; go on with which?", { time: this.time(savedAt) })
          : _("In another window or on another machine. Both versions are kept in the history; go on with which?")),
        trouble && el("p", { class: "field-error", role: "alert" }, trouble),
        theirs
          ? drawDifferences(differences(theirs.notebook, this.notebook.toJSON()), _("They differ only in what cells put out."))
          : el("p", {}, _("The other version could not be loaded, so they cannot be compared here.")),
        theirs && el("p", { class: "hint" }, _("Lines with + are in what you see here, lines with − in the other.")),
      ].filter(Boolean),
      actions: [["mine", _("Go on with what is here"), ""], ["theirs", _("Take the other")]],
    });
  }

  async askToSignIn() {
    if (this.asking) return;
    const isOther = this.saver.state === "other-person";
    const tried = el("p", { role: "alert" });
    this.asking = ask({
      title: isOther ? _("Somebody else is signed in") : _("Sign in again"),
      body: [
        el("p", {}, isOther
          ? _("On this site somebody else is signed in by now, and your work is not theirs. Sign in as yourself in another tab; then it is saved.")
          : _("What you typed is here. Sign in again in another tab; then it is saved.")),
        el("p", { class: "cluster" },
          el("a", { class: "button", href: this.config.urls.signIn, target: "_blank", rel: "noopener" }, _("Sign in, in another tab")),
          el("button", { class: "button secondary", type: "button", onclick: () => this.#tryAgain() }, _("I have signed in"))),
        tried,
      ],
    });
    this.tried = tried;
    await this.asking;
    this.asking = null;
  }

  /* Goes on saving if the one whose page this is has signed in again. */
  async #tryAgain() {
    let isMe;
    try {
      isMe = await this.saver.renew();
    } catch {
      if (this.asking) this.tried.textContent = _("The site cannot be reached just now.");
      return;
    }
    if (!isMe && this.asking) this.tried.textContent = _("You are not signed in as yourself yet.");
    if (!isMe || !this.#isOut) return;
    this.asking?.dialog.close();
    await this.saver.goOn();
  }

  /** What this browser kept from before, if the server has not got it. */
  async restoreDraft() {
    await this.drafts.expire();
    const draft = await this.drafts.takeOver();
    if (!draft) return;
    if (this.saver.isUnsaved) {
      // Something was typed while the browser looked: that is not replaced.
      this.drafts.giveBack();
      this.alert.textContent = _("This browser has kept something else from {time}, unsaved. Reload the page to see it.", { time: this.time(draft.at) });
      return;
    }
    const here = this.notebook.toJSON();
    if (isSame(draft.notebook, here)) {
      this.drafts.remove();
      return;
    }
    const { revision } = this.saver;
    const isOfHere = draft.base === revision || (draft.sent && isSame(draft.sent, here));
    this.notebook.load(draft.notebook);
    this.alert.textContent = _("What this browser had kept from {time}, unsaved, is here again.", { time: this.time(draft.at) });
    // Made from an older version, it meets the newer one at the server as any other save would: there both are kept, and the learner is asked.
    this.saver.resume(isOfHere ? revision : draft.base);
  }

  async #version(revision) {
    if (!revision) return { notebook: this.config.notebook, files: [] };
    try {
      const answer = await this.saver.fetch(`${this.config.urls.revisions}/${revision}`, { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}
