/* What the learner sees of keeping: one line that says where their work is, and a dialog where they have to decide. */
import { el } from "../dom.js";
import { _ } from "../words.js";
import { differences, isSame } from "./compare.js";
import { ask, drawDifferences } from "./dialogs.js";

export class Keeping {
  /** `replaceWork({ notebook, files, revision, savedAt })` puts another version on the page. `status` shows, `alert` calls, `say` tells. */
  constructor({ config, saver, drafts, notebook, status, alert, say, replaceWork, time }) {
    Object.assign(this, { config, saver, drafts, notebook, status, alert, say, replaceWork, time });
  }

  /** What the saver tells. */
  show(state, facts = {}) {
    const { saver } = this;
    const words = {
      saved: saver.savedAt ? _("Saved at {time}", { time: this.time(saver.savedAt) }) : _("Nothing to save yet"),
      changed: _("Not saved yet"),
      saving: _("Saving…"),
      retrying: navigator.onLine === false
        ? _("You are offline. What you type is kept in this browser.")
        : _("Not saved yet; trying again in {seconds} s. It is kept in this browser.", { seconds: facts.seconds }),
      conflict: _("Not saved: this lab was saved elsewhere"),
      "signed-out": _("Not saved: you are signed out. It is kept in this browser."),
      "other-person": _("Not saved: somebody else is signed in. It is kept in this browser."),
      refused: _("Not saved: {message}", { message: facts.message }),
    }[state];
    this.status.textContent = words;
    this.status.dataset.state = state;
    const isTrouble = ["retrying", "conflict", "signed-out", "other-person", "refused"].includes(state);
    if (isTrouble && state !== this.trouble) this.alert.textContent = words;
    else if (state === "saved" && this.trouble) {
      this.alert.textContent = "";
      this.say(words);
    }
    if (isTrouble) this.trouble = state;
    else if (state === "saved") this.trouble = null;
    if (state === "conflict") this.decide(facts);
    if (state === "signed-out" || state === "other-person") this.askToSignIn(state);
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

  async askToSignIn(state) {
    if (this.asking) return;
    const text = state === "signed-out"
      ? _("What you typed is here, and kept in this browser. Sign in again in another tab; then it is saved.")
      : _("On this site somebody else is signed in by now, and your work is not theirs. Sign in as yourself in another tab; then it is saved.");
    const tried = el("p", { role: "alert" });
    const again = async () => {
      let isMe = false;
      try {
        isMe = await this.saver.renew();
      } catch {
        tried.textContent = _("The site cannot be reached just now.");
        return;
      }
      if (isMe) this.asking.dialog.close("done");
      else tried.textContent = _("You are not signed in as yourself yet.");
    };
    const onFocus = () => { if (!document.hidden) again(); };
    this.asking = ask({
      title: state === "signed-out" ? _("Sign in again") : _("Somebody else is signed in"),
      body: [
        el("p", {}, text),
        el("p", { class: "cluster" },
          el("a", { class: "button", href: this.config.urls.signIn, target: "_blank", rel: "noopener" }, _("Sign in, in another tab")),
          el("button", { class: "button secondary", type: "button", onclick: again }, _("I have signed in"))),
        tried,
      ],
    });
    addEventListener("focus", onFocus);
    const done = await this.asking;
    removeEventListener("focus", onFocus);
    this.asking = null;
    if (done === "done") await this.saver.goOn();
  }

  /** What this browser kept from before, if the server has not got it. */
  async restoreDraft() {
    await this.drafts.expire();
    if (this.saver.isUnsaved) return;
    const draft = await this.drafts.takeOver();
    if (!draft) return;
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
