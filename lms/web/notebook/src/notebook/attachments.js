/* Images that a text cell brings along, as nbformat keeps them: `{ name: { mime: base64 } }`, shown by ![](attachment:name). Pure. */

const SHOWN = /(?<=attachment:)[^)>\s]+/g;

function decoded(name) {
  try {
    return decodeURI(name);
  } catch {
    return name; // a bare percent sign, as people write it
  }
}

/** Those of `attachments` that `source` shows. */
export function shownIn(source, attachments) {
  const shown = new Set((source.match(SHOWN) ?? []).map(decoded));
  return Object.fromEntries(Object.entries(attachments).filter(([name]) => shown.has(name)));
}

/** `{ source, attachments }` of a cell, made to stand beside `others`: what is called like another image is called anew, in the text too. */
export function renamed({ source, attachments }, others) {
  const names = new Map();
  for (const [name, image] of Object.entries(attachments)) {
    let fresh = name;
    const isTaken = () => Object.hasOwn(others, fresh) ? !isSame(others[fresh], image) : fresh !== name && Object.hasOwn(attachments, fresh);
    for (let number = 2; isTaken(); number += 1) fresh = name.replace(/(\.[^.]*)?$/, `-${number}$1`);
    names.set(name, fresh);
  }
  return {
    source: source.replace(SHOWN, (written) => {
      const name = decoded(written);
      const fresh = names.get(name) ?? name;
      return fresh === name ? written : encodeURI(fresh);
    }),
    attachments: Object.fromEntries(Object.entries(attachments).map(([name, image]) => [names.get(name), image])),
  };
}

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);
