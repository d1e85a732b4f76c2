/* Order questions are a list of numbers to choose. Here the numbers follow the lines instead, which are moved by two buttons
   or by dragging: dragging alone would shut out everybody without a mouse. */
export function easeOrdering(part) {
  for (const list of part.querySelectorAll("ol[data-order]:not(.eased)")) ease(list);
}

function ease(list) {
  list.classList.add("eased");
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  list.after(status);

  const number = () => {
    const lines = [...list.children];
    lines.forEach((line, index) => {
      line.querySelector("select").value = String(index + 1);
      line.querySelector("[data-by='-1']").disabled = index === 0;
      line.querySelector("[data-by='1']").disabled = index === lines.length - 1;
    });
    list.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const say = (line) => {
    status.textContent = list.dataset.said.replace("#", [...list.children].indexOf(line) + 1);
  };

  let dragged = null;
  for (const line of list.children) {
    line.querySelector("select").hidden = true;
    line.draggable = true;
    line.prepend(icon("grip-vertical"));
    const moves = document.createElement("div");
    moves.className = "moves";
    moves.append(mover(-1, list.dataset.up, "arrow-up", line), mover(1, list.dataset.down, "arrow-down", line));
    line.append(moves);
    line.addEventListener("dragstart", () => { dragged = line; line.classList.add("moving"); });
    line.addEventListener("dragend", () => { dragged = null; line.classList.remove("moving"); number(); say(line); });
    line.addEventListener("dragover", (event) => {
      if (!dragged || dragged === line) return;
      event.preventDefault();
      const half = line.getBoundingClientRect();
      if (event.clientY < half.top + half.height / 2) line.before(dragged);
      else line.after(dragged);
    });
  }
  number();

  function mover(by, label, name, line) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.by = by;
    button.setAttribute("aria-label", `${label}: ${line.querySelector("div").textContent.trim()}`);
    button.append(icon(name));
    button.addEventListener("click", () => {
      if (by < 0) line.previousElementSibling?.before(line);
      else line.nextElementSibling?.after(line);
      number();
      say(line);
      (button.disabled ? line.querySelector("[data-by]:not(:disabled)") : button).focus();
    });
    return button;
  }
}

function icon(name) {
  const sprite = document.documentElement.dataset.icons;
  const box = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  box.setAttribute("class", "icon");
  box.setAttribute("aria-hidden", "true");
  box.append(use);
  return box;
}
