/* Earlier versions: listed by day, compared with what is here, restored. Nothing of it deletes anything. */
import { el, icon } from "../dom.js";
import { _ } from "../words.js";
import { differences } from "./compare.js";
import { ask, drawDifferences } from "./dialogs.js";

const kinds = () => ({
  saved: _("Saved"),
  conflict: _("Saved in another window, beside the others"),
  restored: _("An earlier version, restored"),
  "started-over": _("Begun anew"),
  uploaded: _("Uploaded"),
  moved: _("Moved to a newer version of the lab"),
});

export class History {
  constructor({ config, saver, notebook, replaceWork, time, day, say }) {
    Object.assign(this, { config, saver, notebook, replaceWork, time, day, say });
  }

  async open() {
    const found = await this.#get("");
    if (!found) return;
    const { revisions, current } = found;
    const list = el("div", { class: "stack" });
    const looked = el("div", { class: "stack" });
    const closed = ask({
      title: _("Earlier versions"),
      isWide: true,
      body: [el("p", { class: "hint" }, _("One for every few minutes you worked. Whatever you restore, the others stay.")), list, looked],
    });
    let day = "";
    for (const each of revisions) {
      const on = this.day(each.savedAt);
      if (on !== day) list.append(el("h3", {}, on), el("ul", { class: "rows", role: "list" }));
      day = on;
      list.lastElementChild.append(this.#row(each, current, looked, closed));
    }
    if (!revisions.length) list.append(el("p", {}, _("Nothing was saved yet.")));
    await closed;
  }

  async startOver() {
    const chosen = await ask({
      title: _("Begin with the notebook as it was handed out?"),
      body: el("p", {}, _("What you have now stays among the earlier versions, and can be restored from there at any time.")),
      actions: [["yes", _("Begin anew"), "danger"], ["no", _("Go on as it is")]],
    });
    if (chosen === "yes") await this.#change(this.config.urls.startOver, _("Begun anew. What you had is among the earlier versions."));
  }

  #row(each, current, looked, closed) {
    const what = each.number === current ? _("What you see now") : kinds()[each.kind] ?? each.kind;
    const look = el("button", { type: "button", class: "button secondary small", onclick: () => this.#look(each, looked) }, _("Compare"));
    const restore = el("button", { type: "button", class: "button secondary small", onclick: () => { closed.dialog.close(); this.#restore(each); } }, _("Restore"));
    return el(
      "li",
      {},
      el("span", { class: "row-main" }, el("strong", {}, this.time(each.savedAt)), ` ${what} `, each.submission ? el("span", { class: "chip", "data-tone": "info" }, icon("upload"), _("Handed in as no. {number}", { number: each.submission })) : null),
      ...(each.number === current ? [] : [look, restore]),
    );
  }

  async #look(each, looked) {
    const version = await this.#get(`/${each.number}`);
    if (!version) return;
    looked.replaceChildren(
      el("h3", { tabindex: "-1" }, _("{time}, compared with what you see now", { time: this.time(each.savedAt) })),
      el("p", { class: "hint" }, _("Lines with + are only in what you see now, lines with − only in the earlier version.")),
      drawDifferences(differences(version.notebook, this.notebook.toJSON()), _("They differ only in what cells put out.")),
    );
    looked.firstElementChild.focus();
  }

  async #restore(each) {
    await this.#change(`${this.config.urls.revisions}/${each.number}/restore`, _("Restored. What you had is among the earlier versions."));
  }

  async #change(address, done) {
    let isReplaced = false;
    const after = async (version) => {
      // With what was typed while it was on its way; where that fails, the next save meets the other version and asks.
      isReplaced = await this.saver.keepBeside();
      if (isReplaced) this.replaceWork(version);
    };
    let answer;
    try {
      answer = await this.saver.act(address, { after });
    } catch {
      this.say(_("The site did not answer, so it may be done or not. You are asked before anything of yours is replaced."));
      return;
    }
    if (!answer) this.say(_("First what you have now must be saved: see the line above."));
    else if (!answer.ok) this.say(answer.told.error?.message ?? _("That did not work. Nothing was changed."));
    else if (isReplaced) this.say(done);
    else this.say(_("That was done at the site. What you typed meanwhile could not be kept beside it just now: you will be asked which to go on with."));
  }

  /* Null where it is not to be had, and then that was said. */
  async #get(path) {
    try {
      const answer = await this.saver.fetch(this.config.urls.revisions + path, { headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (answer.ok) return told;
      this.say(told.error.message);
    } catch {
      this.say(_("The site cannot be reached just now. Try again in a moment."));
    }
    return null;
  }
}
